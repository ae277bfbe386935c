// SPDX-License-Identifier: MIT
#include "protocols/ping/liveness_monitor.hpp"

#include "protocols/ping/ping.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

/// A monitor, the virtual time it lives in, and what it did.
struct fixture {
  time_point now{};
  liveness_monitor uut{{}, now, /*seed=*/7};
  std::vector<std::uint64_t> pings;
  std::vector<duration> rtts;
  std::optional<duration> lost;
  bool answers = false;
  duration answer_after = 0ns;

  void drain() {
    while (auto out = uut.poll_transmit()) {
      const auto ping = decode_ping(*out);
      BOOST_TEST_REQUIRE(ping.ok());
      BOOST_TEST((ping->tag == ping_message::kind::ping));
      pings.push_back(ping->token);
      if (answers) {
        now += answer_after;
        uut.handle_pong(now, ping->token);
      }
    }
    while (auto event = uut.poll_event()) {
      if (auto* x = std::get_if<liveness_monitor::rtt_measured>(&*event))
        rtts.push_back(x->rtt);
      else
        lost = std::get<liveness_monitor::peer_lost>(*event).silence;
    }
  }

  void run_for(duration dt) {
    const auto end = now + dt;
    while (auto due = uut.poll_timeout()) {
      if (*due > end)
        break;
      now = std::max(now, *due);
      uut.handle_timeout(now);
      drain();
    }
    now = std::max(now, end);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(liveness, fixture)

BOOST_AUTO_TEST_CASE(a_ping_goes_out_within_the_first_interval_and_then_once_per_interval) {
  run_for(10s);
  BOOST_TEST(pings.size() == 1u);
  run_for(60s);
  BOOST_TEST(pings.size() == 7u);
}

BOOST_AUTO_TEST_CASE(early_timeouts_do_nothing) {
  const auto due = *uut.poll_timeout();
  if (due > now)
    uut.handle_timeout(due - 1ns);
  drain();
  BOOST_TEST(pings.empty());
  BOOST_TEST((*uut.poll_timeout() == due));
}

BOOST_AUTO_TEST_CASE(tokens_differ_and_depend_on_the_seed) {
  run_for(1000s);
  const std::set<std::uint64_t> distinct{pings.begin(), pings.end()};
  BOOST_TEST(distinct.size() == pings.size());
  const auto first = pings;
  pings.clear();
  now = {};
  uut = liveness_monitor{{}, now, 7};
  run_for(1000s);
  BOOST_TEST((pings == first));
  pings.clear();
  now = {};
  uut = liveness_monitor{{}, now, 8};
  run_for(1000s);
  BOOST_TEST((pings != first));
}

BOOST_AUTO_TEST_CASE(the_first_pings_of_many_peers_spread_over_the_interval) {
  int in_first_half = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed)
    in_first_half += *liveness_monitor({}, time_point{}, seed).poll_timeout() < time_point{5s};
  BOOST_TEST(in_first_half > 400);
  BOOST_TEST(in_first_half < 600);
}

BOOST_AUTO_TEST_CASE(an_answer_is_measured_to_the_nanosecond) {
  answers = true;
  answer_after = 1234567ns;
  run_for(10s);
  BOOST_TEST_REQUIRE(rtts.size() == 1u);
  BOOST_TEST((rtts[0] == 1234567ns));
  const auto x = uut.rtt();
  BOOST_TEST_REQUIRE(x.has_value());
  BOOST_TEST((x->srtt == 1234567ns));
  BOOST_TEST((x->rttvar == 617283ns));
  BOOST_TEST((x->min == 1234567ns));
  BOOST_TEST((x->latest == 1234567ns));
}

BOOST_AUTO_TEST_CASE(later_samples_are_smoothed_as_rfc_6298_says) {
  rtt_estimate x;
  x.add(100ms, true);
  x.add(200ms, false);
  BOOST_TEST((x.rttvar == 62500us)); // 3/4 of 50 ms and 1/4 of |100 - 200| ms
  BOOST_TEST((x.srtt == 112500us));  // 7/8 of 100 ms and 1/8 of 200 ms
  BOOST_TEST((x.min == 100ms));
  BOOST_TEST((x.latest == 200ms));
  x.add(50ms, false);
  BOOST_TEST((x.min == 50ms));
  BOOST_TEST((x.srtt < 112500us));
}

BOOST_AUTO_TEST_CASE(an_unknown_token_measures_nothing) {
  run_for(10s);
  uut.handle_pong(now, pings.at(0) + 1);
  drain();
  BOOST_TEST(rtts.empty());
  BOOST_TEST(!uut.has_answered());
}

BOOST_AUTO_TEST_CASE(a_repeated_pong_measures_once) {
  run_for(10s);
  uut.handle_pong(now, pings.at(0));
  drain();
  uut.handle_pong(now + 1s, pings.at(0));
  drain();
  BOOST_TEST(rtts.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_late_answer_counts_while_its_ping_is_among_the_last_four) {
  run_for(40s);
  BOOST_TEST_REQUIRE(pings.size() == 4u);
  uut.handle_pong(now, pings[0]);
  drain();
  BOOST_TEST(rtts.size() == 1u);
  run_for(10s);
  uut.handle_pong(now, pings[0]);
  drain();
  BOOST_TEST(rtts.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_peer_that_never_answered_is_never_lost) {
  uut.handle_traffic(now); // Identify, say: every peer sends that.
  run_for(24h);
  BOOST_TEST(!lost.has_value());
  BOOST_TEST(pings.size() > 8000u);
}

BOOST_AUTO_TEST_CASE(a_peer_that_answered_and_fell_silent_is_lost_after_45_seconds) {
  answers = true;
  run_for(25s);
  BOOST_TEST(uut.has_answered());
  answers = false;
  const auto last_answer = now;
  run_for(300s);
  BOOST_TEST_REQUIRE(lost.has_value());
  BOOST_TEST((*lost == 45s));
  BOOST_TEST(!uut.poll_timeout().has_value());
  uut.handle_timeout(last_answer + 400s);
  const auto pings_before = pings.size();
  drain();
  BOOST_TEST(pings.size() == pings_before);
}

BOOST_AUTO_TEST_CASE(any_traffic_keeps_a_peer_that_stopped_answering) {
  answers = true;
  run_for(25s);
  answers = false;
  for (int i = 0; i < 20; ++i) {
    run_for(30s);
    uut.handle_traffic(now);
  }
  BOOST_TEST(!lost.has_value());
  run_for(46s);
  BOOST_TEST(lost.has_value());
}

BOOST_AUTO_TEST_CASE(a_process_that_was_suspended_asks_again_before_it_gives_up) {
  answers = true;
  run_for(25s);
  answers = false;
  now += 1h; // Nothing ran meanwhile; the peer may be well.
  uut.handle_timeout(now);
  drain();
  BOOST_TEST(!lost.has_value());
  run_for(9s);
  BOOST_TEST(!lost.has_value());
  run_for(120s);
  BOOST_TEST(lost.has_value());
}

BOOST_AUTO_TEST_CASE(time_that_steps_back_harms_nobody) {
  run_for(10s);
  uut.handle_pong(now - 5s, pings.at(0));
  drain();
  BOOST_TEST_REQUIRE(rtts.size() == 1u);
  BOOST_TEST((rtts[0] >= 0ns));
}

BOOST_AUTO_TEST_CASE(an_interval_of_zero_does_not_spin) {
  uut = liveness_monitor{{0s, 45s, 3}, now, 1};
  uut.handle_timeout(now);
  drain();
  BOOST_TEST_REQUIRE(uut.poll_timeout().has_value());
  BOOST_TEST((*uut.poll_timeout() > now));
}

BOOST_AUTO_TEST_SUITE_END()
