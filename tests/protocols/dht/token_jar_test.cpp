// SPDX-License-Identifier: MIT
#include "protocols/dht/token_jar.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

token_secret secret_of(std::uint8_t byte) {
  token_secret out;
  out.fill(byte);
  return out;
}

struct fixture {
  token_jar uut{secret_of(1), time_point{}};
  ip_address somebody = ip_address::v4(192, 0, 2, 1);
  node_id target = info_hash_of("librats/1.0");
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(token_jars, fixture)

BOOST_AUTO_TEST_CASE(a_token_is_good_for_one_address_and_target) {
  const auto token = uut.make(somebody, target);
  BOOST_TEST(uut.valid(token, somebody, target));
  BOOST_TEST(!uut.valid(token, somebody, info_hash_of("librats/2.0")));
  BOOST_TEST(!uut.valid(token, ip_address::v4(192, 0, 2, 2), target));
  BOOST_TEST(!uut.valid(token, *ip_address::parse("c000:201::"), target)); // The same leading bytes.
  BOOST_TEST(!(token_jar{secret_of(2), time_point{}}.valid(token, somebody, target)));
}

BOOST_AUTO_TEST_CASE(a_replayed_token_survives_one_rotation_and_not_two) {
  const auto token = uut.make(somebody, target);
  BOOST_TEST((uut.rotation_due() == time_point{5min}));
  uut.rotate(secret_of(2), time_point{5min});
  BOOST_TEST(uut.valid(token, somebody, target));
  BOOST_TEST((uut.make(somebody, target) != token));
  BOOST_TEST(uut.valid(uut.make(somebody, target), somebody, target));
  uut.rotate(secret_of(3), time_point{11min});
  BOOST_TEST(!uut.valid(token, somebody, target));
  BOOST_TEST((uut.rotation_due() == time_point{16min}));
}

BOOST_AUTO_TEST_CASE(other_sizes_and_other_bits_are_refused) {
  const auto token = uut.make(somebody, target);
  BOOST_TEST(!uut.valid({}, somebody, target));
  BOOST_TEST(!uut.valid(bytes_view{token}.first(7), somebody, target));
  auto longer = to_bytes(token);
  longer.push_back(0);
  BOOST_TEST(!uut.valid(longer, somebody, target));
  for (std::size_t bit = 0; bit < 64; ++bit) {
    auto other = token;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1 << bit % 8));
    BOOST_TEST(!uut.valid(other, somebody, target));
  }
}

BOOST_AUTO_TEST_CASE(tokens_of_neighbours_differ) {
  std::set<token_jar::token> seen;
  for (std::uint8_t i = 0; i < 200; ++i)
    seen.insert(uut.make(ip_address::v4(192, 0, 2, i), target));
  BOOST_TEST(seen.size() == 200u);
}

BOOST_AUTO_TEST_SUITE_END()
