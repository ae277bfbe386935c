// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/stun/message.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace librats::protocols::stun {

constexpr std::uint8_t family_v4 = 1;
constexpr std::uint8_t family_v6 = 2;

/// What an address is XORed with, from its first byte on (RFC 8489 section 14.2): an IPv4 address meets the cookie
/// alone, a port the first half of it.
using address_mask = std::array<std::uint8_t, 16>;

/// Of addresses that are written plainly.
constexpr address_mask no_mask{};

/// The cookie and then the transaction id.
inline address_mask mask_for(const transaction_id& id) noexcept {
  address_mask out{};
  for (std::size_t i = 0; i < 4; ++i)
    out[i] = static_cast<std::uint8_t>(magic_cookie >> (24 - 8 * i));
  std::copy(id.begin(), id.end(), out.begin() + 4);
  return out;
}

constexpr std::uint16_t port_mask(const address_mask& mask) noexcept {
  return static_cast<std::uint16_t>(mask[0] << 8 | mask[1]);
}

} // namespace librats::protocols::stun
