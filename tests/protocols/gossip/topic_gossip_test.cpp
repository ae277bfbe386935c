// SPDX-License-Identifier: MIT
#include "tests/protocols/gossip/one_mesh.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t noon = 1'790'000'000'000;

std::shared_ptr<const key_pair> key_of(std::uint8_t n) {
  return std::make_shared<const key_pair>(key_pair::from_private(filled(n)));
}

mesh_config validating() {
  mesh_config cfg;
  cfg.validate = true;
  return cfg;
}

mesh_config strict() {
  mesh_config cfg;
  cfg.signatures = signature_policy::require;
  return cfg;
}

/// A signed PUBLISH of the topic "t".
bytes signed_by(std::uint8_t author, std::uint64_t seqno, std::uint64_t written_at = noon) {
  const auto key = key_of(author);
  const message_id id{key->id(), seqno};
  return *encode_publish(id, "t", sign_publication(*key, id, "t", as_bytes("hello"), written_at, xeddsa_noise{}));
}

} // namespace

BOOST_AUTO_TEST_SUITE(topic_gossip)

// -- IHAVE and IWANT --------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(recent_ids_are_offered_to_six_outside_the_mesh_for_three_heartbeats) {
  one_mesh x;
  x.join_with(16);
  x.from(1, publication(1));
  x.drain();
  for (int i = 0; i < 5; ++i) {
    x.beat();
    const auto told = x.sent_to(gossip_op::ihave);
    BOOST_TEST(told.size() == (i < 3 ? 6u : 0u));
    for (const auto& who : told)
      BOOST_TEST(!x.in_mesh(who.raw[0]));
    const auto offered = x.mesh().poll_offered();
    BOOST_TEST(offered.has_value() == (i < 3));
    BOOST_TEST(!x.mesh().poll_offered());
  }
}

BOOST_AUTO_TEST_CASE(with_many_subscribers_a_quarter_is_told) {
  one_mesh x;
  x.join_with(206);
  x.from(1, publication(1));
  x.drain();
  x.beat();
  BOOST_TEST(x.sent_to(gossip_op::ihave).size() == 50u);
}

BOOST_AUTO_TEST_CASE(what_is_offered_and_new_is_asked_for_once_a_second) {
  one_mesh x;
  x.join_with(4);
  x.from(1, publication(1));
  x.drain();
  x.from(2, x.ihave(1, 3));
  BOOST_TEST((x.iwants() == std::vector<std::pair<peer_id, std::size_t>>{{peer(2), 2}}));
  x.from(3, x.ihave(1, 3));
  BOOST_TEST(x.iwants().empty());
  x.now += 1s;
  x.from(3, x.ihave(1, 3));
  BOOST_TEST((x.iwants() == std::vector<std::pair<peer_id, std::size_t>>{{peer(3), 2}}));
  x.from(3, publication(2));
  x.now += 1s;
  x.from(4, x.ihave(1, 3));
  BOOST_TEST((x.iwants() == std::vector<std::pair<peer_id, std::size_t>>{{peer(4), 1}}));
  x.now += 1s;
  x.from(2, x.ihave(3, 3));
  BOOST_TEST(x.iwants().empty()); // Three peers were asked; the fourth would not know either.
}

BOOST_AUTO_TEST_CASE(offers_are_read_up_to_their_limits) {
  one_mesh x;
  x.join_with(5);
  x.from(1, x.ihave(1, 6000));
  BOOST_TEST((x.iwants() == std::vector<std::pair<peer_id, std::size_t>>{{peer(1), 5000}}));
  x.from(1, x.ihave(10001, 10001));
  BOOST_TEST(x.iwants().empty());
  for (std::uint64_t n = 0; n < 20; ++n)
    x.from(2, x.ihave(20000 + n, 20000 + n));
  BOOST_TEST(x.iwants().size() == 10u);
  x.beat();
  x.from(1, x.ihave(30000, 30000));
  BOOST_TEST(x.iwants().size() == 1u);
  BOOST_TEST(x.mesh().counted().ihave_refused == 11u);
}

BOOST_AUTO_TEST_CASE(offers_beyond_all_measure_are_a_fault_of_every_heartbeat) {
  one_mesh x;
  x.join_with(5);
  x.mesh().set_score(x.now, peer(2), -30); // Not listened to, and still watched.
  for (const std::uint8_t n : {1, 2}) {
    for (int i = 0; i < 10; ++i)
      x.from(n, encode_ihave("t", {}));
    BOOST_TEST(x.count_notes(n, peer_conduct::misbehaved) == 0);
    for (int i = 0; i < 50; ++i)
      x.from(n, encode_ihave("t", {}));
    BOOST_TEST(x.count_notes(n, peer_conduct::misbehaved) == 1);
  }
  x.beat();
  x.mesh().take_notes();
  for (int i = 0; i < 11; ++i)
    x.from(1, encode_ihave("t", {}));
  BOOST_TEST(x.count_notes(1, peer_conduct::misbehaved) == 1);
}

BOOST_AUTO_TEST_CASE(ids_that_are_asked_for_are_bounded) {
  one_mesh x;
  x.join_with(20);
  for (std::uint8_t n = 1; n <= 20; ++n)
    x.from(n, x.ihave(n * 10000u, n * 10000u + 4999));
  std::size_t asked = 0;
  for (const auto& [who, count] : x.iwants())
    asked += count;
  BOOST_TEST(asked == mesh_config{}.asked_max);
}

BOOST_AUTO_TEST_CASE(nobody_waits_for_who_has_broken_a_promise) {
  using asked = std::vector<std::pair<peer_id, std::size_t>>;
  one_mesh x;
  x.join_with(5);
  x.from(1, x.ihave(1, 1));
  x.now += 1s;
  x.from(2, x.ihave(1, 1)); // Peer 1 has sent nothing for a second.
  BOOST_TEST((x.iwants() == asked{{peer(1), 1}, {peer(2), 1}}));
  x.from(1, x.ihave(2, 4)); // It is still asked what nobody else has offered...
  x.from(2, x.ihave(2, 2));
  x.from(3, x.ihave(2, 3)); // ...but does not keep us from asking others at once. They have their second.
  BOOST_TEST((x.iwants() == asked{{peer(1), 3}, {peer(2), 1}, {peer(3), 1}}));
  x.now += 1s;
  x.from(1, x.ihave(2, 2));
  BOOST_TEST(x.iwants().empty());
  x.from(1, publication(1)); // It is better than we thought.
  x.from(1, x.ihave(2, 2));
  BOOST_TEST((x.iwants() == asked{{peer(1), 1}}));
  x.now += 31s;
  x.from(2, x.ihave(9, 9));
  x.from(5, x.ihave(9, 9)); // That peer 2 once let us wait is forgotten.
  BOOST_TEST((x.iwants() == asked{{peer(2), 1}}));
}

BOOST_AUTO_TEST_CASE(who_offers_and_does_not_send_breaks_a_promise) {
  one_mesh x;
  x.join_with(4);
  x.from(1, x.ihave(1, 50));
  x.from(2, x.ihave(100, 100));
  x.from(3, publication(100)); // By whomever: the promise is kept.
  x.mesh().take_notes();
  for (int i = 0; i < 4; ++i)
    x.beat();
  const auto notes = x.mesh().take_notes();
  BOOST_TEST_REQUIRE(notes.size() == 1u);
  BOOST_TEST((notes[0].peer == peer(1) && notes[0].what == peer_conduct::misbehaved));
  BOOST_TEST(notes[0].count == 1);
  BOOST_TEST(x.mesh().counted().promises_broken == 50u);
}

BOOST_AUTO_TEST_CASE(an_iwant_is_answered_three_times_and_within_a_budget) {
  mesh_config cfg;
  cfg.answer_bytes_per_heartbeat = 5000;
  one_mesh x{cfg};
  x.join_with(20);
  std::vector<message_id> all;
  for (std::uint64_t n = 1; n <= 10; ++n) {
    x.from(1, publication(n, std::string(1000, 'a')));
    all.push_back({author_id(), n});
  }
  x.drain();
  x.mesh().handle_iwant(x.now, peer(20), all);
  BOOST_TEST(x.drain().size() == 4u);
  x.mesh().handle_iwant(x.now, peer(20), all);
  BOOST_TEST(x.drain().empty());
  x.mesh().handle_iwant(x.now, peer(19), {all[0], {author_id(), 99}});
  BOOST_TEST(x.drain().size() == 1u);
  for (int i = 0; i < 4; ++i) {
    x.beat();
    x.drain();
    x.mesh().handle_iwant(x.now, peer(20), {all[0]});
    BOOST_TEST(x.drain().size() == (i < 2 ? 1u : 0u)); // The fourth time is too often.
  }
}

BOOST_AUTO_TEST_CASE(one_large_message_is_always_within_the_budget) {
  mesh_config cfg;
  cfg.answer_bytes_per_heartbeat = 100;
  one_mesh x{cfg};
  x.join_with(3);
  x.from(1, publication(1, std::string(5000, 'a')));
  x.drain();
  x.mesh().handle_iwant(x.now, peer(2), {{author_id(), 1}});
  BOOST_TEST(x.drain().size() == 1u);
}

BOOST_AUTO_TEST_CASE(bad_peers_neither_ask_nor_offer_nor_are_told) {
  one_mesh x;
  x.join_with(6);
  x.subscribers(50, 50, -21);
  x.from(1, publication(1));
  x.drain();
  x.from(50, x.ihave(5, 5));
  x.mesh().handle_iwant(x.now, peer(50), {{author_id(), 1}});
  x.beat();
  BOOST_TEST(x.drain().empty());
  x.subscribers(51, 51, -41);
  BOOST_TEST(x.mesh().publish(x.now, as_bytes("x")).ok());
  const auto told = x.sent_to(gossip_op::publish);
  BOOST_TEST(told.count(peer(50)) == 1u); // Above the threshold for publications,
  BOOST_TEST(told.count(peer(51)) == 0u); // below it.
}

// -- validation -------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(nothing_is_passed_on_before_the_verdict) {
  one_mesh x{validating()};
  x.join_with(6);
  x.from(1, publication(1));
  x.from(2, publication(1)); // Has it too, so it will not be sent there.
  BOOST_TEST(x.drain().empty());
  const auto asked = x.events<gossip_validate>();
  BOOST_TEST_REQUIRE(asked.size() == 1u);
  BOOST_TEST(x.mesh().handle_verdict(x.now, asked[0].ticket, verdict::accept));
  BOOST_TEST(!x.mesh().handle_verdict(x.now, asked[0].ticket, verdict::accept));
  const auto told = x.sent_to(gossip_op::publish);
  BOOST_TEST(told == (std::multiset<peer_id>{peer(3), peer(4), peer(5), peer(6)}));
  BOOST_TEST(x.events<gossip_delivery>().size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_rejected_is_held_against_all_who_brought_it) {
  one_mesh x{validating()};
  x.join_with(6);
  x.from(1, publication(1));
  x.from(2, publication(1));
  x.mesh().handle_verdict(x.now, x.events<gossip_validate>().at(0).ticket, verdict::reject);
  BOOST_TEST(x.drain().empty());
  const auto notes = x.mesh().take_notes();
  BOOST_TEST_REQUIRE(notes.size() == 2u);
  for (const auto& one : notes)
    BOOST_TEST((one.what == peer_conduct::invalid_message && one.peer != author_id()));
  x.from(3, publication(1)); // Known to be bad, asked about no more.
  BOOST_TEST(x.drain_events().empty());
}

BOOST_AUTO_TEST_CASE(ignoring_and_saying_nothing_for_ten_seconds_drop_it_quietly) {
  one_mesh x{validating()};
  x.join_with(6);
  x.from(1, publication(1));
  x.from(1, publication(2));
  const auto asked = x.events<gossip_validate>();
  x.mesh().handle_verdict(x.now, asked.at(0).ticket, verdict::ignore);
  for (int i = 0; i < 10; ++i)
    x.beat();
  BOOST_TEST(!x.mesh().handle_verdict(x.now, asked.at(1).ticket, verdict::accept));
  BOOST_TEST(x.mesh().counted().ignored == 2u);
  BOOST_TEST(x.mesh().take_notes().empty());
}

BOOST_AUTO_TEST_CASE(what_found_no_room_may_come_again_and_is_nobodys_fault) {
  auto cfg = validating();
  cfg.validation.messages_max = 1;
  one_mesh x{cfg};
  x.join_with(3);
  x.from(3, x.ihave(2, 2));
  x.from(1, publication(1));
  x.from(3, publication(2));
  x.now += 4s;
  x.mesh().handle_timeout(x.now);
  BOOST_TEST(x.count_notes(3, peer_conduct::misbehaved) == 0);
  BOOST_TEST(x.mesh().counted().overloaded == 1u);
  x.mesh().handle_verdict(x.now, x.events<gossip_validate>().at(0).ticket, verdict::accept);
  x.from(2, publication(2));
  BOOST_TEST(x.events<gossip_validate>().size() == 1u);
}

// -- deliveries that count --------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(near_first_deliveries_of_mesh_members_count_once_each_when_asked_for) {
  mesh_config cfg;
  cfg.count_mesh_deliveries = true;
  one_mesh x{cfg};
  x.join_with(4);
  x.from(1, publication(1));
  x.now += 50ms;
  for (int i = 0; i < 5; ++i)
    x.from(2, publication(1));
  x.now += 51ms;
  x.from(3, publication(1)); // Too late to be worth anything.
  std::size_t counted = 0;
  for (const auto& one : x.mesh().take_notes())
    if (one.what == peer_conduct::mesh_delivery) {
      ++counted;
      BOOST_TEST((one.peer == peer(2) && one.count == 1));
    }
  BOOST_TEST(counted == 1u);
}

// -- signatures -------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_signed_publication_arrives_proven_and_without_its_envelope) {
  auto cfg = strict();
  cfg.signing_key = key_of(5);
  one_mesh author{cfg};
  author.place.emplace(cfg, author.now, "t", key_of(5)->id(), author.key);
  author.join_with(3);
  BOOST_TEST(
    (author.mesh().publish(author.now, as_bytes("hi")).error() == wire_errc::out_of_order)); // What time is it?
  author.mesh().set_unix_time(author.now, noon);
  BOOST_TEST_REQUIRE(author.mesh().publish(author.now, as_bytes("hi")).ok());
  BOOST_TEST(author.events<gossip_delivery>().at(0).data.text() == "hi");
  const auto raw = author.drain().at(0).payload;

  one_mesh x{strict()};
  x.join_with(3);
  x.mesh().set_unix_time(x.now, noon + 100);
  x.mesh().handle_message(x.now, peer(1), raw);
  const auto got = x.events<gossip_delivery>();
  BOOST_TEST_REQUIRE(got.size() == 1u);
  BOOST_TEST((got[0].author == authorship::proven && got[0].id.origin == key_of(5)->id()));
  BOOST_TEST(got[0].data.text() == "hi");
  for (const auto& one : x.drain())
    BOOST_TEST(one.payload.data() == raw.data()); // Passed on with the envelope.
}

BOOST_AUTO_TEST_CASE(a_forgery_does_not_keep_the_real_message_out) {
  one_mesh x{strict()};
  x.join_with(3);
  auto forged = signed_by(5, 1);
  forged.back() ^= 1;
  x.from(1, forged);
  BOOST_TEST(x.count_notes(1, peer_conduct::invalid_message) == 1);
  BOOST_TEST(x.drain().empty());
  x.from(2, signed_by(5, 1));
  BOOST_TEST(x.events<gossip_delivery>().size() == 1u);
  BOOST_TEST(x.mesh().counted().forged == 1u);
}

BOOST_AUTO_TEST_CASE(unsigned_ones_are_refused_when_signatures_are_required_and_claimed_when_checked) {
  one_mesh x{strict()};
  x.join_with(3);
  x.from(1, publication(1));
  BOOST_TEST(x.drain_events().empty());
  auto cfg = strict();
  cfg.signatures = signature_policy::check;
  one_mesh y{cfg};
  y.join_with(3);
  y.from(1, publication(1));
  auto torn = signed_by(5, 1);
  torn.resize(torn.size() - 20);
  y.from(1, torn);
  const auto got = y.events<gossip_delivery>();
  BOOST_TEST_REQUIRE(got.size() == 1u);
  BOOST_TEST((got[0].author == authorship::claimed));
}

BOOST_AUTO_TEST_CASE(a_recording_is_refused_after_the_ids_are_forgotten) {
  auto cfg = strict();
  cfg.seen.lifetime = 10s;
  one_mesh x{cfg};
  x.join_with(3);
  x.mesh().set_unix_time(x.now, noon);
  x.from(1, signed_by(5, 1));
  BOOST_TEST(x.events<gossip_delivery>().size() == 1u);
  for (const auto pause : {30s, 600s}) {
    x.now += pause;
    x.beat();
    x.from(2, signed_by(5, 1));
    BOOST_TEST(x.events<gossip_delivery>().empty());
  }
  x.from(2, signed_by(5, 2)); // Written ten minutes ago.
  BOOST_TEST(x.events<gossip_delivery>().empty());
  BOOST_TEST(x.mesh().counted().stale == 3u);
}

BOOST_AUTO_TEST_CASE(who_does_not_look_at_signatures_sees_the_envelope_as_upstream_does) {
  one_mesh x;
  x.join_with(3);
  x.from(1, signed_by(5, 1));
  const auto got = x.events<gossip_delivery>();
  BOOST_TEST_REQUIRE(got.size() == 1u);
  BOOST_TEST(looks_signed(got[0].data.view()));
}

BOOST_AUTO_TEST_SUITE_END()
