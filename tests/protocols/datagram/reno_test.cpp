// SPDX-License-Identifier: MIT
#include "protocols/datagram/reno.hpp"

#include "tests/protocols/support/modelled_sender.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

/// A controller and a script of acknowledgements; every one covers a round trip of its own unless it says otherwise.
struct fixture {
  reno uut;
  time_point now{1h};
  std::uint64_t delivered = 0;

  congestion_ack ack(std::size_t bytes, std::optional<duration> rtt = {}) {
    congestion_ack x;
    x.now = now;
    x.acked = bytes;
    x.prior_delivered = delivered;
    delivered += bytes;
    x.delivered = delivered;
    x.rtt = rtt;
    return x;
  }
  void acknowledge(std::size_t bytes, std::optional<duration> rtt = {}) { uut.acknowledged(ack(bytes, rtt)); }
  void lose(std::size_t bytes, bool new_episode) {
    congestion_ack x = ack(0);
    x.lost = bytes;
    x.new_episode = new_episode;
    uut.acknowledged(x);
  }
  /// A round trip whose packets all took `rtt`: the first one's acknowledgement ends the round before.
  void round_of(duration rtt, int samples = 8) {
    const auto began = delivered;
    for (int i = 0; i < samples; ++i) {
      auto x = ack(100, rtt);
      x.prior_delivered = i == 0 ? began : began - 1;
      uut.acknowledged(x);
    }
  }
  /// Above slow start, with a window of `bytes`.
  void settle_at(std::size_t bytes) {
    while (uut.window() < 2 * bytes)
      acknowledge(std::min(2 * bytes - uut.window(), reno::slow_start_step_max));
    lose(reno::packet, true);
    BOOST_TEST_REQUIRE(uut.window() == bytes);
    BOOST_TEST_REQUIRE(!uut.in_slow_start());
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(datagram_reno, fixture)

BOOST_AUTO_TEST_CASE(a_stream_starts_with_four_packets_and_without_pacing) {
  BOOST_TEST(uut.window() == 4800u);
  BOOST_TEST(uut.pacing_rate() == 0u);
  BOOST_TEST(uut.in_slow_start());
}

BOOST_AUTO_TEST_CASE(slow_start_adds_what_was_acknowledged_but_two_packets_at_most) {
  acknowledge(1200);
  BOOST_TEST(uut.window() == 6000u);
  acknowledge(2400);
  BOOST_TEST(uut.window() == 8400u);
  acknowledge(12000);
  BOOST_TEST(uut.window() == 10800u);
  acknowledge(0);
  BOOST_TEST(uut.window() == 10800u);
}

BOOST_AUTO_TEST_CASE(the_window_never_exceeds_what_a_receiver_can_hold) {
  for (int i = 0; i < 1000; ++i)
    acknowledge(2400);
  BOOST_TEST(uut.window() == 1228800u);
}

BOOST_AUTO_TEST_CASE(above_the_threshold_a_window_of_acknowledgements_adds_a_packet) {
  settle_at(12000);
  for (int i = 0; i < 10; ++i)
    acknowledge(1200);
  BOOST_TEST(uut.window() > 12000u + 1100u);
  BOOST_TEST(uut.window() <= 12000u + 1200u);
}

BOOST_AUTO_TEST_CASE(the_smallest_acknowledgement_adds_a_byte) {
  settle_at(120000);
  acknowledge(1);
  BOOST_TEST(uut.window() == 120001u);
}

BOOST_AUTO_TEST_CASE(a_loss_episode_halves_the_window_once) {
  settle_at(24000);
  lose(1200, true);
  BOOST_TEST(uut.window() == 12000u);
  lose(3600, false);
  BOOST_TEST(uut.window() == 12000u);
  lose(1200, true);
  BOOST_TEST(uut.window() == 6000u);
}

BOOST_AUTO_TEST_CASE(losses_leave_two_packets) {
  for (int i = 0; i < 5; ++i)
    lose(1200, true);
  BOOST_TEST(uut.window() == 2400u);
  BOOST_TEST(uut.threshold() == 2400u);
}

BOOST_AUTO_TEST_CASE(a_timeout_leaves_one_packet_and_half_of_the_flight_as_threshold) {
  settle_at(24000);
  uut.timed_out(20000, now);
  BOOST_TEST(uut.window() == 1200u);
  BOOST_TEST(uut.threshold() == 10000u);
  BOOST_TEST(uut.in_slow_start());
  acknowledge(1200);
  BOOST_TEST(uut.window() == 2400u);
  uut.timed_out(1200, now);
  BOOST_TEST(uut.threshold() == 2400u);
}

BOOST_AUTO_TEST_CASE(an_idle_stream_halves_its_window_per_timeout_down_to_where_it_began) {
  acknowledge(1200, 40ms);  // Timeout: the minimum of 100 ms, or 40 + 4 * 20 = 120 ms from one sample.
  settle_at(38400);
  uut.packet_sent(1200, 0, now);
  now += 119ms;
  uut.packet_sent(1200, 0, now);
  BOOST_TEST(uut.window() == 38400u);
  now += 250ms;
  uut.packet_sent(1200, 0, now);
  BOOST_TEST(uut.window() == 9600u);
  BOOST_TEST(uut.threshold() == 38400u);  // Where the path was full once is remembered.
  uut.packet_sent(1200, 1200, now);
  BOOST_TEST(uut.window() == 9600u);
  now += 1h;
  uut.packet_sent(1200, 0, now);
  BOOST_TEST(uut.window() == 4800u);
}

BOOST_AUTO_TEST_CASE(a_stream_with_something_in_flight_is_not_idle) {
  acknowledge(1200, 40ms);
  settle_at(38400);
  uut.packet_sent(1200, 0, now);
  now += 10s;
  uut.packet_sent(1200, 1200, now);
  BOOST_TEST(uut.window() == 38400u);
}

BOOST_AUTO_TEST_CASE(pacing_is_twice_the_window_per_round_trip_in_slow_start_and_a_quarter_more_above) {
  acknowledge(1200, 100ms);
  BOOST_TEST(uut.window() == 6000u);
  BOOST_TEST(uut.pacing_rate() == 120000u);
  settle_at(24000);
  BOOST_TEST(uut.pacing_rate() == 300000u);
}

BOOST_AUTO_TEST_CASE(a_rising_round_trip_makes_slow_start_cautious_and_then_ends_it) {
  round_of(40ms);
  round_of(40ms);
  BOOST_TEST(!uut.cautious());
  round_of(44900us, 8);  // Less than an eighth more.
  BOOST_TEST(!uut.cautious());
  round_of(52ms);
  BOOST_TEST(uut.cautious());
  const auto before = uut.window();
  acknowledge(1200, 52ms);
  BOOST_TEST(uut.window() == before + 300u);
  for (int i = 0; i < 5; ++i)
    round_of(53ms);
  BOOST_TEST(!uut.in_slow_start());
  BOOST_TEST(uut.threshold() < reno::window_max);
}

BOOST_AUTO_TEST_CASE(a_rise_that_does_not_hold_lets_slow_start_go_on) {
  round_of(40ms);
  round_of(40ms);
  round_of(60ms);
  BOOST_TEST(uut.cautious());
  round_of(40ms);
  acknowledge(1200, 40ms);
  BOOST_TEST(!uut.cautious());
  BOOST_TEST(uut.in_slow_start());
}

BOOST_AUTO_TEST_CASE(few_samples_say_nothing_about_a_round) {
  round_of(40ms);
  round_of(40ms);
  round_of(80ms, 7);
  BOOST_TEST(!uut.cautious());
}

BOOST_AUTO_TEST_CASE(the_rise_that_counts_lies_between_4_and_16_milliseconds) {
  round_of(8ms);
  round_of(8ms);
  round_of(11ms);  // More than an eighth, less than 4 ms.
  BOOST_TEST(!uut.cautious());
  fixture far;
  far.round_of(400ms);
  far.round_of(400ms);
  far.round_of(420ms);  // Less than an eighth, more than 16 ms.
  BOOST_TEST(far.uut.cautious());
}

BOOST_AUTO_TEST_CASE(a_path_without_chance_losses_is_filled) {
  path_options path;  // 10 Mbit/s, 40 ms, a buffer of one product.
  modelled_sender sender{uut, path};
  sender.run_for(20s);
  const double carried = static_cast<double>(sender.delivered) / 20 / (static_cast<double>(path.rate) * 1200 / 1244);
  BOOST_TEST(carried > 0.95);
  BOOST_TEST(sender.timeouts == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
