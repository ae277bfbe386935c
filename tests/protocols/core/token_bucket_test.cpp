// SPDX-License-Identifier: MIT
#include "protocols/core/token_bucket.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(token_buckets)

BOOST_AUTO_TEST_CASE(the_burst_goes_at_once_and_then_the_rate_counts) {
  const token_rate limit{8, 5};
  token_bucket uut;
  time_point now{};
  int taken = 0;
  for (int i = 0; i < 20; ++i)
    taken += uut.take(limit, now);
  BOOST_TEST(taken == 5);
  for (int i = 0; i < 640; ++i)
    taken += uut.take(limit, now += 15625us); // A 64th of a second: exact in binary.
  BOOST_TEST(taken == 85); // Ten seconds at eight a second.
}

BOOST_AUTO_TEST_CASE(a_refusal_takes_nothing) {
  const token_rate limit{1, 3};
  token_bucket uut;
  BOOST_TEST(!uut.take(limit, time_point{}, 4));
  BOOST_TEST(uut.take(limit, time_point{}, 3));
}

BOOST_AUTO_TEST_CASE(it_never_holds_more_than_the_burst) {
  const token_rate limit{100, 3};
  token_bucket uut;
  BOOST_TEST(uut.take(limit, time_point{}));
  BOOST_TEST(!uut.full(limit, time_point{}));
  BOOST_TEST(uut.full(limit, time_point{1h}));
  BOOST_TEST(uut.take(limit, time_point{1h}, 3));
  BOOST_TEST(!uut.take(limit, time_point{1h}));
}

BOOST_AUTO_TEST_CASE(time_that_steps_back_gives_nothing) {
  const token_rate limit{10, 1};
  token_bucket uut;
  BOOST_TEST(uut.take(limit, time_point{10s}));
  BOOST_TEST(!uut.take(limit, time_point{1s}));
  BOOST_TEST(!uut.take(limit, time_point{10s}));
  BOOST_TEST(uut.take(limit, time_point{10100ms}));
}

BOOST_AUTO_TEST_SUITE_END()
