// SPDX-License-Identifier: MIT
#include "protocols/crypto/x25519.hpp"

#include <sodium.h>

namespace librats::protocols {

x25519_bytes x25519_public(const x25519_bytes& scalar) noexcept {
  x25519_bytes out{};
  ::crypto_scalarmult_base(out.data(), scalar.data());
  return out;
}

bool x25519(x25519_bytes& out, const x25519_bytes& scalar, const x25519_bytes& point) noexcept {
  // libsodium refuses the points of small order and an all-zero result by returning -1.
  if (::crypto_scalarmult(out.data(), scalar.data(), point.data()) == 0)
    return true;
  out.fill(0);
  return false;
}

void wipe(mutable_bytes_view secret) noexcept {
  ::sodium_memzero(secret.data(), secret.size());
}

} // namespace librats::protocols
