// SPDX-License-Identifier: MIT
#pragma once

#include "tests/bench/support/rig.hpp"

#include <cstddef>

namespace librats::bench {

struct flow_figures {
  double seconds = 0;
  double cpu_seconds = 0;
};

/// Sends `count` frames of `size` bytes from the client's to the server's pinned consumer, with at most `window` of
/// them unacknowledged; the consumer acknowledges over the link.
flow_figures run_flow(bench_pair& pair, std::size_t count, std::size_t size, std::size_t window);

/// Throws one frame of `size` bytes back and forth between two pinned consumers. Seconds for all turns.
double run_ping_pong(bench_pair& pair, int turns, std::size_t size);

} // namespace librats::bench
