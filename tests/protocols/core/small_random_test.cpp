// SPDX-License-Identifier: MIT
#include "protocols/core/small_random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

using namespace librats;

BOOST_AUTO_TEST_SUITE(small_random_numbers)

BOOST_AUTO_TEST_CASE(the_sequence_is_that_of_splitmix64) {
  small_random x{1234567};  // The values that the reference implementation by Vigna gives for this seed.
  BOOST_TEST(x.next() == 6457827717110365317u);
  BOOST_TEST(x.next() == 3203168211198807973u);
  BOOST_TEST(x.next() == 9817491932198370423u);
}

BOOST_AUTO_TEST_CASE(bounds_hold_and_everything_below_them_occurs) {
  small_random x{7};
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200; ++i) {
    seen.insert(x.below(5));
    const auto share = x.share();
    BOOST_TEST((share >= 0 && share < 1));
  }
  BOOST_TEST((seen == std::set<std::uint64_t>{0, 1, 2, 3, 4}));
  BOOST_TEST(x.below(0) == 0u);
}

BOOST_AUTO_TEST_CASE(a_choice_is_a_part_of_the_whole_and_differs_between_seeds) {
  std::vector<int> all(20);
  std::iota(all.begin(), all.end(), 0);
  auto a = all;
  auto b = all;
  small_random{1}.shuffle_front(a, 5);
  small_random{2}.shuffle_front(b, 5);
  BOOST_TEST(a != b);
  std::sort(a.begin(), a.end());
  BOOST_TEST(a == all);
  std::vector<int> none;
  small_random{1}.shuffle_front(none, 5);
  BOOST_TEST(none.empty());
}

BOOST_AUTO_TEST_SUITE_END()
