// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>

namespace librats::protocols {

using sha256_digest = std::array<std::uint8_t, 32>;
using sha1_digest = std::array<std::uint8_t, 20>;
using md5_digest = std::array<std::uint8_t, 16>;

/// FIPS 180-4, over the concatenation of `parts`.
sha256_digest sha256(std::initializer_list<bytes_view> parts);
inline sha256_digest sha256(bytes_view in) {
  return sha256({in});
}

/// FIPS 180-4; for names that others chose (DHT info-hashes, STUN), never for security of our own.
sha1_digest sha1(bytes_view in);

/// RFC 1321; for the long-term credentials of TURN alone (RFC 8489 section 9.2.2).
md5_digest md5(bytes_view in);

/// RFC 2104 with SHA-256, over the concatenation of `parts`. The key may have any length.
sha256_digest hmac_sha256(bytes_view key, std::initializer_list<bytes_view> parts);
inline sha256_digest hmac_sha256(bytes_view key, bytes_view in) {
  return hmac_sha256(key, {in});
}

/// RFC 2104 with SHA-1, as STUN's MESSAGE-INTEGRITY wants it, over the concatenation of `parts`.
sha1_digest hmac_sha1(bytes_view key, std::initializer_list<bytes_view> parts);
inline sha1_digest hmac_sha1(bytes_view key, bytes_view in) {
  return hmac_sha1(key, {in});
}

/// SHA-256 of something that arrives in pieces, such as a file. One heap context of about 0.4 KiB.
class sha256_hasher {
public:
  sha256_hasher();
  ~sha256_hasher();
  sha256_hasher(sha256_hasher&&) noexcept;
  sha256_hasher& operator=(sha256_hasher&&) noexcept;

  void update(bytes_view in);
  /// The digest of everything since the construction or the last `finish`; the hasher starts over.
  sha256_digest finish();
  /// The same, but the hasher goes on.
  [[nodiscard]] sha256_digest digest_so_far() const;

private:
  struct context_deleter {
    void operator()(void* context) const noexcept;
  };
  std::unique_ptr<void, context_deleter> context_;
};

} // namespace librats::protocols
