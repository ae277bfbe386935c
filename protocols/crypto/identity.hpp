// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace librats::protocols {

/// The X25519 static key of a node (wire/01 section 5). Memory of the private key is wiped on destruction; copies wipe
/// themselves too, but are better avoided: share the key inside a `session_config`.
struct key_pair {
  static constexpr std::size_t key_size = 32;

  /// Kept as it was given: clamping happens at every use, so an unclamped stored key works and is the same identity.
  std::array<std::uint8_t, key_size> private_key{};
  std::array<std::uint8_t, key_size> public_key{};

  key_pair() = default;
  key_pair(const key_pair&) = default;
  key_pair& operator=(const key_pair&) = default;
  ~key_pair();

  /// Computes the public half. `raw` must be exactly 32 bytes; for bytes that come from outside use
  /// `decode_identity_file`.
  static key_pair from_private(bytes_view raw);

  /// Makes a key of 32 bytes that the caller drew from a cryptographic generator, clamped as upstream stores it.
  static key_pair generate(const std::array<std::uint8_t, key_size>& random);

  /// The name that others know this node by. One SHA-256.
  [[nodiscard]] peer_id id() const;
};

/// SHA-256 of a static public key of 32 bytes.
peer_id peer_id_of(bytes_view public_key);

/// Reads the content of `identity.key`: exactly 32 raw private key bytes. Errors: `truncated`, `trailing_bytes`. A file
/// of another size must not be overwritten: it may be the wrong file.
result<key_pair> decode_identity_file(bytes_view content);

/// The content of `identity.key`. It is secret: write it with owner-only permissions and `wipe` it afterwards.
bytes encode_identity_file(const key_pair& key);

} // namespace librats::protocols
