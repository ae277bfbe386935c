// SPDX-License-Identifier: MIT
#include "tests/actors/sim_nodes.hpp"

namespace librats::test {

namespace {

node_adjuster speaking(const std::string& protocol, protocols::security_mode security, bool allow_remote = true) {
  return [=](actors::node_options& x) {
    auto session = std::make_shared<protocols::session_config>(*x.session);
    session->protocol = protocol;
    session->security = security;
    x.session = session;
    x.allow_plaintext_remote = allow_remote;
  };
}

const auto noise = protocols::security_mode::noise;
const auto plaintext = protocols::security_mode::plaintext;

} // namespace

BOOST_AUTO_TEST_SUITE(dialing)

BOOST_AUTO_TEST_CASE(a_refused_dial_says_where) {
  sim_nodes net;
  auto& a = net.add();
  auto& machine = net.world.add_host();
  BOOST_TEST(
    net.connect(a, machine.address().to_string()) == "cannot connect to 10.0.0.2:4000 over TCP: Connection refused");
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_named) {
  sim_nodes net;
  auto& a = net.add();
  BOOST_TEST(net.connect(a, "nowhere.example") == "cannot resolve nowhere.example: No route to host");
}

BOOST_AUTO_TEST_CASE(silence_ends_a_dial_at_its_deadline) {
  sim_nodes net;
  auto& a = net.add();
  const auto began = net.world.elapsed();
  BOOST_TEST(net.connect(a, "10.0.0.99") == "no answer from 10.0.0.99 port 4000 in time");
  BOOST_TEST((net.world.elapsed() - began == 15s));
}

BOOST_AUTO_TEST_CASE(a_name_leads_to_its_machine) {
  sim_nodes net;
  auto& a = net.add();
  auto& b = net.add();
  b.host.set_name("b.example");
  BOOST_TEST(net.connect(a, "b.example") == "");
  BOOST_TEST(net.peer_names(a) == "B");
}

BOOST_AUTO_TEST_CASE(another_protocol_string_fails_the_handshake_at_both_ends) {
  for (const auto mode : {noise, plaintext}) {
    sim_nodes net;
    auto& a = net.add(speaking("librats/1.0", mode));
    auto& b = net.add(speaking("librats/1.1", mode));
    const auto why = net.connect(a, b);
    // The responder notices: the dialer sees its stream end, or the mismatch itself.
    BOOST_TEST((why == "closed by the peer" || why.find("handshake failed: ") == 0), why);
    net.run(20s);
    BOOST_TEST(net.status(b).handshakes_failed + net.status(a).handshakes_failed >= 1u);
    BOOST_TEST(a.heard->events.empty());
    BOOST_TEST(b.heard->events.empty());
  }
}

BOOST_AUTO_TEST_CASE(plaintext_and_noise_do_not_talk_to_each_other) {
  for (const auto mode : {noise, plaintext}) {
    sim_nodes net;
    auto& a = net.add(speaking("librats/1.0", mode));
    auto& b = net.add(speaking("librats/1.0", mode == noise ? plaintext : noise));
    const auto began = net.world.elapsed();
    BOOST_TEST(net.connect(a, b) != "");
    BOOST_TEST((net.world.elapsed() - began <= 16s));
    net.run(20s);
    BOOST_TEST(a.heard->events.empty());
    BOOST_TEST(b.heard->events.empty());
    BOOST_TEST(net.status(a).handshakes_failed == 2u);  // Over UDP and over TCP.
    BOOST_TEST(net.status(b).handshakes_failed == 2u);
  }
}

BOOST_AUTO_TEST_CASE(two_plaintext_nodes_talk_when_they_may) {
  sim_nodes net;
  auto& a = net.add(speaking("librats/1.0", plaintext));
  auto& b = net.add(speaking("librats/1.0", plaintext));
  BOOST_TEST_REQUIRE(net.handle_channel(b, "chat") == "");
  BOOST_TEST_REQUIRE(net.connect(a, b) == "");
  BOOST_TEST((a.heard->links.at(b.id).front().security == plaintext));
  BOOST_TEST(a.heard->links.at(b.id).front().handshake_hash.empty());
  net.send(a, b, "chat", "in the clear");
  net.run(1s);
  BOOST_TEST(b.heard->frames.size() == 1u);
}

BOOST_AUTO_TEST_CASE(plaintext_stays_on_the_machine_unless_it_is_allowed) {
  sim_nodes net;
  auto& strict = net.add(speaking("librats/1.0", plaintext, false));
  auto& open = net.add(speaking("librats/1.0", plaintext, true));
  BOOST_TEST(net.connect(open, strict) != "");
  BOOST_TEST(net.connect(strict, open)
             == "plaintext is only allowed on this machine; set allow_plaintext_remote to change that");
  auto& neighbour = net.add_on(strict.host, 7, [](auto& x) {
    speaking("librats/1.0", plaintext, false)(x);
    x.listener.local.port = 4001;
  });
  BOOST_TEST(net.connect(neighbour, "127.0.0.1") == "");
}

BOOST_AUTO_TEST_CASE(nobody_connects_to_itself) {
  sim_nodes net;
  auto& a = net.add();
  BOOST_TEST(net.connect(a, "127.0.0.1") == "connected to ourselves");
  BOOST_TEST(net.connect(a, a.host.address().to_string()) == "connected to ourselves");
  net.run(5s);
  BOOST_TEST(a.heard->events.empty());
  BOOST_TEST(net.status(a).peers == 0u);
  BOOST_TEST(find_part(net.tree(a), "peer_connection") == nullptr);
}

BOOST_AUTO_TEST_CASE(the_next_address_of_a_name_starts_after_a_quarter_of_a_second) {
  // RFC 8305: the first address stays silent, the second one is alive.
  sim_nodes net;
  auto& a = net.add();
  auto& dead = net.world.add_host();
  auto& b = net.add();
  dead.set_name("two.example");
  b.host.set_name("two.example");
  dead.power_off();
  const auto began = net.world.elapsed();
  BOOST_TEST(net.connect(a, "two.example") == "");
  // 1 ms for the name, 250 ms of patience, one round trip for the stream, one for the handshake.
  BOOST_TEST((net.world.elapsed() - began == 1ms + 250ms + 20ms + 20ms));
  BOOST_TEST(net.peer_names(a) == "B");
  BOOST_TEST(find_part(net.tree(a), "dialer") == nullptr);
}

BOOST_AUTO_TEST_CASE(the_next_address_starts_at_once_when_one_is_refused) {
  sim_nodes net;
  auto& a = net.add();
  auto& empty = net.world.add_host();
  auto& b = net.add();
  empty.set_name("two.example");
  b.host.set_name("two.example");
  const auto began = net.world.elapsed();
  BOOST_TEST(net.connect(a, "two.example") == "");
  BOOST_TEST((net.world.elapsed() - began == 1ms + 20ms + 20ms + 20ms));
}

BOOST_AUTO_TEST_CASE(the_fastest_address_wins_and_the_others_are_cancelled) {
  sim_nodes net;
  auto& a = net.add();
  auto& far = net.add();
  auto& near = net.add();
  runtime::link_profile slow;
  slow.latency = 400ms;
  net.world.set_link(a.host, far.host, slow);
  net.world.set_link(far.host, a.host, slow);
  far.host.set_name("both.example");
  near.host.set_name("both.example");
  BOOST_TEST(net.connect(a, "both.example") == "");
  net.run(30s);
  BOOST_TEST(net.peer_names(a) == "C");
  BOOST_TEST(net.peer_names(far) == "");
  // The far one saw a stream that ended before a word was said.
  BOOST_TEST(far.heard->events.empty());
  BOOST_TEST(find_part(net.tree(far), "peer_connection") == nullptr);
}

BOOST_AUTO_TEST_CASE(when_all_addresses_fail_the_last_failure_is_told) {
  sim_nodes net;
  auto& a = net.add();
  for (int i = 0; i < 3; ++i)
    net.world.add_host().set_name("three.example");
  BOOST_TEST(net.connect(a, "three.example") == "cannot connect to 10.0.0.4:4000 over TCP: Connection refused");
}

BOOST_AUTO_TEST_CASE(a_name_with_too_many_addresses_is_not_followed_for_ever) {
  sim_nodes net;
  auto& a = net.add();
  for (int i = 0; i < 100; ++i)
    net.world.add_host().set_name("many.example");
  BOOST_TEST(net.connect(a, "many.example") == "cannot connect to 10.0.0.17:4000 over TCP: Connection refused");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
