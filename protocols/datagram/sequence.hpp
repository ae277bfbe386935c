// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace librats::protocols {

/// How far sequence number `b` lies behind `a`; negative when it lies before. Numbers wrap at 2^32 and are compared by
/// signed difference (wire/07 section 3).
constexpr std::int32_t sequence_distance(std::uint32_t a, std::uint32_t b) noexcept {
  return static_cast<std::int32_t>(b - a);
}

constexpr bool sequence_before(std::uint32_t a, std::uint32_t b) noexcept {
  return sequence_distance(a, b) > 0;
}

} // namespace librats::protocols
