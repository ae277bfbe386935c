// SPDX-License-Identifier: MIT
#include "protocols/datagram/ack_ranges.hpp"
#include "protocols/datagram/packet.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace librats;
using namespace librats::protocols;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bytes in{data, data + size};
  const auto x = decode_packet(in);
  if (!x)
    return 0;
  test::require(size <= datagram_max && in[0] >> 4 == 1);
  // What decodes is written the same way again, and its payload lies within it.
  bytes out(datagram_max);
  out.resize(encode_packet(*x, out));
  test::require(out == in);
  // A list of ranges goes on in one direction only, by what its fields can say.
  ack_range_reader reader{x->payload, x->ack};
  std::size_t count = 0;
  auto position = x->ack + 1;
  while (const auto range = reader.next()) {
    test::require(range->first - position <= 0xffff && range->count <= 0xffff);
    position = range->first + range->count;
    ++count;
  }
  test::require(count == x->payload.size() / 4);
  return 0;
}
