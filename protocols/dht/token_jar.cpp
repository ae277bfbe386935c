// SPDX-License-Identifier: MIT
#include "protocols/dht/token_jar.hpp"

#include <algorithm>

#include <sodium.h>

namespace librats::protocols {

static_assert(std::tuple_size_v<token_secret> >= crypto_generichash_KEYBYTES_MIN);

void token_jar::rotate(const token_secret& secret, time_point now) noexcept {
  previous_ = current_;
  current_ = secret;
  since_ = now;
}

token_jar::token token_jar::make(const token_secret& secret, const ip_address& to, const node_id& target) noexcept {
  // One layout for both families: unused bytes of the address stay zero, its length says which family it is.
  std::array<std::uint8_t, 16 + 1 + node_id::size> text{};
  const auto raw = to.raw();
  std::copy(raw.begin(), raw.end(), text.begin());
  text[16] = static_cast<std::uint8_t>(raw.size());
  std::copy(target.raw.begin(), target.raw.end(), text.begin() + 17);
  std::array<std::uint8_t, crypto_generichash_BYTES_MIN> digest;
  crypto_generichash(digest.data(), digest.size(), text.data(), text.size(), secret.data(), secret.size());
  token out;
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

bool token_jar::valid(bytes_view x, const ip_address& from, const node_id& target) const noexcept {
  if (x.size() != token_size)
    return false;
  const auto matches = [&](const token_secret& secret) {
    const auto wanted = make(secret, from, target);
    return sodium_memcmp(wanted.data(), x.data(), wanted.size()) == 0;
  };
  const auto now = matches(current_);
  const auto before = previous_ && matches(*previous_);
  return now || before;
}

} // namespace librats::protocols
