// SPDX-License-Identifier: MIT
#include "protocols/control/identify.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto x = decode_identify({data, size});
  if (!x)
    return 0;
  test::require(x->addresses.size() <= identify_addresses_max);
  const auto back = decode_identify(encode(*x)); // Loses what cannot be dialed, and nothing else after that.
  test::require(back.ok() && back->listen_port == x->listen_port && back->transports == x->transports);
  test::require(encode(*back) == encode(*x));
  return 0;
}
