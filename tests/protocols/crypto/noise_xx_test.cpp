// SPDX-License-Identifier: MIT
#include "protocols/crypto/noise_xx.hpp"

#include "tests/protocols/support/low_order_points.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

std::array<std::uint8_t, 32> key_field(const nlohmann::ordered_json& fields, const char* name) {
  return unhex32(fields.at(name).get<std::string>());
}

/// Both ends, with fixed keys.
struct fixture {
  explicit fixture(bytes prologue = {}) : prologue_(std::move(prologue)) {}

  bytes prologue_;
  key_pair initiator_static = key_pair::from_private(filled(0x11));
  key_pair responder_static = key_pair::from_private(filled(0x22));
  noise_xx initiator{role::initiator, initiator_static, filled(0x33), prologue_};
  noise_xx responder{role::responder, responder_static, filled(0x44), prologue_};
};

bytes transport_message(const aead_key& key, std::uint64_t counter, bytes_view plaintext) {
  bytes out(plaintext.size() + aead_tag_size);
  aead_seal(key, counter, {}, plaintext, out.data());
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(noise)

BOOST_AUTO_TEST_CASE(upstream_handshakes_are_reproduced_byte_for_byte) {
  const auto cases = load_vectors("noise-xx.json");
  for (const std::string protocol : {"librats/1.0", "myapp/1.0"}) {
    const auto named = [&](const std::string& rest) -> const vector_case& { return find_case(cases, protocol + rest); };
    const auto& first = named(" message 1 (initiator -> responder)");
    const auto initiator_static = key_pair::from_private(key_field(first.fields, "initiator_static_private"));
    const auto responder_static = key_pair::from_private(key_field(first.fields, "responder_static_private"));
    const auto prologue = unhex(first.fields.at("prologue").get<std::string>());
    BOOST_TEST(to_hex(initiator_static.public_key) == first.fields.at("initiator_static_public").get<std::string>());
    BOOST_TEST(to_hex(responder_static.public_key) == first.fields.at("responder_static_public").get<std::string>());
    BOOST_TEST(initiator_static.id().to_string() == first.fields.at("initiator_peer_id").get<std::string>());
    BOOST_TEST(responder_static.id().to_string() == first.fields.at("responder_peer_id").get<std::string>());

    noise_xx i{role::initiator, initiator_static, key_field(first.fields, "initiator_ephemeral_private"), prologue};
    noise_xx r{role::responder, responder_static, key_field(first.fields, "responder_ephemeral_private"), prologue};
    const auto message1 = i.write_message();
    BOOST_TEST_REQUIRE(message1.ok());
    BOOST_TEST(to_hex(*message1) == to_hex(first.raw));
    BOOST_TEST_REQUIRE(r.read_message(*message1).ok());
    const auto message2 = r.write_message();
    BOOST_TEST_REQUIRE(message2.ok());
    BOOST_TEST(to_hex(*message2) == to_hex(named(" message 2 (responder -> initiator)").raw));
    BOOST_TEST_REQUIRE(i.read_message(*message2).ok());
    const auto message3 = i.write_message();
    BOOST_TEST_REQUIRE(message3.ok());
    BOOST_TEST(to_hex(*message3) == to_hex(named(" message 3 (initiator -> responder)").raw));
    BOOST_TEST_REQUIRE(r.read_message(*message3).ok());

    BOOST_TEST(i.finished());
    BOOST_TEST(r.finished());
    BOOST_TEST(to_hex(i.handshake_hash()) == to_hex(named(" final handshake hash").raw));
    BOOST_TEST((i.handshake_hash() == r.handshake_hash()));
    BOOST_TEST((i.remote_static_key() == responder_static.public_key));
    BOOST_TEST((r.remote_static_key() == initiator_static.public_key));
    const auto keys = i.split();
    BOOST_TEST(to_hex(keys.send) == to_hex(named(" initiator-to-responder transport key").raw));
    BOOST_TEST(to_hex(keys.receive) == to_hex(named(" responder-to-initiator transport key").raw));
    BOOST_TEST((r.split().send == keys.receive));
    BOOST_TEST((r.split().receive == keys.send));

    const auto& far = named(" initiator->responder frame at nonce 0x0102030405060708 (nonce byte order check)");
    const auto plaintext = unhex(far.fields.at("plaintext").get<std::string>());
    BOOST_TEST(to_hex(transport_message(keys.send, 0x0102030405060708, plaintext)) == to_hex(far.raw));
  }
}

BOOST_AUTO_TEST_CASE(the_known_answers_of_flynn_noise_are_reproduced) {
  for (const auto& x : load_vectors("noise-xx-flynn.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      const auto initiator_static = key_pair::from_private(key_field(x.fields, "initiator_static_private"));
      const auto responder_static = key_pair::from_private(key_field(x.fields, "responder_static_private"));
      const auto prologue = unhex(x.fields.at("prologue").get<std::string>());
      noise_xx i{role::initiator, initiator_static, key_field(x.fields, "initiator_ephemeral_private"), prologue};
      noise_xx r{role::responder, responder_static, key_field(x.fields, "responder_ephemeral_private"), prologue};
      const auto& messages = x.fields.at("messages");
      BOOST_TEST_REQUIRE(messages.size() == 5u);
      for (std::size_t n = 0; n < 3; ++n) {
        auto& from = n == 1 ? r : i;
        auto& to = n == 1 ? i : r;
        const auto payload = unhex(messages[n].at("payload").get<std::string>());
        const auto message = from.write_message(payload);
        BOOST_TEST_REQUIRE(message.ok());
        BOOST_TEST(to_hex(*message) == messages[n].at("ciphertext").get<std::string>());
        const auto read = to.read_message(*message);
        BOOST_TEST_REQUIRE(read.ok());
        BOOST_TEST((*read == payload));
      }
      const auto keys = i.split();
      const auto transport_text = [&](std::size_t n, const aead_key& key) {
        return to_hex(transport_message(key, 0, unhex(messages[n].at("payload").get<std::string>())));
      };
      BOOST_TEST(transport_text(3, keys.send) == messages[3].at("ciphertext").get<std::string>());
      BOOST_TEST(transport_text(4, keys.receive) == messages[4].at("ciphertext").get<std::string>());
    }
  }
}

BOOST_AUTO_TEST_CASE(payloads_of_256_bytes_pass_and_257_do_not) {
  fixture f;
  const bytes largest(noise_payload_max, 5);
  auto message = f.initiator.write_message(largest);
  BOOST_TEST_REQUIRE(message.ok());
  BOOST_TEST((*f.responder.read_message(*message) == largest));
  message = f.responder.write_message(largest);
  BOOST_TEST((*f.initiator.read_message(*message) == largest));
  message = f.initiator.write_message(largest);
  BOOST_TEST((*f.responder.read_message(*message) == largest));

  fixture g;
  BOOST_TEST((g.responder.read_message(bytes(32 + noise_payload_max + 1, 9)).error() == wire_errc::too_large));
  BOOST_TEST((g.initiator.write_message(bytes(noise_payload_max + 1)).error() == wire_errc::too_large));
}

BOOST_AUTO_TEST_CASE(another_prologue_is_noticed_by_the_initiator) {
  const auto key_i = key_pair::from_private(filled(1));
  const auto key_r = key_pair::from_private(filled(2));
  noise_xx i{role::initiator, key_i, filled(3), as_bytes("a")};
  noise_xx r{role::responder, key_r, filled(4), as_bytes("b")};
  BOOST_TEST(r.read_message(*i.write_message()).ok());
  BOOST_TEST((i.read_message(*r.write_message()).error() == wire_errc::not_authentic));
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_of_messages_2_and_3_is_noticed) {
  fixture probe;
  const auto message1 = *probe.initiator.write_message();
  BOOST_TEST(probe.responder.read_message(message1).ok());
  const auto message2 = *probe.responder.write_message();
  for (std::size_t at = 0; at < message2.size(); ++at) {
    fixture f;
    BOOST_TEST(f.initiator.write_message().ok());
    auto bad = message2;
    bad[at] ^= 1;
    BOOST_TEST_REQUIRE(!f.initiator.read_message(bad).ok(), "byte " << at);
  }
  BOOST_TEST(probe.initiator.read_message(message2).ok());
  const auto message3 = *probe.initiator.write_message();
  for (std::size_t at = 0; at < message3.size(); ++at) {
    fixture f;
    BOOST_TEST(f.responder.read_message(message1).ok());
    BOOST_TEST(f.responder.write_message().ok());
    auto bad = message3;
    bad[at] ^= 0x80;
    BOOST_TEST_REQUIRE(!f.responder.read_message(bad).ok(), "byte " << at);
  }
}

BOOST_AUTO_TEST_CASE(every_truncated_message_is_refused) {
  fixture probe;
  const auto message1 = *probe.initiator.write_message();
  BOOST_TEST(probe.responder.read_message(message1).ok());
  const auto message2 = *probe.responder.write_message();
  for (std::size_t n = 0; n < message1.size(); ++n)
    BOOST_TEST((fixture{}.responder.read_message(bytes_view{message1}.first(n)).error() == wire_errc::truncated));
  for (std::size_t n = 0; n < message2.size(); ++n) {
    fixture f;
    BOOST_TEST(f.initiator.write_message().ok());
    BOOST_TEST((f.initiator.read_message(bytes_view{message2}.first(n)).error() == wire_errc::truncated));
  }
}

BOOST_AUTO_TEST_CASE(low_order_ephemeral_keys_are_refused_at_both_ends) {
  for (const auto& point : low_order_points()) {
    fixture f;
    BOOST_TEST(f.responder.read_message(point).ok()); // Nothing is computed from it yet.
    BOOST_TEST((f.responder.write_message().error() == wire_errc::bad_key));
    fixture g;
    BOOST_TEST(g.initiator.write_message().ok());
    BOOST_TEST((g.initiator.read_message(concat({point, bytes(64, 1)})).error() == wire_errc::bad_key));
  }
}

BOOST_AUTO_TEST_CASE(low_order_static_keys_are_refused_at_both_ends) {
  for (const auto& point : low_order_points()) {
    // A cheater that really encrypts such a key: everything authenticates, the secret would be known to all.
    fixture f;
    f.responder_static.public_key = point;
    BOOST_TEST(f.responder.read_message(*f.initiator.write_message()).ok());
    BOOST_TEST((f.initiator.read_message(*f.responder.write_message()).error() == wire_errc::bad_key));
    fixture g;
    g.initiator_static.public_key = point;
    BOOST_TEST(g.responder.read_message(*g.initiator.write_message()).ok());
    BOOST_TEST(g.initiator.read_message(*g.responder.write_message()).ok());
    BOOST_TEST((g.responder.read_message(*g.initiator.write_message()).error() == wire_errc::bad_key));
  }
}

BOOST_AUTO_TEST_CASE(calls_out_of_turn_are_refused_for_good) {
  fixture f;
  BOOST_TEST((f.responder.write_message().error() == wire_errc::out_of_order));
  BOOST_TEST((f.responder.read_message(bytes(32, 9)).error() == wire_errc::out_of_order));
  BOOST_TEST((f.initiator.read_message(bytes(96, 9)).error() == wire_errc::out_of_order));
  BOOST_TEST(!f.initiator.is_our_turn());
}

BOOST_AUTO_TEST_SUITE_END()
