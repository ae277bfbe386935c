// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>

namespace librats::runtime {

/// What a path does to what travels on it, in one direction. Streams feel loss as the delay of a retransmission and
/// never see duplicates or reordering; datagrams feel everything.
struct link_profile {
  duration latency = std::chrono::milliseconds{10};  ///< One way.
  duration jitter{0};           ///< Added to the latency, uniform from zero to this.
  double loss = 0;              ///< Share of datagrams (or of stream segments), 0 to 1.
  double duplication = 0;       ///< Share of datagrams that arrive twice.
  double reordering = 0;        ///< Share of datagrams that are held back by `reordering_delay`.
  duration reordering_delay = std::chrono::milliseconds{20};
  bool passes_datagrams = true;  ///< Else all of them are lost, as behind a firewall that knows TCP alone.
  bool passes_streams = true;    ///< Else no new connection gets through; nobody is told why.
};

/// What a host's own connection to the world can do, shared by everything it sends.
struct uplink_profile {
  std::uint64_t bytes_per_second = 0;          ///< 0: no limit.
  std::size_t queue_bytes_max = 256 * 1024;    ///< Datagrams that find the queue full are dropped; streams wait.
};

} // namespace librats::runtime
