// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace librats::protocols {

/// How fast a transfer goes. Time in which it is paused counts for nothing.
class transfer_meter {
public:
  /// Rates are taken over the last so many seconds.
  static constexpr std::size_t window_seconds = 5;

  /// `already`: bytes that need not be moved, `total`: bytes with them. Runs from `now` on.
  transfer_meter(time_point now, std::uint64_t already, std::uint64_t total) noexcept;

  /// So many bytes are there now, `already` among them. Fewer than before happen when a file starts over.
  void moved_to(time_point now, std::uint64_t bytes) noexcept;
  void pause(time_point now) noexcept;
  void resume(time_point now) noexcept;

  /// Bytes per second over the last `window_seconds`, or since the start when that is shorter; 0 while paused.
  [[nodiscard]] double rate(time_point now) const noexcept;
  /// Bytes per second since the start; 0 at the start itself.
  [[nodiscard]] double average(time_point now) const noexcept;
  /// Until the end at that rate. Empty while nothing moves; zero when everything is there.
  [[nodiscard]] std::optional<duration> remaining(time_point now) const noexcept;
  /// 0 to 100; 100 when there is nothing to move.
  [[nodiscard]] double percent() const noexcept;
  /// Time since the start without pauses.
  [[nodiscard]] duration elapsed(time_point now) const noexcept;

private:
  /// Bytes that had arrived at a whole second of `elapsed`.
  static constexpr std::size_t marks = window_seconds + 1;

  void advance(time_point now) noexcept;

  std::uint64_t already_;
  std::uint64_t total_;
  std::uint64_t bytes_;
  time_point since_;  ///< The start or the last resume.
  duration before_{}; ///< What had elapsed by then.
  bool paused_ = false;
  std::array<std::uint64_t, marks> marks_{}; ///< By second, modulo their number.
  std::uint64_t second_ = 0;                 ///< The last one that has its mark.
};

} // namespace librats::protocols
