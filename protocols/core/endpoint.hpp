// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace librats {

/// An IPv4 or IPv6 address. IPv4-mapped IPv6 (`::ffff:a.b.c.d`) is unwrapped to IPv4 whenever one is made, so that it
/// never shows on the wire or in a table (wire/00 section 5). Zone ids are not carried.
class ip_address {
public:
  /// The unspecified IPv4 address 0.0.0.0.
  ip_address() = default;

  static ip_address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) noexcept;
  static ip_address v4_loopback() noexcept { return v4(127, 0, 0, 1); }
  static ip_address v6_any() noexcept;
  static ip_address v6_loopback() noexcept;

  /// Takes 4 or 16 bytes in network order; empty optional for any other length.
  static std::optional<ip_address> from_bytes(bytes_view raw) noexcept;
  /// Parses a dotted quad or an RFC 4291 literal, without brackets, port or zone.
  static std::optional<ip_address> parse(std::string_view text);

  [[nodiscard]] bool is_v4() const noexcept { return !v6_; }
  [[nodiscard]] bool is_v6() const noexcept { return v6_; }
  /// 4 or 16 bytes in network order.
  [[nodiscard]] bytes_view raw() const noexcept { return {raw_.data(), v6_ ? std::size_t{16} : std::size_t{4}}; }

  [[nodiscard]] bool is_unspecified() const noexcept;
  [[nodiscard]] bool is_loopback() const noexcept;
  /// 169.254.0.0/16 or fe80::/10.
  [[nodiscard]] bool is_link_local() const noexcept;
  /// RFC 1918, RFC 6598 (100.64.0.0/10) or fc00::/7.
  [[nodiscard]] bool is_private() const noexcept;
  [[nodiscard]] bool is_multicast() const noexcept;

  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const ip_address& a, const ip_address& b) noexcept {
    return a.v6_ == b.v6_ && a.raw_ == b.raw_;
  }
  friend bool operator!=(const ip_address& a, const ip_address& b) noexcept { return !(a == b); }
  /// IPv4 sorts before IPv6, then byte-wise.
  friend bool operator<(const ip_address& a, const ip_address& b) noexcept {
    return std::tie(a.v6_, a.raw_) < std::tie(b.v6_, b.raw_);
  }

private:
  std::array<std::uint8_t, 16> raw_{};
  bool v6_ = false;
};

/// An address and a port.
struct endpoint {
  ip_address address;
  std::uint16_t port = 0;

  /// Parses `a.b.c.d:port` or `[v6]:port`.
  static std::optional<endpoint> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const endpoint& a, const endpoint& b) noexcept {
    return a.port == b.port && a.address == b.address;
  }
  friend bool operator!=(const endpoint& a, const endpoint& b) noexcept { return !(a == b); }
  friend bool operator<(const endpoint& a, const endpoint& b) noexcept {
    return std::tie(a.address, a.port) < std::tie(b.address, b.port);
  }
};

} // namespace librats
