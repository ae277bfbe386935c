// SPDX-License-Identifier: MIT
#include "actors/peer_exchange.hpp"

#include "tests/actors/sim_nodes.hpp"
#include "tests/actors/wire_client.hpp"

#include <vector>

namespace librats::test {

namespace {

struct talkative_nodes : sim_nodes {
  static void talkative(actors::node_options& x) { x.mesh.exchange = true; }
  static node_adjuster wanting(std::size_t peers) {
    return [peers](actors::node_options& x) {
      talkative(x);
      x.mesh.pex.peers_wanted = peers;
    };
  }
  actors::exchange_status exchange(sim_node& x) {
    return ask<actors::exchange_status>(x, actors::get_exchange_status{}).value.value_or(actors::exchange_status{});
  }
  /// Each node dials the one before it.
  std::vector<sim_node*> line(std::size_t length, const node_adjuster& adjust) {
    std::vector<sim_node*> out;
    for (std::size_t i = 0; i < length; ++i) {
      out.push_back(&add(adjust));
      if (i != 0)
        BOOST_TEST(connect(*out[i], *out[i - 1]) == "");
    }
    return out;
  }
};

constexpr auto pex = protocols::message_type::pex;

} // namespace

BOOST_FIXTURE_TEST_SUITE(exchanging_peers, talkative_nodes)

BOOST_AUTO_TEST_CASE(a_line_of_nodes_becomes_a_mesh) {
  const auto all = line(8, talkative);
  run(3min);
  for (auto* one : all)
    BOOST_TEST(peers(*one).size() == 7u);
}

BOOST_AUTO_TEST_CASE(a_node_that_has_enough_peers_looks_for_no_more) {
  const auto all = line(12, wanting(3));
  run(5min);
  for (auto* one : all) {
    BOOST_TEST(peers(*one).size() >= 3u);
    BOOST_TEST(exchange(*one).counted.dials <= 9u);
  }
}

BOOST_AUTO_TEST_CASE(a_node_that_lost_its_peers_asks_the_last_one_again) {
  auto& a = add(wanting(2));
  auto& b = add(talkative);
  auto& c = add(talkative);
  BOOST_TEST(connect(a, b) == "");
  BOOST_TEST(connect(a, c) == "");
  BOOST_TEST(exchange(a).counted.requests_sent == 1u);  // With the second it has enough.
  c.host.kill_processes();
  auto& d = add();  // Does not look for A by itself.
  BOOST_TEST(connect(d, b) == "");
  run(2min);
  BOOST_TEST(exchange(a).counted.requests_sent > 1u);
  BOOST_TEST(peer_names(a) == "B D");
}

BOOST_AUTO_TEST_CASE(a_node_without_exchange_says_nothing_and_learns_nothing) {
  auto& a = add(talkative);
  auto& mute = add();
  auto& c = add(talkative);
  BOOST_TEST(connect(a, mute) == "");
  BOOST_TEST(connect(c, mute) == "");
  run(2min);
  BOOST_TEST(peer_names(a) == "B");
  BOOST_TEST(!exchange(mute).enabled);
  BOOST_TEST(exchange(a).counted.requests_sent > 1u);  // It has few peers, and goes on asking.
  BOOST_TEST(exchange(a).counted.responses_taken == 0u);
}

BOOST_AUTO_TEST_CASE(nobody_dials_what_he_did_not_ask_for) {
  auto& a = add(talkative);
  auto& b = add();
  wire_peer stranger{world.add_host(), a.address(), 0x77};
  BOOST_TEST(stranger.establish());
  run(1s);
  BOOST_TEST(stranger.count(pex) == 1u);  // Its request.
  stranger.send(pex, encode(protocols::pex_response{}));
  stranger.send(pex, encode(protocols::pex_response{{{b.address(), b.id}}}));
  run(5s);
  BOOST_TEST(exchange(a).counted.responses_refused == 1u);
  BOOST_TEST(exchange(a).counted.dials == 0u);
}

BOOST_AUTO_TEST_CASE(somebody_else_than_promised_is_a_peer_all_the_same_and_goes_by_his_own_name) {
  auto& a = add(talkative);
  auto& b = add(talkative);
  wire_peer liar{world.add_host(), a.address(), 0x77};
  BOOST_TEST(liar.establish());
  run(1s);
  liar.send(pex, encode(protocols::pex_response{{{b.address(), peer_id{}}}}));
  run(5s);
  BOOST_TEST(exchange(a).counted.mistaken == 1u);
  BOOST_TEST(peers(a).size() == 2u);
  auto& c = add(talkative);
  BOOST_TEST(connect(c, a) == "");
  run(5s);
  BOOST_TEST(c.heard->links.count(b.id) == 1u);
}

BOOST_AUTO_TEST_CASE(garbage_is_ignored_and_requests_without_end_are_not_served) {
  auto& a = add(talkative);
  auto& b = add(talkative);
  BOOST_TEST(connect(b, a) == "");
  wire_peer pest{world.add_host(), a.address(), 0x77};
  BOOST_TEST(pest.establish());
  run(1s);
  const auto before = pest.count(pex);
  for (const auto& raw : {bytes{}, bytes{1}, bytes{1, 1, 0xFF, 0xFF}, bytes{2, 0, 0, 32}, bytes{1, 9, 0, 0}})
    pest.send(pex, raw);
  for (int i = 0; i < 50; ++i)
    pest.send(pex, encode(protocols::pex_request{}));
  run(5s);
  BOOST_TEST(pest.count(pex) - before == 4u);
  BOOST_TEST(exchange(a).counted.requests_refused == 46u);
  BOOST_TEST(peers(a).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_crash_of_the_exchange_is_repaired) {
  auto& a = add(talkative);
  auto& b = add(talkative);
  auto& c = add(talkative);
  BOOST_TEST(connect(a, b) == "");
  crash(b, "peer_exchange");
  run(1s);
  BOOST_TEST(connect(c, b) == "");
  run(5s);
  BOOST_TEST(peer_names(c) == "A B");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
