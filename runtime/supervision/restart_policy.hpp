// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <cstdint>
#include <deque>
#include <optional>

namespace librats::runtime {

/// How often, and how soon after one another, a child may be restarted before its supervisor gives up.
struct restart_limits {
  std::uint32_t restarts_max = 10;                      ///< Within `window`; one more escalates.
  duration window = std::chrono::seconds{60};
  duration delay_first = std::chrono::milliseconds{10}; ///< Before the first restart of a series.
  duration delay_max = std::chrono::seconds{5};         ///< Each further wait doubles, up to this.
};

/// Decides when a child is restarted: exponential back-off within a sliding window, and an end to patience. Pure.
class restart_policy {
public:
  explicit restart_policy(const restart_limits& limits) : limits_(limits) {}

  /// Takes note of a failure at `now`. The wait before the restart, or empty when the budget is spent.
  std::optional<duration> next(time_point now) {
    while (!failures_.empty() && now - failures_.front() >= limits_.window)
      failures_.pop_front();
    if (failures_.size() >= limits_.restarts_max)
      return std::nullopt;
    auto delay = limits_.delay_first;
    for (std::size_t i = 0; i < failures_.size() && delay < limits_.delay_max; ++i)
      delay *= 2;
    failures_.push_back(now);
    return delay < limits_.delay_max ? delay : limits_.delay_max;
  }

private:
  restart_limits limits_;
  std::deque<time_point> failures_;  // At most `restarts_max` entries.
};

} // namespace librats::runtime
