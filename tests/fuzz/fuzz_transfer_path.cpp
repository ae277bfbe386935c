// SPDX-License-Identifier: MIT
#include "protocols/transfer/safe_path.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <string>

using namespace librats;
using namespace librats::protocols;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto raw = as_text({data, size});
  const auto folded = folded_path(raw);
  test::require(folded_path(folded) == folded);
  for (const auto rules : {name_rules::posix, name_rules::windows}) {
    const auto x = safe_path(raw, rules);
    if (!x)
      continue;
    test::require(x->size() == size && size <= safe_path_max);
    test::require(x->front() != '/' && x->back() != '/');
    const auto framed = "/" + *x + "/";
    for (const auto* never : {"//", "/./", "/../", "\\", "\n"})
      test::require(framed.find(never) == std::string::npos);
    test::require(framed.find('\0') == std::string::npos);
    const auto again = safe_path(*x, rules);
    test::require(again.ok() && *again == *x);
    test::require(safe_path(*x, name_rules::posix).ok()); // What Windows can hold can be held everywhere.
    test::require(safe_name(raw, rules).ok() == (x->find('/') == std::string::npos));
  }
  return 0;
}
