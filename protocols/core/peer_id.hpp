// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace librats {

/// The self-certifying name of a node: SHA-256 of its X25519 static public key (wire/01 section 5). Ordered byte-wise,
/// unsigned, as the duplicate rule needs it.
struct peer_id {
  static constexpr std::size_t size = 32;
  std::array<std::uint8_t, size> raw{};

  /// Exactly 64 hex digits of either case.
  static std::optional<peer_id> parse(std::string_view hex);
  static std::optional<peer_id> from_bytes(bytes_view in) noexcept;

  [[nodiscard]] bytes_view view() const noexcept { return {raw.data(), raw.size()}; }
  [[nodiscard]] bool is_zero() const noexcept { return *this == peer_id{}; }
  /// 64 lowercase hex digits.
  [[nodiscard]] std::string to_string() const { return to_hex(view()); }
  /// The first 8 hex digits, for logs and tables.
  [[nodiscard]] std::string short_string() const { return to_hex(view().first(4)); }

  friend bool operator==(const peer_id& a, const peer_id& b) noexcept { return a.raw == b.raw; }
  friend bool operator!=(const peer_id& a, const peer_id& b) noexcept { return a.raw != b.raw; }
  friend bool operator<(const peer_id& a, const peer_id& b) noexcept { return a.raw < b.raw; }
};

} // namespace librats

/// The id is a hash already: its first bytes spread well, and a peer cannot choose them without brute force.
template <>
struct std::hash<librats::peer_id> {
  std::size_t operator()(const librats::peer_id& id) const noexcept {
    std::size_t out = 0;
    std::memcpy(&out, id.raw.data(), sizeof(out));
    return out;
  }
};
