// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace librats::test {

/// Many nodes in one process: a ring in which every node also dials two others further away, and each sends a message
/// to all its neighbours every second.
struct city_options {
  std::size_t nodes = 100;
  duration talking = std::chrono::minutes{1};
  std::uint64_t seed = 1;
};

struct city_result {
  std::size_t nodes = 0;
  std::size_t links = 0;
  std::size_t dials_failed = 0;
  std::size_t disconnects = 0;
  std::uint64_t sent = 0;       ///< Messages, one per receiver.
  std::uint64_t delivered = 0;
  duration simulated{};
  std::uint64_t events = 0;     ///< Of the simulated network.
  std::uint64_t event_hash = 0;
};

/// Builds the city and lets it talk. `built` is called when all nodes are connected and nothing was sent yet.
city_result run_city(const city_options& options, const std::function<void()>& built = {});

} // namespace librats::test
