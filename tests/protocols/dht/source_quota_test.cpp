// SPDX-License-Identifier: MIT
#include "protocols/dht/source_quota.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;

BOOST_AUTO_TEST_SUITE(source_quotas)

BOOST_AUTO_TEST_CASE(each_source_has_its_share_and_gets_it_back) {
  source_quota uut{2, false};
  const auto a = ip_address::v4(1, 2, 3, 4);
  const auto b = ip_address::v4(1, 2, 3, 5);
  BOOST_TEST((uut.take(a) && uut.take(a)));
  BOOST_TEST(!uut.take(a));
  BOOST_TEST(uut.take(b));
  BOOST_TEST(uut.sources() == 2u);
  uut.give_back(a);
  BOOST_TEST(uut.take(a));
  BOOST_TEST(!uut.take(a));
  uut.give_back(b);
  BOOST_TEST(uut.sources() == 1u); // Nobody is remembered for having been here.
}

BOOST_AUTO_TEST_CASE(a_slash_64_is_one_source) {
  source_quota uut{1, false};
  BOOST_TEST(uut.take(*ip_address::parse("2001:db8:1:2::1")));
  BOOST_TEST(!uut.take(*ip_address::parse("2001:db8:1:2:ffff::9")));
  BOOST_TEST(uut.take(*ip_address::parse("2001:db8:1:3::1")));
}

BOOST_AUTO_TEST_CASE(loopback_may_be_exempt) {
  source_quota lab{1, true};
  source_quota strict{1, false};
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(lab.take(ip_address::v4_loopback()));
    BOOST_TEST(strict.take(ip_address::v4_loopback()) == (i == 0));
  }
  BOOST_TEST(lab.take(ip_address::v4(1, 1, 1, 1)));
  BOOST_TEST(!lab.take(ip_address::v4(1, 1, 1, 1)));
}

BOOST_AUTO_TEST_SUITE_END()
