// SPDX-License-Identifier: MIT
#include "protocols/dht/item.hpp"

#include "protocols/bencode/document.hpp"
#include "protocols/bencode/writer.hpp"
#include "protocols/crypto/hash.hpp"
#include "protocols/crypto/x25519.hpp"

#include <utility>

#include <sodium.h>

namespace librats::protocols {

static_assert(std::tuple_size_v<item_public_key> == crypto_sign_PUBLICKEYBYTES);
static_assert(std::tuple_size_v<item_signature> == crypto_sign_BYTES);
static_assert(sizeof(item_key_pair::secret_key) == crypto_sign_SECRETKEYBYTES);

item_key_pair::~item_key_pair() {
  wipe(secret_key);
}

item_key_pair item_key_pair::from_seed(const std::array<std::uint8_t, 32>& seed) {
  item_key_pair out;
  crypto_sign_seed_keypair(out.public_key.data(), out.secret_key.data(), seed.data());
  return out;
}

const char* to_string(item_errc code) noexcept {
  switch (code) {
  case item_errc::no_room: return "No room";
  case item_errc::malformed: return "Malformed item";
  case item_errc::value_too_big: return "Value too big";
  case item_errc::bad_signature: return "Invalid signature";
  case item_errc::salt_too_big: return "Salt too big";
  case item_errc::cas_mismatch: return "CAS mismatch";
  case item_errc::seq_too_small: return "Sequence number too small";
  }
  return "Unknown error";
}

node_id immutable_target(bytes_view value) {
  return node_id{sha1(value)};
}

node_id mutable_target(const item_public_key& key, bytes_view salt) {
  bytes both{key.begin(), key.end()};
  both.insert(both.end(), salt.begin(), salt.end());
  return node_id{sha1(both)};
}

node_id target_of(const dht_item& x) {
  return x.proof ? mutable_target(x.proof->key, x.proof->salt) : immutable_target(x.value);
}

bytes item_signing_buffer(bytes_view salt, std::int64_t seq, bytes_view value) {
  bytes out;
  out.reserve(salt.size() + value.size() + 40);
  bencode::writer w{out}; // The members of a dictionary without its frame.
  if (!salt.empty())
    w.string("salt").string(salt);
  w.string("seq").integer(seq).string("v").raw(value);
  return out;
}

dht_item sign_item(const item_key_pair& key, bytes salt, std::int64_t seq, bytes value) {
  item_proof proof{key.public_key, std::move(salt), seq, {}};
  const auto text = item_signing_buffer(proof.salt, seq, value);
  crypto_sign_detached(proof.signature.data(), nullptr, text.data(), text.size(), key.secret_key.data());
  return {std::move(value), std::move(proof)};
}

std::optional<item_errc> check_item_form(const dht_item& x) {
  if (x.value.size() > item_value_size_max)
    return item_errc::value_too_big;
  if (x.proof && x.proof->salt.size() > item_salt_size_max)
    return item_errc::salt_too_big;
  if ((x.proof && x.proof->seq < 0) || !bencode::document::parse(x.value))
    return item_errc::malformed;
  return std::nullopt;
}

std::optional<item_errc> check_item_signature(const dht_item& x) {
  if (!x.proof)
    return std::nullopt;
  const auto text = item_signing_buffer(x.proof->salt, x.proof->seq, x.value);
  if (crypto_sign_verify_detached(x.proof->signature.data(), text.data(), text.size(), x.proof->key.data()) != 0)
    return item_errc::bad_signature;
  return std::nullopt;
}

std::optional<item_errc> check_item(const dht_item& x) {
  const auto wrong = check_item_form(x);
  return wrong ? wrong : check_item_signature(x);
}

} // namespace librats::protocols
