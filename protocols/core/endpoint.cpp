// SPDX-License-Identifier: MIT
#include "protocols/core/endpoint.hpp"

#include <algorithm>
#include <charconv>

// The C library's functions that turn address literals into bytes and back; neither touches the network.
#ifdef _WIN32
#  include <ws2tcpip.h>
#else
#  include <arpa/inet.h>
#endif

namespace librats {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool all_zero(bytes_view in) noexcept {
  return std::all_of(in.begin(), in.end(), [](auto b) { return b == 0; });
}

} // namespace

ip_address ip_address::v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) noexcept {
  ip_address out;
  out.raw_ = {a, b, c, d};
  return out;
}

ip_address ip_address::v6_any() noexcept {
  ip_address out;
  out.v6_ = true;
  return out;
}

ip_address ip_address::v6_loopback() noexcept {
  auto out = v6_any();
  out.raw_[15] = 1;
  return out;
}

std::optional<ip_address> ip_address::from_bytes(bytes_view raw) noexcept {
  ip_address out;
  if (raw.size() == 16) {
    if (equal(raw.first(12), mapped_prefix)) {
      raw = raw.subspan(12);
    } else {
      out.v6_ = true;
    }
  } else if (raw.size() != 4) {
    return std::nullopt;
  }
  std::copy(raw.begin(), raw.end(), out.raw_.begin());
  return out;
}

std::optional<ip_address> ip_address::parse(std::string_view text) {
  const std::string literal{text};
  std::array<std::uint8_t, 16> raw{};
  if (::inet_pton(AF_INET, literal.c_str(), raw.data()) == 1)
    return from_bytes(bytes_view{raw.data(), 4});
  if (::inet_pton(AF_INET6, literal.c_str(), raw.data()) == 1)
    return from_bytes(raw);
  return std::nullopt;
}

bool ip_address::is_unspecified() const noexcept { return all_zero(raw()); }

bool ip_address::is_loopback() const noexcept {
  return v6_ ? *this == v6_loopback() : raw_[0] == 127;
}

bool ip_address::is_link_local() const noexcept {
  return v6_ ? raw_[0] == 0xFE && (raw_[1] & 0xC0) == 0x80 : raw_[0] == 169 && raw_[1] == 254;
}

bool ip_address::is_private() const noexcept {
  if (v6_)
    return (raw_[0] & 0xFE) == 0xFC;
  return raw_[0] == 10 || (raw_[0] == 172 && (raw_[1] & 0xF0) == 16) || (raw_[0] == 192 && raw_[1] == 168)
         || (raw_[0] == 100 && (raw_[1] & 0xC0) == 64);
}

bool ip_address::is_multicast() const noexcept {
  return v6_ ? raw_[0] == 0xFF : (raw_[0] & 0xF0) == 0xE0;
}

std::string ip_address::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(v6_ ? AF_INET6 : AF_INET, raw_.data(), text.data(), text.size());
  return text.data();
}

std::optional<endpoint> endpoint::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port_text = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  const auto address = ip_address::parse(host);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (!address || error != std::errc{} || end != port_text.data() + port_text.size() || port_text.empty())
    return std::nullopt;
  if (bracketed != (host.find(':') != std::string_view::npos))
    return std::nullopt;
  return endpoint{*address, port};
}

std::string endpoint::to_string() const {
  const auto host = address.to_string();
  return (address.is_v6() ? "[" + host + "]:" : host + ":") + std::to_string(port);
}

} // namespace librats
