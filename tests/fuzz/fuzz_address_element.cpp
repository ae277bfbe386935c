// SPDX-License-Identifier: MIT
#include "protocols/core/address_element.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  byte_reader in{{data, size}};
  while (const auto x = read_address_element(in)) {
    byte_writer out;
    write_address_element(out, *x);
    const auto raw = out.take();
    byte_reader again{raw};
    const auto back = read_address_element(again);
    test::require(back.ok() && *back == *x && again.exhausted());
  }
  return 0;
}
