// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/dht/node_id.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace librats::protocols {

// The compact records of BEP 5 (IPv4) and BEP 32 (IPv6):
//
//     endpoint : bytes[4 or 16] address, network order | u16 port, big-endian
//     node     : bytes[20] id | endpoint

constexpr std::size_t compact_endpoint_size_v4 = 4 + 2;
constexpr std::size_t compact_endpoint_size_v6 = 16 + 2;
constexpr std::size_t compact_node_size_v4 = node_id::size + compact_endpoint_size_v4;
constexpr std::size_t compact_node_size_v6 = node_id::size + compact_endpoint_size_v6;

/// IPv4 and IPv6 are two networks that know nothing of each other (BEP 32).
enum class address_family : std::uint8_t { v4, v6 };

constexpr std::size_t compact_endpoint_size(address_family family) noexcept {
  return family == address_family::v4 ? compact_endpoint_size_v4 : compact_endpoint_size_v6;
}
constexpr std::size_t compact_node_size(address_family family) noexcept {
  return node_id::size + compact_endpoint_size(family);
}
inline address_family family_of(const ip_address& x) noexcept {
  return x.is_v4() ? address_family::v4 : address_family::v6;
}

/// A node and where it is said to be found.
struct node_contact {
  node_id id;
  endpoint at;

  friend bool operator==(const node_contact& a, const node_contact& b) noexcept { return a.id == b.id && a.at == b.at; }
  friend bool operator!=(const node_contact& a, const node_contact& b) noexcept { return !(a == b); }
};

/// Appends 6 or 18 bytes.
void append_compact(bytes& out, const endpoint& x);
/// Appends 26 or 38 bytes.
void append_compact(bytes& out, const node_contact& x);

/// Reads exactly 6 or 18 bytes; empty for any other length, and for an IPv4-mapped address in 18 bytes, which belongs
/// to the other network. Port and address may be zero.
std::optional<endpoint> read_compact_endpoint(bytes_view in) noexcept;

/// Reads a `nodes` or `nodes6` string. Empty when its length is no multiple of the record (wire/08: such a string is
/// ignored). Records that nobody can dial (port or address zero, or of the other network) are left out.
std::vector<node_contact> read_compact_nodes(bytes_view in, address_family family);

/// Appends what one entry of `values` holds: an IPv6 peer when it is 18 bytes long, else any number of IPv4 peers, as
/// some implementations pack them. An entry of another length adds nothing; neither do peers that nobody can dial.
void read_compact_peers(bytes_view in, std::vector<endpoint>& out);

} // namespace librats::protocols
