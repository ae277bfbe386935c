// SPDX-License-Identifier: MIT
#include "tests/actors/sim_nodes.hpp"

#include "actors/datagram_messages.hpp"

namespace librats::test {

namespace {

using lines = std::vector<std::string>;

struct two_transports : sim_nodes {
  sim_node& a = add();
  sim_node& b = add();

  /// What the path between A and B lets through, in both directions.
  void let_through(bool udp, bool tcp) {
    runtime::link_profile path;
    path.passes_datagrams = udp;
    path.passes_streams = tcp;
    world.set_link(a.host, b.host, path);
    world.set_link(b.host, a.host, path);
  }

  /// In milliseconds.
  std::int64_t connect_time() {
    const auto began = world.elapsed();
    const auto reply = dial(a, b);
    BOOST_TEST(await(reply));
    BOOST_TEST(reply->error == "");
    const auto out = std::chrono::duration_cast<std::chrono::milliseconds>(world.elapsed() - began).count();
    run(1s);  // For identify.
    return out;
  }

  [[nodiscard]] std::string transport_of(sim_node& from, sim_node& to) {
    for (const auto& one : peers(from))
      if (one.link.id == to.id)
        return one.link.transport == protocols::transport::udp ? "udp" : "tcp";
    return "none";
  }
};

void without_udp(actors::node_options& x) { x.transports.udp = false; }

} // namespace

BOOST_AUTO_TEST_SUITE(transports)

BOOST_FIXTURE_TEST_CASE(datagrams_are_preferred_and_carry_everything, two_transports) {
  BOOST_TEST_REQUIRE(handle_channel(b, "chat") == "");
  BOOST_TEST(connect_time() == 40);  // Syn and its acknowledgement, then two thirds of the handshake.
  BOOST_TEST(transport_of(a, b) == "udp");
  BOOST_TEST(transport_of(b, a) == "udp");
  send(a, b, "chat", "small");
  send(a, b, "chat", std::string(3'000'000, 'x'));
  run(20s);
  const lines expected{"A chat: small", "A chat: <3000000 bytes>"};
  BOOST_TEST(b.heard->frames == expected);
}

BOOST_FIXTURE_TEST_CASE(blocked_datagrams_cost_the_head_start_once, two_transports) {
  let_through(false, true);
  BOOST_TEST(connect_time() == 1200 + 40);
  BOOST_TEST(transport_of(a, b) == "tcp");
  tell(a, actors::disconnect_peer{b.id});
  run(1s);
  // Now it is known what works there.
  BOOST_TEST(connect_time() == 40);
  BOOST_TEST(transport_of(a, b) == "tcp");
}

BOOST_FIXTURE_TEST_CASE(blocked_streams_are_not_missed, two_transports) {
  let_through(true, false);
  BOOST_TEST(connect_time() == 40);
  BOOST_TEST(transport_of(a, b) == "udp");
}

BOOST_FIXTURE_TEST_CASE(with_both_blocked_the_dial_fails_in_time, two_transports) {
  let_through(false, false);
  const auto began = world.elapsed();
  BOOST_TEST(connect(a, b) != "");
  BOOST_TEST((world.elapsed() - began <= 16s));
  let_through(true, true);
  BOOST_TEST(connect(a, b) == "");
}

BOOST_AUTO_TEST_CASE(a_port_without_datagrams_is_left_at_once_for_tcp) {
  sim_nodes net;
  auto& a = net.add();
  auto& b = net.add(without_udp);
  const auto began = net.world.elapsed();
  const auto reply = net.dial(a, b);
  BOOST_TEST_REQUIRE(net.await(reply));
  // The refusal takes one round trip, TCP and its handshake two.
  const auto took = net.world.elapsed() - began;
  BOOST_TEST((took == 60ms));
  net.run(1s);
  BOOST_TEST(a.heard->identified.at(b.id).info.transports == protocols::transport_bit_tcp);
}

BOOST_AUTO_TEST_CASE(without_a_fallback_only_the_preferred_transport_is_tried) {
  sim_nodes net;
  auto& a = net.add([](auto& x) { x.transports.fallback_delay = 0s; });
  auto& b = net.add(without_udp);
  BOOST_TEST(net.connect(a, b) == "cannot connect to 10.0.0.2:4000 over UDP: Connection refused");
}

BOOST_AUTO_TEST_CASE(a_node_that_only_dials_uses_datagrams_too) {
  sim_nodes net;
  auto& a = net.add([](auto& x) { x.listen = false; });
  auto& b = net.add();
  BOOST_TEST(net.connect(a, b) == "");
  BOOST_TEST((net.peers(b).at(0).link.transport == protocols::transport::udp));
  BOOST_TEST(b.heard->identified.at(a.id).info.transports == 0u);
}

BOOST_FIXTURE_TEST_CASE(what_was_sent_before_the_stop_still_arrives, two_transports) {
  BOOST_TEST_REQUIRE(handle_channel(b, "chat") == "");
  connect_time();
  for (int i = 0; i < 50; ++i)
    send(a, b, "chat", std::string(10'000, 'x'));
  run(1ms);  // Until the node has them.
  caf::anon_send_exit(a.node, caf::exit_reason::user_shutdown);
  run(5s);
  BOOST_TEST(b.heard->frame_count == 50u);
  BOOST_TEST(b.heard->count("disconnected A: closed by the peer") == 1u);
  BOOST_TEST(a.end->has_value());
}

BOOST_FIXTURE_TEST_CASE(a_mux_that_crashes_breaks_its_links_and_heals, two_transports) {
  auto& c = add(over_tcp);
  BOOST_TEST_REQUIRE(connect(c, a) == "");
  connect_time();
  crash(a, "datagram_mux");
  run(10s);
  BOOST_TEST(a.heard->count("disconnected B") == 1u);
  BOOST_TEST(b.heard->count("disconnected A") == 1u);
  BOOST_TEST(a.heard->count("disconnected C") == 0u);  // Over TCP nobody noticed.
  BOOST_TEST(connect_time() == 40);
  BOOST_TEST(transport_of(a, b) == "udp");
  tell(b, actors::disconnect_peer{a.id});
  run(1s);
  BOOST_TEST(connect(b, a) == "");  // It listens again, on its port.
  BOOST_TEST(transport_of(b, a) == "udp");
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_starts_again_with_its_key_takes_its_old_links_place, two_transports) {
  connect_time();
  auto& host = b.host;
  host.power_off();
  run(5s);
  auto& again = add_on(host, 1);
  run(1s);
  BOOST_TEST((again.id == b.id));
  BOOST_TEST(connect(again, a) == "");
  run(1min);
  BOOST_TEST(a.heard->count("disconnected") == 0u);
  BOOST_TEST(peers(a).size() == 1u);
  BOOST_TEST(peers(again).size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_program_that_died_without_a_word_is_missed_soon, two_transports) {
  connect_time();
  b.host.power_off();
  // Its machine lives and says that nobody has the port.
  auto& other = add_on(b.host, 7, [](auto& x) { x.listener.local.port = 5000; });
  BOOST_TEST(connect(a, b.host.address().to_string(), 5000) == "");
  BOOST_TEST_REQUIRE(world.run_until([&] { return a.heard->count("disconnected B") == 1; }, 15s));
  BOOST_TEST(a.heard->count("disconnected B: Connection refused") == 1u);
  run(1min);
  BOOST_TEST(peers(a).size() == 1u);
  BOOST_TEST(peers(other).size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(foreign_datagrams_go_to_who_asked_for_them, two_transports) {
  struct listener final : runtime::datagram_events {
    void datagram_received(const endpoint& from, mutable_bytes_view in) override {
      heard.push_back(from.to_string() + ": " + std::string{as_text(in)});
    }
    void datagrams_drained() override {}
    void datagrams_writable() override {}
    void datagram_refused(const endpoint&, std::error_code) override {}
    lines heard;
  } stranger;
  auto& elsewhere = world.add_host();
  auto socket = elsewhere.net().open_datagrams({ip_address::v6_any(), 3478}, true, stranger);
  BOOST_TEST_REQUIRE(socket.ok());
  const auto mux = find_part(tree(a), "datagram_mux")->handle;
  a.heard->guarded([&] {
    a.heard->tell(mux, actors::register_datagrams{a.watcher});
    a.heard->tell(mux, actors::send_datagram{{elsewhere.address(), 3478}, byte_slice::copy_of("knock")});
  });
  run(1s);
  const lines knock{"10.0.0.1:4000: knock"};
  BOOST_TEST(stranger.heard == knock);
  (*socket)->send(a.address(), as_bytes(std::string_view{"\x01\x01 a STUN answer, say", 20}));
  (*socket)->flush();
  run(1s);
  BOOST_TEST(a.heard->frames.size() == 1u);
  const auto report = request<actors::datagram_report>(a, mux, actors::get_datagram_report{});
  BOOST_TEST_REQUIRE(await(report));
  BOOST_TEST(report->value->foreign == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_change_of_the_path_below_a_stream_is_survived, two_transports) {
  BOOST_TEST_REQUIRE(handle_channel(b, "chat") == "");
  connect_time();
  runtime::link_profile rough;
  rough.loss = 0.2;
  rough.duplication = 0.1;
  rough.reordering = 0.2;
  rough.jitter = 30ms;
  world.set_default_link(rough);
  for (int i = 0; i < 100; ++i)
    send(a, b, "chat", std::string(5'000, 'x'));
  run(1min);
  BOOST_TEST(b.heard->frame_count == 100u);
  BOOST_TEST(a.heard->count("disconnected") == 0u);
  const auto report = peers(a).at(0);
  BOOST_TEST(report.quality.packets_sent > 500u);
  BOOST_TEST(report.quality.retransmissions > 50u);  // A fifth was lost.
  BOOST_TEST(report.quality.retransmissions < report.quality.packets_sent / 2);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
