// SPDX-License-Identifier: MIT
#include "runtime/supervision/restart_policy.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

restart_limits limits(std::uint32_t restarts_max, duration window, duration first, duration max) {
  return {restarts_max, window, first, max};
}

} // namespace

BOOST_AUTO_TEST_SUITE(restart_policy_tests)

BOOST_AUTO_TEST_CASE(each_further_wait_doubles) {
  restart_policy policy{limits(10, 60s, 10ms, 5s)};
  for (auto expected : {10ms, 20ms, 40ms, 80ms, 160ms})
    BOOST_TEST((policy.next(start) == expected));
}

BOOST_AUTO_TEST_CASE(the_wait_never_exceeds_the_cap) {
  restart_policy policy{limits(100, 60s, 1s, 5s)};
  BOOST_TEST((policy.next(start) == 1s));
  BOOST_TEST((policy.next(start) == 2s));
  BOOST_TEST((policy.next(start) == 4s));
  for (int i = 0; i < 90; ++i)
    BOOST_TEST((policy.next(start) == 5s));
}

BOOST_AUTO_TEST_CASE(a_first_wait_above_the_cap_is_cut_to_it) {
  restart_policy policy{limits(3, 60s, 10s, 5s)};
  BOOST_TEST((policy.next(start) == 5s));
}

BOOST_AUTO_TEST_CASE(the_budget_is_spent_after_so_many_failures_within_the_window) {
  restart_policy policy{limits(3, 60s, 10ms, 5s)};
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(policy.next(start + i * 10s).has_value());
  BOOST_TEST(!policy.next(start + 59s).has_value());
}

BOOST_AUTO_TEST_CASE(a_failure_leaves_the_window_exactly_when_it_is_as_old_as_the_window) {
  restart_policy policy{limits(1, 60s, 10ms, 5s)};
  BOOST_TEST(policy.next(start).has_value());
  BOOST_TEST(!policy.next(start + 60s - 1ns).has_value());
  BOOST_TEST(policy.next(start + 60s).has_value());
}

BOOST_AUTO_TEST_CASE(the_window_slides_with_each_failure) {
  restart_policy policy{limits(2, 60s, 10ms, 5s)};
  BOOST_TEST(policy.next(start).has_value());
  BOOST_TEST(policy.next(start + 50s).has_value());
  BOOST_TEST(policy.next(start + 60s).has_value());   // The first one is forgotten ...
  BOOST_TEST(!policy.next(start + 70s).has_value());  // ... the second one is not.
  BOOST_TEST(policy.next(start + 110s).has_value());
}

BOOST_AUTO_TEST_CASE(the_wait_is_short_again_after_a_quiet_window) {
  restart_policy policy{limits(10, 60s, 10ms, 5s)};
  for (int i = 0; i < 5; ++i)
    policy.next(start);
  BOOST_TEST((policy.next(start + 60s) == 10ms));
}

BOOST_AUTO_TEST_CASE(a_budget_of_zero_allows_no_restart) {
  restart_policy policy{limits(0, 60s, 10ms, 5s)};
  BOOST_TEST(!policy.next(start).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
