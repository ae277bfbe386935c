// SPDX-License-Identifier: MIT
#include "tests/protocols/support/gossip_world.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t publishers = 8;

/// A world in which one of five attacks from the start, and honest nodes that talk for `span`.
gossip_world attacked(sybil_kind kind, std::chrono::seconds span, gossip_world_options options = {}) {
  options.nodes = kind == sybil_kind::flood ? 60 : 160; // A flood is much to simulate.
  options.sybils = options.nodes / 4;
  options.sybil_links = 15;
  options.attack = kind;
  options.settled = 0s;
  options.mesh.validate = true;
  gossip_world world{options};
  world.join_all();
  for (std::size_t i = 0; i < static_cast<std::size_t>(span.count()) * 5; ++i) {
    world.publish(i % publishers, "message " + std::to_string(i));
    world.run_for(200ms);
  }
  world.run_for(12s);
  return world;
}

void expect_delivered(const gossip_world& world) {
  BOOST_TEST(world.deliveries_owed() > 5000u);
  BOOST_TEST(world.delivered() >= 0.99);
  BOOST_TEST(world.delivered_twice() == 0u);
}

/// The verdict on attackers that break rules: out of every mesh and not listened to, while honest nodes think well of
/// each other.
void expect_below(const gossip_world& world, double threshold) {
  const auto x = world.ask_honest();
  BOOST_TEST(x.sybil_median < threshold);
  BOOST_TEST(x.honest_low >= 0);
  BOOST_TEST(x.honest_median > x.sybil_median);
  BOOST_TEST(x.mesh_places_of_sybils == 0u);
}

constexpr score_thresholds thresholds;

} // namespace

BOOST_AUTO_TEST_SUITE(gossip_attacks)

BOOST_AUTO_TEST_CASE(mutes_do_not_silence_the_others) {
  const auto world = attacked(sybil_kind::mute, 20s);
  expect_delivered(world);
  const auto x = world.ask_honest();
  BOOST_TEST(x.honest_mesh_median > x.sybil_mesh_median);
  BOOST_TEST(x.nodes_without_honest_mesh == 0u);
}

BOOST_AUTO_TEST_CASE(meshes_that_mutes_filled_first_heal) {
  gossip_world_options options;
  options.nodes = 90;
  options.sybils = 60;
  options.sybil_links = 20;
  options.settled = 0s;
  gossip_world world{options};
  world.join_all();
  world.run_for(2s);
  const auto before = world.ask_honest();
  BOOST_TEST(before.mesh_places_of_sybils * 4 > before.mesh_places * 3);
  BOOST_TEST(before.nodes_without_honest_mesh > 5u);
  for (std::size_t i = 0; i < 200; ++i) {
    world.publish(i % publishers, "message " + std::to_string(i));
    world.run_for(200ms);
  }
  world.run_for(12s);
  expect_delivered(world);
  const auto after = world.ask_honest();
  BOOST_TEST(after.mesh_places_of_sybils < before.mesh_places_of_sybils);
  BOOST_TEST(after.nodes_without_honest_mesh <= 2u);
}

BOOST_AUTO_TEST_CASE(where_the_rate_is_known_mutes_lose_their_places) {
  gossip_world_options options;
  options.mesh.count_mesh_deliveries = true;
  options.mesh.mesh_delivery_window = 1s;
  options.router.scores.topic.mesh_deficit = -1;
  options.router.scores.topic.mesh_failure = -1;
  options.router.scores.topic.mesh_threshold = 3;
  options.router.scores.topic.mesh_activation = 10s;
  const auto world = attacked(sybil_kind::mute, 30s, options);
  expect_delivered(world);
  const auto x = world.ask_honest();
  BOOST_TEST(x.sybil_median < 0);
  BOOST_TEST(x.honest_median >= 0);
  BOOST_TEST(x.mesh_places_of_sybils * 5 < x.mesh_places); // Less than their share of the nodes.
}

BOOST_AUTO_TEST_CASE(a_flood_is_not_read_for_long) {
  const auto world = attacked(sybil_kind::flood, 20s);
  expect_delivered(world);
  expect_below(world, thresholds.graylist);
}

BOOST_AUTO_TEST_CASE(spam_costs_its_senders_their_voice) {
  const auto world = attacked(sybil_kind::spam, 20s);
  expect_delivered(world);
  expect_below(world, thresholds.graylist);
}

BOOST_AUTO_TEST_CASE(promises_that_are_not_kept_delay_nobody_for_long) {
  const auto world = attacked(sybil_kind::promise, 20s);
  expect_delivered(world);
  expect_below(world, thresholds.gossip);
}

BOOST_AUTO_TEST_CASE(who_grafts_without_end_gets_no_place) {
  const auto world = attacked(sybil_kind::graft_flood, 20s);
  expect_delivered(world);
  expect_below(world, thresholds.graylist);
}

BOOST_AUTO_TEST_SUITE_END()
