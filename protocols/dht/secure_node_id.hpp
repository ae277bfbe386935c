// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/dht/node_id.hpp"

#include <array>
#include <cstdint>

namespace librats::protocols {

/// Makes an id that belongs to a public address (BEP 42): its first 21 bits follow from the address and from the last
/// byte, so that nobody can choose a place in the key space without the address that it takes. The rest is `random`.
/// For an address that is not public the id is `random` altogether.
node_id make_secure_node_id(const ip_address& external, const std::array<std::uint8_t, node_id::size>& random) noexcept;

/// Whether a node at that address may have that id. Always true for addresses that are not public, where nodes cannot
/// know how they are seen. Upstream never looks, so others are not refused for it: it is a reason to prefer.
bool is_secure_node_id(const node_id& id, const ip_address& at) noexcept;

/// CRC-32C (Castagnoli; RFC 3720 appendix B.4 has known answers).
std::uint32_t crc32c(bytes_view in) noexcept;

} // namespace librats::protocols
