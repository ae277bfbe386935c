// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"

#include <cstddef>
#include <cstdint>

namespace librats {

/// From how far away an address can be reached. Wider ones compare greater.
enum class address_scope : std::uint8_t {
  none,        ///< Nobody can be dialed there: unspecified, multicast, link-local (its zone is not carried).
  this_host,   ///< Loopback.
  site,        ///< RFC 1918, RFC 6598, fc00::/7: behind the same router.
  everywhere,  ///< Public.
};

address_scope scope_of(const ip_address& x) noexcept;

/// True when an address in that scope means something to who is seen at `to`: loopback ones on this host alone, private
/// ones to everybody who is not on a public address.
bool worth_telling(const ip_address& x, const ip_address& to) noexcept;

/// The address with all but its first bytes set to zero: of 4 with IPv4, of 16 with IPv6.
ip_address prefix_of(const ip_address& x, std::size_t bytes_v4, std::size_t bytes_v6) noexcept;

/// The network that one operator is likely to hold: the /24 of a public IPv4 address, the /48 of a public IPv6 one, any
/// other address itself. Who counts votes counts these, because addresses inside one network cost nothing.
ip_address voting_network(const ip_address& x) noexcept;

} // namespace librats
