// SPDX-License-Identifier: MIT
#include "protocols/core/secret_random.hpp"

#include <sodium.h>

#include <algorithm>

namespace librats {

static_assert(secret_random::key_size == crypto_shorthash_KEYBYTES);

void secret_random::fill(mutable_bytes_view out) noexcept {
  while (!out.empty()) {
    auto word = next();
    const auto count = std::min(out.size(), sizeof(word));
    for (std::size_t i = 0; i < count; ++i, word >>= 8)
      out[i] = static_cast<std::uint8_t>(word);
    out = out.subspan(count);
  }
}

std::uint64_t secret_random::hash(std::uint64_t input) const noexcept {
  // Bytes are put down one by one, so that all machines agree.
  std::array<std::uint8_t, 8> message{};
  for (unsigned i = 0; i < 8; ++i)
    message[i] = static_cast<std::uint8_t>(input >> 8 * i);
  std::array<std::uint8_t, crypto_shorthash_BYTES> digest{};
  ::crypto_shorthash(digest.data(), message.data(), message.size(), key_.data());
  std::uint64_t out = 0;
  for (auto byte : digest)
    out = out << 8 | byte;
  return out;
}

} // namespace librats
