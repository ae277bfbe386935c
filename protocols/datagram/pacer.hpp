// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace librats::protocols {

/// Spreads the packets of a stream over time: a leaky bucket that lets `max(1 ms worth, 2400 bytes)` leave at once.
class pacer {
public:
  /// When a packet may leave; in the past or now when it may leave at once. `rate` in bytes a second, 0: no pacing.
  [[nodiscard]] time_point earliest(std::uint64_t rate) const noexcept {
    return rate == 0 ? time_point::min() : drained_at_ - burst(rate);
  }

  /// When a stream that is held back should look again: once half a burst may leave, because a timer per packet would
  /// cost more than the packet.
  [[nodiscard]] time_point wakeup(std::uint64_t rate) const noexcept { return earliest(rate) + burst(rate) / 2; }

  void packet_sent(std::size_t bytes, std::uint64_t rate, time_point now) noexcept {
    if (rate == 0)
      return;
    // A timer that rings late must not cost throughput: what it missed, up to `catch_up_max`, may follow at once.
    drained_at_ = std::max(drained_at_, held_back_ ? now - catch_up_max : now) + time_for(bytes, rate);
  }

  /// True when packets had to wait for `earliest`, false when something else stopped them: there were none, or no
  /// window.
  void set_held_back(bool x) noexcept { held_back_ = x; }

private:
  static constexpr duration catch_up_max = std::chrono::milliseconds{4};
  static constexpr std::size_t burst_min = 2400;

  static duration time_for(std::size_t bytes, std::uint64_t rate) noexcept {
    return duration{static_cast<std::int64_t>(bytes * std::uint64_t{1'000'000'000} / rate)};
  }
  /// How far ahead of the rate the next packet may be, so that a burst with it is no longer than it may be.
  static duration burst(std::uint64_t rate) noexcept {
    const auto whole = std::max<duration>(std::chrono::milliseconds{1}, time_for(burst_min, rate));
    return whole - time_for(burst_min / 2, rate);
  }

  time_point drained_at_{}; ///< When the bucket is empty again.
  bool held_back_ = false;
};

} // namespace librats::protocols
