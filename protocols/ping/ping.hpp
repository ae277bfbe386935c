// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/ping/liveness_monitor.hpp"

#include <cstddef>
#include <cstdint>

namespace librats::protocols {

/// The payload of a Ping message (wire/02 section 2): `u8 kind | bytes[8] token`, exactly nine bytes.
struct ping_message {
  enum class kind : std::uint8_t { ping = 0, pong = 1 };
  static constexpr std::size_t size = 9;

  kind tag = kind::ping;
  std::uint64_t token = 0; ///< Opaque to the responder. Written big-endian.

  /// What a receiver of this ping answers at once.
  [[nodiscard]] ping_message answer() const noexcept { return {kind::pong, token}; }
};

bytes encode(const ping_message& x);

/// Errors: `truncated`, `trailing_bytes`, `unknown_kind`. A refused message is ignored.
result<ping_message> decode_ping(bytes_view in) noexcept;

} // namespace librats::protocols
