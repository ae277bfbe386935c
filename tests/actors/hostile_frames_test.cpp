// SPDX-License-Identifier: MIT
#include "protocols/control/identify.hpp"
#include "tests/actors/sim_nodes.hpp"
#include "tests/actors/wire_client.hpp"

namespace librats::test {

namespace {

using protocols::message_type;

/// A and B are connected; X has a link to A and misuses it.
struct infiltrated : sim_nodes {
  infiltrated() {
    BOOST_TEST_REQUIRE(handle_channel(a, "chat") == "");
    tell(a, actors::register_typed{"move", a.watcher});
    BOOST_TEST_REQUIRE(connect(b, a) == "");
    names.peers[x.id()] = "X";
    BOOST_TEST_REQUIRE(x.establish());
    run(1s);
  }

  void expect_link_up() {
    run(1s);
    a.heard->frames.clear();
    x.send_app("chat", "still here");
    run(1s);
    BOOST_TEST(!x.ended());
    BOOST_TEST(a.heard->frames == std::vector<std::string>{"X chat: still here"});
    expect_nobody_else_hurt();
  }

  void expect_link_down(const std::string& why) {
    run(1s);
    BOOST_TEST(x.ended());
    BOOST_TEST(a.heard->events.back() == "disconnected X: " + why);
    expect_nobody_else_hurt();
  }

  void expect_nobody_else_hurt() {
    BOOST_TEST(b.heard->count("disconnected") == 0u);
    BOOST_TEST(a.heard->count("disconnected B") == 0u);
    for (const auto& part : tree(a).children)
      BOOST_TEST(part.restarts == 0u, part.name << " was restarted");
  }

  std::vector<std::string> known_addresses() {
    std::vector<std::string> out;
    for (const auto& one : peers(a))
      if (one.link.id == x.id())
        for (const auto& address : one.addresses)
          out.push_back(address.to_string());
    return out;
  }

  sim_node& a = add();
  sim_node& b = add();
  runtime::sim_host& villain = world.add_host();
  wire_peer x{villain, a.address(), 0x66};
};

bytes identify_with(const std::vector<std::string>& addresses, std::uint16_t port = 9) {
  protocols::identify out;
  out.listen_port = port;
  for (const auto& one : addresses)
    out.addresses.push_back(*endpoint::parse(one));
  return protocols::encode(out);
}

} // namespace

BOOST_AUTO_TEST_SUITE(hostile_frames)

BOOST_FIXTURE_TEST_CASE(every_message_type_that_nobody_handles_is_ignored, infiltrated) {
  for (int type = 0; type < 256; ++type)
    for (const std::size_t size : {0, 1, 9, 100})
      x.send(static_cast<message_type>(type), bytes(size, 0xee));
  expect_link_up();
}

BOOST_FIXTURE_TEST_CASE(every_channel_that_nobody_handles_is_ignored, infiltrated) {
  for (int channel = 0; channel < 65536; channel += 13)
    if (channel != protocols::channel_of("chat"))
      x.send(message_type::app, as_bytes("anybody?"), static_cast<protocols::channel_id>(channel));
  run(1s);
  BOOST_TEST(a.heard->frames.empty());
  expect_link_up();
}

BOOST_FIXTURE_TEST_CASE(a_forged_block_ends_the_link_after_what_came_before_it, infiltrated) {
  auto forged = x.seal(message_type::app, as_bytes("forged"), protocols::channel_of("chat"));
  auto honest = x.seal(message_type::app, as_bytes("out of order"), protocols::channel_of("chat"));
  forged.back() ^= 1;
  x.write(forged);
  x.write(honest);
  expect_link_down("broken frame: authentication failed");
  BOOST_TEST(a.heard->frames.empty());
}

BOOST_FIXTURE_TEST_CASE(a_replayed_block_ends_the_link, infiltrated) {
  const auto once = x.seal(message_type::app, as_bytes("once"), protocols::channel_of("chat"));
  x.write(once);
  x.write(once);
  run(1s);
  BOOST_TEST(x.ended());
  BOOST_TEST(a.heard->frames == std::vector<std::string>{"X chat: once"});
  expect_nobody_else_hurt();
}

BOOST_FIXTURE_TEST_CASE(an_oversized_prefix_ends_an_established_link_at_once, infiltrated) {
  x.write(bytes{4, 0, 0, 1});
  expect_link_down("broken frame: declared size above the limit");
}

BOOST_FIXTURE_TEST_CASE(a_promise_of_64_mib_that_is_not_kept_harms_nobody, infiltrated) {
  x.write(bytes{4, 0, 0, 0});
  x.write(bytes(1000, 0x55));
  run(2min);  // The pings of A arrive, so the peer lives; it may take its time.
  BOOST_TEST(!x.ended());
  expect_nobody_else_hurt();
  x.close();
  run(1s);
  BOOST_TEST(a.heard->count("disconnected X") == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_block_without_room_for_a_header_ends_the_link, infiltrated) {
  for (std::uint8_t size = 0; size < 20; size += 19) {
    wire_peer y{villain, a.address(), static_cast<std::uint8_t>(0x40 + size)};
    BOOST_TEST_REQUIRE(y.establish());
    run(100ms);
    bytes small{0, 0, 0, size};
    small.resize(4u + size, 0x55);
    y.write(small);
    BOOST_TEST(y.await_end(1s));
  }
  expect_link_up();
}

BOOST_AUTO_TEST_CASE(a_plaintext_frame_below_four_bytes_ends_the_link) {
  for (std::uint8_t size = 0; size < 4; ++size) {
    sim_nodes net;
    auto& a = net.add([](auto& options) {
      auto session = std::make_shared<protocols::session_config>(*options.session);
      session->security = protocols::security_mode::plaintext;
      options.session = session;
      options.allow_plaintext_remote = true;
    });
    wire_peer x{net.world.add_host(), a.address(), 0x66, 2, protocols::security_mode::plaintext};
    BOOST_TEST_REQUIRE(x.establish());
    net.run(1s);
    BOOST_TEST(a.heard->count("connected") == 1u);
    bytes small{0, 0, 0, size};
    small.resize(4u + size, 1);
    x.write(small);
    BOOST_TEST(x.await_end(1s), int{size} << " bytes");
    BOOST_TEST(a.heard->events.back().find("broken frame") != std::string::npos);
  }
}

BOOST_FIXTURE_TEST_CASE(an_identify_that_is_no_identify_is_ignored, infiltrated) {
  bytes too_many{1, 0, 9, 33};
  for (int i = 0; i < 33; ++i)
    too_many.insert(too_many.end(), {4, 10, 0, 0, 1, 0, 9});
  const std::vector<bytes> bad{{}, {1}, {2, 0, 9, 0, 0}, {1, 0, 9, 255}, {1, 0, 9, 1, 5, 1, 2, 3, 4, 5, 0, 9, 0, 0},
    {1, 0, 9, 1, 4, 1, 2}, {1, 0, 9, 0, 7, 1, 2, 3}, too_many, bytes(5000, 0xff)};
  for (const auto& one : bad)
    x.send(message_type::control, one);
  expect_link_up();
  BOOST_TEST(a.heard->count("identified X") == 0u);
  // A good one after all that counts.
  x.send(message_type::control, identify_with({}));
  run(1s);
  BOOST_TEST(a.heard->count("identified X") == 1u);
}

BOOST_FIXTURE_TEST_CASE(random_identifies_are_survived, infiltrated) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    runtime::sim_random random{seed};
    bytes noise(random.below(80));
    random.fill(noise);
    if (noise.size() > 4)
      noise[0] = 1, noise[3] %= 8;
    x.send(message_type::control, noise);
  }
  expect_link_up();
  BOOST_TEST(known_addresses().size() <= 32u);
}

BOOST_FIXTURE_TEST_CASE(claims_that_nobody_elsewhere_can_use_are_not_believed, infiltrated) {
  x.send(message_type::control,
    identify_with({"127.0.0.1:22", "[::1]:22", "169.254.1.1:80", "[fe80::1]:80", "224.0.0.1:80", "8.8.8.8:53",
      "192.168.1.1:80", "8.8.8.8:53", "[2001:db8::1]:9"}));
  run(1s);
  // Seen at 10.0.0.3, a private address, so private ones may be near.
  const std::vector<std::string> expected{"10.0.0.3:9", "8.8.8.8:53", "192.168.1.1:80", "[2001:db8::1]:9"};
  BOOST_TEST(known_addresses() == expected);
  expect_link_up();
}

BOOST_FIXTURE_TEST_CASE(ten_thousand_identifies_leave_the_last_one, infiltrated) {
  for (int i = 1; i <= 10'000; ++i) {
    x.send(message_type::control, identify_with({"1.2.3.4:" + std::to_string(i)}));
    if (i % 1000 == 0)
      run(100ms);
  }
  run(5s);
  const std::vector<std::string> expected{"10.0.0.3:9", "1.2.3.4:10000"};
  BOOST_TEST(known_addresses() == expected);
  BOOST_TEST(status(a).observed_addresses.size() <= 16u);
  expect_link_up();
}

BOOST_FIXTURE_TEST_CASE(lies_about_our_own_address_are_bounded, infiltrated) {
  for (std::uint8_t i = 1; i <= 100; ++i) {
    protocols::identify lie;
    lie.listen_port = 9;
    lie.observed = endpoint{ip_address::v4(66, 6, 6, i), 0};
    x.send(message_type::control, protocols::encode(lie));
  }
  run(1s);
  BOOST_TEST(status(a).observed_addresses.size() <= 16u);
  expect_link_up();
}

BOOST_FIXTURE_TEST_CASE(malformed_typed_messages_are_ignored, infiltrated) {
  const std::vector<bytes> bad{{}, {0}, {0, 0}, {0, 4, 'm'}, {0, 4, 'm', 'o', 'v', 'e'}, {255, 255, 'x', '1'}};
  for (const auto& one : bad)
    x.send(message_type::typed, one);
  x.send(message_type::typed, bytes{0, 4, 'm', 'o', 'v', 'e', '{'});
  run(1s);
  BOOST_TEST(a.heard->frames == std::vector<std::string>{"X typed move: {"});
  expect_link_up();
}

BOOST_FIXTURE_TEST_CASE(malformed_pings_are_ignored_and_good_ones_answered, infiltrated) {
  x.frames.clear();
  for (std::size_t size = 0; size < 20; ++size)
    if (size != 9)
      x.send(message_type::ping, bytes(size, 0));
  x.send(message_type::ping, bytes{2, 1, 2, 3, 4, 5, 6, 7, 8});  // Neither ping nor pong.
  x.send(message_type::ping, bytes{1, 1, 2, 3, 4, 5, 6, 7, 8});  // A pong that nobody asked for.
  run(1s);
  BOOST_TEST(a.heard->rtts.size() <= 1u);  // B's.
  const bytes ping{0, 1, 2, 3, 4, 5, 6, 7, 8};
  x.send(message_type::ping, ping);
  run(1s);
  std::size_t answers = 0;
  for (const auto& one : x.frames)
    answers += one.payload == bytes{1, 1, 2, 3, 4, 5, 6, 7, 8} ? 1 : 0;
  BOOST_TEST(answers == 1u);
  expect_link_up();
}

BOOST_FIXTURE_TEST_CASE(a_million_pings_are_answered_in_bounded_memory, infiltrated) {
  // Answers are small; who sends more pings than it reads answers is a slow consumer like any other.
  x.stop_reading();
  const bytes ping{0, 1, 2, 3, 4, 5, 6, 7, 8};
  for (int i = 0; i < 200 && !x.ended(); ++i) {
    for (int j = 0; j < 1000; ++j)
      x.send(message_type::ping, ping);
    run(20ms);
  }
  run(1min);
  for (const auto& one : peers(a))
    BOOST_TEST(one.queued <= actors::connection_limits{}.send_queue_max);
  expect_nobody_else_hurt();
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
