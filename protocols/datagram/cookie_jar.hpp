// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"
#include "protocols/datagram/packet.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace librats::protocols {

using cookie_secret = std::array<std::uint8_t, 32>;
using datagram_cookie = std::array<std::uint8_t, packet_cookie_size>;

/// Bakes cookies that prove that somebody receives what is sent to his address, without remembering him (wire/07
/// section
/// 4): four bytes of BLAKE2b, keyed with a secret, over address, port and connection id. A secret lasts 30 s, the one
/// before it stays valid. Four bytes are guessed once in 2^32 attempts, so attempts are limited elsewhere.
class cookie_jar {
public:
  static constexpr duration rotation_interval = std::chrono::seconds{30};

  cookie_jar(const cookie_secret& secret, time_point now) noexcept : current_(secret), since_(now) {}

  /// When the next secret is wanted. One that comes late costs safety alone: old cookies stay valid for longer.
  [[nodiscard]] time_point rotation_due() const noexcept { return since_ + rotation_interval; }
  /// Takes a new secret of 32 random bytes.
  void rotate(const cookie_secret& secret, time_point now) noexcept;

  [[nodiscard]] datagram_cookie bake(const endpoint& to, std::uint32_t conn_id) const noexcept {
    return bake(current_, to, conn_id);
  }
  /// Takes about the same time whatever is wrong with it.
  [[nodiscard]] bool valid(bytes_view cookie, const endpoint& from, std::uint32_t conn_id) const noexcept;

private:
  static datagram_cookie bake(const cookie_secret& secret, const endpoint& to, std::uint32_t conn_id) noexcept;

  cookie_secret current_;
  std::optional<cookie_secret> previous_;
  time_point since_;
};

} // namespace librats::protocols
