// SPDX-License-Identifier: MIT
#include "protocols/crypto/aead.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>

namespace librats::protocols {

namespace {

using nonce_bytes = std::array<std::uint8_t, 12>;

constexpr std::size_t chacha_block_size = 64;
/// The widest stride of libsodium's ChaCha20 is half of this with SSSE3 and all of it with AVX2.
constexpr std::size_t keystream_stride = 256;

// How the figures below were found: one core of an AMD EPYC at 2.4 GHz, OpenSSL 3.0, libsodium 1.0.18, best of many
// runs, nanoseconds per message of so many bytes, sealing from a separate source:
//
//     bytes               64   256   512  1024  1536  2048  4096  16384  65536
//     libsodium AEAD     438   603   710  1093  1472  1848  3398  12542  49663
//     OpenSSL EVP        625   759   804  1038  1278  1513  2489   8239  31746
//     one keystream      315   406   716  1110  1270
//
// EVP spends 154 on taking a key and a nonce and about 350 more per message before the first byte; fetching the cipher
// again by EVP_chacha20_poly1305() would add 480. libsodium's AEAD calls the cipher once for the Poly1305 key and once
// for the data, and pays about 105 for each block that does not fill a stride of 256 (210) or 512 (247). So for small
// messages the third row asks its stream cipher once, for the key block and the data together, rounded up to a stride.

/// Up to here the third row wins (about 870 against 1010); one stride more and EVP does.
constexpr std::size_t small_strides = 4;
constexpr std::size_t small_max = small_strides * keystream_stride - chacha_block_size;

/// From here on EVP reads the body from where it is (a second update costs about 100 ns); below, copying it first is
/// cheaper.
constexpr std::size_t two_part_min = 8192;

nonce_bytes nonce_of(std::uint64_t counter) noexcept {
  nonce_bytes out{};
  for (std::size_t i = 0; i < 8; ++i)
    out[4 + i] = static_cast<std::uint8_t>(counter >> 8 * i);
  return out;
}

/// libsodium picks its vectorized code in here; without the call it works, slowly.
void require_sodium() noexcept {
  static const int ready = ::sodium_init();
  assert(ready >= 0);
  static_cast<void>(ready);
}

// -- small messages ---------------------------------------------------------------------------------------------------

/// Room for the Poly1305 key block, the message, and what Poly1305 reads behind it.
struct scratch {
  alignas(64) std::uint8_t raw[small_strides * keystream_stride + 32];

  std::uint8_t* message() noexcept { return raw + chacha_block_size; }
};

std::size_t padded(std::size_t n) noexcept {
  return (n + 15) & ~std::size_t{15};
}

/// XORs the keystream over the key block and `n` message bytes: block 0 becomes the Poly1305 key (RFC 8439 section
/// 2.6), the message follows from block 1. The bytes up to the next stride are garbage before and after.
void apply_keystream(scratch& s, std::size_t n, const aead_key& key, std::uint64_t counter) noexcept {
  const auto nonce = nonce_of(counter);
  const auto wanted = chacha_block_size + n;
  const auto size = (wanted + keystream_stride - 1) / keystream_stride * keystream_stride;
  std::memset(s.raw, 0, chacha_block_size);
  ::crypto_stream_chacha20_ietf_xor(s.raw, s.raw, size, nonce.data(), key.data());
}

/// Completes ciphertext at `text` to what Poly1305 authenticates: zero padding, then both lengths as u64 little-endian,
/// the first one zero for want of additional data (RFC 8439 section 2.8). Returns the whole length.
std::size_t append_lengths(std::uint8_t* text, std::size_t n) noexcept {
  const auto at = padded(n);
  std::memset(text + n, 0, at - n + 16);
  for (std::size_t i = 0; i < 4; ++i)
    text[at + 8 + i] = static_cast<std::uint8_t>(n >> 8 * i);
  return at + 16;
}

void seal_small(
  const aead_key& key, std::uint64_t counter, bytes_view head, bytes_view body, std::uint8_t* out) noexcept {
  scratch s;
  const auto n = head.size() + body.size();
  std::copy(head.begin(), head.end(), s.message());
  std::copy(body.begin(), body.end(), s.message() + head.size());
  apply_keystream(s, n, key, counter);
  std::memcpy(out, s.message(), n);
  ::crypto_onetimeauth(out + n, s.message(), append_lengths(s.message(), n), s.raw);
  ::sodium_memzero(s.raw, crypto_onetimeauth_KEYBYTES);
}

bool open_small(const aead_key& key, std::uint64_t counter, std::uint8_t* text, std::size_t n) noexcept {
  scratch plain;
  scratch sealed;
  std::memcpy(plain.message(), text, n);
  std::memcpy(sealed.raw, text, n);
  apply_keystream(plain, n, key, counter);
  const bool authentic =
    ::crypto_onetimeauth_verify(text + n, sealed.raw, append_lengths(sealed.raw, n), plain.raw) == 0;
  ::sodium_memzero(plain.raw, crypto_onetimeauth_KEYBYTES);
  if (authentic)
    std::memcpy(text, plain.message(), n);
  return authentic;
}

// -- large messages ---------------------------------------------------------------------------------------------------

/// The one OpenSSL context of a thread: all peers share it, so a peer costs two keys and two counters.
class evp_aead {
public:
  evp_aead() noexcept
    : cipher_(::EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr)), context_(::EVP_CIPHER_CTX_new()) {
    ready_ =
      cipher_ && context_ && ::EVP_CipherInit_ex(context_.get(), cipher_.get(), nullptr, nullptr, nullptr, 1) == 1;
  }

  /// False when this build of OpenSSL has no ChaCha20-Poly1305 (FIPS); libsodium then does all the work.
  [[nodiscard]] bool ready() const noexcept { return ready_; }

  bool seal(const aead_key& key, std::uint64_t counter, bytes_view head, bytes_view body, std::uint8_t* out) noexcept {
    // A first part of exactly one cipher block keeps the second one aligned to the keystream.
    const auto lead = body.size() < two_part_min ? body.size() : chacha_block_size - head.size();
    const auto first = head.size() + lead;
    std::copy(head.begin(), head.end(), out);
    std::memcpy(out + head.size(), body.data(), lead);
    auto* c = context_.get();
    int written = 0;
    return start(key, counter, 1) && ::EVP_EncryptUpdate(c, out, &written, out, static_cast<int>(first)) == 1
      && (lead == body.size()
        || ::EVP_EncryptUpdate(c, out + first, &written, body.data() + lead, static_cast<int>(body.size() - lead)) == 1)
      && ::EVP_EncryptFinal_ex(c, out + head.size() + body.size(), &written) == 1
      && ::EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, aead_tag_size, out + head.size() + body.size()) == 1;
  }

  bool open(const aead_key& key, std::uint64_t counter, std::uint8_t* text, std::size_t n) noexcept {
    auto* c = context_.get();
    int written = 0;
    return start(key, counter, 0) && ::EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, aead_tag_size, text + n) == 1
      && ::EVP_DecryptUpdate(c, text, &written, text, static_cast<int>(n)) == 1
      && ::EVP_DecryptFinal_ex(c, text + n, &written) == 1;
  }

private:
  bool start(const aead_key& key, std::uint64_t counter, int encrypt) noexcept {
    return ::EVP_CipherInit_ex(context_.get(), nullptr, nullptr, key.data(), nonce_of(counter).data(), encrypt) == 1;
  }

  struct cipher_deleter {
    void operator()(EVP_CIPHER* x) const noexcept { ::EVP_CIPHER_free(x); }
  };
  struct context_deleter {
    void operator()(EVP_CIPHER_CTX* x) const noexcept { ::EVP_CIPHER_CTX_free(x); }
  };
  std::unique_ptr<EVP_CIPHER, cipher_deleter> cipher_;
  std::unique_ptr<EVP_CIPHER_CTX, context_deleter> context_;
  bool ready_ = false;
};

evp_aead& this_threads_evp() noexcept {
  thread_local evp_aead instance;
  return instance;
}

} // namespace

void aead_seal(
  const aead_key& key, std::uint64_t counter, bytes_view head, bytes_view body, std::uint8_t* out) noexcept {
  assert(head.size() <= chacha_block_size);
  require_sodium();
  const auto n = head.size() + body.size();
  if (n <= small_max)
    return seal_small(key, counter, head, body, out);
  auto& evp = this_threads_evp();
  if (evp.ready() && evp.seal(key, counter, head, body, out))
    return;
  std::copy(head.begin(), head.end(), out);
  std::copy(body.begin(), body.end(), out + head.size());
  ::crypto_aead_chacha20poly1305_ietf_encrypt_detached(
    out, out + n, nullptr, out, n, nullptr, 0, nullptr, nonce_of(counter).data(), key.data());
}

mutable_bytes_view aead_open(const aead_key& key, std::uint64_t counter, mutable_bytes_view sealed) noexcept {
  if (sealed.size() < aead_tag_size)
    return {};
  require_sodium();
  auto* text = sealed.data();
  const auto n = sealed.size() - aead_tag_size;
  bool authentic = false;
  if (n <= small_max)
    authentic = open_small(key, counter, text, n);
  else if (auto& evp = this_threads_evp(); evp.ready())
    authentic = evp.open(key, counter, text, n);
  else
    authentic = ::crypto_aead_chacha20poly1305_ietf_decrypt_detached(
                  text, nullptr, text, n, text + n, nullptr, 0, nonce_of(counter).data(), key.data())
      == 0;
  return authentic ? sealed.first(n) : mutable_bytes_view{};
}

bytes aead_seal(const aead_key& key, std::uint64_t counter, bytes_view ad, bytes_view plaintext) {
  require_sodium();
  bytes out(plaintext.size() + aead_tag_size);
  ::crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, plaintext.data(), plaintext.size(), ad.data(),
    ad.size(), nullptr, nonce_of(counter).data(), key.data());
  return out;
}

bool aead_open(const aead_key& key, std::uint64_t counter, bytes_view ad, bytes_view sealed, bytes& out) {
  require_sodium();
  out.clear();
  if (sealed.size() < aead_tag_size)
    return false;
  out.resize(sealed.size() - aead_tag_size);
  if (::crypto_aead_chacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, sealed.data(), sealed.size(), ad.data(),
        ad.size(), nonce_of(counter).data(), key.data())
    == 0)
    return true;
  out.clear();
  return false;
}

} // namespace librats::protocols
