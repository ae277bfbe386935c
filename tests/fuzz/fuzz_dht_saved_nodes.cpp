// SPDX-License-Identifier: MIT
#include "protocols/dht/saved_nodes.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto x = saved_nodes::parse(as_text({data, size}));
  if (!x)
    return 0;
  test::require(x->nodes.size() <= saved_nodes::nodes_max);
  const auto text = x->to_text();
  const auto back = saved_nodes::parse(text);
  test::require(back.ok() && back->nodes.size() == x->nodes.size() && back->to_text() == text);
  return 0;
}
