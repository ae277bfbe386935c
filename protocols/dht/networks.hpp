// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/address_scope.hpp"

#include <algorithm>
#include <cstddef>

namespace librats::protocols {

// How far the DHT trusts public addresses to belong to different people.

/// Whether the limits below hold at all: behind one router everybody shares a network.
inline bool is_public(const ip_address& x) noexcept {
  return scope_of(x) == address_scope::everywhere;
}

/// The /24 or /64: as good as one person (wire/08 section 1).
inline ip_address narrow_network(const ip_address& x) noexcept {
  return prefix_of(x, 3, 8);
}

/// Whether both have the same `narrow_network`, without making one: tables ask it of every entry.
inline bool same_narrow_network(const ip_address& a, const ip_address& b) noexcept {
  const auto size = a.is_v4() ? std::size_t{3} : std::size_t{8};
  return a.is_v4() == b.is_v4() && std::equal(a.raw().begin(), a.raw().begin() + size, b.raw().begin());
}

/// The /16 or /32: often one provider, of whom an attacker rents many of the above.
inline ip_address wide_network(const ip_address& x) noexcept {
  return prefix_of(x, 2, 4);
}

} // namespace librats::protocols
