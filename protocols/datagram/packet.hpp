// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace librats::protocols {

inline constexpr std::size_t packet_header_size = 16;
inline constexpr std::size_t packet_sack_size = 4;
inline constexpr std::size_t packet_payload_max = 1200;
/// No datagram is larger: upstream reads into slots of this size (wire/07 section 1).
inline constexpr std::size_t datagram_max = packet_header_size + packet_sack_size + packet_payload_max;

/// Bits of the flags byte. Upstream knows the first alone, sends no other and ignores them.
inline constexpr std::uint8_t packet_flag_sack = 0x01;
/// Our extension is offered (by the dialer) or taken (by the acceptor); see README.md of this folder.
inline constexpr std::uint8_t packet_flag_extension = 0x02;
/// The payload of this Ack is a list of ranges (ack_ranges.hpp).
inline constexpr std::uint8_t packet_flag_ranges = 0x04;

inline constexpr std::size_t packet_cookie_size = 4;
/// What the list of ranges of an Ack may fill: 64 ranges of 4 bytes.
inline constexpr std::size_t packet_ranges_size_max = 256;

enum class packet_type : std::uint8_t { syn = 0, data = 1, ack = 2, fin = 3, reset = 4, retry = 5 };

/// A packet of the datagram transport (wire/07 section 1), its payload still in the datagram.
struct packet_view {
  packet_type type = packet_type::ack;
  std::uint8_t flags = 0;      ///< As received; bit 0 says whether `sack` is there.
  std::uint16_t window = 0;    ///< How many more packets its sender will buffer.
  std::uint32_t conn_id = 0;   ///< The receiver's id.
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
  std::optional<std::uint32_t> sack;
  mutable_bytes_view payload;
};

/// Decodes one datagram; empty when it is to be dropped: shorter than 16 bytes, another version or type, a flag without
/// its word, or a payload that its type does not have (wire/07 section 1). Takes no byte for granted and copies none.
std::optional<packet_view> decode_packet(mutable_bytes_view datagram) noexcept;

/// Writes the packet into `out`, which must be large enough, and returns its size. The flag of the SACK word follows
/// from `x.sack`; other flags are written as they are.
std::size_t encode_packet(const packet_view& x, mutable_bytes_view out) noexcept;

/// Writes what stands before the payload alone: 16 or 20 bytes. For a payload that is put behind it without a detour.
std::size_t encode_packet_header(const packet_view& x, mutable_bytes_view out) noexcept;

} // namespace librats::protocols
