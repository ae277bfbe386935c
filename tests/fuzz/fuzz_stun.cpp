// SPDX-License-Identifier: MIT
#include "protocols/stun/attributes.hpp"
#include "protocols/stun/binding_responder.hpp"
#include "protocols/stun/integrity.hpp"
#include "protocols/stun/message_builder.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols::stun;

namespace {

/// Reads every attribute in every way.
void read_all(const message_view& x) {
  auto cursor = x.attributes();
  while (const auto one = cursor.next()) {
    test::require(one->offset + attribute_header_size + one->value.size() <= x.raw().size());
    const auto plain = find_address(x, one->type);
    const auto masked = find_xor_address(x, one->type);
    test::require(plain.has_value() == masked.has_value());
    find_text(x, one->type);
    find_u32(x, one->type);
    find_u64(x, one->type);
  }
  find_error(x);
  find_change_request(x);
  test::require(find_unknown_attributes(x).size() * 2 <= x.raw().size());
  test::require(unknown_required(x).size() <= unknown_attributes_max);
  check_integrity(x, as_bytes("key"));
  check_integrity_sha256(x, as_bytes("key"));
  check_fingerprint(x);
}

/// The attributes that count, written again.
bytes written_again(const message_view& x) {
  message_builder out{x.kind(), x.method(), x.id()};
  auto cursor = x.attributes();
  while (const auto one = cursor.next())
    out.add(one->type, one->value);
  return out.take();
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view in{data, size};
  const auto x = message_view::decode(in);
  const auto answer = answer_binding({ip_address::v4(192, 0, 2, 1), 1}, in);
  if (!x) {
    test::require(!answer);
    return 0;
  }
  test::require(looks_like_stun(in));
  read_all(*x);
  const auto copy = written_again(*x);
  const auto y = message_view::decode(copy);
  test::require(y && written_again(*y) == copy && copy.size() <= size);
  if (answer)
    test::require(message_view::decode(*answer).ok() && answer->size() <= 3 * size);
  return 0;
}
