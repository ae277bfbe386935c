// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/result.hpp"

#include <cstddef>
#include <string_view>

namespace librats::protocols {

/// What stands before the protocol string: `librats-proto` and the byte 0x1F (wire/01 section 4).
constexpr std::string_view protocol_id_tag = "librats-proto\x1F";

/// The protocol id travels behind a u16 length in plaintext mode.
constexpr std::size_t protocol_string_max = 65535 - protocol_id_tag.size();

/// The tag followed by the protocol string: prologue of the Noise handshake and greeting in plaintext mode.
bytes protocol_id(std::string_view protocol);

// The handshake message of plaintext mode (wire/01 section 8), one each way:
//
//     u16      N = length of the protocol id
//     bytes[N] protocol id
//     bytes[32] PeerId of the sender

/// Bytes behind the hello that are tolerated and ignored. The format sets no limit; we set one because it comes from a
/// stranger and is buffered.
constexpr std::size_t hello_trailing_max = 1024;

/// Bytes of a hello without trailing bytes.
constexpr std::size_t hello_size(std::string_view protocol) noexcept {
  return 2 + protocol_id_tag.size() + protocol.size() + peer_id::size;
}

/// `protocol` is at most `protocol_string_max` bytes.
bytes encode_hello(std::string_view protocol, const peer_id& self);

/// Returns the id that the sender claims. Errors: `truncated`, `protocol_mismatch`.
result<peer_id> decode_hello(std::string_view protocol, bytes_view in);

} // namespace librats::protocols
