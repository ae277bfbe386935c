// SPDX-License-Identifier: MIT
#include "protocols/dht/node_id.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

node_id random_id(std::mt19937_64& random) {
  node_id out;
  for (auto& byte : out.raw)
    byte = static_cast<std::uint8_t>(random());
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(node_ids)

BOOST_AUTO_TEST_CASE(discovery_keys_hash_as_upstream_hashes_them) {
  for (const auto& x : load_vectors("dht-infohash.json"))
    BOOST_TEST(info_hash_of(x.fields.at("key").get<std::string>()).to_string() == to_hex(x.raw), x.name);
}

BOOST_AUTO_TEST_CASE(a_content_is_named_by_its_hash_or_by_any_other_text) {
  BOOST_TEST(content_hash("930AE231c686ebedbbf10d22a620b640d5b49705").to_string()
             == "930ae231c686ebedbbf10d22a620b640d5b49705");
  BOOST_TEST(content_hash("abc").to_string() == "a9993e364706816aba3e25717850c26c9cd0d89d");  // FIPS 180-4
  BOOST_TEST((content_hash("930ae231") == info_hash_of("930ae231")));
}

BOOST_AUTO_TEST_CASE(text_and_bytes_have_one_length) {
  const auto id = node_id::parse("930AE231c686ebedbbf10d22a620b640d5b49705");
  BOOST_TEST_REQUIRE(id.has_value());
  BOOST_TEST(id->to_string() == "930ae231c686ebedbbf10d22a620b640d5b49705");
  BOOST_TEST(id->short_string() == "930ae231");
  BOOST_TEST((node_id::from_bytes(id->view()) == id));
  BOOST_TEST(!node_id::parse("930ae231c686ebedbbf10d22a620b640d5b4970"));
  BOOST_TEST(!node_id::parse("930ae231c686ebedbbf10d22a620b640d5b497050"));
  BOOST_TEST(!node_id::parse("930ae231c686ebedbbf10d22a620b640d5b4970x"));
  BOOST_TEST(!node_id::from_bytes(bytes(19)));
  BOOST_TEST(!node_id::from_bytes(bytes(21)));
  BOOST_TEST(node_id{}.is_zero());
  BOOST_TEST(!id->is_zero());
}

BOOST_AUTO_TEST_CASE(a_common_prefix_ends_at_the_first_bit_that_differs) {
  const node_id zero;
  BOOST_TEST(common_prefix_bits(zero, zero) == 160u);
  for (std::size_t i = 0; i < node_id::bit_count; ++i) {
    node_id other;
    other.raw[i / 8] = static_cast<std::uint8_t>(0x80U >> i % 8);
    BOOST_TEST(common_prefix_bits(zero, other) == i);
    BOOST_TEST(other.bit(i));
    BOOST_TEST(!zero.bit(i));
    if (i % 8 != 7)
      other.raw[i / 8] = static_cast<std::uint8_t>(other.raw[i / 8] | 1U); // Later bits do not matter.
    BOOST_TEST(common_prefix_bits(zero, other) == i);
  }
}

BOOST_AUTO_TEST_CASE(closer_orders_by_distance) {
  std::mt19937_64 random{1};
  for (int i = 0; i < 1000; ++i) {
    const auto target = random_id(random);
    auto a = random_id(random);
    const auto b = random_id(random);
    if (i % 2 == 0)
      a.raw[0] = b.raw[0];
    BOOST_TEST(closer(target, a, b) == (distance(target, a) < distance(target, b)));
    BOOST_TEST(closer(target, a, b) != closer(target, b, a));
    BOOST_TEST(!closer(target, a, a));
    BOOST_TEST((closer(target, target, a)));
    BOOST_TEST((distance(a, b) == distance(b, a)));
    BOOST_TEST((common_prefix_bits(target, a) <= common_prefix_bits(target, b) || closer(target, a, b)));
  }
}

BOOST_AUTO_TEST_SUITE_END()
