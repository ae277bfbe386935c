// SPDX-License-Identifier: MIT
#include "tests/actors/gossip_nodes.hpp"

#include <vector>

namespace librats::test {

namespace {

/// One node with a mesh of two that the others know alone. It answers no question after peers; the others ask and dial.
struct hub_and_others : gossip_nodes {
  static node_adjuster hub(bool introduces) {
    return [introduces](actors::node_options& x) {
      auto& mesh = x.gossip.mesh;
      mesh.d_out = 1;
      mesh.d_low = mesh.d = mesh.d_high = 2;
      mesh.introduce = introduces;
    };
  }
  static void other(actors::node_options& x) { x.mesh.exchange = true; }

  /// Five others dial a hub, join its topic and hear it talk.
  void meet(bool introduces) {
    middle = &add(hub(introduces));
    BOOST_TEST_REQUIRE(join(*middle, "news") == "");
    for (int i = 0; i < 5; ++i) {
      others.push_back(&add(other));
      BOOST_TEST_REQUIRE(connect(*others.back(), *middle) == "");
      BOOST_TEST_REQUIRE(join(*others.back(), "news") == "");
    }
  }
  void talk(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      BOOST_TEST_REQUIRE(publish(*middle, "news", "message " + std::to_string(said++)) == "");
      run(1s);
    }
  }
  std::size_t links() {
    std::size_t out = 0;
    for (auto* one : others)
      out += peers(*one).size();
    return out;
  }
  std::uint64_t dials() {
    std::uint64_t out = 0;
    for (auto* one : others)
      out += ask<actors::exchange_status>(*one, actors::get_exchange_status{}).value->counted.dials;
    return out;
  }

  sim_node* middle = nullptr;
  std::vector<sim_node*> others;
  int said = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(gossip_exchange, hub_and_others)

BOOST_AUTO_TEST_CASE(who_finds_no_place_in_a_mesh_dials_others_that_it_is_told_of) {
  meet(true);
  BOOST_TEST(links() == 5u);
  talk(8);
  BOOST_TEST(links() == 5u); // Nobody is believed for eight messages.
  talk(150);
  BOOST_TEST(gossip(*middle).introductions_sent > 0u);
  std::uint64_t taken = 0;
  for (auto* one : others)
    taken += gossip(*one).introductions_taken;
  BOOST_TEST(taken > 0u);
  BOOST_TEST(links() >= 5u + 3u * 2u); // Three had no place, and found somebody.
  for (auto* one : others)
    BOOST_TEST(topic(*one, "news").mesh.size() >= 2u);
  // A router that starts again knows where its peers can be dialed.
  const auto sent = gossip(*middle).introductions_sent;
  crash(*middle, "gossip_router");
  run(3s);
  talk(150);
  BOOST_TEST(gossip(*middle).introductions_sent > 0u);
  BOOST_TEST(sent > 0u);
}

BOOST_AUTO_TEST_CASE(a_hub_that_introduces_nobody_keeps_its_peers_to_itself) {
  meet(false);
  talk(150);
  BOOST_TEST(gossip(*middle).introductions_sent == 0u);
  BOOST_TEST(links() == 5u);
  BOOST_TEST(dials() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
