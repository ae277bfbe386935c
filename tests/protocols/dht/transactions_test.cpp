// SPDX-License-Identifier: MIT
#include "protocols/dht/transactions.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

const endpoint node{ip_address::v4(11, 1, 1, 1), 6881};
const endpoint stranger{ip_address::v4(11, 1, 1, 2), 6881};

struct fixture {
  transactions open{secret_random::key_type{1, 2, 3}};
  time_point now{1h};

  bytes ask(std::uint64_t tag, const endpoint& to = node) { return open.open(to, tag, now).value(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(open_queries, fixture)

BOOST_AUTO_TEST_CASE(an_answer_from_where_the_query_went_is_matched_and_measured) {
  const auto id = ask(7);
  BOOST_TEST(id.size() == 2u);
  BOOST_TEST(open.expects(node));
  const auto answer = open.close(id, node, now + 40ms);
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->tag == 7u);
  BOOST_TEST((answer->rtt == 40ms));
  BOOST_TEST((open.smoothed_rtt() == 40ms));
  BOOST_TEST(!open.expects(node));
  BOOST_TEST(!open.close(id, node, now + 41ms)); // Once only.
  BOOST_TEST(open.strays() == 1u);
}

BOOST_AUTO_TEST_CASE(another_address_or_port_or_id_answers_nothing) {
  const auto id = ask(7);
  BOOST_TEST(!open.close(id, stranger, now));
  BOOST_TEST(!open.close(id, {node.address, 6882}, now));
  BOOST_TEST(open.forgeries() == 2u);
  const auto wrong = bytes{static_cast<std::uint8_t>(id[0] ^ 1), id[1]};
  BOOST_TEST(!open.close(wrong, node, now));
  BOOST_TEST(!open.close(bytes{id[0]}, node, now));
  BOOST_TEST(!open.close(bytes{id[0], id[1], 0}, node, now));
  BOOST_TEST(!open.close(bytes{}, node, now));
  BOOST_TEST(open.strays() == 4u);
  BOOST_TEST(open.open_count() == 1u);
  BOOST_TEST(open.close(id, node, now).has_value());
}

BOOST_AUTO_TEST_CASE(ids_in_flight_never_collide_and_are_limited) {
  std::set<bytes> ids;
  for (std::uint64_t tag = 0; tag < transactions::open_max; ++tag)
    ids.insert(ask(tag));
  BOOST_TEST(ids.size() == transactions::open_max);
  BOOST_TEST(!open.open(node, 999, now));
  open.cancel(17);
  BOOST_TEST(open.open(node, 999, now).has_value());
}

BOOST_AUTO_TEST_CASE(without_a_measurement_a_query_is_slow_after_two_seconds_and_lost_after_fifteen) {
  ask(7);
  BOOST_TEST((open.poll_timeout() == now + 2s));
  BOOST_TEST(!open.poll_overdue(now + 2s - 1ns));
  auto due = open.poll_overdue(now + 2s);
  BOOST_REQUIRE(due);
  BOOST_TEST((due->what == transactions::stage::slow));
  BOOST_TEST(due->tag == 7u);
  BOOST_TEST(!open.poll_overdue(now + 2s));
  BOOST_TEST((open.poll_timeout() == now + 15s));
  due = open.poll_overdue(now + 15s);
  BOOST_REQUIRE(due);
  BOOST_TEST((due->what == transactions::stage::lost));
  BOOST_TEST(!open.poll_timeout());
  BOOST_TEST(open.open_count() == 0u);
  BOOST_TEST(!open.expects(node));
}

BOOST_AUTO_TEST_CASE(a_slow_answer_is_still_an_answer) {
  const auto id = ask(7);
  BOOST_TEST(open.poll_overdue(now + 3s).has_value());
  const auto answer = open.close(id, node, now + 4s);
  BOOST_REQUIRE(answer);
  BOOST_TEST((answer->rtt == 4s));
}

BOOST_AUTO_TEST_CASE(who_has_not_looked_for_long_is_told_slow_before_lost) {
  ask(7);
  const auto late = now + 1min;
  BOOST_TEST((open.poll_overdue(late)->what == transactions::stage::slow));
  BOOST_TEST((open.poll_overdue(late)->what == transactions::stage::lost));
  BOOST_TEST(!open.poll_overdue(late));
}

BOOST_AUTO_TEST_CASE(short_round_trips_shorten_the_waits_and_long_ones_stay_bounded) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto id = ask(i);
    now += 20ms;
    BOOST_TEST_REQUIRE(open.close(id, node, now).has_value());
  }
  BOOST_TEST((open.slow_after() == transactions::slow_min));
  BOOST_TEST((open.lost_after() == transactions::lost_min));
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto id = ask(i);
    now += i % 2 == 0 ? 400ms : 600ms;
    BOOST_TEST_REQUIRE(open.close(id, node, now).has_value());
  }
  BOOST_TEST((open.slow_after() > 600ms));
  BOOST_TEST((open.slow_after() < 2s));
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto id = ask(i);
    now += 5s;
    BOOST_TEST_REQUIRE(open.close(id, node, now).has_value());
  }
  BOOST_TEST((open.slow_after() == transactions::slow_max));
  BOOST_TEST((open.lost_after() == transactions::lost_max));
}

BOOST_AUTO_TEST_CASE(ids_are_not_in_any_order) {
  // Neither the next one up, nor the same distance twice: 1000 ids, and their differences, are nearly all different.
  std::set<int> differences;
  int before = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const auto id = ask(i);
    const int value = id[0] << 8 | id[1];
    differences.insert(value - before);
    before = value;
    open.cancel(i);
  }
  BOOST_TEST(differences.size() > 950u);
}

BOOST_AUTO_TEST_SUITE_END()
