// SPDX-License-Identifier: MIT
#include "protocols/datagram/bbr.hpp"

#include "tests/protocols/support/modelled_sender.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <vector>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

using phase = bbr::phase;

/// 10 Mbit/s, 40 ms there and back.
path_options short_path() {
  path_options out;
  out.queue_max = 4 * path_product(out.rate, 40ms);
  return out;
}

/// 100 Mbit/s, 100 ms there and back.
path_options long_path() {
  path_options out;
  out.rate = 12'500'000;
  out.delay = 50ms;
  out.queue_max = 4 * path_product(out.rate, 100ms);
  return out;
}

/// Of payload: every packet brings 44 bytes of headers along.
double payload_rate(const path_options& x) { return static_cast<double>(x.rate) * 1200 / 1244; }

struct fixture {
  explicit fixture(path_options x = short_path()) : sender(uut, x) {}

  /// Runs and notes every change of phase.
  void run_for(duration dt) {
    sender.run_for(dt, [this](time_point now) {
      if (phases.empty() || phases.back().second != uut.state())
        phases.emplace_back(now, uut.state());
    });
  }
  [[nodiscard]] int times(phase x) const {
    int out = 0;
    for (const auto& entry : phases)
      out += entry.second == x ? 1 : 0;
    return out;
  }
  /// Share of what the path carries in `dt`.
  double utilisation(duration dt) {
    const auto before = sender.delivered;
    run_for(dt);
    return static_cast<double>(sender.delivered - before) / std::chrono::duration<double>(dt).count()
           / payload_rate(sender.path.options());
  }

  bbr uut{7};
  modelled_sender sender;
  std::vector<std::pair<time_point, phase>> phases;
};

struct long_fixture : fixture {
  long_fixture() : fixture(long_path()) {}
};

} // namespace

BOOST_AUTO_TEST_SUITE(datagram_bbr)

BOOST_AUTO_TEST_CASE(it_is_small) { BOOST_TEST(sizeof(bbr) <= 300u); }

BOOST_FIXTURE_TEST_CASE(it_starts_with_ten_packets_and_paces_once_it_has_seen_a_round_trip, fixture) {
  BOOST_TEST(uut.window() == 12000u);
  BOOST_TEST(uut.pacing_rate() == 0u);
  congestion_ack x;
  x.now = sender.now;
  x.rtt = 40ms;
  uut.acknowledged(x);  // Of the Syn: it carries no payload.
  BOOST_TEST(uut.pacing_rate() > 12000u / 40 * 1000 * 2);
}

BOOST_FIXTURE_TEST_CASE(it_finds_bandwidth_and_round_trip_of_a_path, fixture) {
  run_for(5s);
  BOOST_TEST(static_cast<double>(uut.bandwidth()) > 0.97 * payload_rate(sender.path.options()));
  BOOST_TEST(static_cast<double>(uut.bandwidth()) < 1.05 * payload_rate(sender.path.options()));
  BOOST_TEST((uut.min_rtt() >= 40ms));
  BOOST_TEST((uut.min_rtt() < 42ms));
}

BOOST_FIXTURE_TEST_CASE(it_leaves_startup_once_the_bandwidth_stops_growing_and_drains_its_queue, long_fixture) {
  run_for(3s);
  BOOST_TEST_REQUIRE(phases.size() >= 4u);
  BOOST_TEST((phases[0].second == phase::startup));
  BOOST_TEST((phases[1].second == phase::drain));
  BOOST_TEST((phases[2].second == phase::down));
  BOOST_TEST((phases[3].second == phase::cruise));
  BOOST_TEST((phases[1].first - phases[0].first < 1500ms));  // Ten round trips to fill it, some of them queued.
  // Startup leaves about two products in flight; drained means one.
  BOOST_TEST(sender.in_flight() < uut.bandwidth_delay_product() * 11 / 10);
}

BOOST_FIXTURE_TEST_CASE(it_keeps_probing_for_more, fixture) {
  run_for(10s);
  BOOST_TEST(times(phase::up) >= 3);
  BOOST_TEST(times(phase::refill) >= times(phase::up));
}

BOOST_FIXTURE_TEST_CASE(a_full_path_stays_full_without_a_standing_queue, long_fixture) {
  run_for(2s);
  BOOST_TEST(utilisation(18s) > 0.95);
  std::uint64_t sum = 0;
  for (auto wait : sender.path.waits_microseconds())
    sum += wait;
  BOOST_TEST(sum / sender.path.waits_microseconds().size() < 15'000u);  // A twentieth of what reno would fill.
  BOOST_TEST(sender.lost == 0u);
  BOOST_TEST(sender.timeouts == 0u);
}

BOOST_AUTO_TEST_CASE(a_shallow_buffer_costs_neither_throughput_nor_many_packets) {
  auto path = long_path();
  path.queue_max = path_product(path.rate, 100ms) / 4;
  fixture x{path};
  x.run_for(2s);
  const auto lost = x.sender.lost;
  const auto sent = x.sender.sent;
  BOOST_TEST(x.utilisation(18s) > 0.95);
  BOOST_TEST(x.sender.lost - lost < (x.sender.sent - sent) / 100);
}

BOOST_AUTO_TEST_CASE(a_probe_that_loses_packets_bounds_the_flight) {
  auto path = long_path();
  path.queue_max = path_product(path.rate, 100ms) / 10;
  fixture x{path};
  x.run_for(10s);
  BOOST_TEST(x.times(phase::up) >= 2);
  const auto lost = x.sender.lost;
  const auto sent = x.sender.sent;
  BOOST_TEST(x.utilisation(20s) > 0.9);
  BOOST_TEST(x.sender.lost - lost < (x.sender.sent - sent) * 3 / 100);
  std::size_t widest = 0;
  x.sender.run_for(5s, [&](time_point) {
    if (x.uut.state() == phase::cruise)
      widest = std::max(widest, x.uut.window());
  });
  BOOST_TEST(widest > 0u);
  BOOST_TEST(widest < x.uut.bandwidth_delay_product() * 13 / 10);  // Without a bound: twice the product.
}

BOOST_AUTO_TEST_CASE(startup_ends_early_when_it_overflows_the_buffer) {
  auto path = long_path();
  path.queue_max = path_product(path.rate, 100ms) / 10;
  fixture x{path};
  x.run_for(2s);
  // Without the loss bound it would go on for three round trips and lose more than it delivers.
  BOOST_TEST(x.sender.lost < 2 * path_product(path.rate, 100ms));
}

BOOST_AUTO_TEST_CASE(it_lives_with_losses_by_chance) {
  for (const double loss : {0.001, 0.02}) {
    for (auto path : {short_path(), long_path()}) {
      path.loss = loss;
      fixture x{path};
      BOOST_TEST(x.utilisation(20s) > 0.85, "loss " << loss << ", rate " << path.rate);
    }
  }
}

BOOST_AUTO_TEST_CASE(it_lives_with_losses_in_bursts) {
  auto path = long_path();
  path.burst_begins = 0.002;  // Four packets in two thousandths of all, half of them lost: 0.4 %.
  fixture x{path};
  BOOST_TEST(x.utilisation(20s) > 0.85);
}

BOOST_FIXTURE_TEST_CASE(without_a_new_smallest_round_trip_it_halves_the_flight_for_a_moment, fixture) {
  run_for(1s);
  BOOST_TEST(times(phase::probe_rtt) == 0);
  auto longer = short_path();
  longer.delay = 30ms;  // As if another flow's queue had come: 60 ms from now on.
  sender.path.change(longer);
  run_for(8s);
  BOOST_TEST(times(phase::probe_rtt) == 1);
  BOOST_TEST((uut.min_rtt() < 42ms));  // Ten seconds are not over yet.
  run_for(5s);
  BOOST_TEST((uut.min_rtt() >= 60ms));
  BOOST_TEST((uut.min_rtt() < 62ms));
  BOOST_TEST(utilisation(5s) > 0.9);
}

BOOST_FIXTURE_TEST_CASE(probing_the_round_trip_is_short_and_gentle, fixture) {
  run_for(1s);
  auto longer = short_path();
  longer.delay = 30ms;
  sender.path.change(longer);
  std::size_t least = SIZE_MAX;
  std::size_t at_entry = 0;
  duration spent{0};
  std::optional<time_point> entered;
  sender.run_for(8s, [&](time_point now) {
    if (uut.state() == phase::probe_rtt) {
      if (!entered) {
        entered = now;
        at_entry = uut.bandwidth_delay_product();
      }
      least = std::min(least, uut.window());
      spent = now - *entered;
    }
  });
  BOOST_TEST_REQUIRE(entered.has_value());
  BOOST_TEST(least >= at_entry * 45 / 100);
  BOOST_TEST(least <= at_entry * 55 / 100);
  BOOST_TEST((spent >= 200ms));
  BOOST_TEST((spent < 400ms));
}

BOOST_FIXTURE_TEST_CASE(a_sender_with_little_to_send_learns_nothing_bad_about_the_path, fixture) {
  run_for(3s);
  const auto known = uut.bandwidth();
  for (int i = 0; i < 200; ++i) {
    sender.to_send = 2400;
    run_for(50ms);
  }
  BOOST_TEST(uut.bandwidth() >= known * 95 / 100);
  sender.to_send = UINT64_MAX;
  BOOST_TEST(utilisation(2s) > 0.9);
}

BOOST_FIXTURE_TEST_CASE(a_sender_with_little_to_send_does_not_leave_startup, fixture) {
  for (int i = 0; i < 40; ++i) {
    sender.to_send = 2400;
    run_for(50ms);
  }
  BOOST_TEST((uut.state() == phase::startup));
  sender.to_send = UINT64_MAX;
  run_for(2s);
  BOOST_TEST(utilisation(2s) > 0.9);
}

BOOST_FIXTURE_TEST_CASE(after_idling_it_goes_on_at_the_bandwidth_it_knows, fixture) {
  run_for(5s);
  sender.to_send = 0;
  run_for(8s);
  BOOST_TEST(sender.in_flight() == 0u);
  const auto lost = sender.lost;
  sender.to_send = UINT64_MAX;
  uut.packet_sent(1200, 0, sender.now);
  BOOST_TEST(static_cast<double>(uut.pacing_rate()) <= 1.05 * payload_rate(short_path()));
  BOOST_TEST(utilisation(1s) > 0.85);
  BOOST_TEST(sender.lost == lost);
  BOOST_TEST(times(phase::probe_rtt) == 0);  // The silence showed the path without a queue.
}

BOOST_FIXTURE_TEST_CASE(without_samples_it_keeps_what_it_knows, fixture) {
  run_for(3s);
  const auto known = uut.bandwidth();
  auto now = sender.now;
  auto delivered = sender.delivered;
  for (int i = 0; i < 400; ++i) {  // Many cycles in which the acknowledgements say nothing about time.
    congestion_ack x;
    x.now = now += 42ms;
    x.acked = 12000;
    x.in_flight = x.prior_in_flight = 48000;
    x.prior_delivered = delivered;
    x.delivered = delivered += x.acked;
    uut.acknowledged(x);
  }
  BOOST_TEST(uut.bandwidth() == known);
  BOOST_TEST(uut.pacing_rate() > known / 2);
}

BOOST_FIXTURE_TEST_CASE(it_takes_bandwidth_that_becomes_free, fixture) {
  run_for(5s);
  auto faster = short_path();
  faster.rate *= 4;
  sender.path.change(faster);
  run_for(5s);
  BOOST_TEST(utilisation(5s) > 0.9);
}

BOOST_FIXTURE_TEST_CASE(it_gives_back_bandwidth_that_is_gone, fixture) {
  run_for(5s);
  auto slower = short_path();
  slower.rate /= 4;
  sender.path.change(slower);
  run_for(8s);  // Two cycles.
  BOOST_TEST(static_cast<double>(uut.bandwidth()) < 1.1 * payload_rate(slower));
  BOOST_TEST(utilisation(5s) > 0.9);
}

BOOST_FIXTURE_TEST_CASE(a_timeout_leaves_one_packet_until_the_path_answers, fixture) {
  run_for(3s);
  const auto before = uut.window();
  uut.timed_out(sender.in_flight(), sender.now);
  BOOST_TEST(uut.window() == 1200u);
  run_for(200ms);
  BOOST_TEST(uut.window() > before / 2);
}

BOOST_FIXTURE_TEST_CASE(an_outage_is_survived, fixture) {
  run_for(3s);
  auto dead = short_path();
  dead.loss = 1;
  sender.path.change(dead);
  run_for(3s);
  BOOST_TEST(sender.timeouts >= 2u);
  sender.path.change(short_path());
  run_for(2s);
  BOOST_TEST(utilisation(3s) > 0.9);
}

BOOST_AUTO_TEST_CASE(heavy_loss_bounds_the_flight_but_not_below_what_arrives) {
  auto path = long_path();
  path.loss = 0.15;
  fixture x{path};
  x.run_for(2s);
  const auto carried = x.utilisation(20s);
  BOOST_TEST(carried > 0.25);  // It backs off...
  BOOST_TEST(carried < 0.85);
}

BOOST_AUTO_TEST_CASE(the_seed_decides_when_it_probes) {
  std::map<std::uint64_t, std::vector<duration>> probes;
  for (const std::uint64_t seed : {1u, 2u, 1u}) {
    bbr uut{seed};
    modelled_sender sender{uut, short_path()};
    std::vector<duration> at;
    auto last = phase::startup;
    const auto start = sender.now;
    sender.run_for(10s, [&](time_point now) {
      if (uut.state() == phase::up && last != phase::up)
        at.push_back(now - start);
      last = uut.state();
    });
    BOOST_TEST(!at.empty());
    const auto [it, fresh] = probes.emplace(seed, at);
    BOOST_TEST((fresh || it->second == at));
  }
  BOOST_TEST((probes[1] != probes[2]));
}

BOOST_AUTO_TEST_CASE(nothing_that_a_peer_can_say_breaks_it) {
  small_random random{11};
  bbr uut{3};
  time_point now{1h};
  std::uint64_t delivered = 0;
  for (int i = 0; i < 200'000; ++i) {
    congestion_ack x;
    now += duration{static_cast<duration::rep>(random.below(100'000'000))};
    x.now = now;
    x.acked = static_cast<std::size_t>(random.below(10) * 1200);
    x.lost = static_cast<std::size_t>(random.below(8) == 0 ? random.below(9'000'000) : 0);
    x.prior_in_flight = static_cast<std::size_t>(random.below(10'000'000));
    x.in_flight = static_cast<std::size_t>(random.below(x.prior_in_flight + 1));
    x.prior_delivered = delivered - random.below(delivered + 1);
    delivered += x.acked;
    x.delivered = delivered;
    if (random.below(2) == 0)
      x.rtt = duration{static_cast<duration::rep>(random.below(random.below(2) == 0 ? 2 : 6'000'000'000))};
    if (random.below(2) == 0)
      x.delivery_rate = random.below(10'000'000'000);
    x.app_limited = random.below(2) == 0;
    x.new_episode = x.lost > 0;
    uut.acknowledged(x);
    if (random.below(50) == 0)
      uut.timed_out(x.in_flight, now);
    if (random.below(5) == 0)
      uut.packet_sent(1200, random.below(3) == 0 ? 0 : 1200, now);
    BOOST_TEST_REQUIRE(uut.window() >= 1200u);
    BOOST_TEST_REQUIRE(uut.window() <= bbr::window_max);
    BOOST_TEST_REQUIRE(uut.pacing_rate() < 40'000'000'000u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
