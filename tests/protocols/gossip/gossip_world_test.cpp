// SPDX-License-Identifier: MIT
#include "tests/protocols/support/gossip_world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

/// Every node publishes once per round, all over `rounds` seconds; then there is time to settle.
void talk(gossip_world& world, int rounds) {
  world.join_all();
  world.run_for(5s);
  small_random when{99};
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < world.size(); ++i) {
      if (!world.is_here(i))
        continue;
      world.run_for(std::chrono::microseconds{when.below(2'000'000 / world.size())});
      world.publish(i, "message " + std::to_string(round) + " of " + std::to_string(i));
    }
  }
  world.run_for(12s);
}

/// Smallest and largest mesh of all nodes.
std::pair<std::size_t, std::size_t> degrees(gossip_world& world) {
  std::pair<std::size_t, std::size_t> out{1000, 0};
  for (std::size_t i = 0; i < world.size(); ++i) {
    const auto degree = world.node(i).mesh(gossip_world::topic)->mesh().size();
    out = {std::min(out.first, degree), std::max(out.second, degree)};
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(gossip_worlds)

BOOST_AUTO_TEST_CASE(without_faults_everybody_gets_everything_once) {
  for (const std::size_t nodes : {2u, 3u, 7u, 50u, 200u}) {
    gossip_world_options options;
    options.nodes = nodes;
    options.seed = nodes;
    options.settled = 0s;
    options.links_per_node = std::min<std::size_t>(10, nodes * 2);
    gossip_world world{options};
    talk(world, nodes == 200 ? 2 : 5);
    BOOST_TEST_CONTEXT(nodes << " nodes") {
      BOOST_TEST(world.delivered() == 1.0);
      BOOST_TEST(world.delivered_twice() == 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(meshes_keep_their_degree) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    gossip_world_options options;
    options.nodes = 100;
    options.seed = seed;
    gossip_world world{options};
    talk(world, 3);
    for (int i = 0; i < 30; ++i) {
      world.run_for(1s);
      const auto [smallest, largest] = degrees(world);
      BOOST_TEST(smallest >= options.mesh.d_low);
      BOOST_TEST(largest <= options.mesh.d_high);
    }
  }
}

BOOST_AUTO_TEST_CASE(at_two_percent_loss_at_most_one_in_a_thousand_is_missed) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    gossip_world_options options;
    options.nodes = 100;
    options.loss = 0.02;
    options.settled = 5s;
    options.seed = seed;
    gossip_world world{options};
    talk(world, 5);
    BOOST_TEST(world.delivered() >= 0.999);
    BOOST_TEST(world.delivered_twice() == 0u);
    const auto [smallest, largest] = degrees(world);
    BOOST_TEST(smallest >= options.mesh.d_low);
    BOOST_TEST(largest <= options.mesh.d_high);
  }
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_runs) {
  const auto run = [](std::uint64_t seed) {
    gossip_world_options options;
    options.nodes = 40;
    options.loss = 0.05;
    options.seed = seed;
    gossip_world world{options};
    talk(world, 3);
    return world.trace_hash();
  };
  BOOST_TEST(run(4) == run(4));
  BOOST_TEST(run(4) != run(5));
}

BOOST_AUTO_TEST_CASE(churn_and_loss_keep_nothing_from_those_who_stay) {
  gossip_world_options options;
  options.nodes = 200;
  options.loss = 0.02;
  options.churn_per_minute = 0.1;
  options.permanent = 5;
  gossip_world world{options};
  world.join_all();
  world.run_for(10s);
  for (int i = 0; i < 150; ++i) {
    world.publish(static_cast<std::size_t>(i % 5), "message " + std::to_string(i));
    world.run_for(200ms);
  }
  world.run_for(12s);
  BOOST_TEST(world.size() > 210u); // So many came, and as many left.
  BOOST_TEST(world.deliveries_owed() > 25000u);
  BOOST_TEST(world.delivered() >= 0.999);
  BOOST_TEST(world.delivered_twice() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
