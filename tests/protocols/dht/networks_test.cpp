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

BOOST_AUTO_TEST_SUITE_END()
