// SPDX-License-Identifier: MIT
#include "protocols/datagram/receive_half.hpp"

#include "protocols/core/small_random.hpp"
#include "protocols/datagram/ack_ranges.hpp"
#include "tests/protocols/support/allocations.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

using verdict = receive_half::verdict;

namespace {

struct fixture : receive_half::sink {
  virtual ~fixture() = default;
  void take(mutable_bytes_view in) override { taken.insert(taken.end(), in.begin(), in.end()); }

  verdict data(std::uint32_t seq, std::size_t size = 1) {
    bytes payload(size, static_cast<std::uint8_t>(seq));
    return uut.receive(packet_type::data, seq, payload, *this);
  }

  receive_half uut{1};
  bytes taken;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(receive_halves, fixture)

BOOST_AUTO_TEST_CASE(data_in_order_goes_straight_through) {
  const auto before = allocated_bytes();
  std::uint8_t byte = 5;
  for (std::uint32_t seq = 1; seq < 100; ++seq) {
    taken.clear();
    BOOST_TEST((uut.receive(packet_type::data, seq, {&byte, 1}, *this) == verdict::in_order));
  }
  BOOST_TEST(allocated_bytes() - before == taken.capacity());
  BOOST_TEST(uut.ack() == 99u);
  BOOST_TEST(uut.bytes_received() == 99u);
}

BOOST_AUTO_TEST_CASE(a_gap_holds_back_what_follows_until_it_is_filled) {
  BOOST_TEST((data(2) == verdict::held));
  BOOST_TEST((data(4) == verdict::held));
  BOOST_TEST((data(2) == verdict::duplicate));
  BOOST_TEST(uut.sack() == 0b101u);
  BOOST_TEST(uut.window() == 1022u);
  BOOST_TEST((data(1) == verdict::in_order));
  BOOST_TEST(taken == (bytes{1, 2}));
  BOOST_TEST(uut.ack() == 2u);
  BOOST_TEST(uut.sack() == 0b1u);
  BOOST_TEST((data(3) == verdict::in_order));
  BOOST_TEST(taken == (bytes{1, 2, 3, 4}));
  BOOST_TEST(!uut.holds_any());
  BOOST_TEST((data(4) == verdict::duplicate));
}

BOOST_AUTO_TEST_CASE(word_and_ranges_tell_exactly_what_is_held) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    small_random random{seed};
    receive_half x{static_cast<std::uint32_t>(seed % 3 == 0 ? 0xffffff00u : 1u)};
    x.extend();
    const auto next = x.ack() + 1;
    std::set<std::uint32_t> held; // As distance, which does not wrap.
    const auto span = 2 + random.below(3000);
    for (std::uint64_t i = 0; i < span / 2; ++i) {
      const auto ahead = static_cast<std::uint32_t>(1 + random.below(span));
      std::uint8_t byte = 0;
      x.receive(packet_type::data, next + ahead, {&byte, 1}, *this);
      held.insert(ahead);
    }
    for (std::uint32_t i = 0; i < 32; ++i)
      BOOST_TEST_REQUIRE((x.sack() >> i & 1) == held.count(i + 1));
    // Lists rotate: enough of them tell everything, and none tells anything else.
    std::set<std::uint32_t> told;
    for (int list = 0; list < 40; ++list) {
      bytes out(packet_ranges_size_max);
      out.resize(x.write_ranges(out));
      ack_range_reader reader{out, x.ack()};
      while (const auto range = reader.next())
        for (std::uint32_t i = 0; i < range->count; ++i)
          told.insert(range->first + i - next);
    }
    held.erase(held.begin(), held.lower_bound(33));
    BOOST_TEST_REQUIRE((told == held));
  }
}

BOOST_AUTO_TEST_CASE(pausing_keeps_what_is_in_order_and_resuming_hands_it_out) {
  uut.pause();
  BOOST_TEST((data(1, 1200) == verdict::in_order));
  BOOST_TEST((data(2, 1200) == verdict::in_order));
  BOOST_TEST(uut.ack() == 2u);
  BOOST_TEST(taken.empty());
  BOOST_TEST(uut.window() == 1022u);
  uut.resume(*this);
  BOOST_TEST(taken.size() == 2400u);
  BOOST_TEST(uut.window() == 1024u);
}

BOOST_AUTO_TEST_CASE(the_end_comes_behind_everything) {
  uut.pause();
  data(1);
  BOOST_TEST((uut.receive(packet_type::fin, 3, {}, *this) == verdict::held));
  BOOST_TEST(!uut.end_received());
  data(2);
  BOOST_TEST(uut.end_received());
  BOOST_TEST(!uut.ended());
  uut.resume(*this);
  BOOST_TEST(uut.ended());
  BOOST_TEST((data(4) == verdict::duplicate));
}

BOOST_AUTO_TEST_CASE(discarding_acknowledges_and_keeps_nothing) {
  uut.pause();
  data(1, 1000);
  uut.discard();
  data(2, 1000);
  BOOST_TEST(uut.ack() == 2u);
  BOOST_TEST(taken.empty());
  BOOST_TEST(uut.window() == 1024u);
  uut.receive(packet_type::fin, 3, {}, *this);
  BOOST_TEST(uut.ended());
}

BOOST_AUTO_TEST_SUITE_END()
