// SPDX-License-Identifier: MIT
#include "protocols/dht/saved_nodes.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(saved_dht_nodes)

BOOST_AUTO_TEST_CASE(the_file_of_upstream_is_read_and_written_byte_for_byte) {
  const auto cases = load_vectors("state-files.json");
  const auto text = find_case(cases, "dht_routing.json").fields.at("text").get<std::string>();
  const auto saved = saved_nodes::parse(text);
  BOOST_REQUIRE(saved.ok());
  BOOST_TEST(saved->own_id->to_string() == "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3");
  BOOST_REQUIRE(saved->nodes.size() == 2u);
  BOOST_TEST(saved->nodes[0].contact.at.to_string() == "203.0.113.1:6881");
  BOOST_TEST((saved->nodes[0].rtt == 42ms));
  BOOST_TEST((saved->nodes[1].rtt == 0ms));
  BOOST_TEST(saved->to_text() == text);
}

BOOST_AUTO_TEST_CASE(what_is_no_such_file_is_refused) {
  for (const auto* text :
    {"", "[]", "{}", "null", "{\"version\": 1}", "{\"nodes\": []}", "{\"version\": 2, \"nodes\": []}",
      "{\"version\": \"1\", \"nodes\": []}", "{\"version\": 1, \"nodes\": {}}", "{\"version\": 1, \"nodes\": [}"})
    BOOST_TEST(!saved_nodes::parse(text).ok(), text);
}

BOOST_AUTO_TEST_CASE(malformed_nodes_are_skipped) {
  const auto saved = saved_nodes::parse(R"({"version": 1, "node_id": "xyz", "more": true, "nodes": [
    7, null, {}, "text", [],
    {"id": "00", "ip": "203.0.113.1", "port": 1},
    {"id": "000102030405060708090a0b0c0d0e0f10111213", "ip": "203.0.113.1", "port": 0},
    {"id": "000102030405060708090a0b0c0d0e0f10111213", "ip": "203.0.113.1", "port": 65536},
    {"id": "000102030405060708090a0b0c0d0e0f10111213", "ip": "host.example", "port": 1},
    {"id": 5, "ip": "203.0.113.1", "port": 1},
    {"id": "000102030405060708090a0b0c0d0e0f10111213", "ip": "2001:db8::1", "port": 6881, "rtt": -4},
    {"id": "000102030405060708090A0B0C0D0E0F10111213", "ip": "203.0.113.2", "port": 6881, "rtt": 1e300}
  ]})");
  BOOST_REQUIRE(saved.ok());
  BOOST_TEST(!saved->own_id);
  BOOST_REQUIRE(saved->nodes.size() == 2u);
  BOOST_TEST(saved->nodes[0].contact.at.to_string() == "[2001:db8::1]:6881");
  BOOST_TEST((saved->nodes[0].rtt == 0ms));
  BOOST_TEST((saved->nodes[1].rtt == 0ms));
}

BOOST_AUTO_TEST_CASE(a_file_of_any_length_brings_a_bounded_number_of_nodes) {
  saved_nodes many;
  for (unsigned n = 0; n < 3000; ++n) {
    node_contact x;
    x.at = {ip_address::v4(11, static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n), 1), 6881};
    many.nodes.push_back({x, 0ms});
  }
  const auto saved = saved_nodes::parse(many.to_text());
  BOOST_REQUIRE(saved.ok());
  BOOST_TEST(saved->nodes.size() == saved_nodes::nodes_max);
}

BOOST_AUTO_TEST_SUITE_END()
