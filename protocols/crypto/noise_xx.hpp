// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/crypto/aead.hpp"
#include "protocols/crypto/hash.hpp"
#include "protocols/crypto/identity.hpp"
#include "protocols/crypto/x25519.hpp"
#include "protocols/wire/role.hpp"

#include <cstddef>
#include <cstdint>

namespace librats::protocols {

/// Largest payload inside a handshake message. We send none and read none; upstream accepts this much (wire/01 section
/// 6).
constexpr std::size_t noise_payload_max = 256;

/// The handshake of Noise_XX_25519_ChaChaPoly_SHA256 (Noise rev 34):
///
///     -> e                    32 bytes + payload
///     <- e, ee, s, es         96 bytes + payload, tags included
///     -> s, se                64 bytes + payload, tags included
///
/// Call `write_message` and `read_message` in turns; the initiator writes first. Any error is final. About 0.25 KiB, to
/// be thrown away after the split.
class noise_xx {
public:
  /// `static_key` is borrowed and must outlive this object. `ephemeral_private` is 32 random bytes that are used once.
  noise_xx(protocols::role r, const key_pair& static_key, const x25519_bytes& ephemeral_private, bytes_view prologue);
  ~noise_xx();
  noise_xx(const noise_xx&) = delete;
  noise_xx& operator=(const noise_xx&) = delete;

  /// The next message of ours. Errors: `out_of_order`, `too_large` (payload), `bad_key` (the remote's keys give an
  /// all-zero secret).
  result<bytes> write_message(bytes_view payload = {});

  /// Takes the next message of the remote and returns its payload. Errors: `out_of_order`, `truncated`, `too_large`,
  /// `bad_key`, `not_authentic`.
  result<bytes> read_message(bytes_view in);

  /// The size that the next message to be read or written has without a payload: 32, 96 or 64 bytes; 0 when finished.
  [[nodiscard]] std::size_t next_message_size() const noexcept;

  [[nodiscard]] bool is_our_turn() const noexcept;
  [[nodiscard]] bool finished() const noexcept { return step_ == 3; }

  // -- valid once finished

  struct transport_keys {
    aead_key send;
    aead_key receive;
  };
  /// Split(): both counters start at 0. The caller wipes the keys.
  [[nodiscard]] transport_keys split() const;
  /// Equal at both ends, unique to this handshake (Noise section 11.2).
  [[nodiscard]] const sha256_digest& handshake_hash() const noexcept { return h_; }
  [[nodiscard]] const x25519_bytes& remote_static_key() const noexcept { return rs_; }

private:
  bool mix_dh(const x25519_bytes& scalar, const x25519_bytes& point);
  void mix_hash(bytes_view data);
  void mix_key(bytes_view ikm);
  bytes encrypt_and_hash(bytes_view plaintext);
  bool decrypt_and_hash(bytes_view ciphertext, bytes& plaintext);
  wire_errc fail(wire_errc why) noexcept;

  // Names as in the specification.
  const key_pair& s_;
  key_pair e_;
  x25519_bytes rs_{};
  x25519_bytes re_{};
  sha256_digest h_{};
  sha256_digest ck_{};
  aead_key k_{};
  std::uint64_t n_ = 0;
  protocols::role role_;
  bool has_key_ = false;
  bool failed_ = false;
  std::uint8_t step_ = 0; // Messages done.
};

} // namespace librats::protocols
