// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/result.hpp"
#include "protocols/crypto/identity.hpp"
#include "protocols/wire/frame.hpp"
#include "protocols/wire/role.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace librats::protocols {

/// How a node protects its links. Not negotiated: both ends are configured alike, or the handshake fails.
enum class security_mode : std::uint8_t {
  noise,     ///< Noise_XX_25519_ChaChaPoly_SHA256: encrypted, both identities proven.
  plaintext, ///< Neither encrypted nor authenticated: the remote's id is a mere claim. For trusted and test networks.
};

/// What all sessions of a node have in common; shared, because a node with many peers has one.
struct session_config {
  security_mode security = security_mode::noise;
  /// Two nodes talk only if this is byte-equal on both (wire/01 section 4). At most 65 521 bytes.
  std::string protocol = "librats/1.0";
  key_pair static_key;
};

enum class session_state : std::uint8_t { handshaking, established, failed };

/// One end of a link: turns a byte stream into authenticated frames and frames into blocks (wire/01). Sans-I/O: it owns
/// no socket and reads no clock; the deadline of the handshake belongs to the caller.
///
/// Order of calls: `handle_bytes`, then `poll_frame` until it is empty, then write `poll_transmit` if it is not empty,
/// and look at `state`. The session of the initiator has message 1 ready right after construction. After a failure the
/// link is to be closed without a word; the session swallows everything from then on.
class session {
public:
  /// `ephemeral_private` is 32 fresh random bytes for this session alone; unused in plaintext mode.
  session(std::shared_ptr<const session_config> config, protocols::role r,
    const std::array<std::uint8_t, 32>& ephemeral_private);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  // -- inputs

  /// Takes bytes of the stream, in any fragmentation. Borrows `in` until `poll_frame` returns empty and decrypts inside
  /// it. Bytes of an incomplete block are then copied into a buffer of the session, which grows with the bytes that
  /// arrived and is given back when the block is complete.
  void handle_bytes(mutable_bytes_view in);

  // -- outputs

  /// The next authenticated frame, or empty when more bytes are needed. The payload is valid until the next call of
  /// `poll_frame` or `handle_bytes`. Drives the handshake too. Malformed or forged bytes end in
  /// `session_state::failed`; frames before them are still delivered.
  std::optional<frame_view> poll_frame();

  /// Handshake blocks to write, length prefix included; empty when there are none. Frames are sealed only after this
  /// has been drained, because they must follow the handshake on the stream.
  bytes poll_transmit();

  [[nodiscard]] session_state state() const noexcept { return state_; }
  /// Why the session failed. Valid only then.
  [[nodiscard]] wire_errc error() const noexcept { return error_; }
  /// Proven by the handshake (claimed in plaintext mode). All zero until established.
  [[nodiscard]] const peer_id& remote_id() const noexcept { return remote_id_; }
  /// 32 bytes once established; empty before and in plaintext mode.
  [[nodiscard]] bytes_view remote_static_key() const noexcept;
  /// 32 bytes once established, equal at both ends and unique to this session; empty before and in plaintext mode.
  [[nodiscard]] bytes_view handshake_hash() const noexcept;
  [[nodiscard]] protocols::role role() const noexcept { return role_; }
  [[nodiscard]] security_mode security() const noexcept { return security_; }
  /// Bytes of an incomplete block that wait inside the session.
  [[nodiscard]] std::size_t buffered() const noexcept { return reassembly_.size(); }

  // -- sending, once established

  /// The size of a whole block around a payload: prefix, header, payload and, with Noise, the tag.
  [[nodiscard]] std::size_t sealed_size(std::size_t payload_size) const noexcept {
    return block_prefix_size + inner_header_size + payload_size + tag_size();
  }

  /// The largest payload that `seal` accepts.
  [[nodiscard]] std::size_t payload_max() const noexcept { return block_body_max - inner_header_size - tag_size(); }

  /// Writes one whole block into `out`, which holds at least `sealed_size(payload.size())` bytes and does not overlap
  /// `payload`; returns its size. Blocks go on the stream in the order in which they were sealed.
  /// Errors: `too_large` (payload or `out`), `nonce_exhausted`, `out_of_order` (not established, or `poll_transmit` has
  /// not been drained).
  result<std::size_t> seal(const frame_header& h, bytes_view payload, mutable_bytes_view out);

private:
  struct handshake;

  [[nodiscard]] std::size_t tag_size() const noexcept { return security_ == security_mode::noise ? aead_tag_size : 0; }
  [[nodiscard]] std::size_t body_max() const noexcept;
  [[nodiscard]] mutable_bytes_view next_block();
  void store(std::size_t total);
  [[nodiscard]] std::optional<frame_view> open(mutable_bytes_view body);
  void handle_handshake_block(bytes_view body);
  void handle_noise_block(bytes_view body);
  void handle_plaintext_block(bytes_view body);
  void establish() noexcept;
  void fail(wire_errc why) noexcept;

  std::shared_ptr<const session_config> config_;
  std::unique_ptr<handshake> handshake_; // Freed after the split: an established peer does not pay for it.
  mutable_bytes_view input_;             // Borrowed from the caller of handle_bytes.
  bytes reassembly_;                     // The beginning of a block whose end has not arrived.
  std::uint64_t send_counter_ = 0;
  std::uint64_t receive_counter_ = 0;
  std::array<std::uint8_t, 32> send_key_{};
  std::array<std::uint8_t, 32> receive_key_{};
  std::array<std::uint8_t, 32> handshake_hash_{};
  std::array<std::uint8_t, 32> remote_static_key_{};
  peer_id remote_id_;
  protocols::role role_;
  security_mode security_;
  session_state state_ = session_state::handshaking;
  wire_errc error_{};
  bool reassembled_ = false; // The block in reassembly_ was handed out; it goes with the next call.
};

} // namespace librats::protocols
