// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"
#include "protocols/dht/node_id.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace librats::protocols {

using token_secret = std::array<std::uint8_t, 16>;

/// Makes the tokens of BEP 5: who brings one back receives what is sent to the address that he announces or stores
/// from. Nothing is remembered about anybody: a token is eight bytes of BLAKE2b, keyed with a secret, over address
/// (without port) and target. A secret makes tokens for five minutes and the one before it stays valid, so a token is
/// good for five to ten minutes, which is what BEP 5 asks for. Tokens of others are opaque; nobody reads ours either.
class token_jar {
public:
  static constexpr duration rotation_interval = std::chrono::minutes{5};
  static constexpr std::size_t token_size = 8;
  using token = std::array<std::uint8_t, token_size>;

  token_jar(const token_secret& secret, time_point now) noexcept : current_(secret), since_(now) {}

  /// When the next secret is wanted. One that comes late costs safety alone: old tokens stay valid for longer.
  [[nodiscard]] time_point rotation_due() const noexcept { return since_ + rotation_interval; }
  /// Takes a new secret of 16 random bytes.
  void rotate(const token_secret& secret, time_point now) noexcept;

  [[nodiscard]] token make(const ip_address& to, const node_id& target) const noexcept {
    return make(current_, to, target);
  }
  /// Takes the same time whatever is wrong with a token of the right size.
  [[nodiscard]] bool valid(bytes_view x, const ip_address& from, const node_id& target) const noexcept;

private:
  static token make(const token_secret& secret, const ip_address& to, const node_id& target) noexcept;

  token_secret current_;
  std::optional<token_secret> previous_;
  time_point since_;
};

} // namespace librats::protocols
