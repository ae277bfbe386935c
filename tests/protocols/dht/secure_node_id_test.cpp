// SPDX-License-Identifier: MIT
#include "protocols/dht/secure_node_id.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

std::array<std::uint8_t, node_id::size> draw(std::mt19937_64& random) {
  std::array<std::uint8_t, node_id::size> out{};
  for (auto& byte : out)
    byte = static_cast<std::uint8_t>(random());
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(secure_node_ids)

BOOST_AUTO_TEST_CASE(the_checksum_has_the_answers_of_rfc_3720) {
  BOOST_TEST(crc32c(bytes(32, 0x00)) == 0x8a9136aau);
  BOOST_TEST(crc32c(bytes(32, 0xff)) == 0x62a8ab43u);
  BOOST_TEST(crc32c(as_bytes("123456789")) == 0xe3069283u);
  BOOST_TEST(crc32c({}) == 0u);
}

BOOST_AUTO_TEST_CASE(known_ids_verify_and_are_made_again) {
  for (const auto& x : load_vectors("bep42.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      const auto ip = *ip_address::parse(x.fields.at("ip").get<std::string>());
      const auto id = *node_id::from_bytes(x.raw);
      BOOST_TEST(x.fields.at("seed").get<int>() == id.raw.back());
      BOOST_TEST(is_secure_node_id(id, ip));
      auto random = id.raw; // With other leading bits, which are to come out right again.
      random[0] ^= 0xff;
      random[1] ^= 0xff;
      random[2] ^= 0xf8;
      BOOST_TEST((make_secure_node_id(ip, random) == id));
    }
  }
}

BOOST_AUTO_TEST_CASE(each_of_the_first_21_bits_counts_and_no_other_before_the_seed) {
  for (const auto& x : load_vectors("bep42.json")) {
    const auto ip = *ip_address::parse(x.fields.at("ip").get<std::string>());
    for (std::size_t bit = 0; bit < 152; ++bit) {
      auto id = *node_id::from_bytes(x.raw);
      id.raw[bit / 8] = static_cast<std::uint8_t>(id.raw[bit / 8] ^ 0x80U >> bit % 8);
      BOOST_TEST(is_secure_node_id(id, ip) == (bit >= 21), x.name << ", bit " << bit);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_id_of_one_network_is_none_of_another) {
  std::mt19937_64 random{42};
  const auto ip = ip_address::v4(124, 31, 75, 21);
  const auto other = ip_address::v4(125, 31, 75, 21);
  int fits = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto id = make_secure_node_id(ip, draw(random));
    BOOST_TEST(is_secure_node_id(id, ip));
    fits += is_secure_node_id(id, other) ? 1 : 0;
    fits += is_secure_node_id(node_id{draw(random)}, ip) ? 1 : 0;
  }
  BOOST_TEST(fits == 0); // One in two millions would, by chance.
}

BOOST_AUTO_TEST_CASE(addresses_that_are_not_public_bind_nothing) {
  std::mt19937_64 random{43};
  for (const auto* text : {"0.1.2.3", "10.0.0.1", "127.0.0.1", "100.64.0.1", "169.254.1.1", "172.16.0.1", "192.168.1.1",
         "224.0.0.1", "255.255.255.255", "::", "::1", "fc00::1", "fe80::1", "ff02::1"}) {
    const auto bytes = draw(random);
    BOOST_TEST((make_secure_node_id(*ip_address::parse(text), bytes) == node_id{bytes}), text);
    BOOST_TEST(is_secure_node_id(node_id{bytes}, *ip_address::parse(text)), text);
  }
  for (const auto* text : {"100.128.0.1", "172.32.0.1", "223.255.255.255", "2001:db8::1"})
    BOOST_TEST(!is_secure_node_id(node_id{}, *ip_address::parse(text)), text);
}

BOOST_AUTO_TEST_SUITE_END()
