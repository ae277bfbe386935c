// SPDX-License-Identifier: MIT
#include "protocols/crypto/hash.hpp"

#include "protocols/crypto/x25519.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cassert>
#include <new>

namespace librats::protocols {

namespace {

constexpr std::size_t block_size = 64; // Of MD5, SHA-1 and SHA-256 alike.

struct digest_deleter {
  void operator()(EVP_MD* x) const noexcept { ::EVP_MD_free(x); }
};
struct context_deleter_impl {
  void operator()(EVP_MD_CTX* x) const noexcept { ::EVP_MD_CTX_free(x); }
};
using context_ptr = std::unique_ptr<EVP_MD_CTX, context_deleter_impl>;

context_ptr make_context() {
  context_ptr out{::EVP_MD_CTX_new()};
  if (!out)
    throw std::bad_alloc{};
  return out;
}

/// One algorithm, fetched once per thread: the look-up behind EVP_sha256() costs more than hashing a block (150 ns).
struct algorithm {
  explicit algorithm(const char* name) : digest(::EVP_MD_fetch(nullptr, name, nullptr)), context(make_context()) {
    if (!digest)
      throw std::bad_alloc{};
  }
  std::unique_ptr<EVP_MD, digest_deleter> digest;
  context_ptr context;
};

algorithm& sha256_algorithm() {
  thread_local algorithm instance{"SHA256"};
  return instance;
}
algorithm& sha1_algorithm() {
  thread_local algorithm instance{"SHA1"};
  return instance;
}
algorithm& md5_algorithm() {
  thread_local algorithm instance{"MD5"};
  return instance;
}

void start(EVP_MD_CTX* context, const EVP_MD* digest) {
  [[maybe_unused]] const int ok = ::EVP_DigestInit_ex(context, digest, nullptr);
  assert(ok == 1);
}

void feed(EVP_MD_CTX* context, bytes_view in) {
  [[maybe_unused]] const int ok = ::EVP_DigestUpdate(context, in.data(), in.size());
  assert(ok == 1);
}

template <class Digest>
Digest end(EVP_MD_CTX* context) {
  Digest out{};
  [[maybe_unused]] const int ok = ::EVP_DigestFinal_ex(context, out.data(), nullptr);
  assert(ok == 1);
  return out;
}

template <class Digest>
Digest hash(algorithm& a, std::initializer_list<bytes_view> parts) {
  auto* context = a.context.get();
  start(context, a.digest.get());
  for (auto part : parts)
    feed(context, part);
  return end<Digest>(context);
}

/// RFC 2104: H((K xor opad) || H((K xor ipad) || text)).
template <class Digest>
Digest hmac(algorithm& a, bytes_view key, std::initializer_list<bytes_view> parts) {
  std::array<std::uint8_t, block_size> pad{};
  if (key.size() > block_size) {
    const auto short_key = hash<Digest>(a, {key});
    std::copy(short_key.begin(), short_key.end(), pad.begin());
  } else {
    std::copy(key.begin(), key.end(), pad.begin());
  }
  const auto flip = [&pad](std::uint8_t mask) {
    for (auto& byte : pad)
      byte = static_cast<std::uint8_t>(byte ^ mask);
  };
  auto* context = a.context.get();
  flip(0x36);
  start(context, a.digest.get());
  feed(context, pad);
  for (auto part : parts)
    feed(context, part);
  const auto inner = end<Digest>(context);
  flip(0x36 ^ 0x5C);
  const auto out = hash<Digest>(a, {pad, inner});
  wipe(pad);
  return out;
}

} // namespace

sha256_digest sha256(std::initializer_list<bytes_view> parts) {
  return hash<sha256_digest>(sha256_algorithm(), parts);
}

sha1_digest sha1(bytes_view in) {
  return hash<sha1_digest>(sha1_algorithm(), {in});
}

md5_digest md5(bytes_view in) {
  return hash<md5_digest>(md5_algorithm(), {in});
}

sha256_digest hmac_sha256(bytes_view key, std::initializer_list<bytes_view> parts) {
  return hmac<sha256_digest>(sha256_algorithm(), key, parts);
}

sha1_digest hmac_sha1(bytes_view key, std::initializer_list<bytes_view> parts) {
  return hmac<sha1_digest>(sha1_algorithm(), key, parts);
}

sha256_hasher::sha256_hasher() : context_(make_context().release()) {
  start(static_cast<EVP_MD_CTX*>(context_.get()), sha256_algorithm().digest.get());
}

sha256_hasher::~sha256_hasher() = default;
sha256_hasher::sha256_hasher(sha256_hasher&&) noexcept = default;
sha256_hasher& sha256_hasher::operator=(sha256_hasher&&) noexcept = default;

void sha256_hasher::update(bytes_view in) {
  feed(static_cast<EVP_MD_CTX*>(context_.get()), in);
}

sha256_digest sha256_hasher::finish() {
  auto* context = static_cast<EVP_MD_CTX*>(context_.get());
  const auto out = end<sha256_digest>(context);
  start(context, sha256_algorithm().digest.get());
  return out;
}

sha256_digest sha256_hasher::digest_so_far() const {
  const auto copy = make_context();
  [[maybe_unused]] const int ok = ::EVP_MD_CTX_copy_ex(copy.get(), static_cast<const EVP_MD_CTX*>(context_.get()));
  assert(ok == 1);
  return end<sha256_digest>(copy.get());
}

void sha256_hasher::context_deleter::operator()(void* context) const noexcept {
  ::EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context));
}

} // namespace librats::protocols
