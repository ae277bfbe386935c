// SPDX-License-Identifier: MIT
#include "protocols/bencode/document.hpp"
#include "protocols/bencode/writer.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

namespace {

/// Puts a value together again from its parts: what the writer makes of them are the bytes that arrived.
bytes rebuild(const bencode::value& x) {
  bytes out;
  bencode::writer w{out};
  if (const auto number = x.integer()) {
    w.integer(*number);
  } else if (const auto text = x.string()) {
    w.string(*text);
  } else {
    out.push_back(x.is_list() ? 'l' : 'd'); // Keys may come in any order, which the writer would not have.
    for (const auto item : x)
      w.raw(item.raw());
    out.push_back('e');
  }
  return out;
}

std::size_t walk(const bencode::value& x) {
  test::require(equal(rebuild(x), x.raw()));
  std::size_t count = 1;
  for (const auto item : x)
    count += walk(item); // At most depth_max deep.
  return count;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view in{data, size};
  const auto x = bencode::document::parse(in);
  if (!x)
    return 0;
  test::require(equal(x->root().raw(), in));
  test::require(walk(x->root()) == x->size());
  for (const auto item : x->root()) // Any part is a value of its own.
    test::require(bencode::document::parse(item.raw()).ok());
  return 0;
}
