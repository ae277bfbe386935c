// SPDX-License-Identifier: MIT
#include "protocols/crypto/identity.hpp"

#include "protocols/crypto/hash.hpp"
#include "protocols/crypto/x25519.hpp"

#include <algorithm>
#include <cassert>

namespace librats::protocols {

key_pair::~key_pair() {
  wipe(private_key);
}

key_pair key_pair::from_private(bytes_view raw) {
  assert(raw.size() == key_size);
  key_pair out;
  std::copy_n(raw.begin(), std::min(raw.size(), key_size), out.private_key.begin());
  out.public_key = x25519_public(out.private_key);
  return out;
}

key_pair key_pair::generate(const std::array<std::uint8_t, key_size>& random) {
  auto clamped = random; // RFC 7748 section 5.
  clamped[0] &= 0xF8;
  clamped[31] = static_cast<std::uint8_t>((clamped[31] & 0x7F) | 0x40);
  const auto out = from_private(clamped);
  wipe(clamped);
  return out;
}

peer_id key_pair::id() const {
  return peer_id_of(public_key);
}

peer_id peer_id_of(bytes_view public_key) {
  assert(public_key.size() == key_pair::key_size);
  return peer_id{sha256(public_key)};
}

result<key_pair> decode_identity_file(bytes_view content) {
  if (content.size() < key_pair::key_size)
    return wire_errc::truncated;
  if (content.size() > key_pair::key_size)
    return wire_errc::trailing_bytes;
  return key_pair::from_private(content);
}

bytes encode_identity_file(const key_pair& key) {
  return to_bytes(key.private_key);
}

} // namespace librats::protocols
