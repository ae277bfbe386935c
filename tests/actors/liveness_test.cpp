// SPDX-License-Identifier: MIT
#include "protocols/ping/ping.hpp"
#include "tests/actors/sim_nodes.hpp"
#include "tests/actors/wire_client.hpp"

namespace librats::test {

struct live_nodes : sim_nodes {
  sim_node& a = add(over_tcp);
  sim_node& b = add(over_tcp);
};

BOOST_AUTO_TEST_SUITE(liveness)

BOOST_FIXTURE_TEST_CASE(the_measured_round_trip_is_that_of_the_network, live_nodes) {
  runtime::link_profile there;
  there.latency = 35ms;
  runtime::link_profile back;
  back.latency = 15ms;
  world.set_link(a.host, b.host, there);
  world.set_link(b.host, a.host, back);
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  run(1min);
  for (auto* one : {&a, &b}) {
    BOOST_TEST(one->heard->rtts.size() >= 5u);
    for (const auto& x : one->heard->rtts) {
      BOOST_TEST((x.latest == 50ms));
      BOOST_TEST((x.smoothed == 50ms));
    }
    const auto report = peers(*one);
    BOOST_TEST_REQUIRE(report.size() == 1u);
    BOOST_TEST((report[0].rtt == 50ms));
  }
}

BOOST_FIXTURE_TEST_CASE(a_peer_behind_a_cut_wire_is_dropped_after_the_silence, live_nodes) {
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  run(30s);
  const auto began = world.elapsed();
  cut(a, b);
  BOOST_TEST_REQUIRE(world.run_until([&] { return a.heard->count("disconnected") == 1; }, 5min));
  const auto took = world.elapsed() - began;
  // 45 s after the last word from B, which came at most 10 s before the cut.
  BOOST_TEST((took > 35s && took <= 46s));
  BOOST_TEST(a.heard->events.back().find("disconnected B: no sign of life for ") == 0u);
  run(1min);
  BOOST_TEST(b.heard->count("disconnected A") == 1u);
  world.heal();
  BOOST_TEST(connect(a, b) == "");
}

BOOST_FIXTURE_TEST_CASE(a_short_cut_is_survived, live_nodes) {
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  run(30s);
  cut(a, b);
  run(25s);
  world.heal();
  run(2min);
  BOOST_TEST(a.heard->count("disconnected") == 0u);
  BOOST_TEST(b.heard->count("disconnected") == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_never_answers_is_kept, live_nodes) {
  wire_peer mute{world.add_host(), a.address(), 0x77};
  BOOST_TEST_REQUIRE(mute.establish());
  run(10min);
  BOOST_TEST(!mute.ended());
  BOOST_TEST(mute.count(protocols::message_type::ping) >= 50u);
  BOOST_TEST(a.heard->count("disconnected") == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_stops_answering_but_goes_on_talking_is_kept, live_nodes) {
  wire_peer talker{world.add_host(), a.address(), 0x77};
  BOOST_TEST_REQUIRE(talker.establish());
  // It answers once, so that its silence would count from then on.
  BOOST_TEST_REQUIRE(
    world.run_until([&] { return talker.count(protocols::message_type::ping) == 1; }, 1min));
  const auto ping = protocols::decode_ping(talker.frames.back().payload);
  BOOST_TEST_REQUIRE(ping.ok());
  talker.send(protocols::message_type::ping, encode(ping->answer()));
  run(1s);
  BOOST_TEST(a.heard->rtts.size() == 1u);
  // A file on its way: every 20 s one block, of a type that nobody handles.
  for (int i = 0; i < 20; ++i) {
    talker.send(protocols::message_type::file_chunk, bytes(1000));
    run(20s);
  }
  BOOST_TEST(!talker.ended());
  // And now it is silent.
  BOOST_TEST(talker.await_end(1min));
  BOOST_TEST(a.heard->events.back().find("no sign of life") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_busy_one_way_link_does_not_look_dead, live_nodes) {
  // B's pongs wait behind nothing, but A's pings wait behind two minutes of data on a thin line.
  BOOST_TEST_REQUIRE(handle_channel(b, "data") == "");
  b.heard->keeps_frames = false;
  a.host.set_uplink({20'000, 256 * 1024});
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  run(15s);
  for (int i = 0; i < 25; ++i) {
    send(a, b, "data", std::string(100'000, 'x'));
    run(5s);
  }
  run(3min);
  BOOST_TEST(b.heard->frame_count == 25u);
  BOOST_TEST(a.heard->count("disconnected") == 0u);
  BOOST_TEST(b.heard->count("disconnected") == 0u);
}

BOOST_AUTO_TEST_CASE(pings_are_answered_by_a_node_that_sends_none) {
  sim_nodes net;
  auto& a = net.add(over_tcp);
  auto& quiet = net.add([](auto& x) { x.liveness = false; });
  BOOST_TEST_REQUIRE(net.connect(a, quiet) == "");
  net.run(1min);
  BOOST_TEST(a.heard->rtts.size() >= 5u);
  BOOST_TEST(quiet.heard->rtts.empty());
  // It never drops anybody.
  net.cut(a, quiet);
  net.run(50s);
  BOOST_TEST(a.heard->count("disconnected") == 1u);
  BOOST_TEST(quiet.heard->count("disconnected") == 0u);
}

BOOST_FIXTURE_TEST_CASE(pings_follow_a_link_that_was_replaced, live_nodes) {
  BOOST_TEST_REQUIRE(connect(a, b) == "");
  run(15s);
  BOOST_TEST_REQUIRE(await(dial(a, b)));
  a.heard->rtts.clear();
  run(1min);
  BOOST_TEST(a.heard->rtts.size() >= 4u);
  BOOST_TEST(a.heard->count("disconnected") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
