// SPDX-License-Identifier: MIT
#include "tests/apps/librats/support/client_pair.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::test {

namespace {

/// Any 32 bytes are a key.
const std::string private_hex = "77076d0a7318a57d3c16c17251b26645c6db7b2f9f4f8d7d9c4b5d9c4b5d9c4b";

} // namespace

BOOST_AUTO_TEST_SUITE(security)

BOOST_FIXTURE_TEST_CASE(encryption_is_on_and_seen_inside_the_connection_callback, client_pair) {
  inbox<bool> encrypted;
  inbox<std::vector<uint8_t>> hashes;
  for (auto* one : {&a, &b})
    one->client.set_connection_callback([&, one](auto, const std::string& id) {
      encrypted.push(one->client.is_peer_encrypted(id));
      hashes.push(one->client.get_peer_handshake_hash(id));
    });
  BOOST_TEST(a.client.is_encryption_enabled());
  BOOST_TEST(a.client.initialize_encryption(true));
  BOOST_REQUIRE(a.client.start());
  BOOST_REQUIRE(b.client.start());
  BOOST_REQUIRE(a.dial(b));
  BOOST_TEST(encrypted.pop());
  BOOST_TEST(encrypted.pop());
  const auto hash = hashes.pop();
  BOOST_TEST(hash.size() == 32u);
  BOOST_TEST(hash == hashes.pop());
  const auto id = b.client.get_our_peer_id();
  BOOST_TEST(a.client.get_peer_noise_public_key(id) == b.client.get_noise_static_public_key());
  BOOST_TEST(!a.client.is_peer_encrypted("nobody"));
  BOOST_TEST(a.client.get_peer_noise_public_key("nobody").empty());
  BOOST_TEST(a.client.get_peer_handshake_hash("nobody").empty());
}

BOOST_FIXTURE_TEST_CASE(two_clients_without_encryption_connect_in_plaintext, client_pair) {
  a.client.set_encryption_enabled(false);
  BOOST_TEST(b.client.initialize_encryption(false));
  connect();
  BOOST_TEST(!b.client.is_encryption_enabled());
  BOOST_TEST(!a.client.is_peer_encrypted(at_a.second));
  BOOST_TEST(!a.client.find_peer(at_a.second)->is_noise_encrypted());
  BOOST_TEST(a.client.get_peer_handshake_hash(at_a.second).empty());
  BOOST_TEST(at_a.second == b.client.get_our_peer_id());
}

BOOST_FIXTURE_TEST_CASE(who_encrypts_does_not_connect_to_who_does_not, client_pair) {
  a.client.set_encryption_enabled(false);
  BOOST_REQUIRE(a.client.start());
  BOOST_REQUIRE(b.client.start());
  BOOST_REQUIRE(a.dial(b));
  BOOST_TEST(!a.attempts.pop().success);
  BOOST_TEST(b.client.get_peer_count() == 0);
}

BOOST_FIXTURE_TEST_CASE(clients_of_another_protocol_do_not_connect, client_pair) {
  a.client.set_protocol_name("chess");
  BOOST_REQUIRE(a.client.start());
  BOOST_REQUIRE(b.client.start());
  BOOST_REQUIRE(a.dial(b));
  BOOST_TEST(!a.attempts.pop().success);
  // The change of a running client holds for its next connection.
  b.client.set_protocol_name("chess");
  BOOST_REQUIRE(a.dial(b));
  BOOST_TEST(a.attempts.pop().success);
  a.came.pop();
  b.came.pop();
  a.client.set_protocol_version("2.0");
  a.client.disconnect_peer_by_hash(b.client.get_our_peer_id());
  a.left.pop();
  BOOST_REQUIRE(a.dial(b));
  BOOST_TEST(!a.attempts.pop().success);
}

BOOST_AUTO_TEST_CASE(the_discovery_hash_follows_name_and_version) {
  RatsClient client{0};
  BOOST_TEST(client.get_protocol_name() == "rats");
  BOOST_TEST(client.get_protocol_version() == "1.0");
  BOOST_TEST(client.get_discovery_hash() == "e468163e069b85b3a5acbcba1e72c0efdbcdbd76");
  client.set_protocol_name("my_app");
  client.set_protocol_version("2.1");
  BOOST_TEST(client.get_protocol_name() == "my_app");
  BOOST_TEST(client.get_protocol_version() == "2.1");
  BOOST_TEST(client.get_discovery_hash() == "86d50cebd0714aa1ad2a317d33e893038a2bc93a");
  client.set_protocol_name(std::string(100000, 'x'));  // Longer than the handshake can carry.
  BOOST_TEST(client.get_protocol_name() == "my_app");
}

BOOST_AUTO_TEST_CASE(all_ways_to_set_the_key_set_the_same_key) {
  RatsClient client{0};
  const auto first = client.get_encryption_key();
  BOOST_TEST(first.size() == 64u);
  BOOST_TEST(client.set_encryption_key(private_hex));
  BOOST_TEST(client.get_encryption_key() == private_hex);
  const auto id = client.get_our_peer_id();
  const auto public_key = client.get_noise_static_public_key();
  BOOST_TEST(public_key.size() == 32u);

  RatsClient other{0};
  uint8_t raw[32];
  for (int i = 0; i < 32; ++i)
    raw[i] = static_cast<uint8_t>(std::stoi(private_hex.substr(static_cast<std::size_t>(i) * 2, 2), nullptr, 16));
  BOOST_TEST(other.set_noise_static_keypair(raw));
  BOOST_TEST(other.get_our_peer_id() == id);
  BOOST_TEST(other.get_noise_static_public_key() == public_key);

  const auto fresh = client.generate_new_encryption_key();
  BOOST_TEST(fresh.size() == 64u);
  BOOST_TEST(fresh != private_hex);
  BOOST_TEST(client.get_encryption_key() == fresh);
  BOOST_TEST(client.get_our_peer_id() != id);
}

BOOST_AUTO_TEST_CASE(a_bad_key_changes_nothing) {
  RatsClient client{0};
  const auto before = client.get_encryption_key();
  const uint8_t zero[32] = {};
  BOOST_TEST(!client.set_encryption_key(""));
  BOOST_TEST(!client.set_encryption_key(private_hex.substr(2)));
  BOOST_TEST(!client.set_encryption_key("zz" + private_hex.substr(2)));
  BOOST_TEST(!client.set_encryption_key(std::string(64, '0')));
  BOOST_TEST(!client.set_noise_static_keypair(zero));
  BOOST_TEST(!client.set_noise_static_keypair(nullptr));
  BOOST_TEST(client.get_encryption_key() == before);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
