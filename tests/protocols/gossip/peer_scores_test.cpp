// SPDX-License-Identifier: MIT
#include "protocols/gossip/peer_scores.hpp"

#include "protocols/gossip/mesh_config.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t topic = 1;
peer_id peer(std::uint8_t n) {
  return peer_id{filled(n)};
}
bool near(double a, double b) {
  return std::abs(a - b) < 1e-6;
}

/// Scores of which one figure counts: all weights are 0 but those that a test sets.
struct one_figure {
  one_figure() {
    cfg.topic.time_in_mesh = cfg.topic.first_deliveries = cfg.topic.invalid_messages = 0;
    cfg.colocation = cfg.misbehaviour = cfg.application = 0;
  }
  peer_scores& start() {
    scores.emplace(cfg, now);
    scores->peer_connected(now, peer(1), std::nullopt);
    return *scores;
  }
  void note(peer_conduct what, double count = 1) { scores->note(now, topic, {peer(1), what, count}); }
  double score() { return scores->score(now, peer(1)); }
  void pass(duration x) {
    for (const auto end = now + x; now < end;) {
      now += 1s;
      scores->handle_timeout(now);
    }
  }

  peer_scores::config cfg;
  time_point now{1h};
  std::optional<peer_scores> scores;
};

} // namespace

BOOST_AUTO_TEST_SUITE(peer_scoring)

BOOST_FIXTURE_TEST_CASE(p1_time_in_the_mesh_counts_up_to_its_cap, one_figure) {
  cfg.topic.time_in_mesh = 0.5;
  cfg.topic.time_in_mesh_cap = 20;
  start();
  pass(5s);
  BOOST_TEST(score() == 0);
  note(peer_conduct::grafted);
  pass(4s);
  BOOST_TEST(near(score(), 2));
  pass(100s);
  BOOST_TEST(near(score(), 10));
  note(peer_conduct::pruned);
  BOOST_TEST(score() == 0);
}

BOOST_AUTO_TEST_CASE(p1_alone_never_ends_the_search_for_better_peers) {
  const topic_score_config weights;
  BOOST_TEST(weights.weight * weights.time_in_mesh * weights.time_in_mesh_cap < mesh_config{}.opportunistic_below);
}

BOOST_FIXTURE_TEST_CASE(p2_first_deliveries_count_up_to_their_cap_and_fade, one_figure) {
  cfg.topic.first_deliveries = 2;
  cfg.topic.first_deliveries_cap = 10;
  cfg.topic.first_deliveries_decay = 100s;
  start();
  note(peer_conduct::first_delivery, 4);
  BOOST_TEST(near(score(), 8));
  note(peer_conduct::first_delivery, 40);
  BOOST_TEST(near(score(), 20));
  pass(50s);
  BOOST_TEST(near(score(), 2)); // A tenth after half the time to a hundredth.
  pass(51s);
  BOOST_TEST(score() < 0.2);
  pass(100s);
  BOOST_TEST(score() == 0);
}

BOOST_FIXTURE_TEST_CASE(p3_who_brings_too_little_into_the_mesh_pays_the_square, one_figure) {
  cfg.topic.mesh_deficit = -1;
  cfg.topic.mesh_threshold = 10;
  cfg.topic.mesh_activation = 10s;
  start();
  note(peer_conduct::grafted);
  pass(9s);
  BOOST_TEST(score() == 0);
  pass(1s);
  BOOST_TEST(near(score(), -100));
  note(peer_conduct::first_delivery, 4);
  note(peer_conduct::mesh_delivery, 3);
  BOOST_TEST(near(score(), -9));
  note(peer_conduct::mesh_delivery, 3);
  BOOST_TEST(score() == 0);
}

BOOST_FIXTURE_TEST_CASE(p3b_the_deficit_stays_when_the_peer_is_pruned, one_figure) {
  cfg.topic.mesh_failure = -1;
  cfg.topic.mesh_threshold = 5;
  cfg.topic.mesh_activation = 1s;
  start();
  note(peer_conduct::grafted);
  pass(2s);
  note(peer_conduct::pruned);
  BOOST_TEST(near(score(), -25));
  note(peer_conduct::grafted); // Comes back at once: forgiven is nothing.
  BOOST_TEST(near(score(), -25));
  pass(20min);
  BOOST_TEST(score() > -1);
}

BOOST_FIXTURE_TEST_CASE(p4_invalid_messages_cost_their_square, one_figure) {
  cfg.topic.invalid_messages = -2;
  cfg.topic.weight = 0.5;
  start();
  note(peer_conduct::invalid_message);
  BOOST_TEST(near(score(), -1));
  note(peer_conduct::invalid_message, 2);
  BOOST_TEST(near(score(), -9));
}

BOOST_FIXTURE_TEST_CASE(p5_the_application_has_its_say, one_figure) {
  cfg.application = 3;
  auto& x = start();
  x.set_application_score(peer(1), -4);
  BOOST_TEST(near(score(), -12));
  x.set_application_score(peer(1), std::nan(""));
  BOOST_TEST(near(score(), -12));
  x.set_application_score(peer(9), -4);
  BOOST_TEST(x.score(now, peer(9)) == 0);
}

BOOST_FIXTURE_TEST_CASE(p6_crowds_behind_one_address_pay_and_loopback_does_not, one_figure) {
  cfg.colocation = -1;
  cfg.colocation_max = 3;
  auto& x = start();
  const auto crowd = [&](const char* prefix, const char* other) {
    for (std::uint8_t n = 10; n < 15; ++n)
      x.peer_connected(now, peer(n), ip_address::parse(prefix + std::to_string(n)));
    x.peer_connected(now, peer(20), ip_address::parse(other));
    return x.score(now, peer(10));
  };
  BOOST_TEST(near(crowd("2001:db8:0:1::", "2001:db8:0:2::1"), -4)); // A /64 is one source.
  BOOST_TEST(x.score(now, peer(20)) == 0);
  x.peer_disconnected(now, peer(14));
  BOOST_TEST(near(x.score(now, peer(10)), -1));
  BOOST_TEST(crowd("10.0.0.", "10.0.0.99") == 0); // They moved, to an address of their own each.
  BOOST_TEST(crowd("127.0.0.", "127.0.0.1") == 0);
}

BOOST_FIXTURE_TEST_CASE(p7_some_misbehaviour_is_tolerated_and_more_is_not, one_figure) {
  cfg.misbehaviour = -1;
  cfg.misbehaviour_tolerated = 6;
  start();
  note(peer_conduct::misbehaved, 6);
  BOOST_TEST(score() == 0);
  note(peer_conduct::misbehaved, 4);
  BOOST_TEST(near(score(), -16));
  pass(10min);
  BOOST_TEST(score() == 0);
}

BOOST_FIXTURE_TEST_CASE(good_work_has_a_limit_and_bad_work_has_none, one_figure) {
  cfg.topic.first_deliveries = 1000;
  cfg.topic.invalid_messages = -1;
  cfg.topics_cap = 50;
  start();
  note(peer_conduct::first_delivery, 5);
  BOOST_TEST(near(score(), 50));
  note(peer_conduct::invalid_message, 100);
  BOOST_TEST(near(score(), -5000));
}

BOOST_FIXTURE_TEST_CASE(a_bad_score_waits_for_who_left, one_figure) {
  cfg.topic.invalid_messages = -1;
  cfg.topic.first_deliveries = 1;
  cfg.topic.invalid_messages_decay = 24h;
  cfg.remembered = 1h;
  auto& x = start();
  note(peer_conduct::first_delivery, 2);
  note(peer_conduct::invalid_message, 3);
  x.peer_disconnected(now, peer(1));
  BOOST_TEST(x.remembered() == 1u);
  BOOST_TEST(x.all(now).empty());
  x.peer_connected(now, peer(1), std::nullopt);
  BOOST_TEST(near(score(), -9)); // The good that it did is gone.
  BOOST_TEST(x.all(now).size() == 1u);
  x.peer_disconnected(now, peer(1));
  now += 1h;
  x.handle_timeout(now);
  BOOST_TEST(x.remembered() == 0u);
  x.peer_connected(now, peer(1), std::nullopt);
  BOOST_TEST(score() == 0);
}

BOOST_FIXTURE_TEST_CASE(those_who_left_with_bad_scores_are_bounded, one_figure) {
  cfg.topic.invalid_messages = -1;
  cfg.remembered_max = 10;
  auto& x = start();
  for (std::uint8_t n = 10; n < 40; ++n) {
    x.peer_connected(now, peer(n), std::nullopt);
    x.note(now, topic, {peer(n), peer_conduct::invalid_message, 1});
    x.peer_disconnected(now, peer(n));
    now += 1s;
  }
  BOOST_TEST(x.remembered() == 10u);
  BOOST_TEST(x.score(now, peer(10)) == 0);
  BOOST_TEST(near(x.score(now, peer(39)), -1));
}

BOOST_FIXTURE_TEST_CASE(topics_have_weights_of_their_own, one_figure) {
  cfg.topic.invalid_messages = -1;
  auto& x = start();
  topic_score_config strict;
  strict.invalid_messages = -10;
  x.set_topic(2, strict);
  x.note(now, 2, {peer(1), peer_conduct::invalid_message, 1});
  note(peer_conduct::invalid_message);
  BOOST_TEST(near(score(), -11));
  x.drop_topic(2);
  BOOST_TEST(near(score(), -1));
}

BOOST_AUTO_TEST_SUITE_END()
