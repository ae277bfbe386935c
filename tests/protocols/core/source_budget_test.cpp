// SPDX-License-Identifier: MIT
#include "protocols/core/source_budget.hpp"

#include "tests/protocols/support/allocations.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace std::chrono_literals;

namespace {

int take_all(source_budget& uut, const ip_address& from, time_point now) {
  int out = 0;
  while (out < 1000 && uut.take(from, now))
    ++out;
  return out;
}

ip_address v6(const char* text) {
  return *ip_address::parse(text);
}

} // namespace

BOOST_AUTO_TEST_SUITE(source_budgets)

BOOST_AUTO_TEST_CASE(every_ipv4_address_has_its_own_bucket) {
  source_budget uut{{1, 4}, 7};
  BOOST_TEST(take_all(uut, ip_address::v4(10, 0, 0, 1), {}) == 4);
  BOOST_TEST(take_all(uut, ip_address::v4(10, 0, 0, 2), {}) == 4);
  BOOST_TEST(take_all(uut, ip_address::v4(10, 0, 0, 1), {}) == 0);
  BOOST_TEST(take_all(uut, ip_address::v4(10, 0, 0, 1), time_point{2s}) == 2);
}

BOOST_AUTO_TEST_CASE(a_subscriber_of_ipv6_has_one_bucket_for_his_64_bits_of_addresses) {
  source_budget uut{{1, 4}, 7};
  BOOST_TEST(take_all(uut, v6("2001:db8:1:2::1"), {}) == 4);
  BOOST_TEST(take_all(uut, v6("2001:db8:1:2:ffff::2"), {}) == 0);
  BOOST_TEST(take_all(uut, v6("2001:db8:1:3::1"), {}) == 4);
}

BOOST_AUTO_TEST_CASE(the_families_do_not_share_buckets) {
  source_budget uut{{1, 1}, 7};
  BOOST_TEST(uut.take(ip_address::v4(0, 0, 0, 0), {}));
  BOOST_TEST(uut.take(v6("::"), {}));
}

BOOST_AUTO_TEST_CASE(a_flood_of_addresses_takes_no_more_memory_than_the_table) {
  source_budget uut{{1, 1}, 7, 64};
  const auto before = test::allocated_bytes();
  for (std::uint32_t i = 0; i < 100'000; ++i)
    uut.take(ip_address::v4(static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8),
               static_cast<std::uint8_t>(i), 1),
      {});
  BOOST_TEST(test::allocated_bytes() - before <= 64u * 64u);
}

BOOST_AUTO_TEST_CASE(who_is_active_stays_while_others_come_and_go) {
  source_budget uut{{0, 2}, 7, 64};
  const auto busy = ip_address::v4(1, 2, 3, 4);
  time_point now{};
  BOOST_TEST(take_all(uut, busy, now) == 2);
  for (std::uint8_t i = 0; i < 16; ++i) { // About one per set, each younger than `busy` was a moment ago.
    uut.take(busy, now += 1ms);
    uut.take(ip_address::v4(9, 9, 9, i), now += 1ms);
  }
  BOOST_TEST(!uut.take(busy, now));
}

BOOST_AUTO_TEST_CASE(before_the_first_use_there_is_no_table) {
  const auto before = test::allocated_bytes();
  source_budget uut{{1, 1}, 7};
  BOOST_TEST(test::allocated_bytes() == before);
  BOOST_TEST(uut.take(ip_address::v4_loopback(), {}));
}

BOOST_AUTO_TEST_CASE(hashes_depend_on_every_byte_of_the_prefix_and_on_the_seed) {
  const auto x = v6("2001:db8::1");
  BOOST_TEST(hash_address(x, 1) != hash_address(x, 2));
  BOOST_TEST(hash_address(x, 1) != hash_address(v6("2001:db8::2"), 1));
  BOOST_TEST(hash_address(x, 1, 8) == hash_address(v6("2001:db8::2"), 1, 8));
  BOOST_TEST(hash_address(x, 1, 8) != hash_address(v6("2001:db9::1"), 1, 8));
}

BOOST_AUTO_TEST_SUITE_END()
