// SPDX-License-Identifier: MIT
#include "protocols/session/session.hpp"

#include "protocols/crypto/aead.hpp"
#include "protocols/crypto/noise_xx.hpp"
#include "protocols/crypto/x25519.hpp"
#include "protocols/session/protocol_id.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace librats::protocols {

namespace {

/// Once the peer is known, the buffer for a block is made in one piece up to this size; what is larger follows the
/// bytes that arrive (wire/01 section 1).
constexpr std::size_t presize_max = std::size_t{1} << 20;

/// Noise section 4.5: the last counter is reserved.
constexpr auto counter_max = std::numeric_limits<std::uint64_t>::max();

void write_block(bytes& out, bytes_view body) {
  const auto prefix = encode_block_prefix(static_cast<std::uint32_t>(body.size()));
  out.insert(out.end(), prefix.begin(), prefix.end());
  out.insert(out.end(), body.begin(), body.end());
}

} // namespace

/// What only a session that is not established yet needs.
struct session::handshake {
  std::optional<noise_xx> noise; // Empty in plaintext mode.
  bytes transmit;
};

session::session(std::shared_ptr<const session_config> config, protocols::role r,
  const std::array<std::uint8_t, 32>& ephemeral_private)
  : config_(std::move(config)), handshake_(std::make_unique<handshake>()), role_(r), security_(config_->security) {
  if (config_->protocol.size() > protocol_string_max) {
    fail(wire_errc::too_large);
  } else if (security_ == security_mode::noise) {
    auto& noise =
      handshake_->noise.emplace(role_, config_->static_key, ephemeral_private, protocol_id(config_->protocol));
    if (noise.is_our_turn())
      if (const auto message = noise.write_message())
        write_block(handshake_->transmit, *message);
  } else if (role_ == role::initiator) {
    write_block(handshake_->transmit, encode_hello(config_->protocol, config_->static_key.id()));
  }
}

session::~session() {
  wipe(send_key_);
  wipe(receive_key_);
}

void session::handle_bytes(mutable_bytes_view in) {
  if (state_ == session_state::failed)
    return;
  if (!input_.empty()) // The caller did not drain us and the bytes it lent may be gone.
    return fail(wire_errc::out_of_order);
  input_ = in;
}

std::optional<frame_view> session::poll_frame() {
  for (;;) {
    if (reassembled_) {
      bytes{}.swap(reassembly_); // clear() would keep the memory.
      reassembled_ = false;
    }
    if (state_ == session_state::failed)
      return std::nullopt;
    const auto body = next_block();
    if (body.data() == nullptr)
      return std::nullopt;
    if (state_ == session_state::established)
      return open(body);
    handle_handshake_block(body);
  }
}

bytes session::poll_transmit() {
  if (!handshake_)
    return {};
  auto out = std::move(handshake_->transmit);
  handshake_->transmit.clear();
  if (state_ == session_state::established)
    handshake_.reset();
  return out;
}

bytes_view session::remote_static_key() const noexcept {
  const bool known = state_ == session_state::established && security_ == security_mode::noise;
  return known ? bytes_view{remote_static_key_} : bytes_view{};
}

bytes_view session::handshake_hash() const noexcept {
  const bool known = state_ == session_state::established && security_ == security_mode::noise;
  return known ? bytes_view{handshake_hash_} : bytes_view{};
}

result<std::size_t> session::seal(const frame_header& h, bytes_view payload, mutable_bytes_view out) {
  if (state_ != session_state::established || handshake_)
    return wire_errc::out_of_order;
  const auto size = sealed_size(payload.size());
  if (payload.size() > payload_max() || out.size() < size)
    return wire_errc::too_large;
  const auto prefix = encode_block_prefix(static_cast<std::uint32_t>(size - block_prefix_size));
  const auto head = encode(h);
  std::memcpy(out.data(), prefix.data(), prefix.size());
  auto* body = out.data() + block_prefix_size;
  if (security_ == security_mode::plaintext) {
    std::memcpy(body, head.data(), head.size());
    std::copy(payload.begin(), payload.end(), body + head.size());
    return size;
  }
  if (send_counter_ == counter_max)
    return wire_errc::nonce_exhausted;
  aead_seal(send_key_, send_counter_++, head, payload, body);
  return size;
}

// -- blocks -----------------------------------------------------------------------------------------------------------

/// The largest body that is acceptable now. During the handshake it is refused before it is buffered.
std::size_t session::body_max() const noexcept {
  if (state_ == session_state::established)
    return block_body_max;
  if (handshake_->noise)
    return handshake_->noise->next_message_size() + noise_payload_max;
  return hello_size(config_->protocol) + hello_trailing_max;
}

/// The body of the next complete block, in the caller's bytes if it lies there in one piece. A null pointer when there
/// is none; incomplete bytes are then in `reassembly_`.
mutable_bytes_view session::next_block() {
  const bool prefix_in_input = reassembly_.empty() && input_.size() >= block_prefix_size;
  if (!prefix_in_input) {
    store(block_prefix_size);
    if (reassembly_.size() < block_prefix_size)
      return {};
  }
  const std::size_t size = decode_block_prefix(prefix_in_input ? input_.data() : reassembly_.data());
  if (size > body_max()) {
    fail(wire_errc::too_large);
    return {};
  }
  const auto total = block_prefix_size + size;
  if (prefix_in_input && input_.size() >= total) {
    const auto body = input_.subspan(block_prefix_size, size);
    input_ = input_.subspan(total);
    return body;
  }
  store(total);
  if (reassembly_.size() < total)
    return {};
  reassembled_ = true;
  return mutable_bytes_view{reassembly_}.subspan(block_prefix_size);
}

/// Moves input to `reassembly_` until it holds `total` bytes or the input is used up.
void session::store(std::size_t total) {
  const auto have = reassembly_.size();
  if (have >= total || input_.empty())
    return;
  const auto count = std::min(total - have, input_.size());
  if (have + count > reassembly_.capacity()) {
    // At most twice what has arrived, never beyond the block, and less for a stranger: his blocks are small anyway.
    auto capacity = std::min(total, 2 * (have + count));
    if (state_ == session_state::established)
      capacity = std::max(capacity, std::min(total, presize_max));
    reassembly_.reserve(capacity);
  }
  reassembly_.insert(reassembly_.end(), input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(count));
  input_ = input_.subspan(count);
}

std::optional<frame_view> session::open(mutable_bytes_view body) {
  mutable_bytes_view inner = body;
  if (security_ == security_mode::noise) {
    if (body.size() < aead_tag_size) {
      fail(wire_errc::truncated);
      return std::nullopt;
    }
    if (receive_counter_ == counter_max) {
      fail(wire_errc::nonce_exhausted);
      return std::nullopt;
    }
    inner = aead_open(receive_key_, receive_counter_++, body);
    if (inner.data() == nullptr) {
      fail(wire_errc::not_authentic);
      return std::nullopt;
    }
  }
  if (inner.size() < inner_header_size) {
    fail(wire_errc::truncated);
    return std::nullopt;
  }
  const auto* raw = inner.data();
  const auto channel = static_cast<channel_id>(raw[2] << 8 | raw[3]);
  return frame_view{{static_cast<message_type>(raw[0]), raw[1], channel}, inner.subspan(inner_header_size)};
}

// -- handshake --------------------------------------------------------------------------------------------------------

void session::handle_handshake_block(bytes_view body) {
  // Upstream advances on an empty block without reading it and then answers with a block computed from an all-zero key.
  if (body.empty())
    return fail(wire_errc::truncated);
  if (handshake_->noise)
    return handle_noise_block(body);
  handle_plaintext_block(body);
}

void session::handle_noise_block(bytes_view body) {
  auto& noise = *handshake_->noise;
  if (const auto payload = noise.read_message(body); !payload) // The payload is meaningless (wire/01 section 6).
    return fail(payload.error());
  if (noise.is_our_turn()) {
    const auto message = noise.write_message();
    if (!message)
      return fail(message.error());
    write_block(handshake_->transmit, *message);
  }
  if (!noise.finished())
    return;
  auto keys = noise.split();
  send_key_ = keys.send;
  receive_key_ = keys.receive;
  wipe(keys.send);
  wipe(keys.receive);
  handshake_hash_ = noise.handshake_hash();
  remote_static_key_ = noise.remote_static_key();
  remote_id_ = peer_id_of(remote_static_key_);
  establish();
}

void session::handle_plaintext_block(bytes_view body) {
  const auto claimed = decode_hello(config_->protocol, body);
  if (!claimed)
    return fail(claimed.error());
  remote_id_ = *claimed;
  if (role_ == role::responder)
    write_block(handshake_->transmit, encode_hello(config_->protocol, config_->static_key.id()));
  establish();
}

void session::establish() noexcept {
  state_ = session_state::established;
  handshake_->noise.reset();
  if (handshake_->transmit.empty())
    handshake_.reset();
}

void session::fail(wire_errc why) noexcept {
  state_ = session_state::failed;
  error_ = why;
  input_ = {};
  handshake_.reset(); // Nothing is sent on failure (wire/01 section 6).
}

} // namespace librats::protocols
