// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace librats::protocols {

/// A place in the 160-bit key space of the Mainline DHT (BEP 5): the id of a node, or what is looked for. Ordered
/// byte-wise, most significant byte first. There is no std::hash of it on purpose: strangers choose these bytes.
struct node_id {
  static constexpr std::size_t size = 20;
  static constexpr std::size_t bit_count = size * 8;
  std::array<std::uint8_t, size> raw{};

  /// Exactly 40 hex digits of either case.
  static std::optional<node_id> parse(std::string_view hex);
  /// Exactly 20 bytes.
  static std::optional<node_id> from_bytes(bytes_view in) noexcept;

  [[nodiscard]] bytes_view view() const noexcept { return {raw.data(), raw.size()}; }
  [[nodiscard]] bool is_zero() const noexcept { return *this == node_id{}; }
  /// Bit `index`, 0 being the most significant one. `index` is below 160.
  [[nodiscard]] bool bit(std::size_t index) const noexcept { return (raw[index / 8] >> (7 - index % 8) & 1) != 0; }
  /// 40 lowercase hex digits.
  [[nodiscard]] std::string to_string() const { return to_hex(view()); }
  /// The first 8 hex digits, for logs and tables.
  [[nodiscard]] std::string short_string() const { return to_hex(view().first(4)); }

  friend bool operator==(const node_id& a, const node_id& b) noexcept { return a.raw == b.raw; }
  friend bool operator!=(const node_id& a, const node_id& b) noexcept { return a.raw != b.raw; }
  friend bool operator<(const node_id& a, const node_id& b) noexcept { return a.raw < b.raw; }
};

/// What peers announce themselves under. A place like any other.
using info_hash = node_id;

/// The XOR of both, which compares as the number it is (Maymounkov and Mazières, "Kademlia", 2002).
node_id distance(const node_id& a, const node_id& b) noexcept;

/// How many leading bits agree: 0 to 160.
std::size_t common_prefix_bits(const node_id& a, const node_id& b) noexcept;

/// True when `a` is strictly closer to `target` than `b`: an order to sort by.
bool closer(const node_id& target, const node_id& a, const node_id& b) noexcept;

/// Where the nodes of one application meet: SHA-1 of its discovery key, which is the protocol string as it stands
/// unless another was configured (wire/08 section 1).
info_hash info_hash_of(std::string_view discovery_key);

/// What a person or a program means by the name of a content: 40 hex digits are its hash, of any other text it is the
/// SHA-1.
info_hash content_hash(std::string_view text);

} // namespace librats::protocols
