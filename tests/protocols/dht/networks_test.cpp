// SPDX-License-Identifier: MIT
#include "protocols/dht/networks.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;

BOOST_AUTO_TEST_SUITE(networks_of_the_dht)

BOOST_AUTO_TEST_CASE(narrow_ones_are_a_slash_24_or_64) {
  BOOST_TEST(narrow_network(ip_address::v4(1, 2, 3, 4)).to_string() == "1.2.3.0");
  BOOST_TEST(narrow_network(*ip_address::parse("2001:db8:1:2:3:4:5:6")).to_string() == "2001:db8:1:2::");
}

BOOST_AUTO_TEST_CASE(wide_ones_are_a_slash_16_or_32) {
  BOOST_TEST(wide_network(ip_address::v4(1, 2, 3, 4)).to_string() == "1.2.0.0");
  BOOST_TEST(wide_network(*ip_address::parse("2001:db8:1:2:3:4:5:6")).to_string() == "2001:db8::");
}

BOOST_AUTO_TEST_CASE(two_addresses_share_a_narrow_one_exactly_when_it_is_the_same) {
  const char* texts[] = {"1.2.3.4", "1.2.3.200", "1.2.4.4", "9.2.3.4", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:9:9:9:9",
    "2001:db8:1:3:3:4:5:6", "102:300::", "::"};
  for (const auto* one : texts)
    for (const auto* other : texts) {
      const auto a = *ip_address::parse(one);
      const auto b = *ip_address::parse(other);
      BOOST_TEST(same_narrow_network(a, b) == (narrow_network(a) == narrow_network(b)));
    }
}

BOOST_AUTO_TEST_SUITE_END()
