// SPDX-License-Identifier: MIT
#include "protocols/datagram/cookie_jar.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

struct fixture {
  cookie_jar uut{filled(1), time_point{}};
  endpoint somebody{ip_address::v4(192, 0, 2, 1), 4000};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(cookie_jars, fixture)

BOOST_AUTO_TEST_CASE(a_cookie_is_good_for_one_address_port_and_id) {
  const auto cookie = uut.bake(somebody, 77);
  BOOST_TEST(uut.valid(cookie, somebody, 77));
  BOOST_TEST(!uut.valid(cookie, somebody, 78));
  BOOST_TEST(!uut.valid(cookie, {somebody.address, 4001}, 77));
  BOOST_TEST(!uut.valid(cookie, {ip_address::v4(192, 0, 2, 2), 4000}, 77));
}

BOOST_AUTO_TEST_CASE(it_survives_one_change_of_the_secret_and_not_two) {
  const auto cookie = uut.bake(somebody, 77);
  BOOST_TEST((uut.rotation_due() == time_point{30s}));
  uut.rotate(filled(2), time_point{30s});
  BOOST_TEST(uut.valid(cookie, somebody, 77));
  BOOST_TEST((uut.bake(somebody, 77) != cookie));
  BOOST_TEST(uut.valid(uut.bake(somebody, 77), somebody, 77));
  uut.rotate(filled(3), time_point{60s});
  BOOST_TEST(!uut.valid(cookie, somebody, 77));
  BOOST_TEST((uut.rotation_due() == time_point{90s}));
}

BOOST_AUTO_TEST_CASE(other_sizes_and_other_bits_are_refused) {
  const auto cookie = uut.bake(somebody, 77);
  BOOST_TEST(!uut.valid({}, somebody, 77));
  BOOST_TEST(!uut.valid(bytes_view{cookie}.first(3), somebody, 77));
  BOOST_TEST(!uut.valid(bytes(5, 0), somebody, 77));
  for (std::size_t bit = 0; bit < 32; ++bit) {
    auto other = cookie;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1 << bit % 8));
    BOOST_TEST(!uut.valid(other, somebody, 77));
  }
}

BOOST_AUTO_TEST_CASE(cookies_of_neighbours_differ) {
  std::set<datagram_cookie> seen;
  for (std::uint32_t id = 0; id < 1000; ++id)
    seen.insert(uut.bake(somebody, id));
  BOOST_TEST(seen.size() == 1000u);
  const endpoint v6{*ip_address::parse("c000:201::"), 4000}; // The same leading bytes.
  BOOST_TEST((uut.bake(v6, 1) != uut.bake(somebody, 1)));
}

BOOST_AUTO_TEST_SUITE_END()
