// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace librats::runtime {

/// Is called when a timer is due. Belongs to whoever armed the timer and must cancel its timers before it goes.
class timer_target {
public:
  virtual void timer_due(std::uint32_t slot) = 0;

protected:
  ~timer_target() = default;
};

/// Names one armed timer; equal due times are told apart (and ordered) by the order of arming.
struct timer_handle {
  time_point due{};
  std::uint64_t sequence = 0;  ///< Zero: not armed.
};

/// Deadlines in due order. Knows no clock: the loop asks what is due. Arming and cancelling are O(log n).
class timer_queue {
public:
  timer_handle arm(time_point due, timer_target& target, std::uint32_t slot) {
    const timer_handle handle{due, ++last_sequence_};
    entries_.emplace(std::make_pair(due, handle.sequence), entry{&target, slot});
    return handle;
  }

  /// Forgets an armed timer; one that has fired already, or was never armed, is ignored.
  void cancel(const timer_handle& handle) { entries_.erase({handle.due, handle.sequence}); }

  /// When the earliest timer is due; empty when there is none.
  [[nodiscard]] std::optional<time_point> next_due() const {
    return entries_.empty() ? std::nullopt : std::optional{entries_.begin()->first.first};
  }

  /// Calls the earliest timer that is due at `now`. False when there is none.
  bool fire_one(time_point now) {
    if (entries_.empty() || entries_.begin()->first.first > now)
      return false;
    const auto due = entries_.begin()->second;
    entries_.erase(entries_.begin());
    due.target->timer_due(due.slot);
    return true;
  }

private:
  struct entry {
    timer_target* target;
    std::uint32_t slot;
  };
  std::map<std::pair<time_point, std::uint64_t>, entry> entries_;
  std::uint64_t last_sequence_ = 0;
};

} // namespace librats::runtime
