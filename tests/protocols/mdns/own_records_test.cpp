// SPDX-License-Identifier: MIT
#include "protocols/mdns/own_records.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;

namespace {

mdns_claim claim() {
  mdns_claim out;
  out.type = *dns_name::parse("_librats._tcp.local");
  out.instance = *out.type.below("rats-0badcafe");
  out.host = *dns_name::parse("myhost.local");
  out.port = 8080;
  out.txt = {"id=00"};
  return out;
}

own_records with(const std::vector<const char*>& addresses) {
  std::vector<mdns_address> all;
  for (const auto* text : addresses)
    all.push_back({*ip_address::parse(text), 0});
  return {claim(), all};
}

own_mask ask(const own_records& uut, const char* name, dns_type type, std::uint16_t klass = dns_class_in) {
  return uut.answers({*dns_name::parse(name), type, klass, false});
}

constexpr auto pointer = bit_of(own_set::pointer);
constexpr auto service = bit_of(own_set::service);
constexpr auto text = bit_of(own_set::text);
constexpr auto v4 = bit_of(own_set::v4);
constexpr auto v6 = bit_of(own_set::v6);

} // namespace

BOOST_AUTO_TEST_SUITE(own_records_of_a_claim)

BOOST_AUTO_TEST_CASE(questions_find_their_sets) {
  const auto uut = with({"192.168.1.5", "2001:db8::5"});
  BOOST_TEST(ask(uut, "_LIBRATS._tcp.local", dns_type::ptr) == pointer);
  BOOST_TEST(ask(uut, "_librats._tcp.local", dns_type::any, dns_class_any) == pointer);
  BOOST_TEST(ask(uut, "_librats._tcp.local", dns_type::srv) == 0);
  BOOST_TEST(ask(uut, "_services._dns-sd._udp.local", dns_type::ptr) == bit_of(own_set::enumeration));
  BOOST_TEST(ask(uut, "rats-0badcafe._librats._tcp.local", dns_type::srv) == service);
  BOOST_TEST(ask(uut, "rats-0badcafe._librats._tcp.local", dns_type::txt) == text);
  BOOST_TEST(ask(uut, "rats-0badcafe._librats._tcp.local", dns_type::any) == (service | text));
  BOOST_TEST(ask(uut, "rats-0badcafe._librats._tcp.local", dns_type::a) == bit_of(own_set::no_service));
  BOOST_TEST(ask(uut, "myhost.local", dns_type::a) == v4);
  BOOST_TEST(ask(uut, "myhost.local", dns_type::any) == (v4 | v6));
  BOOST_TEST(ask(uut, "myhost.local", dns_type::txt) == bit_of(own_set::no_address));
  BOOST_TEST(ask(uut, "other.local", dns_type::any) == 0);
  BOOST_TEST(ask(uut, "myhost.local", dns_type::a, 3) == 0); // CHAOS.
}

BOOST_AUTO_TEST_CASE(a_family_without_address_is_denied) {
  const auto uut = with({"192.168.1.5"});
  BOOST_TEST(ask(uut, "myhost.local", dns_type::aaaa) == bit_of(own_set::no_address));
  const auto& denial = std::get<dns_nsec>(uut.of(own_set::no_address).at(0).data);
  BOOST_TEST((denial.types == std::vector<std::uint16_t>{1}));
  BOOST_TEST(uut.additionals(v4) == bit_of(own_set::no_address));
  BOOST_TEST(with({"192.168.1.5", "2001:db8::5"}).additionals(v4) == v6);
  BOOST_TEST(uut.additionals(service) == v4);
  BOOST_TEST(uut.additionals(text) == 0);
}

BOOST_AUTO_TEST_CASE(only_what_nobody_else_holds_replaces_what_was_known) {
  const auto uut = with({"192.168.1.5"});
  for (const auto set : {own_set::service, own_set::text, own_set::v4, own_set::no_service, own_set::no_address})
    BOOST_TEST(uut.of(set).at(0).cache_flush);
  BOOST_TEST(!uut.of(own_set::pointer).at(0).cache_flush);
  BOOST_TEST(!uut.of(own_set::enumeration).at(0).cache_flush);
}

BOOST_AUTO_TEST_CASE(the_best_address_stands_last_and_eight_are_told) {
  const auto uut =
    with({"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7", "10.0.0.8", "10.0.0.9"});
  const auto& all = uut.of(own_set::v4);
  BOOST_TEST(all.size() == 8u);
  BOOST_TEST(std::get<dns_address>(all.back().data).address.to_string() == "10.0.0.1");
}

BOOST_AUTO_TEST_CASE(a_set_is_known_when_all_of_it_is_and_for_long_enough) {
  const auto uut = with({"192.168.1.5", "192.168.1.6"});
  auto known = uut.of(own_set::v4);
  BOOST_TEST(uut.known(v4 | service, known) == v4);
  known[0].ttl = mdns_ttl / 2;
  BOOST_TEST(uut.known(v4, known) == v4);
  known[0].ttl = mdns_ttl / 2 - 1;
  BOOST_TEST(uut.known(v4, known) == 0);
  known.pop_back();
  BOOST_TEST(uut.known(v4, known) == 0);
}

BOOST_AUTO_TEST_CASE(proposals_are_in_the_order_of_the_tie_break) {
  const auto uut = with({"2001:db8::5", "192.168.1.6", "192.168.1.5"});
  const auto host = uut.proposed(*dns_name::parse("myhost.local"));
  BOOST_REQUIRE(host.size() == 3u);
  BOOST_TEST(std::get<dns_address>(host[0].data).address.to_string() == "192.168.1.5");
  BOOST_TEST((host[2].type == dns_type::aaaa));
  const auto instance = uut.proposed(claim().instance);
  BOOST_REQUIRE(instance.size() == 2u);
  BOOST_TEST((instance[0].type == dns_type::txt));
}

BOOST_AUTO_TEST_SUITE_END()
