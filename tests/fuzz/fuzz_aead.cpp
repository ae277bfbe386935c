// SPDX-License-Identifier: MIT
#include "protocols/crypto/aead.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

/// What is sealed opens again, and not after one bit of it was turned over. Byte 0 says which.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  aead_key key{};
  key.fill(data[0]);
  const bytes_view text{data + 1, size - 1};
  const auto head = text.first(std::min<std::size_t>(4, text.size()));
  bytes sealed(text.size() + aead_tag_size);
  aead_seal(key, size, head, text.subspan(head.size()), sealed.data());
  auto forged = sealed;
  forged[data[0] % forged.size()] ^= 1;
  test::require(aead_open(key, size, forged).data() == nullptr);
  test::require(equal(aead_open(key, size, sealed), text));
  return 0;
}
