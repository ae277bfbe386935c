// SPDX-License-Identifier: MIT
#include "protocols/crypto/noise_xx.hpp"

#include "protocols/core/byte_reader.hpp"

#include <algorithm>
#include <string_view>

namespace librats::protocols {

namespace {

/// Exactly 32 characters, so it is the initial h without being hashed (Noise section 5.2, InitializeSymmetric).
constexpr std::string_view noise_name = "Noise_XX_25519_ChaChaPoly_SHA256";
static_assert(noise_name.size() == std::tuple_size<sha256_digest>::value);

constexpr std::size_t dh_size = 32;
/// Without a payload, by step.
constexpr std::size_t message_sizes[] = {
  dh_size, dh_size + dh_size + 2 * aead_tag_size, dh_size + 2 * aead_tag_size, 0};

struct hkdf_pair {
  sha256_digest first;
  sha256_digest second;
};

/// HKDF with two outputs (Noise section 4.3).
hkdf_pair hkdf(const sha256_digest& chaining_key, bytes_view ikm) {
  static constexpr std::uint8_t one[] = {1};
  static constexpr std::uint8_t two[] = {2};
  auto temp_key = hmac_sha256(chaining_key, ikm);
  const auto first = hmac_sha256(temp_key, bytes_view{one});
  const auto second = hmac_sha256(temp_key, {bytes_view{first}, bytes_view{two}});
  wipe(temp_key);
  return {first, second};
}

void append(bytes& out, bytes_view in) {
  out.insert(out.end(), in.begin(), in.end());
}

x25519_bytes to_key(bytes_view in) noexcept {
  x25519_bytes out{};
  std::copy(in.begin(), in.end(), out.begin());
  return out;
}

} // namespace

noise_xx::noise_xx(
  protocols::role r, const key_pair& static_key, const x25519_bytes& ephemeral_private, bytes_view prologue)
  : s_(static_key), e_(key_pair::from_private(ephemeral_private)), role_(r) {
  const auto name = as_bytes(noise_name);
  std::copy(name.begin(), name.end(), h_.begin());
  ck_ = h_;
  mix_hash(prologue);
}

noise_xx::~noise_xx() {
  wipe(ck_);
  wipe(k_);
}

bool noise_xx::is_our_turn() const noexcept {
  const bool initiators_turn = step_ % 2 == 0;
  return !failed_ && !finished() && initiators_turn == (role_ == role::initiator);
}

std::size_t noise_xx::next_message_size() const noexcept {
  return message_sizes[step_];
}

result<bytes> noise_xx::write_message(bytes_view payload) {
  if (!is_our_turn())
    return fail(wire_errc::out_of_order);
  if (payload.size() > noise_payload_max)
    return fail(wire_errc::too_large);
  bytes out;
  out.reserve(next_message_size() + payload.size());
  if (step_ != 2) { // e
    append(out, e_.public_key);
    mix_hash(e_.public_key);
  }
  if (step_ == 1 && !mix_dh(e_.private_key, re_)) // ee
    return fail(wire_errc::bad_key);
  if (step_ != 0) {
    append(out, encrypt_and_hash(s_.public_key)); // s
    if (!mix_dh(s_.private_key, re_))             // es of the responder, se of the initiator
      return fail(wire_errc::bad_key);
  }
  append(out, encrypt_and_hash(payload));
  ++step_;
  return out;
}

result<bytes> noise_xx::read_message(bytes_view in) {
  if (failed_ || finished() || is_our_turn())
    return fail(wire_errc::out_of_order);
  if (in.size() < next_message_size())
    return fail(wire_errc::truncated);
  if (in.size() > next_message_size() + noise_payload_max)
    return fail(wire_errc::too_large);
  byte_reader r{in};
  if (step_ != 2) { // e
    re_ = to_key(r.take(dh_size));
    mix_hash(re_);
  }
  if (step_ == 1 && !mix_dh(e_.private_key, re_)) // ee
    return fail(wire_errc::bad_key);
  bytes text;
  if (step_ != 0) {
    if (!decrypt_and_hash(r.take(dh_size + aead_tag_size), text)) // s
      return fail(wire_errc::not_authentic);
    rs_ = to_key(text);
    if (!mix_dh(e_.private_key, rs_)) // es of the initiator, se of the responder
      return fail(wire_errc::bad_key);
  }
  if (!decrypt_and_hash(r.rest(), text))
    return fail(wire_errc::not_authentic);
  ++step_;
  return text;
}

noise_xx::transport_keys noise_xx::split() const {
  const auto keys = hkdf(ck_, {});
  return role_ == role::initiator ? transport_keys{keys.first, keys.second} : transport_keys{keys.second, keys.first};
}

bool noise_xx::mix_dh(const x25519_bytes& scalar, const x25519_bytes& point) {
  x25519_bytes secret{};
  if (!x25519(secret, scalar, point))
    return false;
  mix_key(secret);
  wipe(secret);
  return true;
}

void noise_xx::mix_hash(bytes_view data) {
  h_ = sha256({bytes_view{h_}, data});
}

void noise_xx::mix_key(bytes_view ikm) {
  auto keys = hkdf(ck_, ikm);
  ck_ = keys.first;
  k_ = keys.second;
  n_ = 0;
  has_key_ = true;
  wipe(keys.first);
  wipe(keys.second);
}

bytes noise_xx::encrypt_and_hash(bytes_view plaintext) {
  auto out = has_key_ ? aead_seal(k_, n_++, h_, plaintext) : to_bytes(plaintext);
  mix_hash(out);
  return out;
}

bool noise_xx::decrypt_and_hash(bytes_view ciphertext, bytes& plaintext) {
  if (!has_key_)
    plaintext = to_bytes(ciphertext);
  else if (!aead_open(k_, n_++, h_, ciphertext, plaintext))
    return false;
  mix_hash(ciphertext);
  return true;
}

wire_errc noise_xx::fail(wire_errc why) noexcept {
  failed_ = true;
  return why;
}

} // namespace librats::protocols
