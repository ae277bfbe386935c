// SPDX-License-Identifier: MIT
#include "actors/reconnector.hpp"

#include "tests/actors/sim_nodes.hpp"

#include <string>
#include <vector>

namespace librats::test {

namespace {

using state = protocols::reconnect_target::state;

/// Nodes that dial lost peers again, at times that can be foretold: the end of a TCP stream is seen at once.
struct loyal_nodes : sim_nodes {
  static void loyal(actors::node_options& x) {
    x.transports.udp = false;
    x.mesh.reconnect.enabled = true;
    x.mesh.reconnect.jitter = 0;
  }
  static node_adjuster loyal_to(std::vector<protocols::dial_target> targets) {
    return [targets = std::move(targets)](actors::node_options& x) {
      loyal(x);
      x.mesh.targets = targets;
    };
  }
  actors::reconnect_status reconnect(sim_node& x) {
    return ask<actors::reconnect_status>(x, actors::get_reconnect_status{}).value.value_or(actors::reconnect_status{});
  }
  protocols::reconnect_target only(sim_node& x) {
    const auto all = reconnect(x).targets;
    BOOST_TEST_REQUIRE(all.size() == 1u);
    return all.front();
  }
  void die(sim_node& x) {
    x.host.kill_processes();
    run(100ms);
  }
};

protocols::dial_target door_of(const runtime::sim_host& x) { return {x.address().to_string(), sim_node::port}; }

} // namespace

BOOST_FIXTURE_TEST_SUITE(reconnecting, loyal_nodes)

BOOST_AUTO_TEST_CASE(a_node_that_died_is_dialed_ever_more_rarely_until_it_is_back) {
  auto& a = add(loyal);
  auto& b = add();
  BOOST_TEST(connect(a, b) == "");
  die(b);
  std::vector<std::uint64_t> dials;
  for (const auto wait : {1s, 2s, 4s, 8s, 16s}) {  // Dials come after 1, 3, 7, 15 and 31 s, and what they take.
    run(wait + 100ms);
    dials.push_back(only(a).dials);
  }
  BOOST_TEST((dials == std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
  BOOST_TEST((only(a).now == state::waiting));
  BOOST_TEST(only(a).error.find("refused") != std::string::npos, only(a).error);
  auto& again = add_on(b.host, 1);
  run(33s);
  BOOST_TEST(peer_names(a) == "B");
  BOOST_TEST(peer_names(again) == "A");
  BOOST_TEST((only(a).now == state::connected));
}

BOOST_AUTO_TEST_CASE(a_peer_after_a_long_connection_is_dialed_sooner_than_after_a_short_one) {
  auto& a = add(loyal);
  auto& b = add();
  BOOST_TEST(connect(a, b) == "");
  // Three times it comes back and dies at once: the waits grow, 1, 2 and 4 s.
  for (const auto wait : {1s, 2s, 4s}) {
    die(b);
    add_on(b.host, 1);
    run(wait - 200ms);
    BOOST_TEST(peer_names(a) == "");
    run(400ms);
    BOOST_TEST(peer_names(a) == "B");
  }
  run(1min);  // Now it has proved itself.
  die(b);
  BOOST_TEST(only(a).stable);
  add_on(b.host, 1);
  run(1200ms);
  BOOST_TEST(peer_names(a) == "B");
}

BOOST_AUTO_TEST_CASE(a_configured_target_is_dialed_until_it_is_there) {
  auto& host = world.add_host();
  auto& a = add(loyal_to({door_of(host)}));
  run(20s);
  BOOST_TEST(only(a).permanent);
  BOOST_TEST(only(a).failures >= 4u);
  add_on(host, 7);
  run(20s);
  BOOST_TEST((only(a).now == state::connected));
  BOOST_TEST(only(a).failures == 0u);
}

BOOST_AUTO_TEST_CASE(a_configured_name_is_looked_up_again_at_each_dial) {
  auto& a = add(loyal_to({{"friend.example", sim_node::port}}));
  run(10s);
  BOOST_TEST(!only(a).error.empty());
  auto& host = world.add_host();
  host.set_name("friend.example");
  add_on(host, 7);
  run(20s);
  BOOST_TEST((only(a).now == state::connected));
}

BOOST_AUTO_TEST_CASE(a_peer_that_the_application_dropped_is_not_dialed_again) {
  auto& a = add(loyal);
  auto& b = add();
  BOOST_TEST(connect(a, b) == "");
  tell(a, actors::disconnect_peer{b.id});
  run(2min);
  BOOST_TEST(peer_names(a) == "");
  BOOST_TEST(reconnect(a).targets.empty());
}

BOOST_AUTO_TEST_CASE(an_inbound_peer_is_dialed_where_it_listens_if_that_is_wanted) {
  auto& a = add([](actors::node_options& x) {
    loyal(x);
    x.mesh.reconnect.inbound_too = true;
  });
  auto& b = add();
  BOOST_TEST(connect(b, a) == "");
  die(b);
  BOOST_TEST((only(a).where == door_of(b.host)));
  add_on(b.host, 1);
  run(2s);
  BOOST_TEST(peer_names(a) == "B");
}

BOOST_AUTO_TEST_CASE(after_a_partition_both_ends_dial_and_keep_one_link) {
  auto& a = add(loyal);
  auto& b = add(loyal);
  BOOST_TEST(connect(a, b) == "");
  BOOST_TEST(connect(b, a) == "");
  run(1min);
  cut(a, b);
  run(2min);
  BOOST_TEST(peer_names(a) == "");
  BOOST_TEST(peer_names(b) == "");
  world.heal();
  run(75s);
  BOOST_TEST(peer_names(a) == "B");
  BOOST_TEST(peer_names(b) == "A");
}

BOOST_AUTO_TEST_CASE(a_crash_of_the_reconnector_loses_neither_targets_nor_peers) {
  auto& b = add();
  auto& a = add(loyal_to({door_of(b.host)}));
  run(2s);
  BOOST_TEST(peer_names(a) == "A");
  crash(a, "reconnector");
  run(2s);
  BOOST_TEST((only(a).now == state::connected));
  const auto all = tree(a);
  BOOST_TEST_REQUIRE(find_part(all, "reconnector") != nullptr);
  BOOST_TEST(find_part(all, "reconnector")->restarts == 1u);
  die(b);
  add_on(b.host, 0);
  run(5s);
  BOOST_TEST(peer_names(a) == "A");
}

BOOST_AUTO_TEST_CASE(a_peer_that_fell_silent_on_datagrams_is_found_again) {
  auto& a = add([](actors::node_options& x) { x.mesh.reconnect.enabled = true; });
  auto& b = add();
  BOOST_TEST(connect(a, b) == "");
  BOOST_TEST((peers(a)[0].link.transport == transport::udp));
  b.host.power_off();
  run(2min);  // Silence ends the link after 45 s.
  BOOST_TEST(peer_names(a) == "");
  add_on(b.host, 1);
  run(75s);
  BOOST_TEST(peer_names(a) == "B");
}

BOOST_AUTO_TEST_CASE(it_can_be_switched_on_and_off_and_its_queue_cleared) {
  auto& a = add([](actors::node_options& x) { x.transports.udp = false; });
  auto& b = add();
  BOOST_TEST(!reconnect(a).config.enabled);
  BOOST_TEST(!part(a, "reconnector"));
  protocols::reconnect_config how;
  how.jitter = 0;
  tell(a, actors::configure_reconnect{how});
  BOOST_TEST(connect(a, b) == "");
  die(b);
  BOOST_TEST(reconnect(a).targets.size() == 1u);
  tell(a, actors::clear_reconnect_queue{});
  BOOST_TEST(reconnect(a).targets.empty());
  how.enabled = false;
  tell(a, actors::configure_reconnect{how});
  auto& again = add_on(b.host, 1);
  BOOST_TEST(connect(a, again) == "");
  die(again);
  BOOST_TEST(reconnect(a).targets.empty());
  BOOST_TEST(!reconnect(a).config.enabled);
}

BOOST_AUTO_TEST_CASE(a_target_is_given_up_after_so_many_attempts) {
  auto& a = add([](actors::node_options& x) {
    loyal(x);
    x.mesh.reconnect.max_attempts = 3;
  });
  auto& b = add();
  BOOST_TEST(connect(a, b) == "");
  die(b);
  run(6s);
  BOOST_TEST(only(a).failures == 2u);
  run(5s);
  BOOST_TEST(reconnect(a).targets.empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
