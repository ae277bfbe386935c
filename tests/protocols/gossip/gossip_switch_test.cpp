// SPDX-License-Identifier: MIT
#include "protocols/gossip/gossip_switch.hpp"

#include "tests/protocols/gossip/one_mesh.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

/// One switch, its clock, and everything that it says.
struct one_switch {
  explicit one_switch(const gossip_switch::config& cfg = {}) : router(cfg, now, 5) {}

  void connect(std::uint8_t first, std::uint8_t last) {
    for (int n = first; n <= last; ++n)
      router.peer_connected(now, peer(static_cast<std::uint8_t>(n)), false);
  }
  void from(std::uint8_t n, bytes raw) { router.handle_message(now, peer(n), byte_slice{std::move(raw)}); }
  void from(std::uint8_t n, gossip_op op, std::string_view topic) { from(n, encode_topic_op(op, topic)); }
  /// What is sent, as hex, by peer.
  std::multimap<peer_id, std::string> sent() {
    std::multimap<peer_id, std::string> out;
    while (const auto x = router.poll_transmit())
      out.emplace(x->to, to_hex(x->payload.view()));
    return out;
  }
  template <class T>
  std::vector<T> told(std::string_view topic) {
    std::vector<T> out;
    while (const auto x = router.poll_input())
      if (const auto* one = std::get_if<T>(&x->input); one != nullptr && x->topic == topic)
        out.push_back(*one);
    return out;
  }
  void forget() {
    sent();
    while (router.poll_input())
      ;
  }
  void beat() {
    now += 1s;
    router.handle_timeout(now);
  }

  time_point now{1h};
  gossip_switch router;
};

const std::string subscribe_news = "0100046e657773";
const std::string unsubscribe_news = "0200046e657773";
const std::string prune_z = "0400017a";

} // namespace

BOOST_AUTO_TEST_SUITE(gossip_switches)

BOOST_AUTO_TEST_CASE(joining_and_leaving_are_told_to_everybody) {
  one_switch x;
  x.connect(1, 2);
  BOOST_TEST(x.router.join(x.now, "news"));
  BOOST_TEST(!x.router.join(x.now, "news"));
  BOOST_TEST((x.sent() == std::multimap<peer_id, std::string>{{peer(1), subscribe_news}, {peer(2), subscribe_news}}));
  BOOST_TEST(x.told<topic_joined>("news").size() == 1u);
  BOOST_TEST((x.router.joined_topics() == std::vector<std::string>{"news"}));
  BOOST_TEST(x.router.leave(x.now, "news"));
  BOOST_TEST(!x.router.leave(x.now, "news"));
  BOOST_TEST((x.sent().count(peer(1)) == 1u));
  BOOST_TEST(x.told<topic_left>("news").size() == 1u);
  BOOST_TEST(!x.router.joined("news"));
}

BOOST_AUTO_TEST_CASE(names_and_numbers_of_topics_are_bounded) {
  gossip_switch::config cfg;
  cfg.own_topics_max = 2;
  one_switch x{cfg};
  BOOST_TEST(!x.router.join(x.now, ""));
  BOOST_TEST(!x.router.join(x.now, std::string(65536, 'x')));
  BOOST_TEST(x.router.join(x.now, "a"));
  BOOST_TEST(x.router.join(x.now, "b"));
  BOOST_TEST(!x.router.join(x.now, "c"));
  x.router.leave(x.now, "a");
  BOOST_TEST(x.router.join(x.now, "c"));
}

BOOST_AUTO_TEST_CASE(a_new_peer_hears_of_every_topic_and_so_does_a_replaced_link) {
  one_switch x;
  x.router.join(x.now, "news");
  x.router.join(x.now, "z");
  x.forget();
  x.connect(1, 1);
  BOOST_TEST((x.sent() == std::multimap<peer_id, std::string>{{peer(1), subscribe_news}, {peer(1), "0100017a"}}));
  x.from(1, gossip_op::subscribe, "news");
  x.forget();
  x.connect(1, 1);
  BOOST_TEST(x.sent().size() == 2u);
  const auto replaced = x.told<topic_link_replaced>("news");
  BOOST_TEST(replaced.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_topic_learns_who_subscribes_before_and_after_it_is_opened) {
  one_switch x;
  x.connect(1, 3);
  x.from(1, gossip_op::subscribe, "news");
  x.from(2, gossip_op::subscribe, "other");
  BOOST_TEST(!x.router.poll_input());
  x.router.join(x.now, "news");
  const auto before = x.told<topic_subscriber_added>("news");
  BOOST_TEST_REQUIRE(before.size() == 1u);
  BOOST_TEST((before[0].peer == peer(1)));
  x.from(3, gossip_op::subscribe, "news");
  x.from(3, gossip_op::subscribe, "news");
  BOOST_TEST(x.told<topic_subscriber_added>("news").size() == 1u);
  x.from(3, gossip_op::unsubscribe, "news");
  x.router.peer_disconnected(x.now, peer(1));
  BOOST_TEST(x.told<topic_subscriber_removed>("news").size() == 2u);
  BOOST_TEST(x.router.peers_of("news").empty());
  BOOST_TEST(x.router.topics_known() == 1u);
}

BOOST_AUTO_TEST_CASE(a_graft_for_a_topic_that_is_not_open_is_answered_with_prune) {
  one_switch x;
  x.connect(1, 1);
  x.from(1, gossip_op::graft, "z");
  BOOST_TEST((x.sent() == std::multimap<peer_id, std::string>{{peer(1), prune_z}}));
  BOOST_TEST(!x.router.poll_input());
}

BOOST_AUTO_TEST_CASE(who_grafts_subscribes) {
  one_switch x;
  x.connect(1, 1);
  x.router.join(x.now, "z");
  x.forget();
  x.from(1, gossip_op::graft, "z");
  const auto first = x.router.poll_input();
  BOOST_TEST_REQUIRE(first.has_value());
  BOOST_TEST(std::holds_alternative<topic_subscriber_added>(first->input));
  BOOST_TEST(x.told<topic_message_received>("z").size() == 1u);
}

BOOST_AUTO_TEST_CASE(strangers_and_nonsense_get_nothing) {
  one_switch x;
  x.connect(1, 1);
  x.router.join(x.now, "z");
  x.forget();
  x.from(9, gossip_op::graft, "z");
  x.from(1, unhex("09"));
  x.from(1, unhex(""));
  x.from(1, publication(1)); // Of the topic "t".
  BOOST_TEST(x.sent().empty());
  BOOST_TEST(!x.router.poll_input());
  BOOST_TEST(x.router.counted().malformed == 2u);
  BOOST_TEST(x.router.counted().unwanted == 1u);
}

BOOST_AUTO_TEST_CASE(an_iwant_finds_the_topic_that_offered_the_id) {
  one_switch x;
  x.connect(1, 1);
  x.router.join(x.now, "a");
  x.router.join(x.now, "b");
  x.forget();
  const message_id one{author_id(), 1};
  const message_id two{author_id(), 2};
  const message_id unknown{author_id(), 3};
  x.router.handle_offered(x.now, "a", {one});
  x.router.handle_offered(x.now, "b", {two});
  x.from(1, encode_iwant({one, two, unknown}));
  const auto first = x.router.poll_input();
  const auto second = x.router.poll_input();
  BOOST_TEST_REQUIRE((first && second));
  BOOST_TEST((first->topic == "a" && std::get<topic_iwant_received>(first->input).ids == std::vector{one}));
  BOOST_TEST((second->topic == "b" && std::get<topic_iwant_received>(second->input).ids == std::vector{two}));
  BOOST_TEST(x.router.counted().iwant_unknown == 1u);
  for (int i = 0; i < 7; ++i)
    x.beat();
  x.from(1, encode_iwant({one}));
  BOOST_TEST(!x.router.poll_input());
}

BOOST_AUTO_TEST_CASE(offers_are_bounded) {
  gossip_switch::config cfg;
  cfg.offers_max = 10;
  one_switch x{cfg};
  x.connect(1, 1);
  x.router.join(x.now, "a");
  x.forget();
  std::vector<message_id> all;
  for (std::uint64_t n = 0; n < 15; ++n) {
    all.push_back({author_id(), n});
    x.router.handle_offered(x.now, "a", {all.back()});
  }
  x.from(1, encode_iwant(all));
  BOOST_TEST(x.told<topic_iwant_received>("a").at(0).ids.size() == 10u);
}

BOOST_AUTO_TEST_CASE(a_closed_topic_is_gone) {
  one_switch x;
  x.connect(1, 1);
  BOOST_TEST(x.router.open(x.now, "a"));
  BOOST_TEST(!x.router.open(x.now, "a"));
  BOOST_TEST(x.sent().empty()); // Publishing is no subscription.
  x.router.close(x.now, "a");
  x.router.close(x.now, "a");
  x.router.join(x.now, "news");
  x.forget();
  x.router.close(x.now, "news");
  BOOST_TEST((x.sent() == std::multimap<peer_id, std::string>{{peer(1), unsubscribe_news}}));
  x.from(1, gossip_op::graft, "news");
  BOOST_TEST(!x.router.poll_input());
}

BOOST_AUTO_TEST_CASE(topics_hear_of_scores_and_bad_news_at_once) {
  one_switch x;
  x.connect(1, 1);
  x.router.join(x.now, "a");
  x.from(1, gossip_op::subscribe, "a");
  x.forget();
  x.router.handle_notes(x.now, "a", {{peer(1), peer_conduct::first_delivery, 4}});
  BOOST_TEST(x.told<topic_score_changed>("a").empty());
  x.beat();
  const auto good = x.told<topic_score_changed>("a");
  BOOST_TEST_REQUIRE(good.size() == 1u);
  BOOST_TEST(good[0].score > 1.9);
  x.router.handle_notes(x.now, "a", {{peer(1), peer_conduct::invalid_message, 5}});
  const auto bad = x.told<topic_score_changed>("a");
  BOOST_TEST_REQUIRE(bad.size() == 1u);
  BOOST_TEST(bad[0].score < -20);
}

BOOST_AUTO_TEST_CASE(who_is_on_the_graylist_is_not_read_until_its_sins_fade) {
  one_switch x;
  x.connect(1, 1);
  x.router.join(x.now, "a");
  x.from(1, gossip_op::subscribe, "a");
  x.router.handle_notes(x.now, "a", {{peer(1), peer_conduct::invalid_message, 12}});
  x.forget();
  x.from(1, gossip_op::graft, "z");
  BOOST_TEST(x.sent().empty());
  BOOST_TEST(x.router.counted().graylisted == 1u);
  x.router.peer_disconnected(x.now, peer(1)); // A new link washes nothing off.
  x.connect(1, 1);
  x.forget();
  x.from(1, gossip_op::graft, "z");
  BOOST_TEST(x.sent().empty());
  for (int i = 0; i < 600; ++i)
    x.beat();
  x.from(1, gossip_op::graft, "z");
  BOOST_TEST(x.sent().size() == 1u);
}

BOOST_AUTO_TEST_CASE(whoever_announces_without_end_is_heard_at_a_bounded_rate) {
  one_switch x;
  x.connect(1, 1);
  x.router.join(x.now, "a");
  x.forget();
  for (int i = 0; i < 5000; ++i)
    x.from(1, i % 2 == 0 ? gossip_op::subscribe : gossip_op::unsubscribe, "a");
  std::size_t told = 0;
  while (x.router.poll_input())
    ++told;
  BOOST_TEST(told == 2048u);
  BOOST_TEST(x.router.counted().announcements_refused == 5000u - 2048u);
  BOOST_TEST(x.router.score(x.now, peer(1)) < -80);
}

BOOST_AUTO_TEST_CASE(a_peer_announces_a_bounded_number_of_topics) {
  gossip_switch::config cfg;
  cfg.topics.topics_per_peer_max = 10;
  one_switch x{cfg};
  x.connect(1, 1);
  for (int i = 0; i < 20; ++i)
    x.from(1, gossip_op::subscribe, "topic " + std::to_string(i));
  BOOST_TEST(x.router.topics_known() == 10u);
}

BOOST_AUTO_TEST_CASE(a_switch_without_peers_waits_for_nothing) {
  one_switch x;
  x.router.join(x.now, "a");
  BOOST_TEST(!x.router.poll_timeout());
  x.connect(1, 1);
  BOOST_TEST((*x.router.poll_timeout() == x.now + 1s));
  x.router.peer_disconnected(x.now, peer(1));
  BOOST_TEST(!x.router.poll_timeout());
}

BOOST_AUTO_TEST_SUITE_END()
