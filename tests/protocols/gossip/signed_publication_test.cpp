// SPDX-License-Identifier: MIT
#include "protocols/gossip/signed_publication.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

constexpr std::uint64_t noon = 1'790'000'000'000;
using judgement = replay_guard::judgement;

key_pair key(std::uint8_t byte) {
  return key_pair::from_private(filled(byte));
}

struct signed_sample {
  key_pair author = key(3);
  message_id id{author.id(), 42};
  bytes raw = sign_publication(author, id, "news", as_bytes("hello"), noon, xeddsa_noise{});
};

message_id id(std::uint64_t n) {
  return {peer_id{filled(1)}, n};
}

} // namespace

BOOST_AUTO_TEST_SUITE(signed_publications)

BOOST_AUTO_TEST_CASE(what_the_author_signed_opens) {
  const signed_sample x;
  BOOST_TEST(x.raw.size() == signed_envelope_size + 5);
  BOOST_TEST(looks_signed(x.raw));
  const auto opened = open_publication(x.id, "news", x.raw);
  BOOST_TEST_REQUIRE(opened.ok());
  BOOST_TEST(as_text(opened->data) == "hello");
  BOOST_TEST(opened->written_at_ms == noon);
}

BOOST_AUTO_TEST_CASE(neither_id_nor_topic_nor_any_bit_can_be_changed) {
  const signed_sample x;
  BOOST_TEST((open_publication({x.id.origin, 43}, "news", x.raw).error() == wire_errc::not_authentic));
  BOOST_TEST((open_publication(x.id, "olds", x.raw).error() == wire_errc::not_authentic));
  BOOST_TEST((open_publication({key(4).id(), 42}, "news", x.raw).error() == wire_errc::bad_key));
  for (std::size_t i = 0; i < x.raw.size(); ++i) {
    auto bad = x.raw;
    bad[i] ^= 0x10;
    BOOST_TEST(!open_publication(x.id, "news", bad).ok(), "byte " << i);
  }
}

BOOST_AUTO_TEST_CASE(nobody_signs_in_anothers_name) {
  const signed_sample x;
  // The forger's own key in the envelope does not hash to the origin; the author's key does not fit the signature.
  auto forged = sign_publication(key(4), {key(4).id(), 42}, "news", as_bytes("hello"), noon, xeddsa_noise{});
  BOOST_TEST((open_publication(x.id, "news", forged).error() == wire_errc::bad_key));
  std::copy(x.author.public_key.begin(), x.author.public_key.end(), forged.begin() + 8);
  BOOST_TEST((open_publication(x.id, "news", forged).error() == wire_errc::not_authentic));
}

BOOST_AUTO_TEST_CASE(what_is_no_envelope_is_told_apart_from_a_torn_one) {
  const signed_sample x;
  BOOST_TEST(!looks_signed(as_bytes("{\"text\": 1}")));
  BOOST_TEST(!looks_signed({}));
  BOOST_TEST((open_publication(x.id, "news", as_bytes("hello")).error() == wire_errc::unknown_kind));
  for (std::size_t n = 0; n < signed_envelope_size; ++n) {
    const auto cut = open_publication(x.id, "news", bytes_view{x.raw}.first(n));
    BOOST_TEST((cut.error() == (n < 8 ? wire_errc::unknown_kind : wire_errc::truncated)));
  }
}

BOOST_AUTO_TEST_CASE(a_recording_is_refused_for_ever) {
  replay_guard x;
  BOOST_TEST((x.check(noon, noon - 1000, id(1)) == judgement::fresh));
  x.remember(noon, noon - 1000, id(1));
  BOOST_TEST((x.check(noon + 1, noon - 1000, id(1)) == judgement::replayed));
  BOOST_TEST((x.check(noon + 1, noon - 1000, id(2)) == judgement::fresh));
  const auto later = noon + 6 * 60 * 1000;
  BOOST_TEST((x.check(later, noon - 1000, id(2)) == judgement::stale));
  x.remember(later, later, id(3)); // Forgets the first one, which is too old by now...
  BOOST_TEST(x.size() == 1u);
  BOOST_TEST((x.check(noon, noon - 1000, id(1)) == judgement::stale)); // ...even for a clock that was set back.
}

BOOST_AUTO_TEST_CASE(clocks_may_differ_by_a_minute) {
  const replay_guard x;
  BOOST_TEST((x.check(noon, noon + 60'000, id(1)) == judgement::fresh));
  BOOST_TEST((x.check(noon, noon + 60'001, id(1)) == judgement::too_new));
  BOOST_TEST((x.check(noon, noon - 300'000, id(1)) == judgement::fresh));
  BOOST_TEST((x.check(noon, noon - 300'001, id(1)) == judgement::stale));
}

BOOST_AUTO_TEST_CASE(where_there_is_no_room_the_oldest_go_and_what_is_not_younger_is_refused) {
  replay_guard::config cfg;
  cfg.remembered_max = 100;
  replay_guard x{cfg};
  for (std::uint64_t n = 0; n < 150; ++n)
    x.remember(noon, noon + n, id(n));
  BOOST_TEST(x.size() == 100u);
  BOOST_TEST((x.check(noon, noon + 49, id(49)) == judgement::stale));
  BOOST_TEST((x.check(noon, noon + 20, id(999)) == judgement::stale));
  BOOST_TEST((x.check(noon, noon + 50, id(50)) == judgement::replayed));
  BOOST_TEST((x.check(noon, noon + 50, id(999)) == judgement::fresh));
}

BOOST_AUTO_TEST_SUITE_END()
