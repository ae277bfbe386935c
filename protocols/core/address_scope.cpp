// SPDX-License-Identifier: MIT
#include "protocols/core/address_scope.hpp"

#include <algorithm>
#include <array>

namespace librats {

namespace {

constexpr std::size_t voting_bytes_v4 = 3;
constexpr std::size_t voting_bytes_v6 = 6;

} // namespace

address_scope scope_of(const ip_address& x) noexcept {
  const bool this_network = x.is_v4() && x.raw()[0] == 0;       // 0.0.0.0/8, RFC 1122 section 3.2.1.3.
  const bool reserved = x.is_v4() && x.raw()[0] >= 224;         // Multicast, 240.0.0.0/4 and the broadcast address.
  if (this_network || reserved || x.is_unspecified() || x.is_multicast() || x.is_link_local())
    return address_scope::none;
  if (x.is_loopback())
    return address_scope::this_host;
  return x.is_private() ? address_scope::site : address_scope::everywhere;
}

bool worth_telling(const ip_address& x, const ip_address& to) noexcept {
  switch (scope_of(x)) {
  case address_scope::none: return false;
  case address_scope::this_host: return scope_of(to) == address_scope::this_host;
  case address_scope::site: return scope_of(to) != address_scope::everywhere;
  case address_scope::everywhere: return true;
  }
  return false;
}

ip_address prefix_of(const ip_address& x, std::size_t bytes_v4, std::size_t bytes_v6) noexcept {
  std::array<std::uint8_t, 16> raw{};
  std::copy_n(x.raw().begin(), std::min(x.is_v4() ? bytes_v4 : bytes_v6, x.raw().size()), raw.begin());
  return ip_address::from_bytes(bytes_view{raw.data(), x.raw().size()}).value_or(x);
}

ip_address voting_network(const ip_address& x) noexcept {
  return scope_of(x) == address_scope::everywhere ? prefix_of(x, voting_bytes_v4, voting_bytes_v6) : x;
}

} // namespace librats
