// SPDX-License-Identifier: MIT
#include "apps/rats-client/peer_names.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::apps;

namespace {

peer_id id(std::uint8_t first, std::uint8_t second) {
  peer_id out;
  out.raw[0] = first;
  out.raw[1] = second;
  return out;
}

const std::vector<peer_id> peers{id(0xab, 0x01), id(0xab, 0x02), id(0xcd, 0x03)};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

BOOST_AUTO_TEST_SUITE(peer_names_test)

BOOST_AUTO_TEST_CASE(a_unique_prefix_is_enough) {
  BOOST_TEST((*find_peer("c", peers) == peers[2]));
  BOOST_TEST((*find_peer("AB02", peers) == peers[1]));
  BOOST_TEST((*find_peer(peers[0].to_string(), peers) == peers[0]));
}

BOOST_AUTO_TEST_CASE(what_is_ambiguous_names_the_choices) {
  const auto x = find_peer("ab", peers);
  BOOST_REQUIRE(!x.ok());
  BOOST_TEST(has(x.error(), "ab0100000000"));
  BOOST_TEST(has(x.error(), "ab0200000000"));
}

BOOST_AUTO_TEST_CASE(what_is_unknown_or_no_id_says_so) {
  BOOST_TEST(has(find_peer("ff", peers).error(), "begins with \"ff\""));
  BOOST_TEST(has(find_peer("xy", peers).error(), "no peer id"));
  BOOST_TEST(has(find_peer("", peers).error(), "no peer id"));
  BOOST_TEST(has(find_peer("ab", {}).error(), "no peer is connected"));
}

BOOST_AUTO_TEST_SUITE_END()
