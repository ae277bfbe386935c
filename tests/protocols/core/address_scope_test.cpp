// SPDX-License-Identifier: MIT
#include "protocols/core/address_scope.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;

namespace {

ip_address ip(const char* text) {
  const auto out = ip_address::parse(text);
  BOOST_TEST_REQUIRE(out.has_value());
  return *out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(address_scopes)

BOOST_AUTO_TEST_CASE(every_range_has_its_scope) {
  for (const auto* text : {"0.0.0.0", "0.1.2.3", "169.254.7.7", "224.0.0.251", "240.0.0.1", "255.255.255.255", "::",
         "fe80::1", "ff02::fb"})
    BOOST_TEST((scope_of(ip(text)) == address_scope::none), text);
  for (const auto* text : {"127.0.0.1", "127.9.9.9", "::1"})
    BOOST_TEST((scope_of(ip(text)) == address_scope::this_host), text);
  for (const auto* text : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd00::1"})
    BOOST_TEST((scope_of(ip(text)) == address_scope::site), text);
  for (const auto* text : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "223.255.255.255", "2001:db8::1"})
    BOOST_TEST((scope_of(ip(text)) == address_scope::everywhere), text);
}

BOOST_AUTO_TEST_CASE(nobody_is_told_what_means_nothing_to_him) {
  BOOST_TEST(worth_telling(ip("8.8.8.8"), ip("127.0.0.1")));
  BOOST_TEST(worth_telling(ip("8.8.8.8"), ip("9.9.9.9")));
  BOOST_TEST(worth_telling(ip("10.0.0.1"), ip("192.168.1.1")));
  BOOST_TEST(worth_telling(ip("10.0.0.1"), ip("127.0.0.1")));
  BOOST_TEST(!worth_telling(ip("10.0.0.1"), ip("9.9.9.9")));
  BOOST_TEST(worth_telling(ip("127.0.0.1"), ip("::1")));
  BOOST_TEST(!worth_telling(ip("127.0.0.1"), ip("10.0.0.1")));
  BOOST_TEST(!worth_telling(ip("fe80::1"), ip("fe80::2")));
}

BOOST_AUTO_TEST_CASE(public_addresses_vote_by_their_network_and_others_alone) {
  BOOST_TEST((voting_network(ip("203.0.113.7")) == voting_network(ip("203.0.113.200"))));
  BOOST_TEST((voting_network(ip("203.0.113.7")) != voting_network(ip("203.0.114.7"))));
  BOOST_TEST((voting_network(ip("2001:db8:1:2::7")) == voting_network(ip("2001:db8:1:9::8"))));
  BOOST_TEST((voting_network(ip("2001:db8:1::7")) != voting_network(ip("2001:db8:2::7"))));
  BOOST_TEST((voting_network(ip("10.0.0.1")) != voting_network(ip("10.0.0.2"))));
}

BOOST_AUTO_TEST_SUITE_END()
