// SPDX-License-Identifier: MIT
#include "tests/actors/sim_nodes.hpp"

#include <algorithm>

namespace librats::test {

using lines = std::vector<std::string>;

struct two_nodes : sim_nodes {
  sim_node& a = add();
  sim_node& b = add();
};

BOOST_AUTO_TEST_SUITE(connecting)

BOOST_FIXTURE_TEST_CASE(both_ends_prove_who_they_are_and_see_the_same_link, two_nodes) {
  const auto reply = dial(a, b);
  BOOST_TEST_REQUIRE(await(reply));
  BOOST_TEST_REQUIRE(reply->value.has_value());
  BOOST_TEST((reply->value->id == b.id));
  BOOST_TEST(reply->value->remote.to_string() == b.address().to_string());
  run(1s);
  const lines seen_by_a{"connected B", "identified B"};
  const lines seen_by_b{"connected A", "identified A"};
  BOOST_TEST(a.heard->events == seen_by_a);
  BOOST_TEST(b.heard->events == seen_by_b);
  const auto& at_a = a.heard->links.at(b.id).front();
  const auto& at_b = b.heard->links.at(a.id).front();
  BOOST_TEST((at_a.role == protocols::role::initiator));
  BOOST_TEST((at_b.role == protocols::role::responder));
  BOOST_TEST((at_a.security == protocols::security_mode::noise));
  BOOST_TEST((at_a.transport == protocols::transport::udp));
  BOOST_TEST(at_a.handshake_hash.size() == 32u);
  BOOST_TEST(at_a.handshake_hash == at_b.handshake_hash);
  BOOST_TEST((protocols::peer_id_of(at_a.static_key) == b.id));
  // One round trip at the dialer, from its open stream; one and a half at the other side, 10 ms each way.
  BOOST_TEST((at_a.handshake == 20ms));
}

BOOST_FIXTURE_TEST_CASE(identify_tells_what_is_dialable_and_what_was_observed, two_nodes) {
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  const auto& told = b.heard->identified.at(a.id).info;
  BOOST_TEST(told.listen_port == sim_node::port);
  BOOST_TEST(told.transports == (protocols::transport_bit_tcp | protocols::transport_bit_udp));
  // Not the loopback address: B is another machine.
  BOOST_TEST_REQUIRE(told.addresses.size() == 1u);
  BOOST_TEST(told.addresses[0].to_string() == a.address().to_string());
  BOOST_TEST_REQUIRE(told.observed.has_value());
  BOOST_TEST(told.observed->to_string() == "10.0.0.2:4000");
  const auto mine = status(b);
  BOOST_TEST_REQUIRE(mine.observed_addresses.size() == 1u);
  BOOST_TEST(mine.observed_addresses[0].to_string() == b.address().to_string());
  const auto report = peers(b);
  BOOST_TEST_REQUIRE(report.size() == 1u);
  BOOST_TEST_REQUIRE(report[0].addresses.size() == 1u);
  BOOST_TEST(report[0].addresses[0].to_string() == a.address().to_string());
}

BOOST_AUTO_TEST_CASE(a_node_on_the_same_machine_hears_of_the_loopback_address_too) {
  sim_nodes net;
  auto& a = net.add();
  auto& b = net.add_on(a.host, 1, [](auto& x) { x.listener.local.port = 4001; });
  BOOST_TEST_REQUIRE(net.connect(b, "127.0.0.1") == "");
  net.run(1s);
  const auto told = b.heard->identified.at(a.id).info.addresses;
  BOOST_TEST_REQUIRE(told.size() == 2u);
  BOOST_TEST(told[0].to_string() == "127.0.0.1:4000");
}

BOOST_FIXTURE_TEST_CASE(status_counts_what_happened, two_nodes) {
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  run(9s);
  const auto mine = status(b);
  BOOST_TEST((mine.id == b.id));
  BOOST_TEST(mine.protocol == "librats/1.0");
  BOOST_TEST_REQUIRE(mine.listening.has_value());
  BOOST_TEST(mine.listening->port == sim_node::port);
  BOOST_TEST(mine.peers == 1u);
  BOOST_TEST(mine.links_established == 1u);
  BOOST_TEST(mine.handshakes_failed == 0u);
  BOOST_TEST(mine.links_refused == 0u);
  BOOST_TEST((mine.uptime > 10s && mine.uptime < 11s));
  const auto report = peers(b);
  BOOST_TEST_REQUIRE(report.size() == 1u);
  BOOST_TEST(report[0].frames_sent >= 1u);
  BOOST_TEST(report[0].frames_received >= 1u);
  BOOST_TEST(report[0].queued == 0u);
  const auto other = peers(a);
  BOOST_TEST(report[0].bytes_received == other[0].bytes_sent);
  BOOST_TEST(report[0].bytes_sent == other[0].bytes_received);
}

BOOST_FIXTURE_TEST_CASE(a_watcher_that_comes_late_hears_of_the_peers_that_are_there, two_nodes) {
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  const auto [late, its] = add_recorder(a);
  tell(a, actors::watch_events{late});
  run(1ms);
  const lines expected{"connected B"};
  BOOST_TEST(its->events == expected);
  tell(a, actors::watch_events{late});  // Twice is once.
  tell(a, actors::disconnect_peer{b.id});
  run(1s);
  BOOST_TEST(its->count("disconnected B") == 1u);
  tell(a, actors::unwatch_events{late});
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  BOOST_TEST(its->events.size() == 2u);
  BOOST_TEST(a.heard->count("connected B") == 2u);
}

BOOST_FIXTURE_TEST_CASE(disconnecting_a_peer_ends_the_link_at_both_sides, two_nodes) {
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  tell(a, actors::disconnect_peer{b.id});
  tell(a, actors::disconnect_peer{a.id});  // Nobody of that name is connected.
  run(1s);
  BOOST_TEST(a.heard->events.back() == "disconnected B: disconnected by the application");
  BOOST_TEST(b.heard->events.back() == "disconnected A: closed by the peer");
  BOOST_TEST(peer_names(a) == "");
  BOOST_TEST(peer_names(b) == "");
  BOOST_TEST_REQUIRE(connect(b, a) == "");
  BOOST_TEST(peer_names(a) == "B");
}

BOOST_FIXTURE_TEST_CASE(dialing_a_peer_that_is_connected_already_is_answered_with_it, two_nodes) {
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  const auto again = dial(a, b);
  BOOST_TEST_REQUIRE(await(again));
  BOOST_TEST_REQUIRE(again->value.has_value());
  BOOST_TEST((again->value->id == b.id));
  run(10s);
  BOOST_TEST(a.heard->count("connected") == 1u);
  BOOST_TEST(b.heard->count("connected") == 1u);
  BOOST_TEST(a.heard->count("disconnected") == 0u);
  BOOST_TEST(b.heard->count("disconnected") == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_node_listens_where_it_was_told_to, two_nodes) {
  const auto mine = ask<actors::listening_on>(a, actors::await_listening{});
  BOOST_TEST_REQUIRE(mine.value.has_value());
  BOOST_TEST(mine.value->local.port == sim_node::port);
  auto& next = add_on(a.host, 5);
  BOOST_TEST(ask<actors::listening_on>(next, actors::await_listening{}).value->local.port == sim_node::port + 1);
  auto& stubborn = add_on(a.host, 6, [](auto& x) { x.port_attempts = 1; });
  BOOST_TEST(ask<actors::listening_on>(stubborn, actors::await_listening{}).error
             == "cannot listen on [::]:4000: Address already in use; choose another listen_port or stop the program "
                "that holds it");
}

BOOST_FIXTURE_TEST_CASE(a_dial_only_node_has_no_port_and_tells_none, two_nodes) {
  auto& c = add([](auto& x) { x.listen = false; });
  BOOST_TEST(ask<actors::listening_on>(c, actors::await_listening{}).value->local.port == 0u);
  BOOST_TEST_REQUIRE(connect(c, a) == "");
  const auto& told = a.heard->identified.at(c.id).info;
  BOOST_TEST(told.listen_port == 0u);
  BOOST_TEST(told.addresses.empty());
  BOOST_TEST(told.transports == 0u);
  BOOST_TEST(connect(a, c) == "cannot connect to 10.0.0.3:4000 over TCP: Connection refused");
}

BOOST_FIXTURE_TEST_CASE(a_stopping_node_says_why_to_nobody_and_ends_with_its_reason, two_nodes) {
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  stop(a);
  BOOST_TEST_REQUIRE(a.end->has_value());
  BOOST_TEST((**a.end == caf::exit_reason::user_shutdown));
  run(1s);
  BOOST_TEST(b.heard->events.back() == "disconnected A: closed by the peer");
  BOOST_TEST(
    connect(b, a.host.address().to_string()) == "cannot connect to 10.0.0.1:4000 over TCP: Connection refused");
}

BOOST_FIXTURE_TEST_CASE(a_dial_under_way_when_the_node_stops_is_answered, two_nodes) {
  const auto [asker, its] = add_recorder(b);
  std::string why;
  its->guarded([&, who = its] {
    who->ask(a.node, 10min, actors::connect_to{"10.0.0.99", 4000}, [](const actors::connected_to&) {},
      [&](caf::error& x) { why = runtime::describe_error(x); });
  });
  run(1s);
  stop(a);
  run(1s);
  BOOST_TEST(why == "the node stops");
}

BOOST_FIXTURE_TEST_CASE(a_new_session_holds_for_new_links_only, two_nodes) {
  auto& c = add();
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  auto changed = std::make_shared<protocols::session_config>(*a.session);
  changed->protocol = "other/2";
  tell(a, actors::set_session{changed});
  run(1s);
  BOOST_TEST(status(a).protocol == "other/2");
  BOOST_TEST(peer_names(a) == "B");
  BOOST_TEST(connect(c, a) != "");
  BOOST_TEST(handle_channel(b, "chat") == "");
  send(a, b, "chat", "still here");
  run(1s);
  BOOST_TEST(b.heard->frames == lines{"A chat: still here"});
  auto& d = add([&](auto& x) {
    auto same = std::make_shared<protocols::session_config>(*x.session);
    same->protocol = "other/2";
    x.session = same;
  });
  BOOST_TEST(connect(d, a) == "");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
