// SPDX-License-Identifier: MIT
#include "protocols/dht/node_id.hpp"

#include "protocols/crypto/hash.hpp"

#include <algorithm>

namespace librats::protocols {

std::optional<node_id> node_id::parse(std::string_view hex) {
  if (hex.size() != size * 2)
    return std::nullopt;
  const auto raw = librats::from_hex(hex);
  return raw ? from_bytes(*raw) : std::nullopt;
}

std::optional<node_id> node_id::from_bytes(bytes_view in) noexcept {
  if (in.size() != size)
    return std::nullopt;
  node_id out;
  std::copy(in.begin(), in.end(), out.raw.begin());
  return out;
}

node_id distance(const node_id& a, const node_id& b) noexcept {
  node_id out;
  for (std::size_t i = 0; i < node_id::size; ++i)
    out.raw[i] = static_cast<std::uint8_t>(a.raw[i] ^ b.raw[i]);
  return out;
}

std::size_t common_prefix_bits(const node_id& a, const node_id& b) noexcept {
  for (std::size_t i = 0; i < node_id::size; ++i) {
    auto difference = static_cast<unsigned>(a.raw[i] ^ b.raw[i]);
    if (difference == 0)
      continue;
    std::size_t equal_bits = i * 8;
    for (; (difference & 0x80U) == 0; difference <<= 1)
      ++equal_bits;
    return equal_bits;
  }
  return node_id::bit_count;
}

bool closer(const node_id& target, const node_id& a, const node_id& b) noexcept {
  for (std::size_t i = 0; i < node_id::size; ++i)
    if (a.raw[i] != b.raw[i])
      return (a.raw[i] ^ target.raw[i]) < (b.raw[i] ^ target.raw[i]);
  return false;
}

info_hash info_hash_of(std::string_view discovery_key) {
  return info_hash{sha1(as_bytes(discovery_key))};
}

info_hash content_hash(std::string_view text) {
  const auto hash = info_hash::parse(text);
  return hash ? *hash : info_hash_of(text);
}

} // namespace librats::protocols
