// SPDX-License-Identifier: MIT
#include "runtime/random/random_source.hpp"

#include <sodium.h>

#include <stdexcept>

namespace librats::runtime {

namespace {

class sodium_random final : public random_source {
public:
  sodium_random() {
    if (sodium_init() < 0)
      throw std::runtime_error("libsodium cannot be initialised: the system gives no random bytes");
  }
  void fill(mutable_bytes_view out) override { randombytes_buf(out.data(), out.size()); }
};

} // namespace

std::uint64_t random_source::u64() {
  std::array<std::uint8_t, 8> raw{};
  fill(raw);
  std::uint64_t out = 0;
  for (auto byte : raw)
    out = out << 8 | byte;
  return out;
}

std::uint64_t random_source::below(std::uint64_t bound) {
  if (bound == 0)
    return 0;
  // Draws from the incomplete last stretch of the range would favour small results; they are drawn again.
  const auto unfair = (~std::uint64_t{0} - bound + 1) % bound;
  for (;;)
    if (const auto draw = u64(); draw >= unfair)
      return draw % bound;
}

random_source& system_random() {
  static sodium_random instance;
  return instance;
}

} // namespace librats::runtime
