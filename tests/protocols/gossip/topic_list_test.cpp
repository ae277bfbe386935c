// SPDX-License-Identifier: MIT
#include "protocols/gossip/topic_list.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

peer_id peer(std::uint8_t n) {
  return peer_id{filled(n)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(topic_lists)

BOOST_AUTO_TEST_CASE(it_knows_who_subscribes_to_what) {
  topic_list x;
  BOOST_TEST(x.add(peer(2), "news"));
  BOOST_TEST(x.add(peer(1), "news"));
  BOOST_TEST(x.add(peer(1), "chat"));
  BOOST_TEST(!x.add(peer(1), "chat"));
  BOOST_TEST((x.peers_of("news") == std::vector<peer_id>{peer(1), peer(2)}));
  BOOST_TEST(x.contains(peer(1), "chat"));
  BOOST_TEST(!x.contains(peer(2), "chat"));
  BOOST_TEST(x.peers_of("else").empty());
  BOOST_TEST(x.remove(peer(2), "news"));
  BOOST_TEST(!x.remove(peer(2), "news"));
  BOOST_TEST((x.remove_peer(peer(1)) == std::vector<std::string>{"chat", "news"}));
  BOOST_TEST(x.remove_peer(peer(1)).empty());
  BOOST_TEST(x.entries() == 0u);
  BOOST_TEST(x.topics() == 0u);
}

BOOST_AUTO_TEST_CASE(a_peer_has_a_share_and_all_have_a_limit) {
  topic_list x{{3, 8, 5}};
  BOOST_TEST(!x.add(peer(1), ""));
  BOOST_TEST(!x.add(peer(1), "ninechars"));
  for (std::uint8_t n = 1; n <= 2; ++n)
    for (int i = 0; i < 5; ++i)
      x.add(peer(n), "t" + std::to_string(i));
  BOOST_TEST(x.entries() == 5u);
  BOOST_TEST(x.peers_of("t2").size() == 1u);
  BOOST_TEST(!x.add(peer(3), "t0"));
  x.remove(peer(1), "t0");
  BOOST_TEST(x.add(peer(3), "t0"));
}

BOOST_AUTO_TEST_CASE(the_longest_names_are_taken_and_a_peer_has_a_share_of_bytes) {
  topic_list x;
  const auto longest = [](char c) { return std::string(65535, c); };
  for (const char c : {'a', 'b', 'c', 'd'})
    BOOST_TEST(x.add(peer(1), longest(c)));
  BOOST_TEST(!x.add(peer(1), longest('e')));
  BOOST_TEST(x.add(peer(2), longest('e')));
  BOOST_TEST(x.remove(peer(1), longest('a')));
  BOOST_TEST(x.add(peer(1), longest('e')));
}

BOOST_AUTO_TEST_SUITE_END()
