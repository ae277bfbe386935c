// SPDX-License-Identifier: MIT
#include "protocols/dht/compact.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

endpoint at(const char* text) {
  return *endpoint::parse(text);
}

template <class T>
bytes compact(const T& x) {
  bytes out;
  append_compact(out, x);
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(compact_records)

BOOST_AUTO_TEST_CASE(endpoints_of_both_families_are_written_and_read) {
  BOOST_TEST(to_hex(compact(at("1.2.3.4:8080"))) == "010203041f90");
  BOOST_TEST(to_hex(compact(at("[2001:db8::1]:6"))) == "20010db80000000000000000000000010006");
  for (const auto* text : {"1.2.3.4:8080", "[2001:db8::1]:6", "0.0.0.0:0", "255.255.255.255:65535"})
    BOOST_TEST((read_compact_endpoint(compact(at(text))) == at(text)), text);
}

BOOST_AUTO_TEST_CASE(endpoints_of_other_lengths_are_none) {
  for (std::size_t n = 0; n < 40; ++n)
    BOOST_TEST(read_compact_endpoint(bytes(n, 1)).has_value() == (n == 6 || n == 18), n);
  BOOST_TEST(!read_compact_endpoint(unhex("00000000000000000000ffff 01020304 1f90"))); // IPv4 in disguise.
}

BOOST_AUTO_TEST_CASE(nodes_are_read_by_family) {
  const node_contact a{*node_id::parse("000102030405060708090a0b0c0d0e0f10111213"), at("1.2.3.4:5")};
  const node_contact b{*node_id::parse("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"), at("[2001:db8::1]:6")};
  const auto v4 = concat({compact(a), compact(a)});
  const auto v6 = compact(b);
  BOOST_TEST(v4.size() == 52u);
  BOOST_TEST(v6.size() == 38u);
  BOOST_TEST((read_compact_nodes(v4, address_family::v4) == std::vector<node_contact>{a, a}));
  BOOST_TEST((read_compact_nodes(v6, address_family::v6) == std::vector<node_contact>{b}));
  BOOST_TEST(read_compact_nodes({}, address_family::v4).empty());
}

BOOST_AUTO_TEST_CASE(nodes_of_a_wrong_length_are_ignored_altogether) {
  for (std::size_t n = 1; n < 120; ++n) {
    BOOST_TEST(read_compact_nodes(bytes(n, 7), address_family::v4).size() == (n % 26 == 0 ? n / 26 : 0), n);
    BOOST_TEST(read_compact_nodes(bytes(n, 7), address_family::v6).size() == (n % 38 == 0 ? n / 38 : 0), n);
  }
}

BOOST_AUTO_TEST_CASE(nodes_that_nobody_can_dial_are_left_out) {
  const node_id id;
  const node_contact good{id, at("1.2.3.4:5")};
  const auto raw =
    concat({compact(node_contact{id, at("1.2.3.4:0")}), compact(good), compact(node_contact{id, at("0.0.0.0:5")})});
  BOOST_TEST((read_compact_nodes(raw, address_family::v4) == std::vector<node_contact>{good}));
  auto mapped = compact(node_contact{id, at("[2001:db8::1]:6")});
  const auto disguise = unhex("00000000000000000000ffff01020304");
  std::copy(disguise.begin(), disguise.end(), mapped.begin() + 20);
  BOOST_TEST(read_compact_nodes(mapped, address_family::v6).empty());
}

BOOST_AUTO_TEST_CASE(peers_come_one_or_many_in_a_string) {
  std::vector<endpoint> out;
  read_compact_peers(compact(at("1.2.3.4:8080")), out);
  read_compact_peers(compact(at("[2001:db8::1]:6")), out);
  read_compact_peers(concat({compact(at("1.1.1.1:1")), compact(at("2.2.2.2:2"))}), out);
  BOOST_TEST(
    (out == std::vector<endpoint>{at("1.2.3.4:8080"), at("[2001:db8::1]:6"), at("1.1.1.1:1"), at("2.2.2.2:2")}));
  out.clear();
  for (const std::size_t n : {0u, 1u, 5u, 7u, 17u, 19u, 20u})
    read_compact_peers(bytes(n, 1), out);
  read_compact_peers(compact(at("1.2.3.4:0")), out);
  read_compact_peers(compact(at("0.0.0.0:1")), out);
  BOOST_TEST(out.empty());
}

BOOST_AUTO_TEST_SUITE_END()
