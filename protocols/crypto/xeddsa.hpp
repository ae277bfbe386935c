// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/crypto/identity.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace librats::protocols {

// Signatures by the X25519 key of a node (Trevor Perrin, "The XEdDSA and VXEdDSA Signature Schemes", revision 1,
// section 4): the same key that names a node in the handshake signs, so no certificate has to bind a second one to it.
// The curve point of the public key is the Edwards form with sign bit 0; for verifiers the rest is Ed25519 (RFC 8032).

using xeddsa_signature = std::array<std::uint8_t, 64>;
/// Fresh bytes of a cryptographic generator for every signature. Even equal ones do not give the key away, as long as
/// they are secret or the message differs: the nonce is a hash of key, message and these.
using xeddsa_noise = std::array<std::uint8_t, 64>;

/// Signs `message`. The caller separates domains: the first bytes of a message must say what it is for. About 50 µs.
xeddsa_signature xeddsa_sign(const key_pair& key, bytes_view message, const xeddsa_noise& noise);

/// True when the owner of `public_key` (X25519, 32 bytes) signed `message`. False also for keys that are not canonical,
/// or of low order. About 70 µs.
bool xeddsa_verify(bytes_view public_key, bytes_view message, const xeddsa_signature& signature);

} // namespace librats::protocols
