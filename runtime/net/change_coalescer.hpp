// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/io/event_loop.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace librats::runtime {

/// A network is taken as settled when nothing changed for so long: an interface that comes up gets its addresses and
/// routes one by one, with IPv6 autoconfiguration in between.
constexpr auto network_quiet = std::chrono::milliseconds{300};
/// A network that never rests is told of after so long all the same.
constexpr auto network_quiet_wait_max = std::chrono::seconds{3};

/// Makes one call out of a storm of changes. Virtual time in the simulated world. Dies with its owner, inside the call
/// too.
class change_coalescer final : private timer_target {
public:
  change_coalescer(event_loop& loop, std::function<void()> settled) : loop_(loop), settled_(std::move(settled)) {}
  ~change_coalescer() { loop_.cancel_timer(timer_); }
  change_coalescer(const change_coalescer&) = delete;
  change_coalescer& operator=(const change_coalescer&) = delete;

  void changed() {
    const auto now = loop_.now();
    if (timer_.sequence == 0)
      latest_ = now + network_quiet_wait_max;
    else
      loop_.cancel_timer(timer_);
    timer_ = loop_.arm_timer(std::min(now + duration{network_quiet}, latest_), *this, 0);
  }

private:
  void timer_due(std::uint32_t) override {
    timer_ = {};
    const auto settled = settled_;  // The call may end this object.
    settled();
  }

  event_loop& loop_;
  std::function<void()> settled_;
  timer_handle timer_;
  time_point latest_{};
};

} // namespace librats::runtime
