// SPDX-License-Identifier: MIT
#include "protocols/storage/hybrid_clock.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats::protocols;

BOOST_AUTO_TEST_SUITE(hybrid_clock_stamps)

BOOST_AUTO_TEST_CASE(stamps_rise_and_follow_the_wall_clock) {
  hybrid_clock x;
  BOOST_TEST(*x.stamp(1000, 0) == 1000u);
  BOOST_TEST(*x.stamp(1000, 0) == 1001u);
  BOOST_TEST(*x.stamp(900, 0) == 1002u);
  BOOST_TEST(*x.stamp(2000, 0) == 2000u);
}

BOOST_AUTO_TEST_CASE(a_stamp_ahead_moves_it_only_within_reason) {
  hybrid_clock x;
  x.observe(1000, 1000 + hybrid_clock::ahead_max_ms);
  BOOST_TEST(x.latest() == 1000 + hybrid_clock::ahead_max_ms);
  x.observe(1000, 1001 + hybrid_clock::ahead_max_ms);
  BOOST_TEST(x.latest() == 1000 + hybrid_clock::ahead_max_ms);
  x.observe(1000, 5); // The past moves nothing.
  BOOST_TEST(x.latest() == 1000 + hybrid_clock::ahead_max_ms);
}

BOOST_AUTO_TEST_CASE(what_is_replaced_moves_its_own_stamp_alone) {
  hybrid_clock x;
  BOOST_TEST(*x.stamp(1000, 5'000'000'000) == 5'000'000'001u);
  BOOST_TEST(*x.stamp(1000, 0) == 1001u);
  BOOST_TEST(*x.stamp(1000, storage_timestamp_max - 1) == storage_timestamp_max);
  BOOST_TEST(!x.stamp(1000, storage_timestamp_max).has_value());
  BOOST_TEST(!x.stamp(1000, ~std::uint64_t{0}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
