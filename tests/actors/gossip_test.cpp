// SPDX-License-Identifier: MIT
#include "tests/actors/gossip_nodes.hpp"

#include "protocols/gossip/gossip_codec.hpp"
#include "tests/actors/wire_client.hpp"

#include <algorithm>
#include <stdexcept>

namespace librats::test {

namespace {

/// A - B - C: what A publishes reaches C by B alone.
struct line : gossip_nodes {
  line() {
    BOOST_TEST_REQUIRE(connect(a, b) == "");
    BOOST_TEST_REQUIRE(connect(b, c) == "");
  }
  sim_node& a = add();
  sim_node& b = add();
  sim_node& c = add();
};

struct line_in_one_topic : line {
  line_in_one_topic() {
    for (auto* one : {&a, &b, &c})
      BOOST_TEST_REQUIRE(join(*one, "news") == "");
    run(2s);
  }
};

struct strict_judge final : actors::topic_judge {
  protocols::verdict judge(const std::string& topic, const protocols::gossip_delivery& message) const override {
    if (message.data.text() == "boom")
      throw std::runtime_error{"this judge fails on purpose"};
    return message.data.text() == "bad on " + topic ? protocols::verdict::reject : protocols::verdict::accept;
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(gossip)

BOOST_FIXTURE_TEST_CASE(a_publication_reaches_every_subscriber_once_and_says_how_it_came, line_in_one_topic) {
  BOOST_TEST(publish(a, "news", "hello") == "");
  run(2s);
  BOOST_TEST(a.heard->topics["news"] == lines{"A, proven: hello"});
  BOOST_TEST(b.heard->topics["news"] == lines{"A: hello"});
  BOOST_TEST(c.heard->topics["news"] == lines{"A, relayed: hello"});
  BOOST_TEST(publish(c, "news", "back") == "");
  run(10s);
  BOOST_TEST(a.heard->topics["news"].back() == "C, relayed: back");
  BOOST_TEST(a.heard->topics["news"].size() == 2u);
  BOOST_TEST(b.heard->topics["news"].size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(many_publications_in_one_message_keep_their_order, line_in_one_topic) {
  actors::publish_to_topic all{"news", {}};
  lines expected;
  for (int i = 0; i < 500; ++i) {
    all.data.push_back(byte_slice::copy_of(std::to_string(i)));
    expected.push_back("A, relayed: " + std::to_string(i));
  }
  const auto out = ask<actors::published>(a, all);
  BOOST_TEST_REQUIRE(out.value.has_value());
  BOOST_TEST(out.value->ids.size() == 500u);
  BOOST_TEST((out.value->ids.front().origin == a.id));
  run(5s);
  BOOST_TEST(c.heard->topics["news"] == expected);
}

BOOST_FIXTURE_TEST_CASE(who_does_not_subscribe_publishes_too_and_hears_nothing, line) {
  BOOST_TEST_REQUIRE(join(b, "news") == "");
  BOOST_TEST_REQUIRE(join(c, "news") == "");
  run(2s);
  BOOST_TEST(publish(a, "news", "from outside") == "");
  run(2s);
  BOOST_TEST(a.heard->topics.empty());
  BOOST_TEST(c.heard->topics["news"] == lines{"A, relayed: from outside"});
  BOOST_TEST((topic(a, "news").fanout == std::vector<peer_id>{b.id}));
  // The fan-out is forgotten a minute later, and with it the topic's actor.
  BOOST_TEST(find_part(tree(a), "topic news") != nullptr);
  run(2min);
  BOOST_TEST(find_part(tree(a), "topic news") == nullptr);
  BOOST_TEST(publish(a, "news", "once more") == "");
  run(2s);
  BOOST_TEST(c.heard->topics["news"].size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(who_is_not_subscribed_relays_nothing, line) {
  BOOST_TEST_REQUIRE(join(a, "news") == "");
  BOOST_TEST_REQUIRE(join(c, "news") == "");
  run(2s);
  BOOST_TEST(publish(a, "news", "into the void") == "");
  run(10s);
  BOOST_TEST(c.heard->topics.empty());
  BOOST_TEST(b.heard->topics.empty());
  BOOST_TEST(gossip(b).topics.empty());
  BOOST_TEST(gossip(b).topics_known == 1u);
}

BOOST_FIXTURE_TEST_CASE(leaving_ends_it_and_coming_back_begins_it_again, line_in_one_topic) {
  BOOST_TEST(leave(c, "news"));
  BOOST_TEST(!leave(c, "news"));
  run(1s);
  BOOST_TEST(publish(a, "news", "missed") == "");
  run(5s);
  BOOST_TEST(c.heard->topics.empty());
  BOOST_TEST(mesh_names(b, "news") == lines{"A"});
  BOOST_TEST(join(c, "news") == "");
  run(2s);
  BOOST_TEST(publish(a, "news", "heard") == "");
  run(2s);
  BOOST_TEST(c.heard->topics["news"] == lines{"A, relayed: heard"});
}

BOOST_FIXTURE_TEST_CASE(all_handlers_hear_everything_and_the_last_one_to_leave_closes_the_topic, line_in_one_topic) {
  const auto [second, its] = add_recorder(b);
  BOOST_TEST_REQUIRE(ask<actors::joined_topic>(b, actors::join_topic{"news", second, false}).error == "");
  BOOST_TEST(publish(a, "news", "one") == "");
  run(1s);
  BOOST_TEST(leave(b, "news"));
  BOOST_TEST(publish(a, "news", "two") == "");
  run(1s);
  BOOST_TEST(b.heard->topics["news"] == lines{"A: one"});
  const lines both{"A: one", "A: two"};
  BOOST_TEST(its->topics["news"] == both);
  caf::anon_send_exit(second, caf::exit_reason::user_shutdown);
  run(2s);
  BOOST_TEST(!topic(b, "news").joined);
  BOOST_TEST((topic(a, "news").subscribers.empty()));
}

BOOST_FIXTURE_TEST_CASE(watchers_hear_who_joins_and_leaves, line) {
  BOOST_TEST_REQUIRE(join(b, "news", true) == "");
  BOOST_TEST_REQUIRE(join(a, "news") == "");
  run(1s);
  BOOST_TEST(b.heard->count("A joined news") == 1u);
  BOOST_TEST_REQUIRE(join(c, "news") == "");
  run(1s);
  BOOST_TEST(b.heard->count("C joined news") == 1u);
  BOOST_TEST(leave(a, "news"));
  run(1s);
  BOOST_TEST(b.heard->count("A left news") == 1u);
  stop(c);
  run(1s);
  BOOST_TEST(b.heard->count("C left news") == 1u);
  // Who comes later hears of all who are there.
  BOOST_TEST_REQUIRE(join(a, "news") == "");
  run(1s);
  const auto [second, its] = add_recorder(b);
  BOOST_TEST_REQUIRE(ask<actors::joined_topic>(b, actors::join_topic{"news", second, true}).error == "");
  run(1s);
  BOOST_TEST(its->events == lines{"A joined news"});
}

BOOST_FIXTURE_TEST_CASE(a_judge_decides_at_once_and_its_exception_means_ignore, line_in_one_topic) {
  tell(b, actors::set_topic_validator{"news", nullptr, std::make_shared<const strict_judge>()});
  run(1ms);
  for (const auto* text : {"bad on news", "boom", "good"})
    BOOST_TEST(publish(a, "news", text) == "");
  run(2s);
  BOOST_TEST(b.heard->topics["news"] == lines{"A: good"});
  BOOST_TEST(c.heard->topics["news"] == lines{"A, relayed: good"});
  const auto counted = topic(b, "news").counted;
  BOOST_TEST(counted.rejected == 1u);
  BOOST_TEST(counted.ignored == 1u);
  run(2s);
  BOOST_TEST(gossip(b).scores.at(a.id) < 0.6);  // A first delivery, and an invalid message.
  tell(b, actors::set_topic_validator{"news", nullptr, nullptr});
  run(1ms);
  BOOST_TEST(publish(a, "news", "bad on news, which is fine now") == "");
  run(1s);
  BOOST_TEST(b.heard->topics["news"].size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(an_actor_decides_later_or_never, line_in_one_topic) {
  const auto [handle, validator] = add_validator(*this, b);
  tell(b, actors::set_topic_validator{"", handle, nullptr});
  run(1ms);
  for (const auto* text : {"good", "bad", "hm", "later", "never"})
    BOOST_TEST(publish(a, "news", text) == "");
  run(1s);
  BOOST_TEST(b.heard->topics["news"] == lines{"A: good"});
  BOOST_TEST(topic(b, "news").waiting == 2u);
  validator->answer_later(protocols::verdict::accept);
  run(1s);
  const lines both{"A: good", "A: later"};
  BOOST_TEST(b.heard->topics["news"] == both);
  BOOST_TEST(c.heard->topics["news"].size() == 2u);
  run(15s);
  BOOST_TEST(topic(b, "news").waiting == 0u);
  BOOST_TEST(topic(b, "news").counted.ignored == 2u);
  BOOST_TEST(validator->asked.size() == 5u);
}

BOOST_FIXTURE_TEST_CASE(the_validator_of_a_topic_goes_before_the_one_of_all, line_in_one_topic) {
  const auto [everywhere, its] = add_validator(*this, b);
  tell(b, actors::set_topic_validator{"", everywhere, nullptr});
  tell(b, actors::set_topic_validator{"news", nullptr, std::make_shared<const strict_judge>()});
  BOOST_TEST_REQUIRE(join(a, "talk") == "");
  BOOST_TEST_REQUIRE(join(b, "talk") == "");
  run(2s);
  BOOST_TEST(publish(a, "news", "bad") == "");
  BOOST_TEST(publish(a, "talk", "bad") == "");
  run(1s);
  BOOST_TEST(b.heard->topics["news"] == lines{"A: bad"});
  BOOST_TEST(b.heard->topics.count("talk") == 0u);
  BOOST_TEST(its->asked == lines{"talk: bad"});
}

BOOST_FIXTURE_TEST_CASE(nothing_gets_past_a_validator_that_ended, line_in_one_topic) {
  const auto [handle, validator] = add_validator(*this, b);
  tell(b, actors::set_topic_validator{"news", handle, nullptr});
  run(1ms);
  BOOST_TEST(publish(a, "news", "good") == "");
  run(1s);
  caf::anon_send_exit(handle, caf::exit_reason::kill);
  run(1ms);
  BOOST_TEST(publish(a, "news", "unseen") == "");
  run(20s);
  BOOST_TEST(b.heard->topics["news"] == lines{"A: good"});
  BOOST_TEST(c.heard->topics["news"] == lines{"A, relayed: good"});
  tell(b, actors::set_topic_validator{"news", nullptr, nullptr});
  run(1ms);
  BOOST_TEST(publish(a, "news", "seen") == "");
  run(1s);
  BOOST_TEST(b.heard->topics["news"].back() == "A: seen");
}

BOOST_AUTO_TEST_CASE(signed_publications_prove_their_author_over_a_relay) {
  gossip_nodes net;
  const auto signs = [](actors::node_options& x) {
    x.gossip.sign = true;
    x.gossip.mesh.signatures = protocols::signature_policy::require;
  };
  auto& a = net.add(signs);
  auto& b = net.add();  // Knows nothing of it.
  auto& c = net.add(signs);
  auto& plain = net.add();
  for (auto* one : {&a, &c, &plain})
    BOOST_TEST_REQUIRE(net.connect(*one, b) == "");
  for (auto& one : net.nodes)
    BOOST_TEST_REQUIRE(net.join(one, "news") == "");
  net.run(2s);
  BOOST_TEST(net.publish(a, "news", "mine") == "");
  BOOST_TEST(net.publish(plain, "news", "anybody's") == "");
  net.run(2s);
  BOOST_TEST(c.heard->topics["news"] == lines{"A, proven: mine"});
  BOOST_TEST(net.topic(c, "news").counted.forged == 1u);
  BOOST_TEST(b.heard->topics["news"].size() == 2u);
  BOOST_TEST(b.heard->topics["news"].front() == "A: <116 bytes>");  // With the envelope.
}

BOOST_FIXTURE_TEST_CASE(bad_topics_and_large_publications_are_refused_with_a_sentence, line) {
  BOOST_TEST(join(a, "") == "a topic needs a name");
  BOOST_TEST(join(a, std::string(65536, 'x')) == "a topic's name has at most 65535 bytes, this one has 65536");
  const std::string longest(65535, 'x');
  BOOST_TEST(join(a, longest) == "");
  BOOST_TEST(publish(a, "", "x") == "cannot publish to a topic with such a name");
  const auto largest = protocols::gossip_publish_max - protocols::gossip_publish_overhead - 4;
  BOOST_TEST(publish(a, "news", std::string(largest + 1, 'x'))
             == "cannot publish 8387512 bytes: at most 8387511 fit");
  BOOST_TEST_REQUIRE(join(b, "news") == "");
  run(1s);
  BOOST_TEST(publish(a, "news", std::string(largest, 'x')) == "");
  run(1min);
  BOOST_TEST(b.heard->topics["news"] == lines{"A: <8387511 bytes>"});
  // All or none.
  const auto mixed = ask<actors::published>(a, actors::publish_to_topic{"news",
    {byte_slice::copy_of(std::string_view{"small"}), byte_slice::copy_of(std::string(largest + 1, 'x'))}});
  BOOST_TEST(mixed.error != "");
  run(1s);
  BOOST_TEST(b.heard->topics["news"].size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_stranger_that_floods_and_babbles_is_dropped_unread_and_harms_nobody, line_in_one_topic) {
  auto& villain = world.add_host();
  wire_peer x{villain, b.address(), 0x66};
  BOOST_TEST_REQUIRE(x.establish());
  run(1s);
  const auto say = [&](const bytes& payload) { x.send(protocols::message_type::gossip, payload); };
  for (const std::size_t size : {0, 1, 2, 40, 43, 100})
    for (int op = 0; op < 256; op += 3) {
      bytes payload(size, 0xff);
      if (!payload.empty())
        payload[0] = static_cast<std::uint8_t>(op);
      say(payload);
    }
  std::vector<protocols::message_id> unknown(1000);
  for (std::size_t i = 0; i < unknown.size(); ++i)
    unknown[i] = {x.id(), i};
  say(protocols::encode_iwant(unknown));
  for (int i = 0; i < 5000; ++i)
    say(protocols::encode_topic_op(protocols::gossip_op::subscribe, "topic " + std::to_string(i)));
  for (int i = 0; i < 200; ++i) {
    say(protocols::encode_topic_op(protocols::gossip_op::graft, "news"));
    say(protocols::encode_ihave("news", unknown));
  }
  run(2s);
  const auto now = gossip(b);
  BOOST_TEST(now.malformed > 100u);
  BOOST_TEST(now.ids_unknown == 1000u);
  BOOST_TEST(now.topics_known <= 1024u + 1u);
  BOOST_TEST(now.announcements_refused > 2000u);
  BOOST_TEST(now.scores.at(x.id()) < -80);
  say(*protocols::encode_publish({x.id(), 1}, "news", as_bytes("unheard")));
  run(1s);
  BOOST_TEST(gossip(b).graylisted > 0u);
  BOOST_TEST(publish(a, "news", "heard") == "");
  run(2s);
  BOOST_TEST(b.heard->topics["news"] == lines{"A: heard"});
  BOOST_TEST(c.heard->topics["news"] == lines{"A, relayed: heard"});
  for (const auto& part : tree(b).children)
    BOOST_TEST(part.restarts == 0u, part.name << " was restarted");
}

BOOST_AUTO_TEST_CASE(a_node_without_gossip_says_so_and_looks_like_one_without_topics) {
  gossip_nodes net;
  auto& a = net.add([](actors::node_options& x) { x.gossip.enabled = false; });
  auto& b = net.add([](actors::node_options& x) { x.gossip.topics = {"news"}; });
  BOOST_TEST_REQUIRE(net.connect(a, b) == "");
  BOOST_TEST(net.join(a, "news") == "publish and subscribe is switched off");
  BOOST_TEST(net.publish(a, "news", "x") == "publish and subscribe is switched off");
  BOOST_TEST(!net.gossip(a).running);
  BOOST_TEST(net.gossip(b).running);
  BOOST_TEST(net.topic(b, "news").joined);
  BOOST_TEST(net.topic(b, "news").subscribers.empty());
}

BOOST_AUTO_TEST_CASE(the_application_may_expel_a_peer_from_its_meshes) {
  gossip_nodes net;
  auto& a = net.add();
  auto& b = net.add();
  BOOST_TEST_REQUIRE(net.connect(a, b) == "");
  BOOST_TEST_REQUIRE(net.join(a, "news") == "");
  BOOST_TEST_REQUIRE(net.join(b, "news") == "");
  net.run(2s);
  BOOST_TEST(net.mesh_names(a, "news") == lines{"B"});
  net.tell(a, actors::set_peer_score{b.id, -100});
  net.run(3s);
  BOOST_TEST(net.mesh_names(a, "news") == lines{});
  BOOST_TEST(net.gossip(a).scores.at(b.id) <= -99);
  BOOST_TEST(net.publish(b, "news", "unheard") == "");
  net.run(3s);
  BOOST_TEST(a.heard->topics.empty());
}

BOOST_AUTO_TEST_CASE(one_peer_that_does_not_read_holds_nobody_up_and_keeps_its_link) {
  gossip_nodes net;
  auto& a = net.add(over_tcp);
  auto& slow = net.add(over_tcp);
  std::vector<sim_node*> others{&net.add(over_tcp), &net.add(over_tcp)};
  for (auto* one : {&slow, others[0], others[1]}) {
    BOOST_TEST_REQUIRE(net.connect(a, *one) == "");
    BOOST_TEST_REQUIRE(net.join(*one, "news") == "");
  }
  BOOST_TEST_REQUIRE(net.join(a, "news") == "");
  net.run(2s);
  net.cut(a, slow);
  const std::string text(100'000, 'x');
  for (int i = 0; i < 200; ++i) {  // 20 MB: more than twice what a queue may hold.
    BOOST_TEST(net.publish(a, "news", text) == "");
    net.run(20ms);
  }
  BOOST_TEST(others[0]->heard->topics["news"].size() == 200u);
  BOOST_TEST(others[1]->heard->topics["news"].size() == 200u);
  std::size_t dropped = 0;
  for (const auto& one : net.peers(a))
    dropped += one.frames_dropped;
  BOOST_TEST(dropped > 50u);
  net.world.heal();
  net.run(20s);
  BOOST_TEST(a.heard->count("disconnected") == 0u);
  const auto got = slow.heard->topics["news"].size();
  BOOST_TEST(got + dropped >= 200u);
  BOOST_TEST(got < 200u);
  BOOST_TEST(net.publish(a, "news", "again") == "");
  net.run(2s);
  BOOST_TEST(slow.heard->topics["news"].back() == "A: again");
}

BOOST_AUTO_TEST_CASE(a_publisher_that_waits_for_room_loses_nothing) {
  gossip_nodes net;
  auto& a = net.add(over_tcp);
  a.host.set_uplink({1'000'000});
  auto& b = net.add(over_tcp);
  BOOST_TEST_REQUIRE(net.connect(a, b) == "");
  BOOST_TEST_REQUIRE(net.join(a, "news") == "");
  BOOST_TEST_REQUIRE(net.join(b, "news") == "");
  net.run(2s);
  std::size_t waits = 0;
  for (int i = 0; i < 300; ++i) {  // 30 MB over a line of 1 MB/s.
    const auto out = net.ask<actors::published>(
      a, actors::publish_to_topic{"news", {byte_slice::copy_of(std::string(100'000, 'x'))}});
    BOOST_TEST_REQUIRE(out.value.has_value());
    if (!out.value->congested)
      continue;
    ++waits;
    BOOST_TEST_REQUIRE(net.ask<actors::topic_has_room>(a, actors::await_topic_room{"news"}).value.has_value());
  }
  net.run(1min);
  BOOST_TEST(waits > 0u);
  BOOST_TEST(b.heard->topics["news"].size() == 300u);
  BOOST_TEST(a.heard->count("disconnected") == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_handler_that_is_too_slow_misses_publications_and_is_told_how_many, line_in_one_topic) {
  const auto [second, its] = add_recorder(b);
  BOOST_TEST_REQUIRE(ask<actors::joined_topic>(b, actors::join_topic{"news", second, false}).error == "");
  its->is_behind = true;
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 80; ++i) {
    BOOST_TEST(publish(b, "news", large) == "");
    run(1s);
  }
  BOOST_TEST(its->topics["news"].size() == 64u);
  its->is_behind = false;
  its->receipts.erase(its->receipts.begin(), its->receipts.begin() + 20);
  BOOST_TEST(publish(b, "news", "still more than half is waiting") == "");
  run(1s);
  BOOST_TEST(its->topics["news"].size() == 64u);
  its->receipts.clear();
  BOOST_TEST(publish(b, "news", "at last") == "");
  run(1s);
  BOOST_TEST(its->topics["news"].back() == "B, proven: at last");
  BOOST_TEST(its->topics["news"].size() == 65u);
  BOOST_TEST(its->missed == 17u);
  // The other handler and the rest of the mesh have missed nothing.
  BOOST_TEST(b.heard->topics["news"].size() == 82u);
  BOOST_TEST(a.heard->topics["news"].size() == 82u);
  BOOST_TEST(c.heard->topics["news"].size() == 82u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
