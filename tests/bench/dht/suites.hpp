// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

namespace librats::bench {

// What bench_dht measures; each prints its figures and what they do not say.

/// Networks of these sizes that stay as they are: how well walks find, what an idle node costs.
void measure_dht_networks(const std::vector<std::size_t>& sizes);

/// A network of so many nodes for an hour while 30 % of them leave and as many come: with honest nodes alone, and with
/// liars; and ids forged around a key.
void measure_dht_churn(std::size_t nodes);

/// What an answer costs the state machine alone.
void measure_dht_handling();

/// What a query and a walk cost a process that serves them over loopback, beside one that merely sends and receives,
/// and beside libtorrent where it is installed.
void measure_dht_serving();

} // namespace librats::bench
