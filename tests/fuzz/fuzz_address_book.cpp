// SPDX-License-Identifier: MIT
#include "protocols/address_book/address_book.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr unix_seconds now = 1'700'000'000;
  const auto x = address_book::load(as_text({data, size}), now);
  if (!x)
    return 0;
  test::require(x->book.entries().size() <= address_book::entries_max);
  const auto text = x->book.to_text();
  const auto back = address_book::load(text, now);
  test::require(back.ok() && back->skipped == 0 && back->book.entries().size() == x->book.entries().size());
  test::require(back->book.to_text() == text);
  return 0;
}
