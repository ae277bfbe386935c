// SPDX-License-Identifier: MIT
#include "protocols/datagram/delivery_rate.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

struct fixture {
  sent_packet send(std::size_t in_flight, time_point now) {
    sent_packet x;
    x.size = 1000;
    uut.packet_sent(x, in_flight, now);
    x.sent_at = now;
    x.serial = ++serial;
    return x;
  }
  delivery_rate::sample arrive(std::initializer_list<sent_packet> all, time_point now, duration min_rtt = 10ms) {
    uut.begin();
    for (const auto& x : all)
      uut.packet_arrived(x, now);
    return uut.finish(min_rtt);
  }

  delivery_rate uut;
  std::uint32_t serial = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(delivery_rates, fixture)

BOOST_AUTO_TEST_CASE(the_rate_is_what_arrived_by_the_time_it_took) {
  const auto a = send(0, time_point{1s});
  const auto b = send(1000, time_point{1s});
  auto x = arrive({a, b}, time_point{1s + 20ms});
  BOOST_TEST(x.bytes_per_second.value() == 100'000u); // 2000 bytes in 20 ms.
  BOOST_TEST(x.prior_delivered == 0u);
  BOOST_TEST(uut.delivered() == 2000u);
  const auto c = send(0, time_point{1s + 20ms});
  x = arrive({c}, time_point{1s + 60ms});
  BOOST_TEST(x.bytes_per_second.value() == 25'000u);
  BOOST_TEST(x.prior_delivered == 2000u);
}

BOOST_AUTO_TEST_CASE(sending_slowly_bounds_it_whatever_the_acknowledgements_do) {
  const auto a = send(0, time_point{1s});
  const auto b = send(1000, time_point{1s + 100ms});
  const auto c = send(2000, time_point{1s + 200ms});
  // All were acknowledged at once, but they left over 200 ms.
  const auto x = arrive({a, b, c}, time_point{1s + 210ms});
  BOOST_TEST(x.bytes_per_second.value() == 14'285u); // 3000 bytes in 210 ms.
}

BOOST_AUTO_TEST_CASE(less_than_a_round_trip_is_no_sample) {
  const auto a = send(0, time_point{1s});
  BOOST_TEST(!arrive({a}, time_point{1s + 5ms}, 10ms).bytes_per_second.has_value());
  BOOST_TEST(!arrive({}, time_point{2s}).bytes_per_second.has_value());
}

BOOST_AUTO_TEST_CASE(having_nothing_to_send_marks_samples_until_it_is_over) {
  const auto a = send(0, time_point{1s});
  uut.mark_app_limited(1000);
  const auto b = send(1000, time_point{1s});
  BOOST_TEST(!arrive({a}, time_point{1s + 20ms}).app_limited); // It left before.
  BOOST_TEST(arrive({b}, time_point{1s + 21ms}).app_limited);
  const auto c = send(0, time_point{1s + 30ms}); // Everything that was limited has arrived.
  BOOST_TEST(!arrive({c}, time_point{1s + 50ms}).app_limited);
}

BOOST_AUTO_TEST_SUITE_END()
