// SPDX-License-Identifier: MIT
#include "tests/apps/librats/support/client_pair.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace librats::test {

using nlohmann::json;

namespace {

struct heard {
  std::string origin;
  std::string topic;
  std::string text;

  friend bool operator==(const heard& a, const heard& b) {
    return a.origin == b.origin && a.topic == b.topic && a.text == b.text;
  }
};

/// Two clients that subscribe to "news" and know it of each other.
struct subscribed_pair : connected_pair {
  subscribed_pair() {
    a.client.on_topic_peer_joined("news", [this](const std::string& id, const std::string&) { a_sees.push(id); });
    b.client.on_topic_peer_joined("news", [this](const std::string& id, const std::string&) { b_sees.push(id); });
    b.client.on_topic_message("news", listener(b_heard));
    BOOST_REQUIRE(a.client.subscribe_to_topic("news"));
    BOOST_REQUIRE(b.client.subscribe_to_topic("news"));
    BOOST_REQUIRE(a_sees.pop() == at_a.second);
    BOOST_REQUIRE(b_sees.pop() == at_b.second);
  }

  ~subscribed_pair() {
    a.client.stop(); // What follows ends before the clients.
    b.client.stop();
  }

  static TopicMessageCallback listener(inbox<heard>& into) {
    return [&into](const std::string& origin, const std::string& topic, const std::string& text) {
      into.push({origin, topic, text});
    };
  }

  inbox<std::string> a_sees;
  inbox<std::string> b_sees;
  inbox<heard> b_heard;
};

/// `middle` is connected to both ends, which are not to each other.
struct chain {
  chain() {
    for (auto* one : {&left, &middle, &right})
      BOOST_REQUIRE(one->client.start());
    BOOST_REQUIRE(left.dial(middle));
    left.came.pop();
    BOOST_REQUIRE(right.dial(middle));
    right.came.pop();
    for (auto* one : {&left, &middle, &right}) {
      one->client.on_topic_peer_joined("news", [this](const std::string&, const std::string&) { joined.push(0); });
      BOOST_REQUIRE(one->client.subscribe_to_topic("news"));
    }
    for (int i = 0; i < 4; ++i) // Each end sees the middle, which sees both.
      joined.pop();
  }

  inbox<int> joined;
  observed_client left;
  observed_client middle;
  observed_client right;
};

} // namespace

BOOST_AUTO_TEST_SUITE(gossip)

BOOST_FIXTURE_TEST_CASE(a_message_reaches_who_subscribes_and_who_wrote_it, subscribed_pair) {
  inbox<heard> own;
  a.client.on_topic_message("news", listener(own));
  BOOST_TEST(a.client.publish_to_topic("news", "hello"));
  const heard expected{at_b.second, "news", "hello"};
  BOOST_TEST((b_heard.pop() == expected));
  BOOST_TEST((own.pop() == expected));
  BOOST_TEST(b.client.publish_to_topic("news", std::string("\0\xff", 2)));
  BOOST_TEST((own.pop() == heard{at_a.second, "news", std::string("\0\xff", 2)}));
}

BOOST_FIXTURE_TEST_CASE(handlers_of_json_skip_what_is_none, subscribed_pair) {
  inbox<json> got;
  b.client.on_topic_json_message(
    "news", [&](const std::string&, const std::string&, const json& data) { got.push(data); });
  a.client.publish_to_topic("news", "no json");
  a.client.publish_json_to_topic("news", {{"n", 1}});
  a.client.get_gossipsub().publish("news", json{{"n", 2}});
  BOOST_TEST(got.pop().dump() == R"({"n":1})");
  BOOST_TEST(got.pop().dump() == R"({"n":2})");
  BOOST_TEST(b_heard.pop().text == "no json");
  BOOST_TEST(b_heard.pop().text == R"({"n":1})");
}

BOOST_FIXTURE_TEST_CASE(a_message_passes_a_client_in_the_middle_and_keeps_its_author, chain) {
  inbox<TopicPublication> got;
  right.client.on_topic_publication("news", [&](const TopicPublication& x) { got.push(x); });
  inbox<TopicPublication> near;
  middle.client.on_topic_publication("news", [&](const TopicPublication& x) { near.push(x); });
  BOOST_TEST(left.client.publish_to_topic("news", "far"));
  const auto x = got.pop();
  BOOST_TEST(x.message == "far");
  BOOST_TEST(x.peer_id == left.client.get_our_peer_id());
  BOOST_TEST(x.from_id == middle.client.get_our_peer_id());
  BOOST_TEST((x.authorship == Authorship::CLAIMED));
  BOOST_TEST(x.message_id.size() == 80u);
  BOOST_TEST(x.message_id.substr(0, 64) == x.peer_id);
  const auto y = near.pop();
  BOOST_TEST((y.authorship == Authorship::LINK));
  BOOST_TEST(y.message_id == x.message_id);
}

BOOST_AUTO_TEST_CASE(a_signature_proves_who_wrote_a_message_that_was_passed_on) {
  chain all;
  for (auto* one : {&all.left, &all.middle, &all.right}) {
    auto& client = one->client;
    client.stop();
    BOOST_TEST((client.get_gossip_signatures() == SignaturePolicy::IGNORE_SIGNATURES));
    BOOST_TEST(!client.is_gossip_signing_enabled());
    client.set_gossip_signatures(SignaturePolicy::REQUIRE);
    client.set_gossip_signing(one != &all.middle);
  }
  inbox<TopicPublication> got;
  all.right.client.on_topic_publication("news", [&](const TopicPublication& x) { got.push(x); });
  for (auto* one : {&all.left, &all.middle, &all.right})
    BOOST_REQUIRE(one->client.start());
  BOOST_REQUIRE(all.left.dial(all.middle));
  BOOST_REQUIRE(all.right.dial(all.middle));
  for (int i = 0; i < 4; ++i)
    all.joined.pop();
  all.middle.client.publish_to_topic("news", "unsigned");
  all.left.client.publish_to_topic("news", "signed");
  const auto x = got.pop();
  BOOST_TEST(x.message == "signed");
  BOOST_TEST((x.authorship == Authorship::PROVEN));
  BOOST_TEST(x.peer_id == all.left.client.get_our_peer_id());
}

BOOST_FIXTURE_TEST_CASE(a_validator_decides_for_its_topic_or_for_all, chain) {
  inbox<std::string> got;
  right.client.on_topic_message(
    "news", [&](const std::string&, const std::string&, const std::string& text) { got.push(text); });
  inbox<std::string> judged;
  middle.client.set_topic_message_validator(
    "", [&](const std::string& topic, const std::string& text, const std::string& origin) {
      judged.push(topic + " " + text + " " + origin);
      if (text == "throw")
        throw std::runtime_error{"unexpected"};
      return text == "bad" ? ValidationResult::REJECT
        : text == "odd"    ? ValidationResult::Ignore
                           : ValidationResult::ACCEPT;
    });
  for (const auto* text : {"bad", "odd", "throw", "good"})
    BOOST_TEST(left.client.publish_to_topic("news", text));
  BOOST_TEST(judged.pop() == "news bad " + left.client.get_our_peer_id());
  BOOST_TEST(got.pop() == "good");
  // Its own validator counts for the topic, and none of its own messages are judged.
  middle.client.set_topic_message_validator(
    "news", [](const std::string&, const std::string& text, const std::string&) {
      return text == "good" ? ValidationResult::REJECT : ValidationResult::ACCEPT;
    });
  left.client.publish_to_topic("news", "good");
  left.client.publish_to_topic("news", "bad");
  BOOST_TEST(got.pop() == "bad");
  middle.client.publish_to_topic("news", "good");
  BOOST_TEST(got.pop() == "good");
  middle.client.set_topic_message_validator("news", nullptr);
  middle.client.set_topic_message_validator("", nullptr);
  left.client.publish_to_topic("news", "odd");
  BOOST_TEST(got.pop() == "odd");
}

BOOST_FIXTURE_TEST_CASE(peers_that_come_and_leave_are_told, subscribed_pair) {
  inbox<std::string> left;
  a.client.on_topic_peer_left("news", [&](const std::string& id, const std::string& topic) { left.push(topic + id); });
  BOOST_TEST(b.client.unsubscribe_from_topic("news"));
  BOOST_TEST(left.pop() == "news" + at_a.second);
  BOOST_TEST(a.client.get_topic_peers("news").empty());
  BOOST_TEST(!b.client.unsubscribe_from_topic("news"));
  BOOST_TEST(b.client.subscribe_to_topic("news"));
  BOOST_TEST(a_sees.pop() == at_a.second);
  BOOST_TEST(b_sees.pop() == at_b.second); // Who was there already.
  b.client.stop();
  BOOST_TEST(left.pop() == "news" + at_a.second);
}

BOOST_FIXTURE_TEST_CASE(subscriptions_and_handlers_outlast_a_stop, subscribed_pair) {
  b.client.stop();
  BOOST_TEST(b.client.is_subscribed_to_topic("news"));
  BOOST_TEST(!b.client.is_gossipsub_running());
  BOOST_TEST(!b.client.publish_to_topic("news", "x"));
  BOOST_TEST(!b.client.subscribe_to_topic("more"));
  BOOST_REQUIRE(b.client.start());
  BOOST_REQUIRE(b.dial(a));
  BOOST_TEST(b_sees.pop() == at_b.second);
  BOOST_TEST(a_sees.pop() == at_a.second);
  BOOST_TEST(a.client.publish_to_topic("news", "again"));
  BOOST_TEST(b_heard.pop().text == "again");
}

BOOST_FIXTURE_TEST_CASE(off_topic_silences_the_handlers_alone, subscribed_pair) {
  inbox<std::string> judged;
  b.client.set_topic_message_validator("news", [&](const std::string&, const std::string& text, const std::string&) {
    judged.push(text);
    return ValidationResult::Accept;
  });
  b.client.off_topic("news");
  a.client.publish_to_topic("news", "1");
  BOOST_TEST(judged.pop() == "1");
  b.client.stop(); // Waits for what was to be shown.
  BOOST_TEST(b_heard.size() == 0u);
  BOOST_TEST(b.client.is_subscribed_to_topic("news"));
}

BOOST_FIXTURE_TEST_CASE(a_handler_may_publish_and_change_handlers_and_throw, subscribed_pair) {
  inbox<std::string> got;
  a.client.on_topic_message("news", [&](const std::string& origin, const std::string&, const std::string& text) {
    if (origin != a.client.get_our_peer_id())
      got.push(text);
  });
  b.client.on_topic_message("news", [this](const std::string& origin, const std::string&, const std::string& text) {
    if (origin == b.client.get_our_peer_id())
      return;
    b.client.publish_to_topic("news", "answer to " + text);
    if (text == "1")
      throw 42;
    b.client.off_topic("news");
  });
  for (const auto* text : {"1", "2", "3"})
    a.client.publish_to_topic("news", text);
  BOOST_TEST(got.pop() == "answer to 1");
  BOOST_TEST(got.pop() == "answer to 2");
  b.client.publish_to_topic("news", "end");
  BOOST_TEST(got.pop() == "end");
}

BOOST_FIXTURE_TEST_CASE(a_topic_can_be_published_to_without_a_subscription, subscribed_pair) {
  a.client.unsubscribe_from_topic("news");
  inbox<int> own;
  a.client.on_topic_message("news", [&](const std::string&, const std::string&, const std::string&) { own.push(0); });
  BOOST_TEST(a.client.publish_to_topic("news", "from outside"));
  BOOST_TEST(b_heard.pop().text == "from outside");
  BOOST_TEST(own.size() == 0u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_is_false) {
  RatsClient client{0, 10, "127.0.0.1"};
  auto& topics = client.get_gossipsub();
  BOOST_TEST(client.is_gossipsub_available());
  for (const bool running : {false, true}) {
    if (running)
      BOOST_REQUIRE(client.start());
    BOOST_TEST(client.is_gossipsub_running() == running);
    BOOST_TEST(!client.subscribe_to_topic(""));
    BOOST_TEST(!client.subscribe_to_topic(std::string(65536, 't')));
    BOOST_TEST(!client.unsubscribe_from_topic("nothing"));
    BOOST_TEST(!client.publish_to_topic("", "x"));
    BOOST_TEST(!client.publish_to_topic(std::string(65536, 't'), "x"));
    BOOST_TEST(!client.publish_to_topic("t", std::string(9 * 1024 * 1024, 'x')));
    BOOST_TEST(!client.publish_json_to_topic("t", json::binary({1})));
    BOOST_TEST(client.publish_to_topic("t", "x") == running); // That nobody hears it is no failure.
    BOOST_TEST(topics.subscribe("t") == running);
    BOOST_TEST(client.is_subscribed_to_topic("t") == running);
    BOOST_TEST(client.get_topic_peers("t").empty());
    BOOST_TEST(client.get_topic_mesh_peers("t").empty());
    BOOST_TEST(topics.get_peer_score("nobody") == 0);
  }
  BOOST_TEST(topics.subscribe("t"));
  BOOST_TEST(topics.subscribe("s"));
  BOOST_TEST(client.get_subscribed_topics() == (std::vector<std::string>{"s", "t"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(statistics_have_the_known_keys, subscribed_pair) {
  a.client.publish_to_topic("news", "1");
  b_heard.pop();
  const auto x = a.client.get_gossipsub_statistics();
  BOOST_TEST(x["running"] == true);
  BOOST_TEST(x["subscribed_topics_count"] == 1);
  BOOST_TEST(x["total_topics_count"] == 1);
  BOOST_TEST(x["peers_count"] == 1);
  for (const auto* key : {"average_peer_score", "min_peer_score", "max_peer_score"})
    BOOST_TEST(x[key].is_number());
  const auto& topic = x["topics"]["news"];
  BOOST_TEST(topic["subscribed"] == true);
  BOOST_TEST(topic["subscribers_count"] == 1);
  BOOST_TEST(topic["published"] == 1);
  BOOST_TEST(a.client.get_topic_peers("news").at(0) == at_a.second);
  const auto cache = a.client.get_gossipsub().get_cache_statistics();
  BOOST_TEST(cache["cached_messages"].is_number());
  BOOST_TEST(cache["topics"].contains("news"));
}

BOOST_FIXTURE_TEST_CASE(the_program_has_its_own_opinion_of_a_peer, subscribed_pair) {
  auto& topics = a.client.get_gossipsub();
  BOOST_TEST(topics.get_peer_scores().count(at_a.second) == 1u);
  topics.set_application_score(at_a.second, -1000);
  BOOST_TEST(topics.get_peer_score(at_a.second) < -900);
  topics.set_application_score(at_a.second, 0);
  BOOST_TEST(topics.get_peer_score(at_a.second) > -900);
}

BOOST_FIXTURE_TEST_CASE(it_can_be_switched_off_and_on_again, subscribed_pair) {
  inbox<std::string> left;
  a.client.on_topic_peer_left("news", [&](const std::string& id, const std::string&) { left.push(id); });
  auto& topics = b.client.get_gossipsub();
  topics.stop();
  BOOST_TEST(!topics.is_running());
  BOOST_TEST(left.pop() == at_a.second);
  BOOST_TEST(!topics.publish("news", "x"));
  BOOST_TEST(topics.get_subscribed_topics().size() == 1u);
  BOOST_TEST(topics.start());
  BOOST_TEST(a_sees.pop() == at_a.second);
  a.client.publish_to_topic("news", "back");
  BOOST_TEST(b_heard.pop().text == "back");
  a.client.stop(); // `left` ends before the clients.
}

BOOST_FIXTURE_TEST_CASE(a_fast_publisher_waits_and_nothing_is_lost, subscribed_pair) {
  constexpr int count = 3000;
  const std::string filler(16 * 1024, 'x');
  for (int i = 0; i < count; ++i)
    BOOST_REQUIRE(a.client.publish_to_topic("news", std::to_string(i) + filler));
  for (int i = 0; i < count; ++i) {
    const auto text = b_heard.pop().text;
    BOOST_REQUIRE(text.compare(0, text.size() - filler.size(), std::to_string(i)) == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
