// SPDX-License-Identifier: MIT
#include "protocols/dht/responder.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

node_id id(std::uint8_t first, std::uint8_t last = 0) {
  node_id out;
  out.raw[0] = first;
  out.raw[19] = last;
  return out;
}

struct fixture {
  fixture() {
    for (std::uint8_t n = 1; n < 21; ++n)
      table.answered({id(n), {ip_address::v4(20, n, 0, 1), 6881}}, 10ms, now);
    table.heard_of({id(100), {ip_address::v4(20, 100, 0, 1), 6881}}, now);
  }

  responder::answer ask(krpc::query what, const endpoint& who) {
    return uut.respond(who, {id(200), std::move(what), false}, table, now);
  }
  krpc::response ok(krpc::query what, const endpoint& who) {
    auto out = ask(std::move(what), who);
    BOOST_TEST_REQUIRE(std::holds_alternative<krpc::response>(out));
    BOOST_TEST((std::get<krpc::response>(out).sender == id(0, 1)));
    return std::get<krpc::response>(out);
  }
  krpc::response ok(krpc::query what) { return ok(std::move(what), asker); }
  std::int64_t refused(krpc::query what) {
    const auto out = ask(std::move(what), asker);
    BOOST_TEST_REQUIRE(std::holds_alternative<krpc::error>(out));
    BOOST_TEST(!std::get<krpc::error>(out).text.empty());
    return std::get<krpc::error>(out).code;
  }
  bytes token_for(const info_hash& key) { return ok(krpc::get_peers{key, {}}).token; }

  time_point now{1h};
  endpoint asker{ip_address::v4(30, 1, 1, 1), 5000};
  info_hash hash = id(7, 7);
  routing_table table{id(0, 1), {}};
  responder uut{{}, address_family::v4, secret_random{{1, 2, 3}}, now};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(responders, fixture)

BOOST_AUTO_TEST_CASE(a_ping_is_answered_with_the_id_alone) {
  const auto out = ok(krpc::ping{});
  BOOST_TEST(out.nodes.empty());
  BOOST_TEST(out.token.empty());
}

BOOST_AUTO_TEST_CASE(the_eight_closest_that_answered_are_told) {
  const auto out = ok(krpc::find_node{id(5), {}});
  BOOST_TEST(out.nodes.size() == 8u);
  BOOST_TEST((out.nodes[0].id == id(5)));
  BOOST_TEST(out.nodes6.empty());
  for (const auto& x : ok(krpc::find_node{id(100), {}}).nodes)
    BOOST_TEST((x.id != id(100)));
}

BOOST_AUTO_TEST_CASE(nodes_of_the_wanted_families_are_told) {
  std::vector<node_contact> others;
  for (std::uint8_t n = 1; n < 100; ++n)
    others.push_back({id(n), {ip_address::v6_loopback(), n}});
  uut.set_other_family(others);
  krpc::wanted want;
  want.n6 = true;
  auto out = ok(krpc::find_node{id(9), want});
  BOOST_TEST(out.nodes.empty());
  BOOST_TEST(out.nodes6.size() == 8u);
  BOOST_TEST((out.nodes6[0].id == id(9)));
  want.n4 = true;
  out = ok(krpc::get_peers{id(9), want});
  BOOST_TEST(out.nodes.size() == 8u);
  BOOST_TEST(out.nodes6.size() == 8u);
  BOOST_TEST(ok(krpc::get{id(9), {}, {}}).nodes6.empty());
}

BOOST_AUTO_TEST_CASE(whoever_announces_with_the_token_he_was_given_is_found) {
  ok(krpc::announce_peer{hash, 8080, false, token_for(hash)});
  auto found = ok(krpc::get_peers{hash, {}});
  BOOST_TEST((found.values == std::vector{endpoint{asker.address, 8080}}));
  BOOST_TEST(found.nodes.size() == 8u);
  BOOST_TEST(uut.peers().peer_count() == 1u);
  ok(krpc::announce_peer{hash, 8080, true, token_for(hash)});
  found = ok(krpc::get_peers{hash, {}});
  BOOST_TEST(found.values.size() == 2u);
  BOOST_TEST((std::count(found.values.begin(), found.values.end(), asker) == 1));
}

BOOST_AUTO_TEST_CASE(a_token_is_good_for_its_address_and_key_and_for_five_to_ten_minutes) {
  const auto token = token_for(hash);
  BOOST_TEST(refused(krpc::announce_peer{id(8), 8080, false, token}) == 203);
  BOOST_TEST(refused(krpc::announce_peer{hash, 8080, false, {}}) == 203);
  const auto elsewhere = ask(krpc::announce_peer{hash, 1, false, token}, {ip_address::v4(30, 1, 1, 2), 5000});
  BOOST_TEST(std::holds_alternative<krpc::error>(elsewhere));
  asker.port = 5001; // A NAT may change it.
  ok(krpc::announce_peer{hash, 8080, false, token});
  now = uut.next_wakeup();
  uut.advance(now);
  ok(krpc::announce_peer{hash, 8080, false, token});
  now += token_jar::rotation_interval;
  uut.advance(now);
  BOOST_TEST(refused(krpc::announce_peer{hash, 8080, false, token}) == 203);
}

BOOST_AUTO_TEST_CASE(who_announces_too_much_is_told_so) {
  std::int64_t code = 0;
  for (std::uint8_t n = 0; n < 255 && code == 0; ++n) {
    const auto out = ask(krpc::announce_peer{id(n), 8080, false, token_for(id(n))}, asker);
    if (const auto* error = std::get_if<krpc::error>(&out))
      code = error->code;
  }
  BOOST_TEST(code == 202);
}

BOOST_AUTO_TEST_CASE(items_are_kept_for_who_has_a_token) {
  const dht_item item{{'2', ':', 'h', 'i'}, {}};
  const auto target = target_of(item);
  auto got = ok(krpc::get{target, {}, {}});
  BOOST_TEST(got.value.empty());
  BOOST_TEST(got.nodes.size() == 8u);
  BOOST_TEST(refused(krpc::put{item, {1, 2}, {}}) == 203);
  ok(krpc::put{item, got.token, {}});
  got = ok(krpc::get{target, {}, {}});
  BOOST_TEST((got.value == item.value));
  BOOST_TEST(uut.items().size() == 1u);
}

BOOST_AUTO_TEST_CASE(items_that_break_the_rules_are_refused_with_their_code) {
  const auto key = item_key_pair::from_seed({5});
  const auto newer = sign_item(key, {}, 2, {'i', '2', 'e'});
  const auto older = sign_item(key, {}, 1, {'i', '1', 'e'});
  const auto token = ok(krpc::get{target_of(newer), {}, {}}).token;
  auto broken = newer;
  broken.proof->signature[0] = static_cast<std::uint8_t>(broken.proof->signature[0] ^ 1);
  BOOST_TEST(refused(krpc::put{broken, token, {}}) == 206);
  ok(krpc::put{newer, token, {}});
  BOOST_TEST(refused(krpc::put{older, token, {}}) == 302);
  BOOST_TEST(refused(krpc::put{sign_item(key, {}, 3, {'i', '3', 'e'}), token, 1}) == 301);
}

BOOST_AUTO_TEST_CASE(samples_of_what_is_stored_are_told) {
  for (std::uint8_t n = 0; n < 5; ++n)
    ok(krpc::announce_peer{id(n, 3), 8080, false, token_for(id(n, 3))});
  const auto out = ok(krpc::sample_infohashes{id(1), {}});
  BOOST_TEST_REQUIRE(out.samples.has_value());
  BOOST_TEST(out.samples->stored == 5);
  BOOST_TEST(out.samples->samples.size() == 5u);
  BOOST_TEST(out.nodes.size() == 8u);
}

BOOST_AUTO_TEST_CASE(what_is_not_refreshed_is_forgotten_in_time) {
  ok(krpc::announce_peer{hash, 8080, false, token_for(hash)});
  const auto end = now + 31min;
  while (now < end) {
    now = uut.next_wakeup();
    uut.advance(now);
    BOOST_TEST_REQUIRE((uut.next_wakeup() > now));
  }
  BOOST_TEST(uut.peers().peer_count() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
