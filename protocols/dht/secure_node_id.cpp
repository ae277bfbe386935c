// SPDX-License-Identifier: MIT
#include "protocols/dht/secure_node_id.hpp"

#include "protocols/core/address_scope.hpp"

#include <algorithm>

namespace librats::protocols {

namespace {

constexpr std::array<std::uint8_t, 4> mask_v4{0x03, 0x0f, 0x3f, 0xff};
constexpr std::array<std::uint8_t, 8> mask_v6{0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff};
constexpr std::uint8_t seed_mask = 0x07;
constexpr std::uint8_t bound_bits_of_third_byte = 0xf8;

constexpr std::array<std::uint32_t, 256> make_crc_table() noexcept {
  constexpr std::uint32_t polynomial = 0x82f63b78; // 0x1edc6f41, lowest bit first.
  std::array<std::uint32_t, 256> out{};
  for (std::uint32_t i = 0; i < out.size(); ++i) {
    auto x = i;
    for (int bit = 0; bit < 8; ++bit)
      x = (x >> 1) ^ ((x & 1) != 0 ? polynomial : 0);
    out[i] = x;
  }
  return out;
}

constexpr auto crc_table = make_crc_table();

/// The number whose 21 leading bits begin the id.
std::uint32_t prefix_of(const ip_address& address, std::uint8_t seed) noexcept {
  std::array<std::uint8_t, mask_v6.size()> masked{};
  const auto raw = address.raw();
  const auto mask = address.is_v4() ? bytes_view{mask_v4} : bytes_view{mask_v6};
  for (std::size_t i = 0; i < mask.size(); ++i)
    masked[i] = raw[i] & mask[i];
  masked[0] = static_cast<std::uint8_t>(masked[0] | (seed & seed_mask) << 5);
  return crc32c(bytes_view{masked.data(), mask.size()});
}

} // namespace

std::uint32_t crc32c(bytes_view in) noexcept {
  std::uint32_t crc = 0xffffffff;
  for (const auto byte : in)
    crc = crc >> 8 ^ crc_table[(crc ^ byte) & 0xff];
  return ~crc;
}

node_id make_secure_node_id(
  const ip_address& external, const std::array<std::uint8_t, node_id::size>& random) noexcept {
  node_id out{random};
  if (scope_of(external) != address_scope::everywhere)
    return out;
  const auto prefix = prefix_of(external, random.back());
  out.raw[0] = static_cast<std::uint8_t>(prefix >> 24);
  out.raw[1] = static_cast<std::uint8_t>(prefix >> 16);
  out.raw[2] = static_cast<std::uint8_t>(
    (prefix >> 8 & bound_bits_of_third_byte) | (random[2] & static_cast<std::uint8_t>(~bound_bits_of_third_byte)));
  return out;
}

bool is_secure_node_id(const node_id& id, const ip_address& at) noexcept {
  if (scope_of(at) != address_scope::everywhere)
    return true;
  const auto prefix = prefix_of(at, id.raw.back());
  return id.raw[0] == (prefix >> 24 & 0xff) && id.raw[1] == (prefix >> 16 & 0xff)
    && (id.raw[2] & bound_bits_of_third_byte) == (prefix >> 8 & bound_bits_of_third_byte);
}

} // namespace librats::protocols
