// SPDX-License-Identifier: MIT
#include "protocols/pex/pex_policy.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <utility>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

peer_id id(std::uint8_t n) { return peer_id{filled(n)}; }
ip_address lan(std::uint8_t n) { return ip_address::v4(10, 0, 0, n); }
ip_address wan(std::uint8_t n) { return ip_address::v4(203, 0, 113, n); }
endpoint at(const ip_address& x) { return {x, 4000}; }

/// One policy, its clock, and everything it said.
struct exchange {
  explicit exchange(const pex_policy::config& cfg = {}, std::uint64_t seed = 5) : policy(cfg, id(0xEE), seed) {}

  void connect(std::uint8_t n, const ip_address& remote) {
    policy.peer_connected(now, id(n), remote);
    policy.set_addresses(id(n), {at(remote)});
  }
  void lan_peers(std::uint8_t from, std::uint8_t to) {
    for (auto n = from; n <= to; ++n)
      connect(n, lan(n));
  }
  /// Forgets the requests that were sent on connecting.
  void forget_sent() {
    while (policy.poll_transmit())
      ;
  }
  void respond(std::uint8_t from, std::vector<pex_entry> entries) {
    policy.handle_message(now, id(from), encode(pex_response{std::move(entries)}));
  }
  std::vector<endpoint> dials() {
    std::vector<endpoint> out;
    while (const auto x = policy.poll_dial())
      out.push_back(x->address);
    return out;
  }
  /// What `from` gets when it asks for `max`.
  std::vector<pex_entry> ask(std::uint8_t from, std::uint16_t max = 32) {
    forget_sent();
    policy.handle_message(now, id(from), encode(pex_request{max}));
    const auto out = policy.poll_transmit();
    if (!out)
      return {};
    BOOST_TEST((out->to == id(from)));
    return std::get<pex_response>(*decode_pex(out->payload)).entries;
  }
  std::size_t requests() {
    std::size_t out = 0;
    while (const auto x = policy.poll_transmit())
      out += to_hex(x->payload) == "01000020" ? 1u : 0u;
    return out;
  }

  time_point now{1h};
  pex_policy policy;
};

std::vector<pex_entry> strangers(std::uint8_t from, std::uint8_t to) {
  std::vector<pex_entry> out;
  for (auto n = from; n <= to; ++n)
    out.push_back({at(lan(n)), id(n)});
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(pex_policies)

BOOST_AUTO_TEST_CASE(a_new_peer_is_asked_once_and_a_replaced_link_is_not) {
  exchange x;
  x.connect(1, lan(1));
  BOOST_TEST(x.requests() == 1u);
  x.connect(1, lan(1));
  BOOST_TEST(x.requests() == 0u);
}

BOOST_AUTO_TEST_CASE(an_answer_names_the_others_and_neither_the_asker_nor_ourselves) {
  exchange x;
  x.lan_peers(1, 3);
  std::set<peer_id> told;
  for (const auto& one : x.ask(1))
    told.insert(one.id);
  BOOST_TEST((told == std::set<peer_id>{id(2), id(3)}));
  BOOST_TEST(x.ask(1, 0).empty());
  BOOST_TEST(x.ask(1, 1).size() == 1u);
}

BOOST_AUTO_TEST_CASE(who_has_nothing_to_tell_sends_nothing) {
  exchange x;
  x.connect(1, lan(1));
  x.forget_sent();
  x.policy.handle_message(x.now, id(1), encode(pex_request{}));
  BOOST_TEST(!x.policy.poll_transmit());
}

BOOST_AUTO_TEST_CASE(the_answer_is_a_random_choice) {
  std::set<peer_id> told;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    exchange x{{}, seed};
    x.lan_peers(1, 100);
    const auto answer = x.ask(1, 200);
    BOOST_TEST(answer.size() == pex_entries_max);
    for (const auto& one : answer)
      told.insert(one.id);
  }
  BOOST_TEST(told.size() > 90u);  // Always the same 32 would be upstream's way.
}

BOOST_AUTO_TEST_CASE(addresses_are_told_to_whom_they_mean_something) {
  exchange x;
  x.connect(1, wan(1));
  x.connect(2, lan(2));
  x.connect(3, wan(3));
  x.connect(4, lan(4));
  x.connect(5, ip_address::v4_loopback());
  x.policy.set_addresses(id(4), {at(lan(4)), at(wan(4))});  // On our network, and reachable from outside.
  std::set<endpoint> outside;
  for (const auto& one : x.ask(1))
    outside.insert(one.address);
  BOOST_TEST((outside == std::set<endpoint>{at(wan(3)), at(wan(4))}));
  std::set<endpoint> inside;
  for (const auto& one : x.ask(2))
    inside.insert(one.address);
  BOOST_TEST((inside == std::set<endpoint>{at(wan(1)), at(wan(3)), at(lan(4))}));
}

BOOST_AUTO_TEST_CASE(a_peer_that_asks_without_end_is_not_served_without_end) {
  exchange x;
  x.lan_peers(1, 2);
  for (int i = 0; i < 4; ++i)
    BOOST_TEST(x.ask(1).size() == 1u);
  BOOST_TEST(x.ask(1).empty());
  BOOST_TEST(x.ask(2).size() == 1u);  // The other one has a budget of its own.
  x.now += 1min;
  BOOST_TEST(x.ask(1).size() == 1u);
  BOOST_TEST(x.policy.counted().requests_refused == 1u);
}

BOOST_AUTO_TEST_CASE(a_response_is_dialed_once_per_request) {
  exchange x;
  x.connect(1, lan(1));
  x.respond(1, strangers(10, 11));
  BOOST_TEST(x.dials().size() == 2u);
  x.respond(1, strangers(20, 21));
  BOOST_TEST(x.dials().empty());
  x.respond(2, strangers(20, 21));  // Not even connected.
  BOOST_TEST(x.dials().empty());
  BOOST_TEST(x.policy.counted().responses_refused == 1u);
}

BOOST_AUTO_TEST_CASE(vectors_lead_to_the_dials_that_upstream_makes) {
  for (const auto& one : load_vectors("pex.json")) {
    if (!one.fields.contains("dials"))
      continue;
    exchange x;
    x.connect(1, wan(1));
    x.policy.handle_message(x.now, id(1), one.raw);
    BOOST_TEST(x.dials().size() == one.fields.at("dials").get<std::size_t>(), one.name);
  }
}

BOOST_AUTO_TEST_CASE(only_strangers_that_can_be_dialed_are_dialed) {
  exchange x;
  x.connect(1, wan(1));
  x.connect(2, lan(2));
  auto entries = std::vector<pex_entry>{
    {at(wan(9)), id(9)},
    {at(wan(2)), id(2)},                            // Connected already.
    {at(wan(7)), id(0xEE)},                         // Ourselves.
    {{wan(8), 0}, id(8)},                           // No port.
    {at(lan(8)), id(8)},                            // A private address, from somebody outside.
    {at(ip_address::v4_loopback()), id(8)},         // Our own machine, from another one.
    {at(ip_address::v4(224, 0, 0, 1)), id(8)},      // Nobody in particular.
  };
  x.policy.handle_message(x.now, id(1), encode(pex_response{entries}));
  BOOST_TEST((x.dials() == std::vector<endpoint>{at(wan(9))}));
}

BOOST_AUTO_TEST_CASE(an_address_is_dialed_again_after_five_minutes_and_not_before) {
  exchange x;
  const auto try_again = [&] {
    x.policy.peer_disconnected(x.now, id(1));
    x.connect(1, lan(1));
    x.respond(1, strangers(10, 10));
    const auto out = x.dials().size();
    x.policy.dial_ended(x.now, at(lan(10)), std::nullopt);
    return out;
  };
  BOOST_TEST(try_again() == 1u);
  x.now += 5min - 1ns;
  BOOST_TEST(try_again() == 0u);
  x.now += 1ns;
  BOOST_TEST(try_again() == 1u);
  BOOST_TEST(x.policy.counted().dials_failed == 2u);
}

BOOST_AUTO_TEST_CASE(an_address_at_which_somebody_else_was_found_is_left_alone_for_longer) {
  exchange x;
  x.connect(1, lan(1));
  x.respond(1, strangers(10, 10));
  BOOST_TEST(x.dials().size() == 1u);
  x.policy.dial_ended(x.now, at(lan(10)), id(66));
  BOOST_TEST(x.policy.counted().mistaken == 1u);
  x.now += 59min;
  x.policy.peer_disconnected(x.now, id(1));
  x.connect(1, lan(1));
  x.respond(1, strangers(10, 10));
  BOOST_TEST(x.dials().empty());
}

BOOST_AUTO_TEST_CASE(the_memory_of_dials_is_bounded_and_a_full_one_dials_nothing_new) {
  exchange x;
  x.connect(1, lan(1));
  std::size_t dialed = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<pex_entry> entries;
    for (int i = 0; i < 32; ++i) {
      const auto n = round * 32 + i;
      entries.push_back({at(ip_address::v4(10, 1, static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n))),
        id(static_cast<std::uint8_t>(i + 10))});
    }
    x.respond(1, entries);
    for (const auto& one : x.dials()) {
      ++dialed;
      x.policy.dial_ended(x.now, one, std::nullopt);
    }
    x.policy.peer_disconnected(x.now, id(1));
    x.connect(1, lan(1));
  }
  BOOST_TEST(dialed == pex_policy::remembered_max);
  BOOST_TEST(x.policy.remembered() == pex_policy::remembered_max);
  x.now += 5min;
  x.respond(1, strangers(10, 10));
  BOOST_TEST(x.dials().size() == 1u);
  BOOST_TEST(x.policy.remembered() == 1u);
}

BOOST_AUTO_TEST_CASE(dials_that_are_under_way_are_bounded) {
  exchange x;
  std::size_t dialed = 0;
  for (std::uint8_t n = 1; n <= 4; ++n) {
    x.connect(n, lan(n));
    x.respond(n, strangers(static_cast<std::uint8_t>(n * 40), static_cast<std::uint8_t>(n * 40 + 31)));
    dialed += x.dials().size();
  }
  BOOST_TEST(dialed == pex_policy::dials_open_max);
}

BOOST_AUTO_TEST_CASE(with_a_target_only_the_missing_peers_are_dialed) {
  pex_policy::config cfg;
  cfg.peers_wanted = 4;
  exchange x{cfg};
  x.lan_peers(1, 2);
  x.respond(1, strangers(10, 30));
  BOOST_TEST(x.dials().size() == 2u);
  x.respond(2, strangers(40, 60));
  BOOST_TEST(x.dials().empty());  // Two are on their way.
  x.forget_sent();
  x.lan_peers(3, 4);
  BOOST_TEST(x.requests() == 1u);  // Only while one was missing.
  BOOST_TEST(!x.policy.poll_timeout());
}

BOOST_AUTO_TEST_CASE(whoever_has_few_peers_asks_again_ever_more_rarely) {
  exchange x;
  x.connect(1, lan(1));
  x.forget_sent();
  duration last{};
  for (int i = 0; i < 8; ++i) {
    const auto due = x.policy.poll_timeout();
    BOOST_TEST_REQUIRE(due.has_value());
    const auto pause = *due - x.now;
    BOOST_TEST((pause >= last || pause >= 10min));
    BOOST_TEST((pause <= 750s));
    last = pause * 3 / 4;
    x.policy.handle_timeout(*due - 1ns);
    BOOST_TEST(x.requests() == 0u);
    x.now = *due;
    x.policy.handle_timeout(x.now);
    BOOST_TEST(x.requests() == 1u);
  }
  x.lan_peers(2, 4);
  x.forget_sent();
  BOOST_TEST(!x.policy.poll_timeout());  // Four are not few.
  x.policy.peer_disconnected(x.now, id(4));
  BOOST_TEST_REQUIRE(x.policy.poll_timeout().has_value());
  BOOST_TEST((*x.policy.poll_timeout() - x.now < 38s));  // Patient no longer.
}

BOOST_AUTO_TEST_CASE(of_peers_that_somebody_names_unasked_four_are_dialed) {
  exchange x;
  x.connect(1, lan(1));
  std::vector<pex_entry> named;
  for (std::uint8_t n = 10; n < 26; ++n)
    named.push_back({at(lan(n)), id(n)});
  x.policy.handle_introduction(x.now, id(1), named);
  const auto first = x.dials();
  BOOST_TEST(first.size() == 4u);
  x.policy.handle_introduction(x.now, id(2), named);  // A stranger.
  BOOST_TEST(x.dials().empty());
  BOOST_TEST(x.policy.counted().introductions == 1u);
  x.respond(1, {{at(lan(30)), id(30)}});  // The question that was asked of it is still open.
  BOOST_TEST(x.dials().size() == 1u);
}

BOOST_AUTO_TEST_CASE(who_has_enough_peers_dials_nobody_that_is_named) {
  pex_policy::config cfg;
  cfg.peers_wanted = 3;
  exchange x{cfg};
  x.connect(1, lan(1));
  x.policy.handle_introduction(x.now, id(1), {{at(lan(10)), id(10)}, {at(lan(11)), id(11)}, {at(lan(12)), id(12)}});
  BOOST_TEST(x.dials().size() == 2u);
  x.lan_peers(2, 3);
  x.policy.handle_introduction(x.now, id(1), {{at(lan(13)), id(13)}});
  BOOST_TEST(x.dials().empty());
}

BOOST_AUTO_TEST_CASE(whoever_knows_nobody_waits_for_nothing) {
  exchange x;
  x.connect(1, lan(1));
  x.policy.peer_disconnected(x.now, id(1));
  BOOST_TEST(!x.policy.poll_timeout());
}

BOOST_AUTO_TEST_SUITE_END()
