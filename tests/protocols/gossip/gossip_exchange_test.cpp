// SPDX-License-Identifier: MIT
#include "protocols/gossip/gossip_switch.hpp"
#include "tests/protocols/gossip/one_mesh.hpp"
#include "tests/protocols/support/gossip_world.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

ip_address wan(std::uint8_t n) {
  return ip_address::v4(203, 0, 113, n);
}
endpoint place(std::uint8_t n) {
  return {wan(n), 4000};
}

/// A switch in the topic "t", with peers that subscribe to it and can be dialed.
struct exchange {
  explicit exchange(const gossip_switch::config& cfg = {}) : router(cfg, now, 5) { router.join(now, "t"); }

  void connect(std::uint8_t first, std::uint8_t last, bool outbound = false) {
    for (auto n = first; n <= last; ++n) {
      router.peer_connected(now, peer(n), outbound, wan(n));
      router.set_addresses(peer(n), {place(n)});
      router.handle_message(now, peer(n), byte_slice{encode_topic_op(gossip_op::subscribe, "t")});
    }
  }
  /// Whom `to` is told of when there is no place for it.
  std::set<peer_id> named_to(std::uint8_t to) {
    while (router.poll_transmit())
      ;
    router.handle_farewell(now, "t", {peer(to), 60s});
    std::set<peer_id> out;
    const auto x = router.poll_transmit();
    BOOST_TEST_REQUIRE(x.has_value());
    BOOST_TEST(x->to == peer(to));
    const auto message = decode_gossip(x->payload.view());
    const auto& prune = std::get<gossip_prune>(*message);
    BOOST_TEST((prune.backoff == 60s));
    for (const auto& one : prune.peers.entries()) {
      BOOST_TEST((one.address == place(one.id.raw[0])));
      out.insert(one.id);
    }
    return out;
  }
  /// `from` prunes us and names these.
  std::vector<gossip_switch::introduction> hear(std::uint8_t from, std::uint8_t first, std::uint8_t last) {
    std::vector<pex_entry> named;
    for (auto n = first; n <= last; ++n)
      named.push_back({place(n), peer(n)});
    router.handle_message(now, peer(from), byte_slice{encode_prune("t", 60s, named)});
    std::vector<gossip_switch::introduction> out;
    while (auto x = router.poll_introduction())
      out.push_back(std::move(*x));
    return out;
  }
  /// Makes us think well of it.
  void trust(std::uint8_t n, double score = 10) { router.set_application_score(peer(n), score); }

  time_point now{1h};
  gossip_switch router;
};

} // namespace

BOOST_AUTO_TEST_SUITE(gossip_exchanges)

BOOST_AUTO_TEST_CASE(who_is_turned_away_is_told_of_sixteen_others_in_the_topic) {
  exchange x;
  x.connect(1, 40);
  const auto named = x.named_to(1);
  BOOST_TEST(named.size() == gossip_prune_peers_max);
  BOOST_TEST(named.count(peer(1)) == 0u);
  BOOST_TEST((named != x.named_to(1))); // A choice by chance.
  BOOST_TEST(x.router.counted().introductions_sent == 2u);
}

BOOST_AUTO_TEST_CASE(only_subscribers_in_good_standing_that_can_be_dialed_are_named) {
  exchange x;
  x.connect(1, 4);
  x.trust(2, -1);
  x.router.set_addresses(peer(3), {{ip_address::v4(10, 0, 0, 3), 4000}}); // Means nothing to who is far away.
  x.router.peer_connected(x.now, peer(5), false, wan(5));                 // Does not subscribe.
  x.router.set_addresses(peer(5), {place(5)});
  BOOST_TEST((x.named_to(1) == std::set<peer_id>{peer(4)}));
  x.router.peer_disconnected(x.now, peer(4));
  BOOST_TEST(x.named_to(1).empty());
  BOOST_TEST(x.router.counted().introductions_sent == 1u);
}

BOOST_AUTO_TEST_CASE(only_who_has_done_us_good_is_believed) {
  exchange x;
  x.connect(1, 2);
  BOOST_TEST(x.hear(1, 10, 12).empty());
  BOOST_TEST(x.router.counted().introductions_refused == 1u);
  for (int i = 0; i < 9; ++i)
    x.router.handle_notes(x.now, "t", {{peer(1), peer_conduct::first_delivery, 1}});
  BOOST_TEST(x.hear(1, 10, 12).empty()); // Nine messages that nobody had brought before are not enough...
  x.router.handle_notes(x.now, "t", {{peer(1), peer_conduct::first_delivery, 1}});
  const auto heard = x.hear(1, 10, 12); // ...ten are.
  BOOST_TEST_REQUIRE(heard.size() == 1u);
  BOOST_TEST(heard[0].from == peer(1));
  BOOST_TEST(heard[0].topic == "t");
  BOOST_TEST(heard[0].peers.size() == 3u);
}

BOOST_AUTO_TEST_CASE(the_pruned_one_still_hears_of_its_back_off) {
  exchange x;
  x.connect(1, 1);
  while (x.router.poll_input())
    ;
  x.hear(1, 10, 12);
  const auto told = x.router.poll_input();
  BOOST_TEST_REQUIRE(told.has_value());
  BOOST_TEST(std::holds_alternative<topic_message_received>(told->input));
}

BOOST_AUTO_TEST_CASE(lists_of_one_peer_are_bounded) {
  exchange x;
  x.connect(1, 1);
  x.trust(1);
  BOOST_TEST(x.hear(1, 10, 11).size() == 1u);
  BOOST_TEST(x.hear(1, 12, 13).size() == 1u);
  BOOST_TEST(x.hear(1, 14, 15).empty());
  x.now += 60s;
  BOOST_TEST(x.hear(1, 14, 15).size() == 1u);
}

BOOST_AUTO_TEST_CASE(whom_we_know_or_topics_that_we_left_are_of_no_interest) {
  exchange x;
  x.connect(1, 3);
  x.trust(1);
  BOOST_TEST(x.hear(1, 2, 3).empty());
  x.router.leave(x.now, "t");
  BOOST_TEST(x.hear(1, 10, 12).empty());
}

BOOST_AUTO_TEST_CASE(whom_we_dial_because_it_was_introduced_is_not_of_our_choice) {
  exchange x;
  x.connect(1, 1);
  x.trust(1);
  x.hear(1, 10, 11);
  x.connect(10, 10, true);
  x.connect(20, 20, true);
  BOOST_TEST(!x.router.is_of_our_choice(peer(10)));
  BOOST_TEST(x.router.is_of_our_choice(peer(20)));
  std::map<peer_id, bool> outbound;
  while (const auto one = x.router.poll_input())
    if (const auto* added = std::get_if<topic_subscriber_added>(&one->input))
      outbound[added->peer] = added->outbound;
  BOOST_TEST(!outbound.at(peer(10)));
  BOOST_TEST(outbound.at(peer(20)));
  // Nor when it comes back.
  x.router.peer_disconnected(x.now, peer(10));
  x.now += 30min;
  x.connect(10, 10, true);
  BOOST_TEST(!x.router.is_of_our_choice(peer(10)));
  // But naming somebody whom nobody dials for it takes nothing from it.
  x.now += 2min;
  x.connect(11, 11, true);
  BOOST_TEST(x.router.is_of_our_choice(peer(11)));
}

BOOST_AUTO_TEST_CASE(who_knows_nobody_but_a_full_hub_finds_others_through_it) {
  gossip_world_options options;
  options.nodes = 60;
  options.hubs = 1;
  options.links_per_node = 1;
  options.settled = 0s;
  options.links_wanted = 12;
  for (const bool introduce : {false, true}) {
    options.mesh.introduce = introduce;
    gossip_world world{options};
    world.join_all();
    for (int i = 0; i < 140; ++i) {
      if (i == 90)
        world.count_from_now();
      world.publish(0, "message " + std::to_string(i));
      world.run_for(1s);
    }
    world.run_for(12s);
    std::size_t small = 0;
    for (std::size_t i = 1; i < options.nodes; ++i)
      small += world.node(i).mesh(gossip_world::topic)->mesh().size() < options.mesh.d_low ? 1 : 0;
    if (introduce) {
      BOOST_TEST(world.delivered() == 1.0);
      BOOST_TEST(small < 3u);
    } else { // The hub serves twelve, and tells a few of the others now and then.
      BOOST_TEST(world.delivered() < 0.9);
      BOOST_TEST(small == 59u);
    }
  }
}

BOOST_AUTO_TEST_CASE(attackers_that_name_each_other_draw_few_and_take_no_place_of_our_choice) {
  gossip_world_options options;
  options.nodes = 100;
  options.sybils = 40;
  options.sybil_links = 10;
  options.honest_dial_sybils = false;
  options.attack = sybil_kind::lure;
  options.links_wanted = 60;
  options.mesh.introduce = true;
  options.settled = 0s;
  const auto run = [&](std::chrono::seconds turn) {
    options.sybils_turn = turn;
    gossip_world world{options};
    world.join_all();
    world.run_for(1ms); // They have dialed.
    const auto before = world.ask_honest().links_to_sybils;
    for (int i = 0; i < 300; ++i) {
      world.publish(static_cast<std::size_t>(i % 10), "message " + std::to_string(i));
      world.run_for(200ms);
    }
    world.run_for(12s);
    BOOST_TEST(world.delivered() >= 0.99);
    const auto after = world.ask_honest();
    BOOST_TEST(after.sybils_dialed == 0u); // Whom they name is not of our choice.
    return after.links_to_sybils - before;
  };
  BOOST_TEST(run(0s) == 0u); // They earned nothing, and draw nobody...
  const auto drawn = run(30s);
  BOOST_TEST(drawn > 0u, drawn); // ...before they have.
}

BOOST_AUTO_TEST_SUITE_END()
