// SPDX-License-Identifier: MIT
#include "protocols/dht/dht_core.hpp"

#include "protocols/core/small_random.hpp"
#include "protocols/dht/secure_node_id.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

node_id id(std::uint8_t n) {
  node_id out;
  out.raw[0] = n;
  out.raw[7] = n;
  return out;
}

dht_core::config basic() {
  dht_core::config out;
  out.id = id(1);
  out.secret = {1, 2, 3};
  return out;
}

struct fixture {
  /// The datagrams that go out, decoded.
  std::vector<krpc::message> sent() {
    std::vector<krpc::message> out;
    while (auto x = core.poll_transmit()) {
      last_to = x->to;
      auto decoded = krpc::decode(x->datagram);
      BOOST_TEST_REQUIRE(std::holds_alternative<krpc::message>(decoded));
      out.push_back(std::get<krpc::message>(std::move(decoded)));
    }
    return out;
  }
  std::vector<dht_core::event> events() {
    std::vector<dht_core::event> out;
    while (auto x = core.poll_event())
      out.push_back(std::move(*x));
    return out;
  }
  void receive(const krpc::message& x, const endpoint& from) { core.handle(from, krpc::encode(x), now); }
  void receive_text(std::string_view text) { core.handle(peer, as_bytes(text), now); }
  /// A query comes; what goes out.
  std::vector<krpc::message> asked(krpc::query what, const endpoint& from, const node_id& who = id(9)) {
    receive({{'t', '1'}, {}, krpc::request{who, std::move(what), false}}, from);
    return sent();
  }
  /// Asks and answers it, as from a node that is there.
  void introduce(const endpoint& at, const node_id& who) {
    core.query(at, who, krpc::ping{}, now);
    const auto query = sent();
    BOOST_TEST_REQUIRE(query.size() == 1u);
    receive(answer_to(query[0], who), at);
    events();
  }
  static krpc::message answer_to(const krpc::message& query, const node_id& who) {
    krpc::response out;
    out.sender = who;
    return {query.transaction, {}, out};
  }

  time_point now{1h};
  endpoint peer{ip_address::v4(20, 1, 1, 1), 6881};
  endpoint other{ip_address::v4(20, 2, 1, 1), 6881};
  endpoint last_to;
  dht_core core{basic(), now};
};

template <class T>
const T* first(const std::vector<dht_core::event>& events) {
  for (const auto& x : events)
    if (const auto* found = std::get_if<T>(&x))
      return found;
  return nullptr;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(dht_cores, fixture)

// -- queries of others ------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_query_is_answered_and_its_sender_told_how_he_is_seen) {
  const auto out = asked(krpc::ping{}, peer);
  BOOST_TEST_REQUIRE(out.size() == 1u);
  BOOST_TEST((last_to == peer));
  BOOST_TEST((out[0].transaction == bytes{'t', '1'}));
  const auto& response = std::get<krpc::response>(out[0].body);
  BOOST_TEST((response.sender == id(1)));
  BOOST_TEST((response.requester == peer));
  BOOST_TEST(core.table().size() == 1u);
  BOOST_TEST(core.table().confirmed() == 0u);
}

BOOST_AUTO_TEST_CASE(unknown_methods_get_204_and_malformed_arguments_203) {
  receive_text("d1:ad2:id20:abcdefghij0123456789e1:q4:warp1:t2:aa1:y1:qe");
  auto out = sent();
  BOOST_TEST_REQUIRE(out.size() == 1u);
  BOOST_TEST(std::get<krpc::error>(out[0].body).code == 204);
  BOOST_TEST((out[0].transaction == bytes{'a', 'a'}));
  receive_text("d1:ad2:id20:abcdefghij0123456789e1:q9:find_node1:t2:ab1:y1:qe");
  out = sent();
  BOOST_TEST_REQUIRE(out.size() == 1u);
  BOOST_TEST(std::get<krpc::error>(out[0].body).code == 203);
  asked(krpc::announce_peer{id(3), 1, false, {1}}, peer);
  BOOST_TEST(core.counted().refused == 3u);
}

BOOST_AUTO_TEST_CASE(garbage_is_counted_and_never_answered) {
  small_random random{1};
  for (int i = 0; i < 40; ++i) {
    bytes in(random.below(200));
    for (auto& x : in)
      x = static_cast<std::uint8_t>(random.next());
    core.handle(peer, in, now);
  }
  receive_text("d1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re"); // Answers nothing.
  receive_text("d1:eli201e1:xe1:t2:aa1:y1:ee");
  BOOST_TEST(sent().empty());
  BOOST_TEST(core.counted().malformed == 40u);
  BOOST_TEST(core.counted().strays == 2u);
  BOOST_TEST(core.table().size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_reading_node_answers_nobody_and_says_so) {
  auto cfg = basic();
  cfg.read_only = true;
  core = dht_core{cfg, now};
  BOOST_TEST(asked(krpc::ping{}, peer).empty());
  receive_text("d1:ad2:id20:abcdefghij0123456789e1:q4:warp1:t2:aa1:y1:qe");
  BOOST_TEST(sent().empty());
  core.query(peer, {}, krpc::ping{}, now);
  const auto out = sent();
  BOOST_TEST_REQUIRE(out.size() == 1u);
  BOOST_TEST(std::get<krpc::request>(out[0].body).read_only);
}

BOOST_AUTO_TEST_CASE(a_reading_node_gets_answers_but_no_place_in_the_table) {
  receive({{'t', '1'}, {}, krpc::request{id(9), krpc::ping{}, true}}, peer);
  BOOST_TEST(sent().size() == 1u);
  BOOST_TEST(core.table().size() == 0u);
}

BOOST_AUTO_TEST_CASE(who_floods_is_ignored_but_for_answers_to_our_own_queries) {
  for (int i = 0; i < 100; ++i)
    asked(krpc::ping{}, peer);
  BOOST_TEST(core.counted().replies_out == 50u);
  BOOST_TEST(core.counted().blocked == 50u);
  BOOST_TEST(core.counted().blockings == 1u);
  // His address may have been faked: what we ask him he may answer.
  const auto ticket = core.query(peer, id(9), krpc::ping{}, now);
  receive(answer_to(sent().at(0), id(9)), peer);
  const auto got = events();
  BOOST_TEST_REQUIRE(first<dht_core::answered>(got) != nullptr);
  BOOST_TEST(first<dht_core::answered>(got)->query == ticket);
  BOOST_TEST(asked(krpc::ping{}, peer).empty());
}

BOOST_AUTO_TEST_CASE(all_answers_together_have_a_limit) {
  std::uint64_t answered = 0;
  for (unsigned n = 0; n < 4000; ++n) {
    const endpoint from{ip_address::v4(40, static_cast<std::uint8_t>(n / 256), static_cast<std::uint8_t>(n), 1), 1};
    answered += asked(krpc::ping{}, from).size();
  }
  BOOST_TEST(answered < 2000u);
  BOOST_TEST(core.counted().unanswered == 4000 - answered);
  now += 10s;
  BOOST_TEST(asked(krpc::ping{}, other).size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_other_network_and_port_zero_are_nobody) {
  BOOST_TEST(asked(krpc::ping{}, {ip_address::v6_loopback(), 5}).empty());
  BOOST_TEST(asked(krpc::ping{}, {peer.address, 0}).empty());
  BOOST_TEST(core.table().size() == 0u);
}

BOOST_AUTO_TEST_CASE(who_claims_to_be_us_is_not_answered) {
  BOOST_TEST(asked(krpc::ping{}, peer, id(1)).empty());
  BOOST_TEST(core.table().size() == 0u);
}

// -- our queries ------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_answer_comes_back_under_its_ticket_and_confirms_the_node) {
  const auto ticket = core.query(peer, id(9), krpc::find_node{id(3), {}}, now);
  const auto query = sent();
  BOOST_TEST_REQUIRE(query.size() == 1u);
  BOOST_TEST((last_to == peer));
  auto answer = answer_to(query[0], id(9));
  std::get<krpc::response>(answer.body).nodes = {{id(5), other}};
  now += 30ms;
  receive(answer, peer);
  const auto got = events();
  BOOST_TEST_REQUIRE(got.size() == 1u);
  const auto& x = std::get<dht_core::answered>(got[0]);
  BOOST_TEST(x.query == ticket);
  BOOST_TEST((x.rtt == 30ms));
  BOOST_TEST(x.what.nodes.size() == 1u);
  BOOST_TEST(core.table().confirmed() == 1u);
  BOOST_TEST(core.table().size() == 1u); // Whom it named has to speak for himself.
  BOOST_TEST((core.counted().smoothed_rtt == 30ms));
}

BOOST_AUTO_TEST_CASE(an_answer_of_another_node_is_a_failure_and_takes_his_place) {
  introduce(peer, id(9));
  core.query(peer, id(9), krpc::ping{}, now);
  receive(answer_to(sent().at(0), id(10)), peer);
  const auto got = events();
  BOOST_TEST(first<dht_core::failed>(got) != nullptr);
  const auto known = core.table().closest_confirmed(id(9), 8);
  BOOST_TEST_REQUIRE(known.size() == 1u);
  BOOST_TEST((known[0].id == id(10)));
}

BOOST_AUTO_TEST_CASE(an_answer_from_elsewhere_is_none) {
  core.query(peer, id(9), krpc::ping{}, now);
  receive(answer_to(sent().at(0), id(9)), other);
  BOOST_TEST(events().empty());
  BOOST_TEST(core.counted().forgeries == 1u);
  BOOST_TEST(core.table().size() == 0u);
}

BOOST_AUTO_TEST_CASE(an_error_is_a_failure_with_its_code) {
  core.query(peer, id(9), krpc::ping{}, now);
  receive({sent().at(0).transaction, {}, krpc::error{301, "no"}}, peer);
  const auto got = events();
  BOOST_TEST_REQUIRE(first<dht_core::failed>(got) != nullptr);
  BOOST_TEST(first<dht_core::failed>(got)->error->code == 301);
}

BOOST_AUTO_TEST_CASE(silence_is_slow_first_and_then_a_failure) {
  introduce(peer, id(9));
  const auto ticket = core.query(peer, id(9), krpc::ping{}, now);
  sent();
  bool slow = false;
  std::vector<dht_core::event> got;
  const auto end = now + 15s;
  while (now < end && first<dht_core::failed>(got) == nullptr) {
    now = core.next_wakeup();
    core.advance(now);
    sent();
    got = events();
    slow = slow || first<dht_core::slow>(got) != nullptr;
  }
  BOOST_TEST(slow);
  BOOST_TEST_REQUIRE(first<dht_core::failed>(got) != nullptr);
  BOOST_TEST(first<dht_core::failed>(got)->query == ticket);
  BOOST_TEST(!first<dht_core::failed>(got)->error);
  BOOST_TEST(core.table().closest_confirmed(id(9), 8).empty());
  BOOST_TEST(core.counted().timeouts >= 1u);
}

BOOST_AUTO_TEST_CASE(what_is_forgotten_brings_no_event) {
  const auto ticket = core.query(peer, id(9), krpc::ping{}, now);
  const auto query = sent();
  core.forget(ticket);
  receive(answer_to(query.at(0), id(9)), peer);
  BOOST_TEST(events().empty());
  BOOST_TEST(core.counted().open_queries == 0u);
}

BOOST_AUTO_TEST_CASE(queries_beyond_the_own_limit_wait_and_a_full_queue_fails) {
  auto cfg = basic();
  cfg.queries = {1000, 1000};
  core = dht_core{cfg, now};
  for (unsigned n = 0; n < 300; ++n)
    core.query({ip_address::v4(40, static_cast<std::uint8_t>(n / 256), static_cast<std::uint8_t>(n), 1), 1}, {},
      krpc::ping{}, now);
  std::size_t out = sent().size();
  BOOST_TEST(out > 10u);
  BOOST_TEST(out < 20u);
  const auto failed = events();
  BOOST_TEST(failed.size() == 300 - out - dht_core::waiting_max);
  const auto begin = now;
  while (now < begin + 10s) {
    now = core.next_wakeup();
    core.advance(now);
    out += sent().size();
  }
  BOOST_TEST(out > 100u);
  BOOST_TEST(out < 220u); // A thousand bytes a second.
}

BOOST_AUTO_TEST_CASE(the_other_network_cannot_be_asked) {
  core.query({ip_address::v6_loopback(), 5}, {}, krpc::ping{}, now);
  core.query({peer.address, 0}, {}, krpc::ping{}, now);
  BOOST_TEST(sent().empty());
  BOOST_TEST(events().size() == 2u);
}

// -- the table --------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(bootstrap_nodes_are_asked_for_our_neighbours_until_there_are_some) {
  core.add_bootstrap({peer}, now);
  core.advance(now);
  auto out = sent();
  BOOST_TEST_REQUIRE(out.size() == 1u);
  const auto& query = std::get<krpc::find_node>(std::get<krpc::request>(out[0].body).what);
  BOOST_TEST((query.target == id(1)));
  BOOST_TEST((query.want.n4 && !query.want.n6));
  std::vector<time_point> tries{now};
  while (tries.size() < 5) { // Nobody answers: it is tried again, less and less often.
    now = core.next_wakeup();
    core.advance(now);
    if (!sent().empty())
      tries.push_back(now);
  }
  for (std::size_t i = 2; i < tries.size(); ++i)
    BOOST_TEST((tries[i] - tries[i - 1] > tries[i - 1] - tries[i - 2]));
  BOOST_TEST((tries.back() - tries.front() < 5min));
}

BOOST_AUTO_TEST_CASE(who_asks_us_is_asked_back_and_then_told_to_others) {
  asked(krpc::ping{}, peer);
  BOOST_TEST((core.next_wakeup() <= now));
  core.advance(now);
  const auto back = sent();
  BOOST_TEST_REQUIRE(!back.empty());
  BOOST_TEST((last_to == peer));
  receive(answer_to(back[0], id(9)), peer);
  const auto told = asked(krpc::find_node{id(9), {}}, other);
  BOOST_TEST(std::get<krpc::response>(told.at(0).body).nodes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(who_asks_us_and_answers_with_errors_alone_is_forgotten) {
  asked(krpc::ping{}, peer);
  const auto end = now + 1min;
  while (now < end && core.table().size() != 0) {
    core.advance(now);
    for (const auto& x : sent())
      receive({x.transaction, {}, krpc::error{202, "busy"}}, peer);
    now = std::max(core.next_wakeup(), now);
  }
  BOOST_TEST(core.table().size() == 0u);
}

BOOST_AUTO_TEST_CASE(an_error_for_a_lookup_is_no_reason_to_distrust_a_node) {
  introduce(peer, id(9));
  core.query(peer, id(9), krpc::announce_peer{id(3), 1, false, {1}}, now);
  receive({sent().at(0).transaction, {}, krpc::error{203, "Invalid token"}}, peer);
  BOOST_TEST(core.table().closest_confirmed(id(9), 8).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_lone_node_rests) {
  std::size_t wakes = 0;
  const auto end = now + 1h;
  while (now < end) {
    now = core.next_wakeup();
    core.advance(now);
    BOOST_TEST_REQUIRE((core.next_wakeup() > now));
    ++wakes;
  }
  BOOST_TEST(wakes < 1000u);
  BOOST_TEST(core.counted().bytes_out == 0u);
}

BOOST_AUTO_TEST_CASE(another_id_keeps_the_contacts_and_looks_for_new_neighbours) {
  introduce(peer, id(9));
  introduce(other, id(200));
  core.advance(now);
  sent();
  const auto address = ip_address::v4(60, 1, 2, 3);
  core.set_external_address(address, now);
  const auto got = events();
  BOOST_TEST_REQUIRE(first<dht_core::address_changed>(got) != nullptr);
  BOOST_TEST((first<dht_core::address_changed>(got)->id == core.own_id()));
  BOOST_TEST(is_secure_node_id(core.own_id(), address));
  BOOST_TEST(core.table().confirmed() == 2u);
  core.advance(now);
  const auto out = sent();
  BOOST_TEST_REQUIRE(!out.empty());
  BOOST_TEST((std::get<krpc::find_node>(std::get<krpc::request>(out[0].body).what).target == core.own_id()));
  core.set_external_address(address, now);
  BOOST_TEST(events().empty());
}

BOOST_AUTO_TEST_CASE(confirmed_nodes_are_saved_with_our_id) {
  introduce(peer, id(9));
  asked(krpc::ping{}, other);
  const auto saved = core.saved(now);
  BOOST_TEST((saved.own_id == id(1)));
  BOOST_TEST_REQUIRE(saved.nodes.size() == 1u);
  BOOST_TEST((saved.nodes[0].contact == node_contact{id(9), peer}));
}

BOOST_AUTO_TEST_SUITE_END()
