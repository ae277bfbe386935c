// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/wire/frame.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace librats::protocols {

// ChaCha20-Poly1305 (RFC 8439) as Noise uses it: the 96-bit nonce is four zero bytes followed by a 64-bit little-endian
// counter (Noise rev 34 section 12.3). No call keeps anything between messages that belongs to one peer.

using aead_key = std::array<std::uint8_t, 32>;

/// Encrypts `head` followed by `body` into `out`, which receives `head.size() + body.size() + aead_tag_size` bytes,
/// without additional data. `out` overlaps neither source. The two parts spare the caller a copy: a frame's header
/// comes from somewhere else than its payload. `head` is at most 64 bytes.
void aead_seal(
  const aead_key& key, std::uint64_t counter, bytes_view head, bytes_view body, std::uint8_t* out) noexcept;

/// Decrypts in place, without additional data: the last 16 bytes of `sealed` are the tag. Returns the plaintext inside
/// `sealed`; the data pointer is null when the tag does not verify or `sealed` is shorter than a tag, and the bytes are
/// then garbage.
[[nodiscard]] mutable_bytes_view aead_open(
  const aead_key& key, std::uint64_t counter, mutable_bytes_view sealed) noexcept;

/// As above with additional data; for the few small messages of a handshake.
[[nodiscard]] bytes aead_seal(const aead_key& key, std::uint64_t counter, bytes_view ad, bytes_view plaintext);
/// False when the tag does not verify; `out` is then empty.
[[nodiscard]] bool aead_open(const aead_key& key, std::uint64_t counter, bytes_view ad, bytes_view sealed, bytes& out);

} // namespace librats::protocols
