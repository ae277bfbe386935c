// SPDX-License-Identifier: MIT
#include "protocols/datagram/send_half.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

/// A window that the test sets, and all that the stream told.
struct window_set_by_hand final : congestion_control {
  void packet_sent(std::size_t, std::size_t, time_point) override {}
  void acknowledged(const congestion_ack& x) override { heard.push_back(x); }
  void timed_out(std::size_t in_flight, time_point) override { timeouts.push_back(in_flight); }
  [[nodiscard]] std::size_t window() const noexcept override { return size; }
  [[nodiscard]] std::uint64_t pacing_rate() const noexcept override { return rate; }

  std::size_t size = 1'000'000;
  std::uint64_t rate = 0;
  std::vector<congestion_ack> heard;
  std::vector<std::size_t> timeouts;
};

struct fixture {
  fixture() {
    auto x = std::make_unique<window_set_by_hand>();
    control = x.get();
    uut.emplace(1, std::move(x));
  }

  void write(std::size_t size) { BOOST_TEST_REQUIRE(uut->write(bytes(size, 1)) == size); }
  /// The numbers of all packets that may leave now.
  std::vector<std::uint32_t> send() {
    std::vector<std::uint32_t> out;
    while (const auto x = uut->next(now))
      out.push_back(x->seq);
    return out;
  }
  void acknowledge(std::uint32_t ack, std::optional<std::uint32_t> sack = {}) {
    uut->acknowledged(ack, sack, {}, 1024, now);
  }

  window_set_by_hand* control = nullptr;
  std::optional<send_half> uut;
  time_point now{1s};
};

using numbers = std::vector<std::uint32_t>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(send_halves, fixture)

BOOST_AUTO_TEST_CASE(the_window_bounds_what_is_in_flight_but_never_the_first_packet) {
  control->size = 3000;
  write(10'000);
  BOOST_TEST(send() == (numbers{1, 2}));
  control->size = 100;
  acknowledge(2);
  BOOST_TEST(send() == numbers{3});
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_tells_the_congestion_control_what_happened) {
  write(6 * 1200);
  BOOST_TEST(send().size() == 6u);
  now += 40ms;
  acknowledge(1);
  BOOST_TEST_REQUIRE(control->heard.size() == 1u);
  const auto& first = control->heard[0];
  BOOST_TEST(first.acked == 1200u);
  BOOST_TEST(first.lost == 0u);
  BOOST_TEST(first.prior_in_flight == 7200u);
  BOOST_TEST(first.in_flight == 6000u);
  BOOST_TEST((first.rtt == duration{40ms}));
  BOOST_TEST(first.delivered == 1200u);
  BOOST_TEST(first.delivery_rate.value() == 30'000u);
  now += 1ms;
  acknowledge(1, 0b111); // 3, 4 and 5 overtook 2.
  BOOST_TEST_REQUIRE(control->heard.size() == 2u);
  const auto& second = control->heard[1];
  BOOST_TEST(second.acked == 3600u);
  BOOST_TEST(second.lost == 1200u);
  BOOST_TEST(second.new_episode);
  BOOST_TEST(second.in_flight == 1200u);
  BOOST_TEST(uut->count().bytes_lost == 1200u);
  acknowledge(1, 0b111); // Nothing new.
  BOOST_TEST(control->heard.size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_first_repair_of_an_episode_does_not_wait_for_the_window) {
  write(6 * 1200);
  send();
  now += 40ms;
  control->size = 1200;
  acknowledge(0, 0b111); // 1 is lost, 5 and 6 are in flight.
  BOOST_TEST(send() == numbers{1});
  BOOST_TEST(uut->count().bytes_retransmitted == 1200u);
}

BOOST_AUTO_TEST_CASE(losses_of_one_flight_are_one_episode) {
  write(12 * 1200);
  send();
  now += 40ms;
  acknowledge(0, 0b111);
  acknowledge(0, 0b11101111); // 6 is lost, too: it left before the first loss was noticed.
  BOOST_TEST_REQUIRE(control->heard.size() == 2u);
  BOOST_TEST(control->heard[0].new_episode);
  BOOST_TEST(control->heard[1].lost == 1200u);
  BOOST_TEST(!control->heard[1].new_episode);
}

BOOST_AUTO_TEST_CASE(two_probes_repeat_the_last_packet_and_then_all_is_lost) {
  write(3 * 1200);
  send();
  for (int i = 0; i < 2; ++i) {
    now = uut->next_wakeup();
    BOOST_TEST(uut->tick(now));
    BOOST_TEST(send() == numbers{3});
  }
  BOOST_TEST(control->timeouts.empty());
  now = uut->next_wakeup();
  BOOST_TEST(uut->tick(now));
  BOOST_TEST((control->timeouts == std::vector<std::size_t>{3600}));
  control->size = 1200;
  BOOST_TEST(send() == numbers{1}); // From the front, as the window allows.
  BOOST_TEST(uut->count().timeouts == 1u);
}

BOOST_AUTO_TEST_CASE(pacing_spreads_packets_and_asks_to_be_woken) {
  control->rate = 1'200'000; // A packet each millisecond.
  write(10 * 1200);
  BOOST_TEST(send().size() == 2u);
  BOOST_TEST((uut->next_wakeup() > now));
  BOOST_TEST((uut->next_wakeup() <= now + 2ms));
  std::size_t sent = 2;
  while (sent < 10) {
    now = uut->next_wakeup();
    BOOST_TEST_REQUIRE(uut->tick(now));
    sent += send().size();
  }
  BOOST_TEST((now >= time_point{1s} + 7ms));
  BOOST_TEST((now <= time_point{1s} + 10ms));
}

BOOST_AUTO_TEST_CASE(a_fin_waits_for_the_data_and_for_nothing_else) {
  control->size = 1200;
  write(2400);
  uut->finish();
  BOOST_TEST(uut->write(as_bytes("more")) == 0u);
  BOOST_TEST(send() == numbers{1});
  acknowledge(1);
  BOOST_TEST(send() == (numbers{2, 3}));
  acknowledge(2);
  BOOST_TEST(uut->only_fin_outstanding());
  BOOST_TEST(!uut->finished());
  acknowledge(3);
  BOOST_TEST(uut->finished());
}

BOOST_AUTO_TEST_CASE(numbers_wrap) {
  auto x = std::make_unique<window_set_by_hand>();
  control = x.get();
  uut.emplace(0xfffffffe, std::move(x));
  write(5 * 1200);
  BOOST_TEST(send() == (numbers{0xfffffffe, 0xffffffff, 0, 1, 2}));
  now += 40ms;
  acknowledge(0xfffffffe, 0b111); // 0, 1 and 2.
  BOOST_TEST(send() == numbers{0xffffffff});
  acknowledge(2);
  BOOST_TEST(!uut->outstanding());
}

BOOST_AUTO_TEST_SUITE_END()
