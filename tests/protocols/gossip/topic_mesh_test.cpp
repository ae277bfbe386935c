// SPDX-License-Identifier: MIT
#include "protocols/gossip/topic_mesh.hpp"

#include "tests/protocols/gossip/one_mesh.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(topic_meshes)

// -- joining and leaving ----------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(joining_grafts_six_of_those_who_are_there) {
  one_mesh x;
  x.subscribers(1, 20);
  BOOST_TEST(x.mesh().subscribe(x.now));
  BOOST_TEST(!x.mesh().subscribe(x.now));
  BOOST_TEST(x.sent_to(gossip_op::graft).size() == 6u);
  BOOST_TEST(x.mesh().mesh().size() == 6u);
}

BOOST_AUTO_TEST_CASE(a_subscriber_that_comes_while_the_mesh_is_small_is_grafted_at_once) {
  one_mesh x;
  x.mesh().subscribe(x.now);
  for (std::uint8_t n = 1; n <= 10; ++n)
    x.subscribers(n, n);
  BOOST_TEST(x.mesh().mesh().size() == 4u); // Up to D_low; then there is no hurry.
  BOOST_TEST(x.sent_to(gossip_op::graft).size() == 4u);
}

BOOST_AUTO_TEST_CASE(leaving_prunes_the_mesh_and_tells_of_it) {
  one_mesh x;
  x.join_with(5);
  BOOST_TEST(x.mesh().unsubscribe(x.now));
  BOOST_TEST(!x.mesh().unsubscribe(x.now));
  BOOST_TEST(x.sent_to(gossip_op::prune).size() == 5u);
  BOOST_TEST(x.mesh().mesh().empty());
  BOOST_TEST(x.events<mesh_peer_removed>().size() == 5u);
  x.from(1, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.sent_to(gossip_op::prune).size() == 1u); // Or it would count on us.
}

BOOST_AUTO_TEST_CASE(membership_is_reported) {
  one_mesh x;
  x.subscribers(1, 2);
  x.mesh().subscribe(x.now);
  BOOST_TEST(x.events<topic_peer_joined>().size() == 2u);
  x.mesh().remove_subscriber(x.now, peer(1));
  x.mesh().remove_subscriber(x.now, peer(1));
  const auto events = x.drain_events();
  BOOST_TEST(std::count_if(events.begin(), events.end(), [](const auto& e) {
    return std::holds_alternative<topic_peer_left>(e);
  }) == 1);
  BOOST_TEST(x.mesh().mesh().size() == 1u);
  BOOST_TEST(x.mesh().subscribers() == 1u);
}

// -- the mesh ---------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(grafts_are_accepted_up_to_twelve_and_answered_with_a_back_off_beyond) {
  one_mesh x;
  x.mesh().subscribe(x.now);
  x.subscribers(1, 20);
  for (std::uint8_t n = 1; n <= 20; ++n)
    x.from(n, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.mesh().mesh().size() == 12u);
  BOOST_TEST(x.mesh().counted().grafts_refused == 8u);
  BOOST_TEST((x.backoffs() == std::vector<std::optional<std::chrono::seconds>>(8, 60s)));
}

BOOST_AUTO_TEST_CASE(who_finds_a_full_mesh_is_told_of_others_and_who_behaves_badly_is_not) {
  mesh_config cfg;
  cfg.introduce = true;
  one_mesh x{cfg};
  x.mesh().subscribe(x.now);
  x.subscribers(1, 13);
  x.subscribers(14, 14, -1);
  for (std::uint8_t n = 1; n <= 15; ++n) // The last one is a stranger.
    x.from(n, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.farewells() == std::multiset<peer_id>{peer(13)});
  BOOST_TEST(x.sent_to(gossip_op::prune) == (std::multiset<peer_id>{peer(14), peer(15)}));
  x.from(13, encode_topic_op(gossip_op::graft, "t")); // Within the back-off.
  BOOST_TEST(x.farewells().empty());
  BOOST_TEST(x.sent_to(gossip_op::prune) == std::multiset<peer_id>{peer(13)});
  x.mesh().set_score(x.now, peer(1), -1);
  x.beat();
  BOOST_TEST(x.farewells().empty());
  BOOST_TEST(x.sent_to(gossip_op::prune) == std::multiset<peer_id>{peer(1)});
  x.mesh().unsubscribe(x.now);
  BOOST_TEST(x.farewells().empty());
  BOOST_TEST(x.sent_to(gossip_op::prune).size() == 11u);
}

BOOST_AUTO_TEST_CASE(who_makes_room_for_a_better_one_is_told_of_others) {
  mesh_config cfg;
  cfg.introduce = true;
  one_mesh x{cfg};
  x.mesh().subscribe(x.now);
  x.subscribers(1, 12);
  for (std::uint8_t n = 1; n <= 12; ++n)
    x.from(n, encode_topic_op(gossip_op::graft, "t"));
  x.subscribers(13, 13, 5);
  x.from(13, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.farewells().size() == 1u);
  BOOST_TEST(x.in_mesh(13));
}

BOOST_AUTO_TEST_CASE(a_graft_of_a_stranger_or_of_a_bad_peer_is_refused) {
  one_mesh x;
  x.join_with(5);
  x.from(99, encode_topic_op(gossip_op::graft, "t"));
  x.subscribers(50, 50, -1);
  x.from(50, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.sent_to(gossip_op::prune) == (std::multiset<peer_id>{peer(50), peer(99)}));
  BOOST_TEST(x.mesh().mesh().size() == 5u);
}

BOOST_AUTO_TEST_CASE(whoever_is_pruned_stays_out_for_the_back_off) {
  one_mesh x;
  x.join_with(5);
  x.mesh().set_score(x.now, peer(1), -1);
  x.beat();
  BOOST_TEST(x.sent_to(gossip_op::prune) == std::multiset<peer_id>{peer(1)});
  x.mesh().set_score(x.now, peer(1), 5);
  x.from(1, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(!x.in_mesh(1));
  BOOST_TEST(x.sent_to(gossip_op::prune) == std::multiset<peer_id>{peer(1)});
  x.now += 60s;
  x.from(1, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.in_mesh(1));
}

BOOST_AUTO_TEST_CASE(who_pruned_us_is_left_alone_for_as_long_as_it_says_and_ten_seconds_if_it_does_not) {
  for (const auto pause : {30s, 0s}) {
    one_mesh x;
    x.join_with(3);
    x.from(1, pause == 0s ? encode_topic_op(gossip_op::prune, "t") : encode_prune("t", pause));
    const auto until = x.now + (pause == 0s ? 10s : pause);
    while (x.now + 1s < until) {
      x.beat();
      BOOST_TEST_REQUIRE(!x.in_mesh(1));
    }
    x.beat();
    x.beat();
    BOOST_TEST(x.in_mesh(1));
  }
}

BOOST_AUTO_TEST_CASE(who_pruned_us_may_change_its_mind) {
  one_mesh x;
  x.join_with(5);
  x.from(1, encode_prune("t", 60s));
  BOOST_TEST(!x.in_mesh(1));
  x.from(1, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.in_mesh(1));
}

BOOST_AUTO_TEST_CASE(nobody_imposes_a_back_off_for_ever) {
  one_mesh x;
  x.join_with(1);
  x.from(1, encode_prune("t", 65535s));
  x.now += 11min;
  x.beat();
  BOOST_TEST(x.in_mesh(1));
}

BOOST_AUTO_TEST_CASE(grafting_without_end_within_a_back_off_is_misbehaviour_and_upstreams_habit_is_not) {
  one_mesh x;
  x.join_with(5);
  x.mesh().set_score(x.now, peer(1), -1);
  x.beat();
  x.drain();
  for (int i = 0; i < 10; ++i)
    x.from(1, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.count_notes(1, peer_conduct::misbehaved) == 0);
  BOOST_TEST(x.sent_to(gossip_op::prune).size() == 10u);
  for (int i = 0; i < 100; ++i)
    x.from(1, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.count_notes(1, peer_conduct::misbehaved) == 100);
  BOOST_TEST(x.sent_to(gossip_op::prune).empty());
}

BOOST_AUTO_TEST_CASE(a_member_that_grafts_without_end_misbehaves) {
  one_mesh x;
  x.join_with(5);
  for (int i = 0; i < 10; ++i)
    x.from(1, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.count_notes(1, peer_conduct::misbehaved) == 0);
  for (int i = 0; i < 3; ++i)
    x.from(1, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.count_notes(1, peer_conduct::misbehaved) == 3);
  BOOST_TEST(x.drain().empty()); // It is a member, so there is nothing to answer.
  x.beat();
  x.from(1, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.count_notes(1, peer_conduct::misbehaved) == 0);
}

BOOST_AUTO_TEST_CASE(a_full_mesh_of_strangers_gets_two_peers_of_our_own_choice) {
  one_mesh x;
  x.mesh().subscribe(x.now);
  x.subscribers(1, 12);
  for (std::uint8_t n = 1; n <= 12; ++n)
    x.from(n, encode_topic_op(gossip_op::graft, "t"));
  x.mesh().set_score(x.now, peer(7), 0.5);
  for (std::uint8_t n = 50; n < 53; ++n)
    x.mesh().add_subscriber(x.now, peer(n), 0, true);
  x.beat();
  BOOST_TEST(x.mesh().mesh().size() == 12u);
  BOOST_TEST((x.in_mesh(50) + x.in_mesh(51) + x.in_mesh(52)) == 2);
  BOOST_TEST(x.in_mesh(7));
}

BOOST_AUTO_TEST_CASE(a_mesh_of_poor_peers_takes_in_two_better_ones_at_a_time) {
  mesh_config cfg;
  cfg.opportunistic_every = 60s;
  one_mesh x{cfg};
  x.join_with(6);
  for (std::uint8_t n = 50; n < 60; ++n)
    x.subscribers(n, n, 5);
  for (int i = 0; i < 59; ++i)
    x.beat();
  BOOST_TEST(x.mesh().mesh().size() == 6u);
  for (int i = 0; i < 20; ++i)
    x.beat();
  BOOST_TEST(x.mesh().mesh().size() == 8u);
}

BOOST_AUTO_TEST_CASE(a_full_mesh_of_poor_peers_gives_up_its_worst_for_better_ones) {
  one_mesh x;
  x.mesh().subscribe(x.now);
  x.subscribers(1, 12);
  for (std::uint8_t n = 1; n <= 12; ++n)
    x.from(n, encode_topic_op(gossip_op::graft, "t"));
  for (std::uint8_t n = 3; n <= 12; ++n)
    x.mesh().set_score(x.now, peer(n), 0.5);
  x.subscribers(50, 60, 5);
  for (int i = 0; i < 80; ++i)
    x.beat();
  BOOST_TEST(x.mesh().mesh().size() == 12u);
  BOOST_TEST(!x.in_mesh(1));
  BOOST_TEST(!x.in_mesh(2));
}

BOOST_AUTO_TEST_CASE(a_full_mesh_gives_a_place_of_the_useless_to_who_has_proved_itself) {
  one_mesh x;
  x.mesh().subscribe(x.now);
  x.subscribers(1, 12);
  for (std::uint8_t n = 1; n <= 12; ++n)
    x.from(n, encode_topic_op(gossip_op::graft, "t"));
  for (std::uint8_t n = 2; n <= 12; ++n)
    x.mesh().set_score(x.now, peer(n), 4);
  x.subscribers(50, 51, 5);
  x.subscribers(60, 60, 0.9);
  x.drain();
  x.from(60, encode_topic_op(gossip_op::graft, "t")); // Not good enough.
  BOOST_TEST(x.sent_to(gossip_op::prune) == std::multiset<peer_id>{peer(60)});
  x.from(50, encode_topic_op(gossip_op::graft, "t"));
  BOOST_TEST(x.sent_to(gossip_op::prune) == std::multiset<peer_id>{peer(1)});
  BOOST_TEST(x.in_mesh(50));
  x.from(51, encode_topic_op(gossip_op::graft, "t")); // All who are left do their work.
  BOOST_TEST(x.sent_to(gossip_op::prune) == std::multiset<peer_id>{peer(51)});
  BOOST_TEST(x.mesh().mesh().size() == 12u);
}

BOOST_AUTO_TEST_CASE(a_replaced_link_is_grafted_again) {
  one_mesh x;
  x.join_with(2);
  x.mesh().handle_link_replaced(x.now, peer(1));
  x.subscribers(9, 9, -1);
  x.mesh().handle_link_replaced(x.now, peer(9));
  BOOST_TEST(x.sent_to(gossip_op::graft) == std::multiset<peer_id>{peer(1)});
}

BOOST_AUTO_TEST_CASE(a_quiet_topic_beats_rarely) {
  one_mesh x;
  x.join_with(6);
  x.beat();
  BOOST_TEST((*x.mesh().poll_timeout() - x.now == 15s));
  x.from(1, publication(1));
  BOOST_TEST((*x.mesh().poll_timeout() - x.now <= 1s));
  for (int i = 0; i < 10; ++i)
    x.beat();
  BOOST_TEST((*x.mesh().poll_timeout() - x.now > 1s));
}

// -- publishing -------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_publication_goes_to_the_mesh_and_four_more_and_to_ourselves) {
  one_mesh x;
  x.join_with(30);
  const auto id = x.mesh().publish(x.now, as_bytes("hello"));
  BOOST_TEST_REQUIRE(id.ok());
  const auto sent = x.drain();
  BOOST_TEST(sent.size() == 10u);
  for (const auto& one : sent)
    BOOST_TEST(one.payload.data() == sent[0].payload.data()); // Stored once.
  const auto own = x.events<gossip_delivery>();
  BOOST_TEST_REQUIRE(own.size() == 1u);
  BOOST_TEST((own[0].id == *id && own[0].from == self_id()));
  BOOST_TEST(own[0].data.text() == "hello");
}

BOOST_AUTO_TEST_CASE(numbers_of_publications_cannot_be_foretold) {
  one_mesh x;
  std::set<std::uint64_t> seen;
  std::uint64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const auto number = x.mesh().publish(x.now, {})->seqno;
    BOOST_TEST(number != last + 1);
    last = number;
    seen.insert(number);
  }
  BOOST_TEST(seen.size() == 100u);
}

BOOST_AUTO_TEST_CASE(without_a_subscription_six_are_kept_for_a_minute) {
  one_mesh x;
  x.subscribers(1, 20);
  BOOST_TEST(x.mesh().finished());
  BOOST_TEST(x.mesh().publish(x.now, as_bytes("a")).ok());
  const auto first = x.sent_to(gossip_op::publish);
  BOOST_TEST(first.size() == 6u);
  BOOST_TEST(x.mesh().publish(x.now, as_bytes("b")).ok());
  BOOST_TEST(x.sent_to(gossip_op::publish) == first);
  BOOST_TEST(x.events<gossip_delivery>().size() == 0u); // We do not subscribe.
  x.mesh().remove_subscriber(x.now, *first.begin());
  BOOST_TEST(x.mesh().publish(x.now, as_bytes("c")).ok());
  BOOST_TEST(x.sent_to(gossip_op::publish).size() == 6u);
  BOOST_TEST(!x.mesh().finished());
  for (int i = 0; i < 70; ++i)
    x.beat();
  BOOST_TEST(x.mesh().fanout().empty());
  BOOST_TEST(x.mesh().finished());
  BOOST_TEST(!x.mesh().poll_timeout());
}

BOOST_AUTO_TEST_CASE(joining_prefers_the_fanout) {
  one_mesh x;
  x.subscribers(1, 100);
  BOOST_TEST(x.mesh().publish(x.now, as_bytes("a")).ok());
  auto targets = x.mesh().fanout();
  x.mesh().subscribe(x.now);
  auto members = x.mesh().mesh();
  std::sort(targets.begin(), targets.end());
  std::sort(members.begin(), members.end());
  BOOST_TEST((targets == members));
}

BOOST_AUTO_TEST_CASE(too_large_a_publication_is_refused) {
  one_mesh x;
  BOOST_TEST((x.mesh().publish(x.now, bytes(gossip_publish_max)).error() == wire_errc::too_large));
}

// -- passing on -------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_message_is_delivered_once_and_passed_on_byte_for_byte) {
  one_mesh x;
  x.join_with(6);
  const auto raw = publication(1);
  x.from(1, raw);
  const auto sent = x.drain();
  BOOST_TEST(sent.size() == 5u);
  for (const auto& one : sent) {
    BOOST_TEST((one.to != peer(1)));
    BOOST_TEST(equal(one.payload.view(), raw));
  }
  x.from(2, raw);
  x.from(1, raw);
  BOOST_TEST(x.drain().empty());
  const auto got = x.events<gossip_delivery>();
  BOOST_TEST_REQUIRE(got.size() == 1u);
  BOOST_TEST((got[0].from == peer(1) && got[0].id.origin == author_id()));
  BOOST_TEST((got[0].author == authorship::claimed));
  BOOST_TEST(x.mesh().counted().duplicates == 2u);
  BOOST_TEST(x.count_notes(1, peer_conduct::first_delivery) == 1);
}

BOOST_AUTO_TEST_CASE(the_author_does_not_get_its_own_message_back_and_its_link_vouches_for_it) {
  one_mesh x;
  x.join_with(6);
  x.from(1, *encode_publish({peer(2), 1}, "t", as_bytes("x")));
  BOOST_TEST(x.sent_to(gossip_op::publish).count(peer(2)) == 0u);
  x.from(3, *encode_publish({peer(3), 1}, "t", as_bytes("x")));
  const auto got = x.events<gossip_delivery>();
  BOOST_TEST_REQUIRE(got.size() == 2u);
  BOOST_TEST((got[0].author == authorship::claimed));
  BOOST_TEST((got[1].author == authorship::link));
}

BOOST_AUTO_TEST_CASE(what_claims_to_be_ours_or_is_of_another_topic_or_not_wanted_goes_nowhere) {
  one_mesh x;
  x.subscribers(1, 6);
  x.from(1, publication(1)); // Not joined.
  x.mesh().subscribe(x.now);
  x.drain();
  x.from(1, *encode_publish({self_id(), 7}, "t", as_bytes("x")));
  x.from(1, *encode_publish({author_id(), 8}, "other", as_bytes("x")));
  BOOST_TEST(x.drain().empty());
  BOOST_TEST(x.events<gossip_delivery>().size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
