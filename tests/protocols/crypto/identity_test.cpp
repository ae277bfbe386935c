// SPDX-License-Identifier: MIT
#include "protocols/crypto/identity.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstring>
#include <new>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

BOOST_AUTO_TEST_SUITE(identity)

BOOST_AUTO_TEST_CASE(peer_ids_are_those_of_upstream) {
  for (const auto& x : load_vectors("peer-ids.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      const auto public_key = unhex(x.fields.at("public_key").get<std::string>());
      BOOST_TEST(peer_id_of(public_key).to_string() == to_hex(x.raw));
      if (x.fields.contains("private_key")) {
        const auto key = key_pair::from_private(unhex(x.fields.at("private_key").get<std::string>()));
        BOOST_TEST(to_hex(key.public_key) == to_hex(public_key));
        BOOST_TEST(key.id().to_string() == to_hex(x.raw));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(identity_files_are_read_and_written_byte_for_byte) {
  for (const auto& x : load_vectors("identity-file.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      const auto key = decode_identity_file(x.raw);
      BOOST_TEST_REQUIRE(key.ok());
      BOOST_TEST(to_hex(key->public_key) == x.fields.at("public_key").get<std::string>());
      BOOST_TEST(key->id().to_string() == x.fields.at("peer_id").get<std::string>());
      BOOST_TEST((encode_identity_file(*key) == x.raw));
      BOOST_TEST(x.raw.size() == x.fields.at("file_size").get<std::size_t>());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_file_of_any_other_size_is_refused) {
  for (std::size_t n = 0; n <= 65; ++n) {
    const auto key = decode_identity_file(bytes(n, 0x11));
    BOOST_TEST_REQUIRE(key.ok() == (n == 32));
    if (!key)
      BOOST_TEST((key.error() == (n < 32 ? wire_errc::truncated : wire_errc::trailing_bytes)));
  }
}

BOOST_AUTO_TEST_CASE(a_generated_key_is_clamped_and_the_same_identity_as_its_random_bytes) {
  const auto key = key_pair::generate(filled(0xFF));
  BOOST_TEST(key.private_key[0] == 0xF8);
  BOOST_TEST(key.private_key[31] == 0x7F);
  BOOST_TEST((key.id() == key_pair::from_private(filled(0xFF)).id()));
}

BOOST_AUTO_TEST_CASE(a_private_key_is_wiped_when_it_goes) {
  alignas(key_pair) unsigned char memory[sizeof(key_pair)];
  auto* key = new (memory) key_pair{key_pair::from_private(filled(0x11))};
  key->~key_pair();
  const auto is_secret = [](unsigned char byte) { return byte == 0x11; };
  // The volatile copy keeps the compiler from reasoning about memory whose object is gone.
  std::array<unsigned char, 32> seen{};
  const volatile unsigned char* left = memory;
  for (std::size_t i = 0; i < seen.size(); ++i)
    seen[i] = left[i];
  BOOST_TEST(std::count_if(seen.begin(), seen.end(), is_secret) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
