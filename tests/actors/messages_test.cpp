// SPDX-License-Identifier: MIT
#include "tests/actors/sim_nodes.hpp"

namespace librats::test {

using lines = std::vector<std::string>;

struct connected_nodes : sim_nodes {
  connected_nodes() {
    BOOST_TEST_REQUIRE(handle_channel(a, "chat") == "");
    BOOST_TEST_REQUIRE(handle_channel(b, "chat") == "");
    BOOST_TEST_REQUIRE(connect(a, b) == "");
  }
  sim_node& a = add(over_tcp);
  sim_node& b = add(over_tcp);
};

BOOST_AUTO_TEST_SUITE(messages)

BOOST_FIXTURE_TEST_CASE(frames_of_a_channel_arrive_in_order_both_ways, connected_nodes) {
  lines to_b;
  lines to_a;
  for (int i = 0; i < 100; ++i) {
    send(a, b, "chat", std::to_string(i));
    send(b, a, "chat", std::to_string(-i));
    to_b.push_back("A chat: " + std::to_string(i));
    to_a.push_back("B chat: " + std::to_string(-i));
    if (i % 10 == 0)
      run(3ms);
  }
  run(1s);
  BOOST_TEST(b.heard->frames == to_b);
  BOOST_TEST(a.heard->frames == to_a);
}

BOOST_FIXTURE_TEST_CASE(a_batch_stays_together_whatever_its_types, connected_nodes) {
  BOOST_TEST_REQUIRE(handle_channel(b, "news") == "");
  tell(b, actors::register_messages{protocols::message_type::gossip, b.watcher});
  std::vector<actors::frame> batch;
  const auto add_frame = [&](protocols::message_type type, const char* channel, const char* text) {
    batch.push_back({{type, 0, protocols::channel_of(channel)}, byte_slice::copy_of(std::string_view{text})});
  };
  add_frame(protocols::message_type::app, "chat", "1");
  add_frame(protocols::message_type::app, "news", "2");
  add_frame(protocols::message_type::app, "nobody's", "lost");
  add_frame(protocols::message_type::gossip, "", "3");
  add_frame(protocols::message_type::app, "chat", "");
  add_frame(protocols::message_type::app, "chat", "5");
  run(1ms);
  send(a, b, actors::make_batch(std::move(batch)));
  run(1s);
  const lines expected{"A chat: 1", "A news: 2", "A type 3: 3", "A chat: ", "A chat: 5"};
  BOOST_TEST(b.heard->frames == expected);
}

BOOST_FIXTURE_TEST_CASE(a_link_takes_frames_without_the_detour_through_the_node, connected_nodes) {
  const auto link = a.heard->links.at(b.id).front().link;
  a.heard->guarded([&] { a.heard->tell(link, actors::send_frames{b.id, app_frames("chat", "direct")}); });
  run(1s);
  BOOST_TEST(b.heard->frames == lines{"A chat: direct"});
}

BOOST_FIXTURE_TEST_CASE(large_payloads_arrive_whole, connected_nodes) {
  const std::string large(3'000'000, 'x');
  send(a, b, "chat", large);
  send(a, b, "chat", "after it");
  run(1min);
  const lines expected{"A chat: <3000000 bytes>", "A chat: after it"};
  BOOST_TEST(b.heard->frames == expected);
}

BOOST_FIXTURE_TEST_CASE(a_broadcast_reaches_every_peer_once, connected_nodes) {
  auto& c = add();
  auto& stranger = add();
  for (auto* one : {&c, &stranger})
    BOOST_TEST_REQUIRE(handle_channel(*one, "chat") == "");
  BOOST_TEST_REQUIRE(connect(c, a) == "");
  broadcast(a, "chat", "to all");
  run(1s);
  BOOST_TEST(b.heard->frames == lines{"A chat: to all"});
  BOOST_TEST(c.heard->frames == lines{"A chat: to all"});
  BOOST_TEST(stranger.heard->frames.empty());
  BOOST_TEST(a.heard->frames.empty());
}

BOOST_FIXTURE_TEST_CASE(all_handlers_of_a_channel_get_its_frames, connected_nodes) {
  const auto [second, its] = add_recorder(b);
  BOOST_TEST_REQUIRE(handle_channel(b, "chat", second) == "");
  BOOST_TEST_REQUIRE(handle_channel(b, "chat", second) == "");  // Twice is once.
  send(a, b, "chat", "one");
  run(1s);
  tell(b, actors::unregister_channel{"chat", b.watcher});
  run(1ms);
  send(a, b, "chat", "two");
  run(1s);
  BOOST_TEST(b.heard->frames == lines{"A chat: one"});
  const lines all{"A chat: one", "A chat: two"};
  BOOST_TEST(its->frames == all);
}

BOOST_FIXTURE_TEST_CASE(two_names_with_one_id_on_the_wire_do_not_mix, connected_nodes) {
  // Found by search: channels hash to 16 bits, so a few hundred names give a pair.
  std::map<protocols::channel_id, std::string> seen;
  std::pair<std::string, std::string> pair;
  for (int i = 0; pair.first.empty(); ++i) {
    const auto name = "room" + std::to_string(i);
    const auto [found, fresh] = seen.emplace(protocols::channel_of(name), name);
    if (!fresh)
      pair = {found->second, name};
  }
  BOOST_TEST_REQUIRE(handle_channel(b, pair.first) == "");
  BOOST_TEST(handle_channel(b, pair.second) == "channel \"" + pair.second + "\" has the same id on the wire as \""
                                                 + pair.first + "\", which is in use");
  names.channels[protocols::channel_of(pair.first)] = pair.first;
  tell(b, actors::unregister_channel{pair.second, b.watcher});  // Not its name, so nothing happens.
  run(1ms);
  send(a, b, pair.first, "first");
  run(1s);
  BOOST_TEST(b.heard->frames == lines{"A " + pair.first + ": first"});
  tell(b, actors::unregister_channel{pair.first, b.watcher});
  BOOST_TEST(handle_channel(b, pair.second) == "");
}

BOOST_FIXTURE_TEST_CASE(a_handler_that_ends_is_forgotten_everywhere, connected_nodes) {
  const auto [doomed, its] = add_recorder(b);
  BOOST_TEST_REQUIRE(handle_channel(b, "chat", doomed) == "");
  BOOST_TEST_REQUIRE(handle_channel(b, "alone", doomed) == "");
  tell(b, actors::register_typed{"move", doomed});
  tell(b, actors::watch_events{doomed});
  run(1ms);
  caf::anon_send_exit(doomed, caf::exit_reason::kill);
  run(1ms);
  send(a, b, "alone", "to nobody");
  send(a, b, "chat", "to the other");
  send_typed(a, b, "move", "1");
  run(1s);
  BOOST_TEST(b.heard->frames == lines{"A chat: to the other"});
  BOOST_TEST(handle_channel(b, "alone") == "");
}

BOOST_FIXTURE_TEST_CASE(typed_messages_are_sorted_by_type, connected_nodes) {
  const auto [second, its] = add_recorder(b);
  tell(b, actors::register_typed{"move", b.watcher});
  tell(b, actors::register_typed{"move", second});
  tell(b, actors::register_typed{"say", second});
  run(1ms);
  send_typed(a, b, "move", R"({"x":1})");
  send_typed(a, b, "say", "\"hi\"");
  send_typed(a, b, "unknown", "null");
  send_typed(a, b, "move", "this is no JSON");
  run(1s);
  const lines moves{R"(A typed move: {"x":1})", "A typed move: this is no JSON"};
  const lines all{moves[0], "A typed say: \"hi\"", moves[1]};
  BOOST_TEST(b.heard->frames == moves);
  BOOST_TEST(its->frames == all);
  tell(b, actors::unregister_typed{"move", b.watcher});
  run(1ms);
  send_typed(a, b, "move", "2");
  run(1s);
  BOOST_TEST(b.heard->frames == moves);
  BOOST_TEST(its->frames.back() == "A typed move: 2");
}

BOOST_FIXTURE_TEST_CASE(an_offer_says_what_became_of_the_frames, connected_nodes) {
  auto& stranger = add();
  BOOST_TEST((offer(a, b, app_frames("chat", "hello")) == actors::send_status::queued));
  BOOST_TEST((offer(a, stranger, app_frames("chat", "hello")) == actors::send_status::not_connected));
  const auto beyond = app_frames("chat", std::string(8 * 1024 * 1024, 'x'));
  BOOST_TEST((offer(a, b, beyond) == actors::send_status::too_large));
  const auto much = app_frames("chat", std::string(4'000'000, 'x'));
  BOOST_TEST((offer(a, b, much) == actors::send_status::congested));
  run(1min);
  const lines expected{"A chat: hello", "A chat: <4000000 bytes>"};
  BOOST_TEST(b.heard->frames == expected);
}

BOOST_FIXTURE_TEST_CASE(producers_hear_of_congestion_and_of_its_end, connected_nodes) {
  const auto [producer, its] = add_recorder(a);
  const auto link = a.heard->links.at(b.id).front().link;
  a.heard->events.clear();
  for (int i = 0; i < 5; ++i) {
    its->guarded([&, who = its] {
      who->tell(link, actors::send_frames{b.id, app_frames("chat", std::string(1'000'000, 'x'))});
    });
    run(0s);
  }
  const lines stop{"congested B"};
  BOOST_TEST(its->events == stop);
  BOOST_TEST(a.heard->count("congested B") == 1u);
  run(1min);
  const lines stop_and_go{"congested B", "writable B"};
  BOOST_TEST(its->events == stop_and_go);
  BOOST_TEST(a.heard->count("congested B") == 1u);
  BOOST_TEST(a.heard->count("writable B") == 1u);
  BOOST_TEST(b.heard->frame_count == 5u);
}

BOOST_FIXTURE_TEST_CASE(what_was_sent_before_a_stop_leaves_before_it, connected_nodes) {
  for (int i = 0; i < 20; ++i)
    send(a, b, "chat", "last words");
  caf::anon_send_exit(a.node, caf::exit_reason::user_shutdown);
  run(10s);
  BOOST_TEST(a.end->has_value());
  BOOST_TEST(b.heard->frame_count == 20u);
  BOOST_TEST(b.heard->events.back() == "disconnected A: closed by the peer");
}

BOOST_FIXTURE_TEST_CASE(what_a_dying_peer_sent_is_delivered_before_its_end, connected_nodes) {
  // Everything in one instant: connect, send, leave.
  auto& c = add();
  BOOST_TEST_REQUIRE(connect(c, "10.0.0.1") == "");
  send(c, a, "chat", "hello and goodbye");
  tell(c, actors::disconnect_peer{a.id});
  run(1s);
  BOOST_TEST(a.heard->count("connected C") == 1u);
  BOOST_TEST(a.heard->count("disconnected C") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
