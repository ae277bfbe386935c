// SPDX-License-Identifier: MIT
#include "protocols/datagram/sent_packets.hpp"

#include "tests/protocols/support/allocations.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace librats;
using namespace librats::protocols;

namespace {

std::vector<std::uint32_t> walk(const sent_packets& x, const sent_packets::list& l) {
  std::vector<std::uint32_t> out;
  auto seq = l.head;
  for (std::size_t i = 0; i < l.count; ++i, seq = x[seq].next)
    out.push_back(seq);
  return out;
}

using numbers = std::vector<std::uint32_t>;
using place = sent_packet::place;

sent_packets flight(std::uint32_t first, int count) {
  sent_packets out{first};
  for (int i = 0; i < count; ++i)
    out.link(out.push({}), place::in_flight);
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(sent_packet_rings)

BOOST_AUTO_TEST_CASE(packets_keep_their_numbers_while_the_ring_grows_and_wraps) {
  sent_packets uut{0xfffffff0};
  for (std::uint16_t i = 0; i < 100; ++i) {
    sent_packet x;
    x.size = i;
    uut.push(x);
    if (i % 3 == 0)
      uut.pop();
  }
  BOOST_TEST(uut.size() == 66u);
  BOOST_TEST(uut.begin() == 0xfffffff0u + 34u);
  for (auto seq = uut.begin(); seq != uut.end(); ++seq)
    BOOST_TEST(uut[seq].size == static_cast<std::uint16_t>(seq - 0xfffffff0u));
  BOOST_TEST(uut.contains(uut.begin()));
  BOOST_TEST(!uut.contains(uut.begin() - 1));
  BOOST_TEST(!uut.contains(uut.end()));
}

BOOST_AUTO_TEST_CASE(the_lists_keep_the_order_in_which_packets_came_to_them) {
  auto uut = flight(1, 6);
  BOOST_TEST(walk(uut, uut.in_flight()) == (numbers{1, 2, 3, 4, 5, 6}));
  for (const std::uint32_t seq : {4, 2}) {
    uut.unlink(seq);
    uut.link(seq, place::lost);
  }
  BOOST_TEST(walk(uut, uut.in_flight()) == (numbers{1, 3, 5, 6}));
  BOOST_TEST(walk(uut, uut.lost()) == (numbers{4, 2}));
  uut.unlink(4);
  uut.link(4, place::in_flight);
  uut.unlink(1);
  uut.unlink(6);
  BOOST_TEST(walk(uut, uut.in_flight()) == (numbers{3, 5, 4}));
  BOOST_TEST(walk(uut, uut.lost()) == (numbers{2}));
}

BOOST_AUTO_TEST_CASE(losing_all_spares_what_arrived_unless_it_is_forgotten) {
  for (const auto forget : {false, true}) {
    auto uut = flight(1, 4);
    uut.unlink(2);
    uut[2].where = place::arrived;
    uut.lose_all(forget);
    BOOST_TEST(uut.in_flight().count == 0u);
    BOOST_TEST(walk(uut, uut.lost()) == (forget ? numbers{1, 2, 3, 4} : numbers{1, 3, 4}));
  }
}

BOOST_AUTO_TEST_CASE(an_empty_ring_holds_no_memory) {
  const auto before = test::allocated_bytes();
  sent_packets uut{1};
  BOOST_TEST(test::allocated_bytes() == before);
  uut.push({});
  BOOST_TEST(test::allocated_bytes() - before <= 600u);
  uut.pop();
  BOOST_TEST(test::allocated_bytes() == before);
}

BOOST_AUTO_TEST_SUITE_END()
