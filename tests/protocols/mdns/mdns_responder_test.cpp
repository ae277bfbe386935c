// SPDX-License-Identifier: MIT
#include "protocols/mdns/mdns_responder.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

const auto type = *dns_name::parse("_librats._tcp.local");
const auto instance = *type.below("rats-0badcafe");
const auto host = *dns_name::parse("myhost.local");
const endpoint stranger{ip_address::v4(192, 168, 1, 77), mdns_port};

struct heard {
  time_point at;
  mdns_outgoing what;
  dns_message message;
};

/// One responder, its clock and what it sent.
struct fixture {
  fixture() { uut.claim(records, now); }

  void drain() {
    for (auto& x : uut.take_output()) {
      auto message = decode_dns(x.datagram);
      BOOST_REQUIRE(message.ok());
      out.push_back({now, x, *message});
    }
  }
  void run_for(duration how_long) {
    const auto end = now + how_long;
    for (auto due = uut.next_wakeup(); due && *due <= end; due = uut.next_wakeup()) {
      now = std::max(now, *due);
      uut.advance(now);
      drain();
    }
    now = end;
  }
  void settle() {
    run_for(10s);
    out.clear();
  }
  name_conflict query(const dns_message& x, endpoint from = stranger) {
    const auto conflict = uut.handle_query(x, {from, false}, now);
    drain();
    return conflict;
  }
  name_conflict response(const dns_message& x, bool own_host = false) {
    return uut.handle_response(x, {stranger, own_host}, {ip_address::v4(192, 168, 1, 5)}, now);
  }
  static mdns_claim claim() { return {type, instance, host, 8080, {"id=aa"}, "aa"}; }

  time_point now{1h};
  own_records records{claim(), {{ip_address::v4(192, 168, 1, 5), 24}}};
  mdns_responder uut{{}, 7};
  std::vector<heard> out;
};

dns_message ask(std::initializer_list<dns_question> questions) {
  dns_message x;
  x.questions = questions;
  return x;
}

dns_message say(std::initializer_list<dns_record> answers) {
  dns_message x;
  x.flags = dns_flag_response | dns_flag_authoritative;
  x.answers = answers;
  return x;
}

bool has(const std::vector<dns_record>& all, dns_type wanted) {
  for (const auto& x : all)
    if (x.type == wanted)
      return true;
  return false;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(mdns_responders, fixture)

BOOST_AUTO_TEST_CASE(names_are_probed_three_times_and_announced_three_times) {
  run_for(10s);
  BOOST_REQUIRE(out.size() == 6u);
  BOOST_TEST((out[0].at - time_point{1h} <= 250ms));
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& probe = out[i].message;
    BOOST_TEST(!probe.is_response());
    BOOST_REQUIRE(probe.questions.size() == 2u);
    BOOST_TEST((probe.questions[0].type == dns_type::any));
    BOOST_TEST(!probe.questions[0].unicast_response);
    BOOST_TEST(probe.authorities.size() == 3u);
    for (const auto& x : probe.authorities)
      BOOST_TEST(!x.cache_flush);
    if (i > 0)
      BOOST_TEST((out[i].at - out[i - 1].at == 250ms));
  }
  BOOST_TEST((out[3].at - out[2].at == 250ms));
  BOOST_TEST((out[4].at - out[3].at == 1s));
  BOOST_TEST((out[5].at - out[4].at == 2s));
  for (std::size_t i = 3; i < 6; ++i) {
    const auto& x = out[i].message;
    BOOST_TEST(x.flags == 0x8400);
    BOOST_TEST(x.id == 0);
    BOOST_REQUIRE(x.answers.size() == 3u);
    BOOST_TEST((x.answers[0].type == dns_type::ptr));
    BOOST_TEST((x.answers[1].type == dns_type::srv));
    BOOST_TEST((x.answers[2].type == dns_type::txt));
    BOOST_REQUIRE(x.additionals.size() == 1u);
    // Upstream compares these two byte by byte.
    BOOST_TEST(x.additionals[0].name.to_string() == std::get<dns_srv>(x.answers[1].data).target.to_string());
  }
  BOOST_TEST(uut.take_announced());
  BOOST_TEST(!uut.take_announced());
}

BOOST_AUTO_TEST_CASE(it_is_announced_again_when_nobody_asks_and_not_when_somebody_does) {
  settle();
  run_for(120s);
  BOOST_TEST(out.size() == 2u);
  out.clear();
  for (int i = 0; i < 4; ++i) {
    query(ask({{type, dns_type::ptr}}));
    run_for(30s);
  }
  BOOST_TEST(out.size() == 4u); // The answers alone.
}

BOOST_AUTO_TEST_CASE(nothing_is_answered_before_the_names_are_sure) {
  run_for(600ms);
  out.clear();
  query(ask({{type, dns_type::ptr}, {host, dns_type::a}}));
  BOOST_TEST(out.empty());
}

BOOST_AUTO_TEST_CASE(shared_answers_wait_and_unique_ones_do_not) {
  settle();
  const auto asked = now;
  query(ask({{instance, dns_type::srv}}));
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST((out[0].at == asked));
  BOOST_TEST(has(out[0].message.answers, dns_type::srv));
  BOOST_TEST(has(out[0].message.additionals, dns_type::a));
  run_for(2s);
  out.clear();
  const auto again = now;
  query(ask({{type, dns_type::ptr}}));
  BOOST_TEST(out.empty());
  run_for(1s);
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST((out[0].at - again >= 20ms && out[0].at - again <= 120ms));
  BOOST_TEST(out[0].message.answers.size() == 3u);
  BOOST_TEST(!out[0].message.answers[0].cache_flush);
}

BOOST_AUTO_TEST_CASE(many_questions_at_once_get_one_answer) {
  settle();
  for (int i = 0; i < 10; ++i)
    query(ask({{type, dns_type::ptr}}));
  run_for(3s);
  BOOST_TEST(out.size() == 1u);
}

BOOST_AUTO_TEST_CASE(types_that_are_not_there_are_denied) {
  settle();
  query(ask({{host, dns_type::aaaa}}));
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST(has(out[0].message.answers, dns_type::nsec));
}

BOOST_AUTO_TEST_CASE(the_enumeration_of_services_is_answered_once_by_all) {
  settle();
  const auto question = ask({{service_enumeration_name(), dns_type::ptr}});
  query(question);
  run_for(1s);
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST((std::get<dns_ptr>(out[0].message.answers.at(0).data).target == type));
  run_for(1s);
  out.clear();
  query(question);
  response(say({make_ptr_record(service_enumeration_name(), type, 4500)}));
  run_for(1s);
  BOOST_TEST(out.empty()); // Another node was quicker.
}

BOOST_AUTO_TEST_CASE(known_answers_are_left_out) {
  settle();
  auto x = ask({{type, dns_type::ptr}});
  x.answers = {make_ptr_record(type, instance, 60)};
  query(x);
  run_for(1s);
  BOOST_TEST(out.empty());
  x.answers[0].ttl = 59; // Less than half: worth hearing again.
  query(x);
  run_for(1s);
  BOOST_TEST(out.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_list_of_known_answers_may_go_on_in_the_next_packet) {
  settle();
  auto x = ask({{type, dns_type::ptr}});
  x.flags = dns_flag_truncated;
  dns_message rest;
  rest.answers = {make_ptr_record(type, instance, 100)};
  const auto asked = now;
  query(x);
  run_for(300ms);
  query(rest, {ip_address::v4(192, 168, 1, 78), mdns_port}); // Somebody else's list.
  run_for(700ms);
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST((out[0].at - asked >= 400ms && out[0].at - asked <= 500ms));
  out.clear();
  run_for(1s);
  query(x);
  run_for(300ms);
  query(rest);
  run_for(1s);
  BOOST_TEST(out.empty());
}

BOOST_AUTO_TEST_CASE(so_many_lists_are_waited_for_and_no_more) {
  settle();
  auto x = ask({{type, dns_type::ptr}});
  x.flags = dns_flag_truncated;
  const auto asked = now;
  for (std::size_t i = 0; i <= mdns_responder::held_max; ++i)
    query(x, {ip_address::v4(10, 0, 0, static_cast<std::uint8_t>(i)), mdns_port});
  run_for(2s);
  BOOST_REQUIRE(out.size() >= 1u);
  BOOST_TEST((out[0].at - asked <= 120ms)); // The one too many is answered as if its list was complete.
  BOOST_TEST(out.size() <= 2u);
}

BOOST_AUTO_TEST_CASE(unicast_is_answered_by_unicast_when_all_others_heard_it_lately) {
  settle();
  query(ask({{instance, dns_type::srv, dns_class_in, true}}));
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST((out[0].what.to == stranger));
  run_for(40s);
  out.clear();
  query(ask({{instance, dns_type::srv, dns_class_in, true}}));
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST(!out[0].what.to.has_value());
}

BOOST_AUTO_TEST_CASE(a_plain_resolver_gets_a_plain_answer) {
  settle();
  auto x = ask({{type, dns_type::ptr}, {*dns_name::parse("other.local"), dns_type::a}});
  x.id = 0x1234;
  const endpoint resolver{ip_address::v4(192, 168, 1, 77), 40000};
  query(x, resolver);
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST((out[0].what.to == resolver));
  const auto& answer = out[0].message;
  BOOST_TEST(answer.id == 0x1234);
  BOOST_REQUIRE(answer.questions.size() == 1u);
  BOOST_TEST((answer.questions[0].name == type));
  BOOST_TEST(answer.answers.size() == 3u);
  for (const auto* section : {&answer.answers, &answer.additionals})
    for (const auto& record : *section) {
      BOOST_TEST(record.ttl == 10u);
      BOOST_TEST(!record.cache_flush);
    }
}

BOOST_AUTO_TEST_CASE(a_record_is_multicast_once_a_second_and_four_times_to_defend_it) {
  settle();
  for (int i = 0; i < 50; ++i) {
    query(ask({{host, dns_type::a}}));
    run_for(100ms);
  }
  BOOST_TEST(out.size() == 6u); // At both ends of five seconds.
  run_for(2s);
  out.clear();
  auto probe = ask({{host, dns_type::any, dns_class_in, true}});
  probe.authorities = {make_address_record(host, ip_address::v4(192, 168, 1, 77), 120, false)};
  for (int i = 0; i < 50; ++i) {
    query(probe);
    run_for(100ms);
  }
  BOOST_TEST(out.size() >= 16u);
  BOOST_TEST(out.size() <= 21u);
  for (const auto& x : out)
    BOOST_TEST(!x.what.to.has_value());
}

BOOST_AUTO_TEST_CASE(who_is_about_to_say_the_same_is_not_answered) {
  settle();
  auto probe = ask({{host, dns_type::any}});
  probe.authorities = {make_address_record(host, ip_address::v4(192, 168, 1, 5), 120, false)};
  query(probe);
  run_for(1s);
  BOOST_TEST(out.empty());
}

BOOST_AUTO_TEST_CASE(a_lost_tie_break_costs_a_second_and_a_won_one_nothing) {
  run_for(300ms);
  out.clear();
  auto probe = ask({{host, dns_type::any}});
  probe.authorities = {make_address_record(host, ip_address::v4(192, 168, 1, 4), 120, false)}; // Earlier than ours.
  BOOST_TEST(query(probe) == conflict_none);
  run_for(500ms);
  BOOST_TEST(!out.empty());
  settle();
  uut.claim(records, now);
  run_for(300ms);
  out.clear();
  probe.authorities = {make_address_record(host, ip_address::v4(192, 168, 1, 6), 120, false)}; // Later.
  const auto lost = now;
  BOOST_TEST(query(probe) == conflict_none);
  run_for(5s);
  BOOST_REQUIRE(out.size() >= 4u);
  BOOST_TEST((out[0].at - lost == 1s));
  BOOST_TEST(!out[2].message.is_response());
  BOOST_TEST(out[3].message.is_response());
}

BOOST_AUTO_TEST_CASE(conflicts_are_told_from_what_is_none) {
  settle();
  const auto foreign_host = make_address_record(host, ip_address::v4(192, 168, 1, 77), 120, true);
  const auto foreign_service = make_srv_record(instance, 9, *dns_name::parse("x.local"), 120, true);
  BOOST_TEST(response(say({foreign_host})) == conflict_host);
  BOOST_TEST(response(say({foreign_host}), true) == conflict_none); // From this very machine.
  BOOST_TEST(response(say({foreign_service})) == conflict_instance);
  BOOST_TEST(response(say({foreign_service, foreign_host})) == (conflict_instance | conflict_host));
  BOOST_TEST(response(say({records.of(own_set::service)[0], records.of(own_set::v4)[0]})) == conflict_none);
  BOOST_TEST(response(say({foreign_service, make_txt_record(instance, {"id=bb"}, 120, true)})) == conflict_instance);
  // Our own id: an older packet of ours.
  BOOST_TEST(response(say({foreign_service, make_txt_record(instance, {"ID=AA"}, 120, true)})) == conflict_none);
  auto bye = foreign_service;
  bye.ttl = 0;
  BOOST_TEST(response(say({bye})) == conflict_none);
  uut.abandon();
  BOOST_TEST(response(say({foreign_service})) == conflict_none);
}

BOOST_AUTO_TEST_CASE(a_farewell_does_not_look_like_a_service_to_upstream) {
  uut.withdraw();
  drain();
  BOOST_TEST(out.empty()); // Nothing was announced yet.
  uut.claim(records, now);
  settle();
  uut.withdraw();
  drain();
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST(!has(out[0].message.answers, dns_type::srv));
  BOOST_TEST(!has(out[0].message.additionals, dns_type::a));
  BOOST_TEST(out[0].message.answers.at(0).ttl == 0u);
  BOOST_TEST(!uut.next_wakeup().has_value());
  query(ask({{type, dns_type::ptr}}));
  BOOST_TEST(!uut.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(new_data_is_announced_without_probing) {
  settle();
  auto changed = claim();
  changed.port = 9090;
  uut.update(own_records{changed, {{ip_address::v4(192, 168, 1, 5), 24}}}, now);
  run_for(5s);
  BOOST_REQUIRE(out.size() == 3u);
  BOOST_TEST(std::get<dns_srv>(out[0].message.answers[1].data).port == 9090);
}

BOOST_AUTO_TEST_CASE(a_question_by_a_family_without_address_is_left_alone) {
  settle();
  query(ask({{type, dns_type::ptr}}), {*ip_address::parse("fe80::1"), mdns_port});
  run_for(3s);
  BOOST_TEST(out.empty());
}

BOOST_AUTO_TEST_CASE(the_largest_claim_fits_into_one_datagram) {
  mdns_claim big{type, *type.below(std::string(63, 'i')), *dns_name::of({std::string(63, 'h'), "local"}), 8080, {}, {}};
  for (int i = 0; i < 4; ++i)
    big.txt.push_back(std::string(txt_size_max / 4 - 1, 't'));
  std::vector<mdns_address> addresses;
  for (std::uint8_t i = 0; i < mdns_addresses_max; ++i) {
    bytes raw(16, i);
    raw[0] = 0x20;
    addresses.push_back({*ip_address::from_bytes(raw), 64});
  }
  mdns_responder largest{{}, 1};
  largest.claim(own_records{big, addresses}, now);
  for (int i = 0; i < 4; ++i)
    largest.advance(now += 300ms);
  for (const auto& x : largest.take_output()) {
    const auto message = decode_dns(x.datagram);
    BOOST_TEST(x.datagram.size() <= mdns_datagram_max);
    if (message->is_response())
      BOOST_TEST((message->answers.size() == 3 && message->additionals.size() == mdns_addresses_max));
    else
      BOOST_TEST(message->authorities.size() == 2 + mdns_addresses_max);
  }
}

BOOST_AUTO_TEST_SUITE_END()
