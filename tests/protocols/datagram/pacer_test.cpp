// SPDX-License-Identifier: MIT
#include "protocols/datagram/pacer.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

/// Sends packets of 1200 bytes as the pacer lets them, being woken `late`; returns how many in `how_long`.
int packets_in(duration how_long, std::uint64_t rate, duration late) {
  pacer uut;
  time_point now{1s};
  const auto end = now + how_long;
  int out = 0;
  while (now < end) {
    while (uut.earliest(rate) <= now) {
      uut.packet_sent(1200, rate, now);
      ++out;
    }
    uut.set_held_back(true);
    now = std::max(now + 1ns, uut.wakeup(rate)) + late;
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(pacers)

BOOST_AUTO_TEST_CASE(the_rate_is_kept_in_the_long_run) {
  BOOST_TEST(packets_in(1s, 1'200'000, 0ns) >= 998);
  BOOST_TEST(packets_in(1s, 1'200'000, 0ns) <= 1004);
  BOOST_TEST(packets_in(1s, 120'000'000, 0ns) >= 99'900);
  BOOST_TEST(packets_in(1s, 120'000'000, 0ns) <= 100'200);
}

BOOST_AUTO_TEST_CASE(a_timer_that_rings_late_costs_no_throughput) {
  BOOST_TEST(packets_in(1s, 12'000'000, 2ms) >= 9'900);
  BOOST_TEST(packets_in(1s, 12'000'000, 2ms) <= 10'100);
  BOOST_TEST(packets_in(1s, 12'000'000, 20ms) <= 4'000); // But what was missed for long is not made up for.
}

BOOST_AUTO_TEST_CASE(a_burst_is_a_millisecond_or_two_packets) {
  const auto burst = [](std::uint64_t rate) {
    pacer uut;
    const time_point now{1s};
    int out = 0;
    for (; uut.earliest(rate) <= now && out < 1000; ++out)
      uut.packet_sent(1200, rate, now);
    return out;
  };
  BOOST_TEST(burst(12'000) == 2);
  BOOST_TEST(burst(120'000'000) == 100);
}

BOOST_AUTO_TEST_CASE(without_a_rate_nothing_waits) {
  pacer uut;
  uut.packet_sent(1'000'000, 0, time_point{});
  BOOST_TEST((uut.earliest(0) <= time_point{}));
}

BOOST_AUTO_TEST_SUITE_END()
