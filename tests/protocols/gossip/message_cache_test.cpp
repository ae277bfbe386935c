// SPDX-License-Identifier: MIT
#include "protocols/gossip/message_cache.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

using answer = message_cache::answer;

message_id id(std::uint64_t n) {
  return {peer_id{filled(1)}, n};
}
peer_id peer(std::uint8_t n) {
  return peer_id{filled(n)};
}
byte_slice payload(std::size_t size) {
  return byte_slice{bytes(size, 9)};
}

answer take(message_cache& x, std::uint64_t n, std::uint8_t who, std::size_t budget = 1000) {
  byte_slice out;
  const auto result = x.take(id(n), peer(who), budget, out);
  BOOST_TEST((result == answer::given) == !out.empty());
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(message_caches)

BOOST_AUTO_TEST_CASE(a_message_is_advertised_for_three_windows_and_kept_for_five) {
  message_cache x{{}, 1};
  small_random random{1};
  x.put(id(1), payload(10));
  for (int shifts = 0; shifts <= 5; ++shifts) {
    BOOST_TEST(x.advertised(10, random).size() == (shifts < 3 ? 1u : 0u));
    BOOST_TEST(x.contains(id(1)) == (shifts < 5));
    x.shift();
  }
  BOOST_TEST(x.size() == 0u);
  BOOST_TEST(x.payload_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(one_peer_gets_one_message_three_times) {
  message_cache x{{}, 1};
  x.put(id(1), payload(10));
  for (int i = 0; i < 3; ++i)
    BOOST_TEST((take(x, 1, 7) == answer::given));
  BOOST_TEST((take(x, 1, 7) == answer::answered));
  BOOST_TEST((take(x, 1, 8) == answer::given));
  BOOST_TEST((take(x, 2, 8) == answer::unknown));
}

BOOST_AUTO_TEST_CASE(what_is_over_budget_does_not_count_as_an_answer) {
  message_cache x{{}, 1};
  x.put(id(1), payload(10));
  for (int i = 0; i < 5; ++i)
    BOOST_TEST((take(x, 1, 7, 9) == answer::over_budget));
  BOOST_TEST((take(x, 1, 7, 10) == answer::given));
}

BOOST_AUTO_TEST_CASE(the_oldest_goes_when_there_are_too_many_messages_or_bytes) {
  message_cache::config cfg;
  cfg.messages_max = 10;
  cfg.bytes_max = 100;
  message_cache x{cfg, 1};
  for (std::uint64_t n = 0; n < 12; ++n) {
    x.put(id(n), payload(5));
    x.put(id(n), payload(5)); // Known already.
  }
  BOOST_TEST(x.size() == 10u);
  BOOST_TEST(!x.contains(id(1)));
  x.shift();
  x.put(id(20), payload(80));
  BOOST_TEST(x.payload_bytes() <= 100u);
  BOOST_TEST(x.contains(id(20)));
  BOOST_TEST(x.contains(id(11)));
  x.put(id(21), payload(101)); // Would drive out everything and still not fit.
  BOOST_TEST(x.contains(id(20)));
  x.put(id(22), payload(100));
  BOOST_TEST(x.size() == 1u);
  for (int i = 0; i < 6; ++i)
    x.shift();
  BOOST_TEST(x.size() == 0u);
}

BOOST_AUTO_TEST_CASE(of_too_many_ids_chance_picks) {
  message_cache x{{}, 1};
  small_random random{1};
  for (std::uint64_t n = 0; n < 1000; ++n)
    x.put(id(n), payload(1));
  std::set<message_id> offered;
  for (int i = 0; i < 50; ++i)
    for (const auto& one : x.advertised(100, random))
      offered.insert(one);
  BOOST_TEST(x.advertised(100, random).size() == 100u);
  BOOST_TEST(offered.size() > 950u);
}

BOOST_AUTO_TEST_SUITE_END()
