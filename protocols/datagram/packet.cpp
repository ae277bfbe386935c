// SPDX-License-Identifier: MIT
#include "protocols/datagram/packet.hpp"

#include <cassert>
#include <cstring>

namespace librats::protocols {

namespace {

constexpr std::uint8_t packet_version = 1;

/// Whether a packet of this type may carry that much behind its header.
bool may_carry(packet_type type, std::uint8_t flags, std::size_t size) noexcept {
  switch (type) {
    case packet_type::data: return size <= packet_payload_max;
    case packet_type::syn:
    case packet_type::retry: return size == 0 || size == packet_cookie_size;
    case packet_type::ack:
      return size == 0 || ((flags & packet_flag_ranges) != 0 && size <= packet_ranges_size_max && size % 4 == 0);
    case packet_type::fin:
    case packet_type::reset: return size == 0;
  }
  return false;
}

// The hot path: a few hundred thousand packets a second pass here, so the fields are read at fixed offsets of a header
// whose length was checked before, not through byte_reader.
std::uint32_t load_u32(const std::uint8_t* at) noexcept {
  return static_cast<std::uint32_t>(at[0]) << 24 | static_cast<std::uint32_t>(at[1]) << 16
    | static_cast<std::uint32_t>(at[2]) << 8 | at[3];
}

void store_u32(std::uint8_t* at, std::uint32_t x) noexcept {
  at[0] = static_cast<std::uint8_t>(x >> 24);
  at[1] = static_cast<std::uint8_t>(x >> 16);
  at[2] = static_cast<std::uint8_t>(x >> 8);
  at[3] = static_cast<std::uint8_t>(x);
}

} // namespace

std::optional<packet_view> decode_packet(mutable_bytes_view datagram) noexcept {
  if (datagram.size() < packet_header_size)
    return std::nullopt;
  const auto* at = datagram.data();
  if (at[0] >> 4 != packet_version || (at[0] & 0x0f) > static_cast<std::uint8_t>(packet_type::retry))
    return std::nullopt;
  packet_view out;
  out.type = static_cast<packet_type>(at[0] & 0x0f);
  out.flags = at[1];
  out.window = static_cast<std::uint16_t>(at[2] << 8 | at[3]);
  out.conn_id = load_u32(at + 4);
  out.seq = load_u32(at + 8);
  out.ack = load_u32(at + 12);
  std::size_t header = packet_header_size;
  if ((out.flags & packet_flag_sack) != 0) {
    header += packet_sack_size;
    if (datagram.size() < header)
      return std::nullopt;
    out.sack = load_u32(at + packet_header_size);
  }
  out.payload = datagram.subspan(header);
  if (!may_carry(out.type, out.flags, out.payload.size()))
    return std::nullopt;
  return out;
}

std::size_t encode_packet_header(const packet_view& x, mutable_bytes_view out) noexcept {
  const auto size = packet_header_size + (x.sack ? packet_sack_size : 0);
  assert(out.size() >= size);
  auto* at = out.data();
  at[0] = static_cast<std::uint8_t>(packet_version << 4 | static_cast<std::uint8_t>(x.type));
  at[1] = static_cast<std::uint8_t>((x.flags & ~packet_flag_sack) | (x.sack ? packet_flag_sack : 0));
  at[2] = static_cast<std::uint8_t>(x.window >> 8);
  at[3] = static_cast<std::uint8_t>(x.window);
  store_u32(at + 4, x.conn_id);
  store_u32(at + 8, x.seq);
  store_u32(at + 12, x.ack);
  if (x.sack)
    store_u32(at + packet_header_size, *x.sack);
  return size;
}

std::size_t encode_packet(const packet_view& x, mutable_bytes_view out) noexcept {
  const auto header = encode_packet_header(x, out);
  assert(out.size() >= header + x.payload.size());
  if (!x.payload.empty())
    std::memcpy(out.data() + header, x.payload.data(), x.payload.size());
  return header + x.payload.size();
}

} // namespace librats::protocols
