// SPDX-License-Identifier: MIT
#include "protocols/crypto/xeddsa.hpp"

#include "protocols/crypto/x25519.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <openssl/bn.h>
#include <sodium.h>

namespace librats::protocols {

namespace {

using scalar = std::array<std::uint8_t, crypto_core_ed25519_SCALARBYTES>;
using point = std::array<std::uint8_t, crypto_core_ed25519_BYTES>;

struct bn_free {
  void operator()(BIGNUM* x) const noexcept { BN_free(x); }
  void operator()(BN_CTX* x) const noexcept { BN_CTX_free(x); }
};
using big_number = std::unique_ptr<BIGNUM, bn_free>;

/// A hash that is continued by `add` and ends as a number modulo the group's order.
class scalar_hash {
public:
  scalar_hash() noexcept { crypto_hash_sha512_init(&state_); }
  scalar_hash& add(bytes_view in) noexcept {
    crypto_hash_sha512_update(&state_, in.data(), in.size());
    return *this;
  }
  scalar finish() noexcept {
    std::array<std::uint8_t, crypto_hash_sha512_BYTES> digest;
    crypto_hash_sha512_final(&state_, digest.data());
    scalar out;
    crypto_core_ed25519_scalar_reduce(out.data(), digest.data());
    wipe(digest);
    return out;
  }

private:
  crypto_hash_sha512_state state_;
};

/// The key in Edwards form (section 2.3 of the paper, `calculate_key_pair`): the sign bit of its point is 0.
struct edwards_key {
  scalar a{};
  point public_point{};

  explicit edwards_key(const key_pair& key) noexcept {
    auto clamped = key.private_key; // Clamping is up to whoever uses an X25519 key.
    clamped[0] &= 0xF8;
    clamped[31] = static_cast<std::uint8_t>((clamped[31] & 0x7F) | 0x40);
    std::array<std::uint8_t, crypto_core_ed25519_NONREDUCEDSCALARBYTES> wide{};
    std::copy(clamped.begin(), clamped.end(), wide.begin());
    crypto_core_ed25519_scalar_reduce(a.data(), wide.data());
    wipe(clamped);
    wipe(wide);
    // Fails for zero alone, which no clamped scalar is congruent to.
    static_cast<void>(crypto_scalarmult_ed25519_base_noclamp(public_point.data(), a.data()));
    if ((public_point[31] & 0x80) != 0) {
      crypto_core_ed25519_scalar_negate(a.data(), a.data());
      public_point[31] &= 0x7F;
    }
  }
  edwards_key(const edwards_key&) = delete;
  edwards_key& operator=(const edwards_key&) = delete;
  ~edwards_key() { wipe(a); }
};

/// y = (u - 1) / (u + 1) modulo 2^255 - 19, sign bit 0 (`convert_mont`). Empty when u is not below the modulus, or -1.
std::optional<point> edwards_of(bytes_view u_raw) {
  if (u_raw.size() != std::tuple_size_v<point>)
    return std::nullopt;
  const std::unique_ptr<BN_CTX, bn_free> context{BN_CTX_new()};
  const big_number p{BN_new()}, u{BN_lebin2bn(u_raw.data(), static_cast<int>(u_raw.size()), nullptr)};
  const big_number above{BN_new()}, below{BN_new()};
  if (!context || !p || !u || !above || !below)
    return std::nullopt;
  point out{};
  const auto done = BN_set_bit(p.get(), 255) == 1 && BN_sub_word(p.get(), 19) == 1 && BN_cmp(u.get(), p.get()) < 0
    && BN_mod_sub(above.get(), u.get(), BN_value_one(), p.get(), context.get()) == 1
    && BN_mod_add(u.get(), u.get(), BN_value_one(), p.get(), context.get()) == 1 && BN_is_zero(u.get()) == 0
    && BN_mod_inverse(below.get(), u.get(), p.get(), context.get()) != nullptr
    && BN_mod_mul(above.get(), above.get(), below.get(), p.get(), context.get()) == 1
    && BN_bn2lebinpad(above.get(), out.data(), static_cast<int>(out.size())) == static_cast<int>(out.size());
  return done ? std::optional{out} : std::nullopt;
}

} // namespace

xeddsa_signature xeddsa_sign(const key_pair& key, bytes_view message, const xeddsa_noise& noise) {
  const edwards_key mine{key};
  std::array<std::uint8_t, 32> hash1_prefix; // 2^256 - 2, little-endian: no point, so no challenge starts like this.
  hash1_prefix.fill(0xFF);
  hash1_prefix[0] = 0xFE;
  auto r = scalar_hash{}.add(hash1_prefix).add(mine.a).add(message).add(noise).finish();
  point nonce_point{};
  static_cast<void>(crypto_scalarmult_ed25519_base_noclamp(nonce_point.data(), r.data()));
  const auto h = scalar_hash{}.add(nonce_point).add(mine.public_point).add(message).finish();
  scalar s;
  crypto_core_ed25519_scalar_mul(s.data(), h.data(), mine.a.data());
  crypto_core_ed25519_scalar_add(s.data(), s.data(), r.data());
  wipe(r);
  xeddsa_signature out;
  std::copy(nonce_point.begin(), nonce_point.end(), out.begin());
  std::copy(s.begin(), s.end(), out.begin() + nonce_point.size());
  return out;
}

bool xeddsa_verify(bytes_view public_key, bytes_view message, const xeddsa_signature& signature) {
  const auto key = edwards_of(public_key);
  return key && crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key->data()) == 0;
}

} // namespace librats::protocols
