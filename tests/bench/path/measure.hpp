// SPDX-License-Identifier: MIT
#pragma once

#include "tests/protocols/support/stream_world.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace librats::bench {

/// A path in both directions, seen by somebody who buys one: the way there is the bottleneck's rate and half of the
/// round trip, the way back the same; loss by chance happens on both.
struct path_case {
  double megabits = 10;
  int round_trip_ms = 40;
  double loss = 0;
  double buffer = 1;          ///< In bandwidth-delay products.
  double reordered = 0;
  double burst_begins = 0;    ///< Share of packets that open a burst of losses.
};

test::path_options options_of(const path_case& x);
std::string name_of(const path_case& x);

/// What one transfer over one path came to.
struct path_figures {
  double utilisation = 0;     ///< Of the payload that the bottleneck carries in full packets; dial and start included.
  double repeated = 0;        ///< Retransmitted bytes per byte of payload that the path lost; 0 when it lost nothing.
  double lost = 0;            ///< Share of the payload sent that the path lost.
  double wait_mean_ms = 0;    ///< Before the bottleneck.
  double wait_p95_ms = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t payload_lost = 0;
  std::uint64_t payload_repeated = 0;
  bool intact = false;
};

path_figures measure_path(const path_case& path, const test::transfer_options& transfer, duration time);

/// Two transfers through one bottleneck, the second a second after the first.
struct sharing_figures {
  double utilisation = 0;
  double share[2] = {0, 0};   ///< Of what both received in the second half of the time.
  double fairness = 0;        ///< Jain's index over the same time: 1 is equal, 0.5 is all to one.
  double wait_mean_ms = 0;
  double lost = 0;
};

sharing_figures measure_sharing(
  const path_case& path, const test::transfer_options& a, const test::transfer_options& b, duration time);

/// Payload in a second when every datagram is full: 1200 of 1244 bytes, IPv4, UDP and our header being the rest.
double payload_rate(const path_case& x);

} // namespace librats::bench
