// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/crypto/hash.hpp"
#include "protocols/stun/message.hpp"

#include <cstdint>
#include <string_view>

namespace librats::protocols::stun {

// -- keys

/// The key of long-term credentials, MD5 of `user:realm:password` (RFC 8489 section 9.2.2). All three must have been
/// prepared (SASLprep for RFC 5389 servers, OpaqueString of RFC 8265 for newer ones): plain ASCII already is. With
/// short-term credentials the password itself is the key (section 9.1.1).
md5_digest long_term_key(std::string_view user, std::string_view realm, std::string_view password);
/// The same with SHA-256, where the server offers that algorithm (RFC 8489 section 18.5.1).
sha256_digest long_term_key_sha256(std::string_view user, std::string_view realm, std::string_view password);
/// USERHASH, which hides who asks: SHA-256 of `user:realm` (RFC 8489 section 14.4).
sha256_digest user_hash(std::string_view user, std::string_view realm);

// -- checks of a message that came

enum class integrity : std::uint8_t { absent, wrong, good };

/// MESSAGE-INTEGRITY: HMAC-SHA1 over what precedes it, with a length that ends with it (RFC 8489 section 14.5). Takes
/// the same time for every wrong value.
integrity check_integrity(const message_view& x, bytes_view key);
/// MESSAGE-INTEGRITY-SHA256, which may be cut down to 16, 20, 24 or 28 bytes (RFC 8489 section 14.6).
integrity check_integrity_sha256(const message_view& x, bytes_view key);
/// FINGERPRINT: CRC-32 over what precedes it, XORed with 0x5354554E (RFC 8489 section 14.7). No secret: it tells STUN
/// from what merely looks like it.
integrity check_fingerprint(const message_view& x) noexcept;

// -- values for a message that is being written

/// Each is about a message whose `size` first bytes are `before`, and which ends with the attribute in question, of
/// which `value_size` bytes are value. The length in `before` does not matter.
sha1_digest integrity_value(bytes_view before, bytes_view key);
sha256_digest integrity_sha256_value(bytes_view before, std::size_t value_size, bytes_view key);
std::uint32_t fingerprint_value(bytes_view before) noexcept;

} // namespace librats::protocols::stun
