// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <array>
#include <cstdint>

namespace librats::protocols {

/// A scalar, a u-coordinate or a shared secret of RFC 7748, 32 bytes little-endian.
using x25519_bytes = std::array<std::uint8_t, 32>;

/// The public key of `scalar`, which is clamped on use (RFC 7748 section 5).
x25519_bytes x25519_public(const x25519_bytes& scalar) noexcept;

/// Computes the shared secret of `scalar` (clamped on use) and `point` into `out`. False, with `out` all zero, when the
/// point is of low order: such a "secret" would be known to everybody (RFC 7748 section 6.1).
[[nodiscard]] bool x25519(x25519_bytes& out, const x25519_bytes& scalar, const x25519_bytes& point) noexcept;

/// Overwrites a secret in a way that the compiler may not leave out.
void wipe(mutable_bytes_view secret) noexcept;

} // namespace librats::protocols
