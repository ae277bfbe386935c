// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/storage/storage_entry.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace librats::protocols {

/// Stamps our own writes (after Kulkarni and others, "Logical physical clocks", 2014, with the counter folded into the
/// milliseconds, because the wire has room for no more). A stamp is later than everything that we wrote or saw, so a
/// node whose wall clock is slow still overwrites what it has read; and a node whose clock is fast is overwritten by
/// whoever has read what it wrote.
class hybrid_clock {
public:
  /// How far ahead of our wall clock somebody's stamp may be and still move ours. What is stamped later wins its own
  /// key as wire/06 demands, but cannot push the stamps of all other keys into the future.
  static constexpr std::uint64_t ahead_max_ms = 10 * 60 * 1000;

  /// Takes note of a stamp that came in.
  void observe(std::uint64_t wall_ms, std::uint64_t stamp) noexcept {
    if (stamp <= wall_ms || stamp - wall_ms <= ahead_max_ms)
      latest_ = std::max(latest_, stamp);
  }

  /// The stamp of a write that replaces `replaced` (0: nothing). Empty when only a stamp above `storage_timestamp_max`
  /// would win, which nobody would take.
  std::optional<std::uint64_t> stamp(std::uint64_t wall_ms, std::uint64_t replaced) noexcept {
    // Our wall clock may have been set back: what was ahead of it within reason stays the lower bound.
    const auto next = std::max(wall_ms, latest_ + 1);
    const auto out = std::max(next, replaced < storage_timestamp_max ? replaced + 1 : replaced);
    if (out > storage_timestamp_max || out == replaced)
      return std::nullopt;
    latest_ = next; // Not `out`: a key from the far future drags along only itself.
    return out;
  }

  /// 0: nothing was written or seen.
  [[nodiscard]] std::uint64_t latest() const noexcept { return latest_; }

private:
  std::uint64_t latest_ = 0;
};

} // namespace librats::protocols
