// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace librats::protocols {

// A byte stream between two nodes is nothing but blocks (wire/01 sections 1 and 2):
//
//     offset size
//     0      4     body length L, u32 big-endian, at most 64 MiB
//     4      L     body: a handshake message, then one AEAD unit (or, in plaintext mode, one inner message) each
//
// and the inner message is
//
//     0      1     type     1      1     flags     2      2     channel     4      ...   payload

/// The length prefix of a block, in bytes.
constexpr std::size_t block_prefix_size = 4;
/// type, flags and channel of an inner message, in bytes.
constexpr std::size_t inner_header_size = 4;
/// The Poly1305 tag behind every encrypted body, in bytes (RFC 8439 section 2.8).
constexpr std::size_t aead_tag_size = 16;
/// The largest body; a larger prefix ends the link as soon as its four bytes are read (wire/01 section 1).
constexpr std::size_t block_body_max = std::size_t{64} << 20;

/// Who a payload is for (wire/00 section 4). Values that are not listed are legal on the wire and are dropped.
enum class message_type : std::uint8_t {
  app = 1,
  control = 2,
  gossip = 3,
  file_chunk = 4,
  ping = 5,
  storage = 6,
  typed = 7,
  pex = 8,
  punch = 9,
};

/// The 16-bit name of an application channel. Two names can share one id and cannot be told apart on the wire.
using channel_id = std::uint16_t;

/// Folds a channel name (any bytes, no terminator) to its id: 32-bit FNV-1a, high half XOR low half, and 1 where that
/// gives 0 (wire/01 section 3). Costs one multiplication per byte.
channel_id channel_of(std::string_view name) noexcept;

/// What precedes the payload of an inner message.
struct frame_header {
  message_type type = message_type::app;
  std::uint8_t flags = 0; ///< Always 0 from us; ignored on receipt.
  channel_id channel = 0; ///< Meaningful for `app` alone.

  friend bool operator==(const frame_header& a, const frame_header& b) noexcept {
    return a.type == b.type && a.flags == b.flags && a.channel == b.channel;
  }
  friend bool operator!=(const frame_header& a, const frame_header& b) noexcept { return !(a == b); }
};

/// One inner message whose payload is borrowed.
struct frame_view {
  frame_header header;
  bytes_view payload;
};

/// The four bytes of a header as they stand on the wire.
constexpr std::array<std::uint8_t, inner_header_size> encode(const frame_header& h) noexcept {
  return {static_cast<std::uint8_t>(h.type), h.flags, static_cast<std::uint8_t>(h.channel >> 8),
    static_cast<std::uint8_t>(h.channel)};
}

/// The four bytes that precede a body of `body_size` bytes.
constexpr std::array<std::uint8_t, block_prefix_size> encode_block_prefix(std::uint32_t body_size) noexcept {
  return {static_cast<std::uint8_t>(body_size >> 24), static_cast<std::uint8_t>(body_size >> 16),
    static_cast<std::uint8_t>(body_size >> 8), static_cast<std::uint8_t>(body_size)};
}

/// Reads the length of the body that follows. `prefix` holds at least four bytes; the result is not checked against any
/// limit.
inline std::uint32_t decode_block_prefix(const std::uint8_t* prefix) noexcept {
  return std::uint32_t{prefix[0]} << 24 | std::uint32_t{prefix[1]} << 16 | std::uint32_t{prefix[2]} << 8 | prefix[3];
}

} // namespace librats::protocols
