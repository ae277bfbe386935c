// SPDX-License-Identifier: MIT
#include "protocols/datagram/ack_ranges.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

std::vector<std::pair<std::uint32_t, std::uint32_t>> read(bytes_view in, std::uint32_t ack) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> out;
  ack_range_reader reader{in, ack};
  while (const auto x = reader.next())
    out.emplace_back(x->first, x->count);
  return out;
}

using ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

} // namespace

BOOST_AUTO_TEST_SUITE(ack_range_lists)

BOOST_AUTO_TEST_CASE(positions_count_from_behind_the_ack) {
  bytes out(packet_ranges_size_max);
  ack_range_writer writer{out, 100};
  BOOST_TEST(writer.add({134, 2}));
  BOOST_TEST(writer.add({140, 1}));
  out.resize(writer.size());
  BOOST_TEST(to_hex(out) == "00210002" "00040001"); // 101 + 33, then 136 + 4
  BOOST_TEST((read(out, 100) == ranges{{134, 2}, {140, 1}}));
}

BOOST_AUTO_TEST_CASE(they_survive_the_wrap) {
  bytes out(packet_ranges_size_max);
  ack_range_writer writer{out, 0xfffffff0};
  BOOST_TEST(writer.add({0xfffffffe, 5}));
  BOOST_TEST(writer.add({10, 1}));
  out.resize(writer.size());
  BOOST_TEST((read(out, 0xfffffff0) == ranges{{0xfffffffe, 5}, {10, 1}}));
}

BOOST_AUTO_TEST_CASE(a_list_has_64_ranges_at_most) {
  bytes out(1000);
  ack_range_writer writer{out, 0};
  std::size_t taken = 0;
  while (taken < 1000 && writer.add({static_cast<std::uint32_t>(40 + 3 * taken), 1}))
    ++taken;
  BOOST_TEST(taken == ack_ranges_max);
  BOOST_TEST(writer.size() == packet_ranges_size_max);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_a_field_is_not_written) {
  bytes out(packet_ranges_size_max);
  ack_range_writer writer{out, 0};
  BOOST_TEST(!writer.add({1 + 0x10000, 1}));
  BOOST_TEST(!writer.add({1, 0x10000}));
  BOOST_TEST(writer.size() == 0u);
  BOOST_TEST(writer.add({1 + 0xffff, 0xffff}));
}

BOOST_AUTO_TEST_CASE(a_remainder_shorter_than_a_range_is_ignored) {
  BOOST_TEST(read({}, 0).empty());
  BOOST_TEST(read(unhex("000100"), 0).empty());
  BOOST_TEST((read(unhex("00010001 0001"), 0) == ranges{{2, 1}}));
}

BOOST_AUTO_TEST_SUITE_END()
