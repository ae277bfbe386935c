// SPDX-License-Identifier: MIT
#include "tests/actors/sim_nodes.hpp"
#include "tests/actors/wire_client.hpp"

#include <algorithm>

namespace librats::test {

namespace {

using lines = std::vector<std::string>;

std::size_t link_count(sim_nodes& net, sim_node& x) {
  const auto all = net.tree(x);
  const auto* links = find_part(all, "connection_supervisor");
  return links != nullptr ? links->children.size() : 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(limits)

BOOST_AUTO_TEST_CASE(a_peer_that_never_reads_is_dropped_and_nobody_else_suffers) {
  sim_nodes net;
  auto& a = net.add();
  auto& b = net.add();
  BOOST_TEST_REQUIRE(net.handle_channel(b, "data") == "");
  BOOST_TEST_REQUIRE(net.connect(a, b) == "");
  wire_peer sink{net.world.add_host(), a.address(), 0x66};
  net.names.peers[sink.id()] = "X";
  BOOST_TEST_REQUIRE(sink.establish());
  net.run(1s);
  sink.stop_reading();
  // A broadcast of 64 KiB, paced so that B keeps up: memory for X grows to its limit and no further.
  std::size_t sent = 0;
  std::size_t queued_max = 0;
  while (a.heard->count("disconnected X") == 0 && sent < 1000) {
    net.broadcast(a, "data", std::string(65536, 'x'));
    ++sent;
    net.run(50ms);
    if (sent % 10 == 0)
      for (const auto& one : net.peers(a))
        queued_max = std::max(queued_max, one.queued);
  }
  // 8 MiB in our queue, and what the simulated kernels hold.
  BOOST_TEST(sent >= 128u);
  BOOST_TEST(sent <= 140u);
  BOOST_TEST(queued_max > 6u * 1024 * 1024);
  BOOST_TEST(queued_max <= 8u * 1024 * 1024);
  const auto& events = a.heard->events;
  const auto at = [&](const std::string& text) {
    const auto begins = [&](const auto& x) { return x.find(text) == 0; };
    return std::find_if(events.begin(), events.end(), begins) - events.begin();
  };
  BOOST_TEST(a.heard->count("congested X") == 1u);
  BOOST_TEST(at("congested X") < at("disconnected X: slow consumer: "));
  BOOST_TEST(at("disconnected X: slow consumer: ") < static_cast<std::ptrdiff_t>(events.size()));
  net.run(1s);
  BOOST_TEST(b.heard->frame_count == sent);
  BOOST_TEST(b.heard->count("disconnected") == 0u);
  BOOST_TEST(a.heard->count("congested B") == 0u);
}

BOOST_AUTO_TEST_CASE(small_frames_do_not_escape_the_limit) {
  sim_nodes net;
  auto& a = net.add([](auto& x) { x.limits.send_queue_max = 100'000; });
  wire_peer sink{net.world.add_host(), a.address(), 0x66};
  net.names.peers[sink.id()] = "X";
  BOOST_TEST_REQUIRE(sink.establish());
  net.run(1s);
  sink.stop_reading();
  // Empty frames: 24 bytes each on the wire, yet memory here.
  std::size_t sent = 0;
  while (a.heard->count("disconnected X") == 0 && sent < 1'000'000) {
    net.tell(a, actors::broadcast_frames{actors::make_batch(std::vector<actors::frame>(500))});
    sent += 500;
    net.run(1ms);
  }
  BOOST_TEST(sent < 30'000u);
}

BOOST_AUTO_TEST_CASE(a_receiver_that_is_behind_slows_its_peer_down_and_gets_everything) {
  for (const auto kind : {protocols::transport::tcp, protocols::transport::udp}) {
    sim_nodes net;
    auto& a = net.add([&](auto& x) { x.transports.preferred = kind; });
    auto& b = net.add([](auto& x) { x.limits.receive_window = 1 << 20; });
    BOOST_TEST_REQUIRE(net.handle_channel(b, "data") == "");
    BOOST_TEST_REQUIRE(net.connect(a, b) == "");
    BOOST_TEST_REQUIRE((a.heard->links.at(b.id).front().transport == kind));
    net.tell(b, actors::register_typed{"last", b.watcher});
    b.heard->is_behind = true;
    b.heard->keeps_frames = false;
    for (int i = 0; i < 480; ++i)
      net.send(a, b, "data", std::string(16384, 'x'));
    net.send_typed(a, b, "last", "1");
    net.run(30s);
    // The window, and what was read before the receiver was seen to be behind.
    BOOST_TEST(b.heard->frame_bytes >= 1u << 20);
    BOOST_TEST(b.heard->frame_bytes <= 2u << 20);
    BOOST_TEST(a.heard->count("disconnected") == 0u);
    for (int i = 0; i < 10 && b.heard->frame_count < 481; ++i) {
      b.heard->receipts.clear();
      net.run(5s);
    }
    BOOST_TEST(b.heard->frame_bytes == 480u * 16384);
    BOOST_TEST(b.heard->frames == lines{"A typed last: 1"});
  }
}

BOOST_AUTO_TEST_CASE(a_node_that_does_not_listen_does_not_take_its_peer_for_dead) {
  sim_nodes net;
  auto& a = net.add([](auto& x) { x.liveness = false; });
  auto& b = net.add([](auto& x) { x.limits.receive_window = 1 << 16; });
  BOOST_TEST_REQUIRE(net.handle_channel(b, "data") == "");
  BOOST_TEST_REQUIRE(net.connect(a, b) == "");
  net.run(1min);  // Its pings are answered.
  b.heard->is_behind = true;
  for (int i = 0; i < 300; ++i)
    net.send(a, b, "data", std::string(16384, 'x'));
  net.run(5min);
  BOOST_TEST(b.heard->count("disconnected") == 0u);
  BOOST_TEST(b.heard->frame_count < 300u);
  b.heard->is_behind = false;
  b.heard->receipts.clear();
  net.run(1min);
  BOOST_TEST(b.heard->frame_count == 300u);
  BOOST_TEST(b.heard->count("disconnected") == 0u);
}

BOOST_AUTO_TEST_CASE(a_source_that_connects_again_and_again_is_slowed_down) {
  sim_nodes net;
  auto& a = net.add();
  auto& villain = net.world.add_host();
  const auto storm = [&](int batches) {
    for (int i = 0; i < batches; ++i) {
      std::list<wire_client> batch;  // Gone before it counts as too many at once.
      for (int j = 0; j < 40; ++j)
        batch.emplace_back(villain, a.address());
      net.run(30ms);
    }
    net.run(100ms);
  };
  storm(5);
  BOOST_TEST(net.status(a).links_refused == 0u);
  storm(20);
  const auto refused = net.status(a).links_refused;
  BOOST_TEST(refused > 500u);
  BOOST_TEST(net.connect(a, net.add()) == "");
  BOOST_TEST(net.connect(net.add(over_tcp), a) == "");  // Others are not concerned.
  net.run(10s);
  storm(5);
  BOOST_TEST(net.status(a).links_refused == refused);  // In time it is forgiven.
}

BOOST_AUTO_TEST_CASE(two_thousand_half_open_streams_are_held_at_the_limit) {
  sim_nodes net;
  auto& a = net.add();
  auto& b = net.add();
  BOOST_TEST_REQUIRE(net.handle_channel(a, "chat") == "");
  BOOST_TEST_REQUIRE(net.connect(a, b) == "");
  std::list<wire_client> crowd;
  std::vector<runtime::sim_host*> villains;
  for (int i = 0; i < 40; ++i)
    villains.push_back(&net.world.add_host());
  for (int i = 0; i < 2000; ++i)
    crowd.emplace_back(*villains[static_cast<std::size_t>(i) % villains.size()], a.address());
  net.run(1s);
  const actors::connection_limits limits;
  BOOST_TEST(link_count(net, a) == limits.half_open_max + 1);
  BOOST_TEST(net.status(a).links_refused == 2000 - limits.half_open_max);
  // The established peer notices nothing; an outbound dial gets through.
  net.send(b, a, "chat", "busy today?");
  net.run(1s);
  BOOST_TEST(a.heard->frames == lines{"B chat: busy today?"});
  auto& c = net.add();
  BOOST_TEST(net.connect(a, c) == "");
  // After the deadline all is free again.
  net.run(15s);
  BOOST_TEST(link_count(net, a) == 2u);
  BOOST_TEST(net.status(a).handshakes_failed == limits.half_open_max);
  auto& d = net.add();
  BOOST_TEST(net.connect(d, a) == "");
  for (const auto& one : crowd)
    BOOST_TEST_REQUIRE(one.ended());
  BOOST_TEST(a.heard->count("disconnected") == 0u);
}

BOOST_AUTO_TEST_CASE(one_address_cannot_take_all_the_places) {
  sim_nodes net;
  auto& a = net.add();
  auto& villain = net.world.add_host();
  std::list<wire_client> crowd;
  for (int i = 0; i < 500; ++i)
    crowd.emplace_back(villain, a.address());
  net.run(1s);
  const actors::connection_limits limits;
  BOOST_TEST(link_count(net, a) == limits.half_open_per_address_max);
  auto& b = net.add();
  BOOST_TEST(net.connect(b, a) == "");
  // Places are free again as soon as a stream goes, not only at the deadline.
  crowd.clear();
  net.run(1s);
  BOOST_TEST(link_count(net, a) == 1u);
  wire_peer honest{villain, a.address(), 0x55};
  BOOST_TEST(honest.establish());
  net.run(1s);
  BOOST_TEST(net.status(a).peers == 2u);
}

BOOST_AUTO_TEST_CASE(programs_on_the_same_machine_share_the_whole_limit) {
  sim_nodes net;
  auto& a = net.add();
  std::list<wire_client> crowd;
  for (int i = 0; i < 600; ++i)
    crowd.emplace_back(a.host, endpoint{ip_address::v4_loopback(), sim_node::port});
  net.run(1s);
  BOOST_TEST(link_count(net, a) == actors::connection_limits{}.half_open_max);
  BOOST_TEST(net.status(a).links_refused == 600 - actors::connection_limits{}.half_open_max);
  net.run(15s);
  BOOST_TEST(link_count(net, a) == 0u);
}

BOOST_AUTO_TEST_CASE(half_open_streams_are_still_counted_after_a_crash_of_the_supervisor) {
  sim_nodes net;
  auto& a = net.add();
  auto& villain = net.world.add_host();
  std::list<wire_client> crowd;
  for (int i = 0; i < 64; ++i)
    crowd.emplace_back(villain, a.address());
  net.run(1s);
  net.crash(a, "connection_supervisor");
  net.run(2s);
  BOOST_TEST(link_count(net, a) == 64u);
  wire_client one_more{villain, a.address()};
  BOOST_TEST(one_more.open());
  BOOST_TEST(one_more.await_end(1s));
  BOOST_TEST(net.status(a).links_refused == 1u);
  net.run(15s);
  BOOST_TEST(link_count(net, a) == 0u);
  wire_peer honest{villain, a.address(), 0x55};
  BOOST_TEST(honest.establish());
}

BOOST_AUTO_TEST_CASE(the_peer_limit_guards_the_door_but_not_the_way_out) {
  sim_nodes net;
  auto& a = net.add([](auto& x) { x.limits.peers_max = 2; });
  auto& b = net.add();
  auto& c = net.add();
  auto& d = net.add();
  BOOST_TEST_REQUIRE(net.connect(b, a) == "");
  BOOST_TEST_REQUIRE(net.connect(c, a) == "");
  static_cast<void>(net.connect(d, a));
  net.run(5s);
  BOOST_TEST(net.peer_names(a) == "B C");
  BOOST_TEST(net.peer_names(d) == "");
  // Whom we call ourselves is welcome.
  BOOST_TEST(net.connect(a, d) == "");
  BOOST_TEST(net.peer_names(a) == "B C D");
  // A peer that is known may come again.
  BOOST_TEST(net.connect(b, a) == "");
  net.run(5s);
  BOOST_TEST(net.peer_names(a) == "B C D");
  BOOST_TEST(a.heard->count("disconnected B") == 0u);
  // Places become free.
  net.stop(c);
  net.stop(d);
  auto& e = net.add();
  BOOST_TEST(net.connect(e, a) == "");
  BOOST_TEST(net.peer_names(a) == "B E");
}

BOOST_AUTO_TEST_CASE(what_the_line_can_carry_never_counts_against_the_limit) {
  // Twelve megabytes are more than the queue may hold, but not in portions that the line can carry.
  sim_nodes net;
  auto& a = net.add();
  auto& b = net.add();
  BOOST_TEST_REQUIRE(net.handle_channel(b, "data") == "");
  b.heard->keeps_frames = false;
  BOOST_TEST_REQUIRE(net.connect(a, b) == "");
  for (int i = 0; i < 120; ++i) {
    net.send(a, b, "data", std::string(100'000, 'x'));
    net.run(20ms);
  }
  net.run(5s);
  BOOST_TEST(b.heard->frame_bytes == 12'000'000u);
  BOOST_TEST(a.heard->count("disconnected") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
