// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/result.hpp"

#include <cstddef>

namespace librats {

// The address element of identify, Pex and Punch (wire/02):
//
//     u8   ip_len   4 or 16
//     bytes[ip_len] address, network order
//     u16  port

/// Bytes of an element that carries IPv4 and IPv6.
constexpr std::size_t address_element_size_v4 = 1 + 4 + 2;
constexpr std::size_t address_element_size_v6 = 1 + 16 + 2;

/// Appends one element: 7 or 19 bytes.
void write_address_element(byte_writer& out, const endpoint& x);

/// Reads one element. An IPv4-mapped address comes out as IPv4. Errors: `truncated`, `bad_address` (any other length).
result<endpoint> read_address_element(byte_reader& in) noexcept;

/// Reads what follows a length byte that was taken already.
result<endpoint> read_address_element(byte_reader& in, std::uint8_t ip_len) noexcept;

/// True when somebody can be reached at `x`: neither the port nor the address is zero.
[[nodiscard]] inline bool is_dialable(const endpoint& x) noexcept {
  return x.port != 0 && !x.address.is_unspecified();
}

} // namespace librats
