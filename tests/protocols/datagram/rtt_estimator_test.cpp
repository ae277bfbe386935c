// SPDX-License-Identifier: MIT
#include "protocols/datagram/rtt_estimator.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(rtt_estimators)

BOOST_AUTO_TEST_CASE(without_a_sample_the_initial_timeout_counts) {
  const rtt_estimator uut;
  BOOST_TEST(!uut.smoothed().has_value());
  BOOST_TEST((uut.min() == 0ns));
  BOOST_TEST((uut.timeout(0) == 500ms));
  BOOST_TEST((uut.timeout(2) == 2s));
  BOOST_TEST((uut.probe_timeout(0) == 500ms));
}

BOOST_AUTO_TEST_CASE(samples_are_smoothed_as_rfc_6298_says) {
  rtt_estimator uut;
  uut.add(100ms);
  BOOST_TEST((*uut.smoothed() == 100ms));
  BOOST_TEST((uut.variation() == 50ms));
  BOOST_TEST((uut.timeout(0) == 300ms));
  uut.add(200ms);
  BOOST_TEST((uut.variation() == 62500us));
  BOOST_TEST((*uut.smoothed() == 112500us));
  BOOST_TEST((uut.min() == 100ms));
  uut.add(-5ms); // A clock that stepped back.
  BOOST_TEST((uut.min() == 0ns));
}

BOOST_AUTO_TEST_CASE(timeouts_double_up_to_six_seconds_and_are_never_below_100_ms) {
  rtt_estimator uut;
  uut.add(1ms);
  BOOST_TEST((uut.timeout(0) == 100ms));
  BOOST_TEST((uut.timeout(1) == 200ms));
  BOOST_TEST((uut.timeout(5) == 3200ms));
  BOOST_TEST((uut.timeout(6) == 6s));
  BOOST_TEST((uut.timeout(1'000'000) == 6s));
  uut.add(100s);
  BOOST_TEST((uut.timeout(0) == 6s));
}

BOOST_AUTO_TEST_CASE(a_steady_path_leaves_time_for_a_delayed_acknowledgement) {
  rtt_estimator uut;
  for (int i = 0; i < 200; ++i)
    uut.add(200ms);
  BOOST_TEST((uut.timeout(0) >= 220ms));
  BOOST_TEST((uut.timeout(0) <= 226ms));
}

BOOST_AUTO_TEST_CASE(probes_come_earlier_than_timeouts_and_double) {
  rtt_estimator uut;
  uut.add(1ms);
  BOOST_TEST((uut.probe_timeout(0) == 30ms));
  uut = {};
  uut.add(20ms);
  BOOST_TEST((uut.probe_timeout(0) == 80ms));  // 20 + 4 * 10 + 20
  BOOST_TEST((uut.probe_timeout(1) == 100ms)); // Doubled, but never later than the timeout.
}

BOOST_AUTO_TEST_SUITE_END()
