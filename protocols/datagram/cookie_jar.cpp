// SPDX-License-Identifier: MIT
#include "protocols/datagram/cookie_jar.hpp"

#include <algorithm>

#include <sodium.h>

namespace librats::protocols {

void cookie_jar::rotate(const cookie_secret& secret, time_point now) noexcept {
  previous_ = current_;
  current_ = secret;
  since_ = now;
}

datagram_cookie cookie_jar::bake(
  const cookie_secret& secret, const endpoint& to, std::uint32_t conn_id) noexcept {
  // One layout for both families: unused bytes of the address stay zero, its length says which family it is.
  std::array<std::uint8_t, 16 + 1 + 2 + 4> text{};
  const auto raw = to.address.raw();
  std::copy(raw.begin(), raw.end(), text.begin());
  text[16] = static_cast<std::uint8_t>(raw.size());
  text[17] = static_cast<std::uint8_t>(to.port >> 8);
  text[18] = static_cast<std::uint8_t>(to.port);
  for (std::size_t i = 0; i < 4; ++i)
    text[19 + i] = static_cast<std::uint8_t>(conn_id >> (24 - 8 * i));
  std::array<std::uint8_t, crypto_generichash_BYTES_MIN> digest;
  crypto_generichash(digest.data(), digest.size(), text.data(), text.size(), secret.data(), secret.size());
  datagram_cookie out;
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

bool cookie_jar::valid(bytes_view cookie, const endpoint& from, std::uint32_t conn_id) const noexcept {
  if (cookie.size() != packet_cookie_size)
    return false;
  const auto matches = [&](const cookie_secret& secret) {
    const auto wanted = bake(secret, from, conn_id);
    return sodium_memcmp(wanted.data(), cookie.data(), wanted.size()) == 0;
  };
  const auto now = matches(current_);
  const auto before = previous_ && matches(*previous_);
  return now || before;
}

} // namespace librats::protocols
