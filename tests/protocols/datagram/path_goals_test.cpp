// SPDX-License-Identifier: MIT
//
// What a whole stream makes of a path, as a guard against regressions; tests/bench/path has the figures. Virtual time
// and fixed seeds, so a bound that holds once holds always.
#include "tests/protocols/support/stream_world.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

path_options path_of(std::uint64_t megabits, duration round_trip, double buffer, double loss) {
  path_options out;
  out.rate = megabits * 125'000;
  out.delay = round_trip / 2;
  out.queue_max = static_cast<std::size_t>(buffer * static_cast<double>(path_product(out.rate, round_trip)));
  out.loss = loss;
  return out;
}

/// Payload of full packets in `time`.
double capacity(const path_options& path, duration time) {
  return static_cast<double>(path.rate) * 1200 / 1244 * std::chrono::duration<double>(time).count();
}

struct outcome {
  transfer_result result;
  double utilisation = 0;
};

outcome run(const path_options& path, const transfer_options& transfer, duration time, std::uint64_t seed = 7) {
  stream_world world{path, path, seed};
  world.add(transfer);
  world.run_until(time);
  outcome out;
  out.result = world.result(0);
  out.utilisation = static_cast<double>(out.result.received) / capacity(path, time);
  BOOST_TEST(out.result.intact);
  BOOST_TEST((out.result.sender_end == stream_end::none));
  return out;
}

transfer_options with(congestion_algorithm control, bool extension) {
  transfer_options out;
  out.congestion = control;
  out.extension = extension;
  return out;
}

/// At most 1.3 times what was lost, and the packets of a late look.
void check_frugal(const outcome& x) {
  const auto bound = x.result.payload_dropped * 13 / 10 + 24'000;
  BOOST_TEST(x.result.sender.bytes_retransmitted <= bound);
}

} // namespace

BOOST_AUTO_TEST_SUITE(datagram_path_goals)

BOOST_AUTO_TEST_CASE(a_clean_path_is_filled_whatever_its_buffer) {
  for (const double buffer : {0.25, 4.0}) {
    const auto x = run(path_of(10, 40ms, buffer, 0), with(congestion_algorithm::bbr, true), 6s);
    BOOST_TEST(x.utilisation > 0.9, "buffer " << buffer);
    BOOST_TEST(x.result.sender.timeouts == 0u);
    check_frugal(x);
  }
}

BOOST_AUTO_TEST_CASE(a_long_fast_path_is_filled_with_and_without_the_extension) {
  for (const bool extension : {true, false}) {
    const auto x = run(path_of(100, 100ms, 1, 0), with(congestion_algorithm::bbr, extension), 8s);
    BOOST_TEST(x.utilisation > 0.8, "extension " << extension);
    BOOST_TEST(x.result.sender.extended == extension);
    check_frugal(x);
  }
}

BOOST_AUTO_TEST_CASE(losses_by_chance_leave_most_of_a_long_fast_path) {
  for (const double loss : {0.001, 0.02}) {
    const auto x = run(path_of(100, 100ms, 1, loss), with(congestion_algorithm::bbr, true), 6s);
    BOOST_TEST(x.utilisation > 0.5, "loss " << loss);
    check_frugal(x);
  }
}

BOOST_AUTO_TEST_CASE(without_the_extension_losses_are_repaired_once) {
  // The word of selective acknowledgements shows one gap per round trip here, so the path cannot be filled.
  const auto x = run(path_of(100, 100ms, 1, 0.001), with(congestion_algorithm::bbr, false), 6s);
  BOOST_TEST(x.utilisation > 0.3);
  BOOST_TEST(x.result.payload_dropped > 10 * 1200u);
  check_frugal(x);
}

BOOST_AUTO_TEST_CASE(without_the_extension_a_shallow_buffer_overflows_but_once) {
  // Acknowledgements that jump over a repaired gap look like a burst of deliveries; taken for bandwidth, they would
  // make the buffer overflow over and over.
  const auto x = run(path_of(70, 55ms, 0.66, 0), with(congestion_algorithm::bbr, false), 6s);
  BOOST_TEST(x.utilisation > 0.6);
  BOOST_TEST(x.result.payload_dropped < 500 * 1200u);
  check_frugal(x);
}

BOOST_AUTO_TEST_CASE(without_the_extension_repairs_do_not_wait_for_what_arrived_long_ago) {
  // Startup loses some hundred packets, and what lies behind them fills the window until the last one is repaired.
  const auto x = run(path_of(160, 4ms, 1.15, 0), with(congestion_algorithm::bbr, false), 1s);
  BOOST_TEST(x.utilisation > 0.8);
  BOOST_TEST(x.result.payload_dropped > 0u);
  check_frugal(x);
}

BOOST_AUTO_TEST_CASE(reordering_is_not_taken_for_loss) {
  auto path = path_of(10, 40ms, 1, 0);
  path.reordered = 0.02;
  path.reordering_delay = 5ms;
  for (const auto control : {congestion_algorithm::bbr, congestion_algorithm::reno}) {
    const auto x = run(path, with(control, true), 6s);
    BOOST_TEST(x.utilisation > (control == congestion_algorithm::bbr ? 0.85 : 0.3));
    check_frugal(x);
  }
}

BOOST_AUTO_TEST_CASE(a_fast_short_path_is_filled_at_two_per_cent_of_loss) {
  const auto x = run(path_of(400, 10ms, 0.25, 0.02), with(congestion_algorithm::bbr, true), 1500ms);
  BOOST_TEST(x.utilisation > 0.5);
  check_frugal(x);
}

BOOST_AUTO_TEST_CASE(reno_fills_a_clean_path) {
  const auto x = run(path_of(10, 40ms, 1, 0), with(congestion_algorithm::reno, true), 6s);
  BOOST_TEST(x.utilisation > 0.9);
  check_frugal(x);
}

BOOST_AUTO_TEST_CASE(two_flows_share_a_path) {
  const auto path = path_of(10, 40ms, 1, 0);
  const std::pair<congestion_algorithm, congestion_algorithm> pairs[] = {
    {congestion_algorithm::bbr, congestion_algorithm::bbr},
    {congestion_algorithm::reno, congestion_algorithm::reno},
    {congestion_algorithm::bbr, congestion_algorithm::reno},
  };
  for (const auto& [first, second] : pairs) {
    stream_world world{path, path, 7};
    world.add(with(first, true));
    auto later = with(second, true);
    later.starts_after = 1s;
    world.add(later);
    world.run_until(10s);
    const auto before = std::pair{world.result(0).received, world.result(1).received};
    world.run_until(30s);
    const auto a = static_cast<double>(world.result(0).received - before.first);
    const auto b = static_cast<double>(world.result(1).received - before.second);
    BOOST_TEST(a + b > 0.9 * capacity(path, 20s));
    BOOST_TEST(std::min(a, b) / (a + b) > (first == second ? 0.3 : 0.15));
  }
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_runs) {
  auto path = path_of(10, 40ms, 1, 0.01);
  path.reordered = 0.01;
  path.burst_begins = 0.001;
  const auto a = run(path, with(congestion_algorithm::bbr, true), 3s, 11);
  const auto b = run(path, with(congestion_algorithm::bbr, true), 3s, 11);
  const auto c = run(path, with(congestion_algorithm::bbr, true), 3s, 12);
  BOOST_TEST(a.result.received == b.result.received);
  BOOST_TEST(a.result.sender.packets_sent == b.result.sender.packets_sent);
  BOOST_TEST(a.result.sender.packets_sent != c.result.sender.packets_sent);
}

BOOST_AUTO_TEST_CASE(a_finished_transfer_closes_both_ends) {
  transfer_options transfer;
  transfer.bytes = 1'000'000;
  const auto path = path_of(10, 40ms, 1, 0.02);
  stream_world world{path, path, 3};
  world.add(transfer);
  world.run_until(10s);
  const auto x = world.result(0);
  BOOST_TEST(x.received == 1'000'000u);
  BOOST_TEST(x.intact);
  BOOST_TEST((x.sender_end == stream_end::finished));
  BOOST_TEST((x.receiver_end == stream_end::finished));
}

BOOST_AUTO_TEST_CASE(a_chatty_flow_is_not_slowed_down) {
  transfer_options chat;
  chat.sends_every = 50ms;
  chat.burst = 3000;
  const auto path = path_of(10, 40ms, 1, 0);
  stream_world world{path, path, 5};
  world.add(chat);
  world.run_until(20s);
  const auto x = world.result(0);
  BOOST_TEST(x.received >= 3000u * 395);  // All but the last few bursts have arrived.
  BOOST_TEST(x.sender.bytes_retransmitted == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
