// SPDX-License-Identifier: MIT
#include "protocols/gossip/seen_cache.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

message_id id(std::uint64_t n) {
  return {peer_id{filled(1)}, n};
}
constexpr time_point start{1h};

} // namespace

BOOST_AUTO_TEST_SUITE(seen_caches)

BOOST_AUTO_TEST_CASE(an_id_is_new_once_within_its_lifetime) {
  seen_cache x{{}, 1};
  BOOST_TEST(x.insert(start, id(1), 4));
  BOOST_TEST(!x.insert(start + 1s, id(1)));
  BOOST_TEST_REQUIRE(x.find(id(1)) != nullptr);
  BOOST_TEST((x.find(id(1))->first == start));
  BOOST_TEST(x.find(id(1))->carriers == 4u);
  x.expire(start + 2min - 1ns);
  BOOST_TEST(x.contains(id(1)));
  x.expire(start + 2min);
  BOOST_TEST(!x.contains(id(1)));
  BOOST_TEST(x.insert(start + 2min, id(1)));
}

BOOST_AUTO_TEST_CASE(the_oldest_makes_room_when_there_are_too_many) {
  seen_cache x{{2min, 100}, 1};
  for (std::uint64_t n = 0; n < 150; ++n)
    x.insert(start, id(n));
  BOOST_TEST(x.size() == 100u);
  BOOST_TEST(!x.contains(id(49)));
  BOOST_TEST(x.contains(id(50)));
}

BOOST_AUTO_TEST_CASE(more_than_upstreams_8192_are_remembered) {
  seen_cache x{{}, 1};
  for (std::uint64_t n = 0; n < 50000; ++n)
    BOOST_TEST_REQUIRE(x.insert(start, id(n)));
  for (std::uint64_t n = 0; n < 50000; ++n)
    BOOST_TEST_REQUIRE(!x.insert(start + 1min, id(n)));
}

BOOST_AUTO_TEST_SUITE_END()
