// SPDX-License-Identifier: MIT
#include "protocols/crypto/hash.hpp"
#include "protocols/transfer/pending_offer.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

namespace {

void read(bytes_view in) {
  const auto x = decode_pending_offer(in);
  if (!x)
    return;
  const auto again = encode(*x);
  test::require(again.ok() && again->size() == in.size());
  const auto back = decode_pending_offer(*again);
  test::require(back.ok() && back->number == x->number && back->root == x->root && back->path == x->path
    && back->name == x->name && back->since_s == x->since_s);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view in{data, size};
  read(in);
  // What no chance finds: with the digest that a file of ours would have.
  bytes right{in.begin(), in.end()};
  const auto check = sha256(in);
  right.insert(right.end(), check.begin(), check.end());
  read(right);
  return 0;
}
