// SPDX-License-Identifier: MIT
#include "protocols/mdns/service_cache.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

const auto type = *dns_name::parse("_librats._tcp.local");
const ip_address somebody = ip_address::v4(192, 168, 1, 77);

/// What a service says of itself, in the sections of upstream.
struct offer {
  std::string name = "rats-0badcafe";
  std::string host = "myhost";
  std::uint16_t port = 8080;
  std::vector<std::string> txt{"id=aa"};
  std::vector<std::string> addresses{"192.168.1.5"};
  std::uint32_t ttl = 120;

  [[nodiscard]] dns_message message() const {
    dns_message x;
    x.flags = dns_flag_response | dns_flag_authoritative;
    const auto instance = *type.below(name);
    const auto where = *dns_name::of({host, "local"});
    x.answers = {make_ptr_record(type, instance, ttl), make_srv_record(instance, port, where, ttl, true),
      make_txt_record(instance, txt, ttl, true)};
    for (const auto& address : addresses)
      x.additionals.push_back(make_address_record(where, *ip_address::parse(address), ttl, true));
    return x;
  }
};

struct fixture {
  void hear(const dns_message& x, const ip_address& from = somebody, bool own_host = false) {
    uut.handle_response(x, {{from, mdns_port}, own_host}, now);
    take();
  }
  void hear(const offer& x) { hear(x.message()); }
  void take() {
    for (auto& x : uut.take_events())
      events.push_back(std::move(x));
  }
  /// Wakes it when it wants to; answers nothing.
  void run_for(duration how_long) {
    const auto end = now + how_long;
    for (auto due = uut.next_wakeup(); due && *due <= end; due = uut.next_wakeup()) {
      now = std::max(now, *due);
      uut.advance(now);
      pointer_questions += uut.take_pointer_due(now) ? 1 : 0;
      for (auto& x : uut.take_due_questions(now))
        questions.push_back(std::move(x));
      take();
    }
    now = end;
    uut.advance(now);
    take();
  }
  template <class Event>
  [[nodiscard]] std::size_t count() const {
    std::size_t out = 0;
    for (const auto& x : events)
      out += std::holds_alternative<Event>(x) ? 1 : 0;
    return out;
  }
  [[nodiscard]] std::vector<std::string> addresses() const {
    std::vector<std::string> out;
    const auto service = uut.services().at(0);
    for (const auto& x : service.addresses)
      out.push_back(x.to_string());
    return out;
  }
  void ask(const std::vector<dns_record>& known = {}) {
    const auto asker = ip_address::v4(192, 168, 1, 99);
    uut.question_seen({type, dns_type::ptr}, known, &asker, now);
  }

  time_point now{1h};
  service_cache uut{type, 3, 7};
  std::vector<mdns_event> events;
  std::vector<dns_question> questions;
  int pointer_questions = 0;
};

using strings = std::vector<std::string>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(service_caches, fixture)

BOOST_AUTO_TEST_CASE(packets_of_upstream_are_understood_at_once) {
  for (const auto& item : load_vectors("mdns.json")) {
    if (item.name == "query")
      continue;
    service_cache fresh{type, 3, 7};
    fresh.handle_response(*decode_dns(item.raw), {{somebody, mdns_port}, false}, now);
    const auto seen = fresh.take_events();
    BOOST_REQUIRE(seen.size() == 1u);
    const auto& x = std::get<mdns_service_found>(seen[0]).service;
    BOOST_TEST(x.instance == "rats-0badcafe");
    BOOST_TEST(x.host == "myhost.local.");
    BOOST_TEST(x.port == 8080);
    BOOST_TEST(x.interface == 3u);
    BOOST_REQUIRE(x.addresses.size() == 1u);
    BOOST_TEST(x.addresses[0].to_string() == "192.168.1.5");
    BOOST_TEST((x.txt == (item.fields.contains("txt") ? txt_map{{"flag", ""}, {"v", "1"}} : txt_map{})));
  }
}

BOOST_AUTO_TEST_CASE(the_cache_flush_bit_of_upstream_on_a_pointer_throws_nobody_out) {
  hear(offer{});
  run_for(5s);
  auto x = offer{"rats-11111111", "other"}.message();
  x.answers[0].cache_flush = true;
  hear(x);
  run_for(5s);
  BOOST_TEST(uut.services().size() == 2u);
}

BOOST_AUTO_TEST_CASE(records_in_any_section_and_order_will_do) {
  auto x = offer{}.message();
  dns_message turned;
  turned.flags = x.flags;
  turned.additionals = {x.additionals[0], x.answers[2], x.answers[1], x.answers[0]};
  hear(turned);
  BOOST_TEST(count<mdns_service_found>() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_asked_for_five_times) {
  auto x = offer{}.message();
  x.answers.resize(1);
  x.additionals.clear();
  hear(x);
  run_for(60s);
  BOOST_TEST(count<mdns_service_found>() == 0u);
  BOOST_REQUIRE(questions.size() == 10u);
  BOOST_TEST((questions[0].type == dns_type::srv));
  BOOST_TEST((questions[1].type == dns_type::txt));
}

BOOST_AUTO_TEST_CASE(without_an_address_the_source_of_the_packet_counts) {
  offer x;
  x.addresses.clear();
  hear(x);
  BOOST_TEST(count<mdns_service_found>() == 0u); // The address may still come.
  run_for(1s);
  BOOST_REQUIRE(count<mdns_service_found>() == 1u);
  BOOST_TEST(addresses() == strings{"192.168.1.77"});
  BOOST_REQUIRE(questions.size() >= 2u);
  BOOST_TEST(questions[0].name.to_string() == "myhost.local.");
  hear(offer{});
  BOOST_TEST(addresses() == strings{"192.168.1.5"});
  BOOST_TEST(count<mdns_service_updated>() == 1u);
}

BOOST_AUTO_TEST_CASE(addresses_that_are_nobodys_are_not_told) {
  offer x;
  x.addresses = {"127.0.0.1", "0.0.0.0", "224.0.0.251", "fe80::5", "192.168.1.5", "ff02::1", "2001:db8::5"};
  hear(x);
  BOOST_TEST((addresses() == strings{"192.168.1.5", "2001:db8::5"}));
  x.name = "rats-local";
  x.host = "localhost";
  x.addresses = {"127.0.0.1"};
  hear(x.message(), ip_address::v4_loopback(), true);
  BOOST_TEST(uut.services().at(0).addresses.size() == 1u); // Of this very machine.
}

BOOST_AUTO_TEST_CASE(a_source_that_is_nobodys_is_no_address_either) {
  offer x;
  x.addresses.clear();
  hear(x.message(), ip_address{});
  run_for(2s);
  BOOST_REQUIRE(count<mdns_service_found>() == 1u);
  BOOST_TEST(addresses().empty());
}

BOOST_AUTO_TEST_CASE(eight_addresses_of_a_family_are_kept) {
  offer x;
  x.addresses.clear();
  for (int i = 1; i <= 20; ++i)
    x.addresses.push_back("192.168.2." + std::to_string(i));
  hear(x);
  BOOST_TEST(uut.services().at(0).addresses.size() == mdns_addresses_max);
}

BOOST_AUTO_TEST_CASE(a_port_of_zero_is_no_service) {
  offer x;
  x.port = 0;
  hear(x);
  run_for(5s);
  BOOST_TEST(events.empty());
}

BOOST_AUTO_TEST_CASE(a_pointer_out_of_the_type_is_ignored) {
  dns_message x;
  x.answers = {make_ptr_record(type, *dns_name::parse("evil.example.com"), 120), make_ptr_record(type, type, 120),
    make_ptr_record(*dns_name::parse("_other._tcp.local"), *type.below("x"), 120)};
  hear(x);
  BOOST_TEST(uut.size() == 0u);
}

BOOST_AUTO_TEST_CASE(our_own_service_is_no_discovery) {
  const mdns_claim self{type, *type.below("rats-0badcafe"), *dns_name::parse("me.local"), 1, {}, "aa"};
  uut.set_self(&self);
  hear(offer{});                                      // Our name.
  hear(offer{"rats-old", "myhost", 8080, {"ID=AA"}}); // Our id under a name that we had.
  run_for(5s);
  BOOST_TEST(events.empty());
  hear(offer{"rats-1", "myhost", 8080, {"id=bb"}});
  BOOST_TEST(count<mdns_service_found>() == 1u);
}

BOOST_AUTO_TEST_CASE(a_goodbye_counts_after_a_second_unless_it_is_contradicted) {
  hear(offer{});
  run_for(5s);
  auto bye = offer{};
  bye.ttl = 0;
  hear(bye);
  run_for(900ms);
  BOOST_TEST(count<mdns_service_lost>() == 0u);
  hear(offer{});
  run_for(5s);
  BOOST_TEST(count<mdns_service_lost>() == 0u);
  hear(bye);
  run_for(1s);
  BOOST_TEST(count<mdns_service_lost>() == 1u);
  BOOST_TEST(uut.size() == 0u);
  hear(bye);
  BOOST_TEST(uut.size() == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_not_said_again_is_asked_for_and_then_lost) {
  hear(offer{});
  run_for(95s);
  BOOST_TEST(questions.empty());
  run_for(24s);
  BOOST_TEST(pointer_questions == 4);
  BOOST_TEST(questions.size() == 12u); // SRV, TXT and A, four times.
  BOOST_TEST(count<mdns_service_lost>() == 0u);
  run_for(1s);
  BOOST_TEST(count<mdns_service_lost>() == 1u);
  BOOST_TEST(!uut.next_wakeup().has_value());
}

BOOST_AUTO_TEST_CASE(changes_are_told_once) {
  hear(offer{});
  hear(offer{});
  run_for(2s);
  BOOST_TEST(events.size() == 1u);
  offer x;
  x.txt = {"id=aa", "mood=good"};
  hear(x);
  x.port = 9090;
  hear(x);
  BOOST_TEST(count<mdns_service_updated>() == 2u);
  BOOST_TEST(uut.services().at(0).port == 9090);
  x.host = "elsewhere";
  x.addresses = {"192.168.1.6"};
  hear(x);
  BOOST_TEST(count<mdns_service_updated>() == 3u);
  BOOST_TEST(addresses() == strings{"192.168.1.6"});
}

BOOST_AUTO_TEST_CASE(a_new_set_of_addresses_replaces_the_old_one_after_a_second) {
  hear(offer{});
  run_for(5s);
  offer x;
  x.addresses = {"192.168.1.6"};
  hear(x);
  BOOST_TEST((addresses() == strings{"192.168.1.5", "192.168.1.6"}));
  run_for(1s);
  BOOST_TEST(addresses() == strings{"192.168.1.6"});
  // The other family is another set.
  x.addresses = {"2001:db8::6"};
  run_for(5s);
  hear(x);
  run_for(2s);
  BOOST_TEST(addresses().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_packet_of_the_other_family_is_no_change) {
  offer x;
  x.addresses.clear();
  hear(x.message(), *ip_address::parse("2001:db8::77"));
  hear(x.message(), somebody);
  hear(x.message(), *ip_address::parse("2001:db8::77"));
  run_for(5s);
  BOOST_TEST(events.size() == 1u);
  BOOST_TEST(addresses() == strings{"192.168.1.77"});
}

BOOST_AUTO_TEST_CASE(who_does_not_answer_others_is_doubted_and_lost) {
  hear(offer{});
  run_for(5s);
  ask();
  run_for(10s);
  ask();
  run_for(9s);
  BOOST_TEST(pointer_questions == 0);
  run_for(3s);
  BOOST_TEST(pointer_questions >= 1);
  run_for(8s);
  BOOST_TEST(count<mdns_service_lost>() == 1u);
}

BOOST_AUTO_TEST_CASE(who_answers_or_is_known_already_is_not_doubted) {
  hear(offer{});
  for (int i = 0; i < 5; ++i) {
    ask(uut.known_answers(now));                                  // No answer is expected.
    uut.question_seen({type, dns_type::ptr}, {}, &somebody, now); // Nobody answers itself.
    run_for(12s);
  }
  BOOST_TEST(pointer_questions == 0);
  for (int i = 0; i < 5; ++i) {
    ask();
    run_for(2s);
    hear(offer{});
    run_for(10s);
  }
  BOOST_TEST(pointer_questions == 0);
  BOOST_TEST(count<mdns_service_lost>() == 0u);
}

BOOST_AUTO_TEST_CASE(known_answers_are_fresh_ones) {
  hear(offer{});
  run_for(50s);
  auto known = uut.known_answers(now);
  BOOST_REQUIRE(known.size() == 1u);
  BOOST_TEST(known[0].ttl == 70u);
  BOOST_TEST(uut.knows_all(known, now));
  known.push_back(make_ptr_record(type, *type.below("stranger"), 120));
  BOOST_TEST(!uut.knows_all(known, now));
  run_for(20s);
  BOOST_TEST(uut.known_answers(now).empty());
}

BOOST_AUTO_TEST_CASE(names_of_strangers_are_harmless_in_a_log) {
  offer x;
  x.name = "\x1b[2J rm -rf \n.";
  x.host = "h\x07st";
  hear(x);
  BOOST_REQUIRE(uut.services().size() == 1u);
  BOOST_TEST(uut.services()[0].instance == "\\027[2J\\032rm\\032-rf\\032\\010\\.");
  BOOST_TEST(uut.services()[0].host == "h\\007st.local.");
}

BOOST_AUTO_TEST_CASE(one_source_brings_so_many_and_cannot_push_out_others) {
  hear(offer{"honest", "honest"}.message(), ip_address::v4(192, 168, 1, 1));
  for (int i = 0; i < 1000; ++i)
    hear(offer{"flood-" + std::to_string(i), "flood"});
  BOOST_TEST(uut.size() == service_cache::services_per_source_max + 1);
  // From many sources: the table fills, and then those who brought most give way to newcomers.
  for (std::uint8_t source = 100; source < 104; ++source)
    for (int i = 0; i < 100; ++i)
      hear(offer{"more-" + std::to_string(source) + "-" + std::to_string(i), "flood"}.message(),
        ip_address::v4(192, 168, 1, source));
  BOOST_TEST(uut.size() == service_cache::services_max);
  hear(offer{"newcomer", "newcomer"}.message(), ip_address::v4(192, 168, 1, 2));
  BOOST_TEST(uut.size() == service_cache::services_max);
  int found = 0;
  for (const auto& x : uut.services())
    found += x.instance == "honest" || x.instance == "newcomer" ? 1 : 0;
  BOOST_TEST(found == 2);
}

BOOST_AUTO_TEST_CASE(what_is_forgotten_is_reported_as_lost) {
  hear(offer{});
  uut.clear();
  take();
  BOOST_TEST(count<mdns_service_lost>() == 1u);
  BOOST_TEST(uut.services().empty());
}

BOOST_AUTO_TEST_SUITE_END()
