// SPDX-License-Identifier: MIT
#include "protocols/dns/dns_message.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

namespace {

void same(const std::vector<dns_record>& a, const std::vector<dns_record>& b) {
  test::require(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    test::require(same_record(a[i], b[i]) && a[i].ttl == b[i].ttl && a[i].cache_flush == b[i].cache_flush);
}

} // namespace

/// What was read can be written, with and without compression, and reads back the same.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto x = decode_dns({data, size});
  if (!x)
    return 0;
  const auto records = x->answers.size() + x->authorities.size() + x->additionals.size() + x->malformed;
  test::require(x->questions.size() * 5 + records * 11 + dns_header_size <= size);
  std::size_t names = 0;
  for (const auto& question : x->questions) {
    test::require(question.name.wire_size() <= dns_name::wire_max);
    test::require(dns_name::parse(question.name.to_string()) == question.name);
    names += question.name.wire_size();
  }
  test::require(names <= dns_names_max);
  for (const bool compress : {false, true}) {
    const auto raw = encode_dns(*x, 1u << 20, compress);
    test::require(raw.has_value());
    if (raw->size() > dns_message_max)
      continue; // Unfolded it is larger than a message may be.
    const auto back = decode_dns(*raw);
    test::require(back.ok() && !back->cut && back->malformed == 0);
    test::require(back->id == x->id && back->flags == x->flags && back->questions.size() == x->questions.size());
    for (std::size_t i = 0; i < x->questions.size(); ++i)
      test::require(back->questions[i].name == x->questions[i].name && back->questions[i].type == x->questions[i].type);
    same(back->answers, x->answers);
    same(back->authorities, x->authorities);
    same(back->additionals, x->additionals);
  }
  return 0;
}
