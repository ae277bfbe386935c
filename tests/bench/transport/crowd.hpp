// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/transport.hpp"

#include <cstddef>
#include <string>

namespace librats::bench {

/// Milliseconds from the request to dial until the node knows its peer, over `dials` dials one after another.
double measure_dial(int dials, transport over);

struct crowd_figures {
  double connect_seconds = 0;      ///< From the first dial until the server counts all.
  std::size_t private_bytes = 0;   ///< Of the server's process, per idle peer.
  double idle_cpu_share = 0;       ///< Of one core, while nothing happens.
};

/// Starts `peers` nodes in processes of their own (this program again, see `run_clients`), 400 at a time, and connects
/// them to one here. Then watches the idle server for `idle_seconds`.
crowd_figures measure_crowd(const std::string& program, int peers, double idle_seconds, transport over);

/// The other process of `measure_crowd`: `peers` nodes that dial `port` and stay until standard input ends.
int run_clients(int port, int peers, transport over);

struct bare_node_figures {
  std::size_t private_bytes = 0;
  std::size_t resident_bytes = 0;
  int threads = 0;
};

/// A node alone in a process of its own (this program again, see `run_bare_node`).
bare_node_figures measure_bare_node(const std::string& program);
int run_bare_node();

} // namespace librats::bench
