// SPDX-License-Identifier: MIT
#include "protocols/stun/integrity.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/crc32.hpp"

#include <sodium/utils.h>

#include <array>
#include <string>

namespace librats::protocols::stun {

namespace {

constexpr std::uint32_t fingerprint_mask = 0x5354554E;
constexpr std::size_t sha256_value_min = 16;

/// The header's length field for a message that ends with an attribute of `value_size` bytes behind `before`.
std::array<std::uint8_t, 2> length_with(bytes_view before, std::size_t value_size) noexcept {
  const auto length = before.size() - header_size + attribute_header_size + value_size;
  return {static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)};
}

bool same_secret(bytes_view a, bytes_view b) noexcept {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace

md5_digest long_term_key(std::string_view user, std::string_view realm, std::string_view password) {
  std::string text;
  text.reserve(user.size() + realm.size() + password.size() + 2);
  text.append(user).append(":").append(realm).append(":").append(password);
  const auto out = md5(as_bytes(text));
  sodium_memzero(text.data(), text.size());
  return out;
}

sha256_digest long_term_key_sha256(std::string_view user, std::string_view realm, std::string_view password) {
  const auto colon = as_bytes(":");
  return sha256({as_bytes(user), colon, as_bytes(realm), colon, as_bytes(password)});
}

sha256_digest user_hash(std::string_view user, std::string_view realm) {
  return sha256({as_bytes(user), as_bytes(":"), as_bytes(realm)});
}

sha1_digest integrity_value(bytes_view before, bytes_view key) {
  const auto length = length_with(before, sha1_digest{}.size());
  return hmac_sha1(key, {before.first(2), length, before.subspan(4)});
}

sha256_digest integrity_sha256_value(bytes_view before, std::size_t value_size, bytes_view key) {
  const auto length = length_with(before, value_size);
  return hmac_sha256(key, {before.first(2), length, before.subspan(4)});
}

std::uint32_t fingerprint_value(bytes_view before) noexcept {
  const auto length = length_with(before, sizeof(std::uint32_t));
  return crc32{}.update(before.first(2)).update(length).update(before.subspan(4)).value() ^ fingerprint_mask;
}

integrity check_integrity(const message_view& x, bytes_view key) {
  const auto found = x.find(attribute::message_integrity);
  if (!found)
    return integrity::absent;
  const auto wanted = integrity_value(x.raw().first(found->offset), key);
  return same_secret(found->value, wanted) ? integrity::good : integrity::wrong;
}

integrity check_integrity_sha256(const message_view& x, bytes_view key) {
  const auto found = x.find(attribute::message_integrity_sha256);
  if (!found)
    return integrity::absent;
  const auto size = found->value.size();
  if (size < sha256_value_min || size > sha256_digest{}.size() || size % 4 != 0)
    return integrity::wrong;
  const auto wanted = integrity_sha256_value(x.raw().first(found->offset), size, key);
  return same_secret(found->value, bytes_view{wanted}.first(size)) ? integrity::good : integrity::wrong;
}

integrity check_fingerprint(const message_view& x) noexcept {
  const auto found = x.find(attribute::fingerprint);
  if (!found)
    return integrity::absent;
  byte_reader r{found->value};
  const auto value = r.u32();
  const bool good = r.ok() && r.exhausted() && value == fingerprint_value(x.raw().first(found->offset));
  return good ? integrity::good : integrity::wrong;
}

} // namespace librats::protocols::stun
