// SPDX-License-Identifier: MIT
#include "protocols/gossip/score_range.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::protocols {
namespace {

peer_id peer(std::uint8_t number) {
  peer_id out;
  out.raw[0] = number;
  return out;
}

BOOST_AUTO_TEST_SUITE(score_range_suite)

BOOST_AUTO_TEST_CASE(nobody_has_a_range_of_zero) {
  const auto x = range_of({});
  BOOST_TEST(x.min == 0);
  BOOST_TEST(x.mean == 0);
  BOOST_TEST(x.max == 0);
}

BOOST_AUTO_TEST_CASE(one_score_is_all_three) {
  const auto x = range_of({{peer(1), -2.5}});
  BOOST_TEST(x.min == -2.5);
  BOOST_TEST(x.mean == -2.5);
  BOOST_TEST(x.max == -2.5);
}

BOOST_AUTO_TEST_CASE(the_mean_lies_between_the_ends) {
  const auto x = range_of({{peer(1), 4}, {peer(2), -6}, {peer(3), 3}, {peer(4), 1}});
  BOOST_TEST(x.min == -6);
  BOOST_TEST(x.mean == 0.5);
  BOOST_TEST(x.max == 4);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::protocols
