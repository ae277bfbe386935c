// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/dht/node_id.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace librats::protocols {

// What BEP 44 stores in the DHT: an immutable item lies under the SHA-1 of its value, a mutable one under the SHA-1 of
// a public key and a salt, and is signed with Ed25519 (RFC 8032).

/// Largest value, bencoded. Nodes may refuse larger ones, so nobody can rely on them.
constexpr std::size_t item_value_size_max = 1000;
constexpr std::size_t item_salt_size_max = 64;

using item_public_key = std::array<std::uint8_t, 32>;
using item_signature = std::array<std::uint8_t, 64>;

/// The key pair that a mutable item is signed with. Memory of the secret half is wiped on destruction.
struct item_key_pair {
  item_public_key public_key{};
  std::array<std::uint8_t, 64> secret_key{}; ///< RFC 8032's seed, then the public key, as libsodium keeps it.

  item_key_pair() = default;
  item_key_pair(const item_key_pair&) = default;
  item_key_pair& operator=(const item_key_pair&) = default;
  ~item_key_pair();

  /// Derives both halves from 32 bytes that the caller drew from a cryptographic generator, or stored.
  static item_key_pair from_seed(const std::array<std::uint8_t, 32>& seed);
};

/// What makes an item mutable.
struct item_proof {
  item_public_key key{};
  bytes salt;           ///< At most 64 bytes; empty is the same as none.
  std::int64_t seq = 0; ///< Grows with every update; never negative.
  item_signature signature{};

  friend bool operator==(const item_proof& a, const item_proof& b) noexcept {
    return a.key == b.key && a.salt == b.salt && a.seq == b.seq && a.signature == b.signature;
  }
};

struct dht_item {
  bytes value;                     ///< One bencoded value of any type, byte for byte as it was signed or hashed.
  std::optional<item_proof> proof; ///< Empty: immutable.

  friend bool operator==(const dht_item& a, const dht_item& b) noexcept {
    return a.value == b.value && a.proof == b.proof;
  }
};

/// Why an item is refused. The numbers are the error codes of BEP 44 and BEP 5, as they go into an error message.
enum class item_errc : std::uint16_t {
  no_room = 202,   ///< Its source has stored as much as it may.
  malformed = 203, ///< The value is not one bencoded value, or the sequence number is negative.
  value_too_big = 205,
  bad_signature = 206,
  salt_too_big = 207,
  cas_mismatch = 301,  ///< Another version is stored than the writer expected.
  seq_too_small = 302, ///< A newer version, or another one of the same number, is stored.
};

/// A short sentence, fit for the text of an error message.
const char* to_string(item_errc code) noexcept;

/// SHA-1 of the bencoded value.
node_id immutable_target(bytes_view value);
/// SHA-1 of key and salt.
node_id mutable_target(const item_public_key& key, bytes_view salt);
/// Where `x` belongs.
node_id target_of(const dht_item& x);

/// The bytes that are signed: `4:salt<n>:<salt>` (unless empty), `3:seqi<seq>e`, `1:v` and the value.
bytes item_signing_buffer(bytes_view salt, std::int64_t seq, bytes_view value);

/// Makes a signed item. The caller keeps to the limits, which `check_item` holds others to.
dht_item sign_item(const item_key_pair& key, bytes salt, std::int64_t seq, bytes value);

/// Holds an item from outside to sizes and form; empty when all is well. Cheap.
std::optional<item_errc> check_item_form(const dht_item& x);
/// Verifies the signature of a mutable item (about 60 microseconds); nothing is wrong with an immutable one.
std::optional<item_errc> check_item_signature(const dht_item& x);
/// Both, in this order.
std::optional<item_errc> check_item(const dht_item& x);

} // namespace librats::protocols
