// SPDX-License-Identifier: MIT
#include "protocols/ping/ping.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto x = decode_ping({data, size});
  test::require(x.ok() == (size == ping_message::size && data[0] <= 1));
  if (x)
    test::require(equal(encode(*x), {data, size}));
  return 0;
}
