// SPDX-License-Identifier: MIT
#include "protocols/transfer/transfer_meter.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

const time_point start{std::chrono::hours{1}};

} // namespace

BOOST_AUTO_TEST_SUITE(transfer_meter_suite)

BOOST_AUTO_TEST_CASE(a_steady_transfer_has_one_rate) {
  transfer_meter uut{start, 0, 1000};
  BOOST_TEST(uut.rate(start) == 0);
  BOOST_TEST(uut.average(start) == 0);
  BOOST_TEST(!uut.remaining(start));
  for (int i = 1; i <= 80; ++i)
    uut.moved_to(start + i * 100ms, static_cast<std::uint64_t>(i * 10));
  const auto now = start + 8s;
  BOOST_TEST(uut.rate(now) == 100, boost::test_tools::tolerance(0.03));
  BOOST_TEST(uut.average(now) == 100, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(uut.percent() == 80, boost::test_tools::tolerance(1e-9));
  BOOST_TEST_REQUIRE(uut.remaining(now).has_value());
  BOOST_TEST((*uut.remaining(now) > 1900ms && *uut.remaining(now) < 2100ms));
  BOOST_TEST((uut.elapsed(now) == 8s));
}

BOOST_AUTO_TEST_CASE(the_rate_forgets_and_the_average_does_not) {
  transfer_meter uut{start, 0, 10'000};
  uut.moved_to(start + 500ms, 5000);
  BOOST_TEST(uut.rate(start + 1s) == 5000, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(uut.rate(start + 4s) == 1250, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(uut.rate(start + 10s) == 0);
  BOOST_TEST(!uut.remaining(start + 10s));
  BOOST_TEST(uut.average(start + 10s) == 500, boost::test_tools::tolerance(1e-9));
  uut.moved_to(start + 100s, 5600);
  BOOST_TEST(uut.rate(start + 100s) == 120, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_pause_counts_for_nothing) {
  transfer_meter uut{start, 0, 1000};
  uut.moved_to(start + 1s, 100);
  uut.pause(start + 2s);
  BOOST_TEST(uut.rate(start + 3s) == 0);
  uut.pause(start + 50s); // Twice is once.
  uut.resume(start + 100s);
  uut.resume(start + 200s);
  BOOST_TEST((uut.elapsed(start + 102s) == 4s));
  BOOST_TEST(uut.average(start + 102s) == 25, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(uut.rate(start + 102s) == 25, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(what_was_there_before_is_no_speed) {
  transfer_meter uut{start, 900, 1000};
  BOOST_TEST(uut.percent() == 90, boost::test_tools::tolerance(1e-9));
  uut.moved_to(start + 1s, 950);
  BOOST_TEST(uut.rate(start + 1s) == 50, boost::test_tools::tolerance(1e-9));
  BOOST_TEST((uut.remaining(start + 1s) == 1s));
  uut.moved_to(start + 2s, 100); // The file starts over.
  BOOST_TEST(uut.rate(start + 2s) == 0);
  BOOST_TEST(uut.average(start + 2s) == 0);
  uut.moved_to(start + 3s, 5000); // More than all is all.
  BOOST_TEST(uut.percent() == 100);
  BOOST_TEST((uut.remaining(start + 3s) == 0s));
}

BOOST_AUTO_TEST_CASE(nothing_to_move_is_done) {
  const transfer_meter uut{start, 0, 0};
  BOOST_TEST(uut.percent() == 100);
  BOOST_TEST((uut.remaining(start) == 0s));
}

BOOST_AUTO_TEST_SUITE_END()
