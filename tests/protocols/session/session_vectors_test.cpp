// SPDX-License-Identifier: MIT
#include "protocols/session/protocol_id.hpp"
#include "protocols/session/session.hpp"
#include "tests/protocols/support/session_pair.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

bytes block_of(bytes_view body) {
  return concat({encode_block_prefix(static_cast<std::uint32_t>(body.size())), body});
}

std::shared_ptr<session_config> config_with(
  const nlohmann::ordered_json& fields, const char* private_key, security_mode security) {
  auto out = std::make_shared<session_config>();
  out->security = security;
  out->protocol = fields.at("protocol").get<std::string>();
  out->static_key = key_pair::from_private(unhex(fields.at(private_key).get<std::string>()));
  return out;
}

frame_header header_of(bytes_view inner) {
  return {static_cast<message_type>(inner[0]), inner[1], static_cast<channel_id>(inner[2] << 8 | inner[3])};
}

/// Checks that `from` seals the plaintext of a captured frame to the captured block and that `to` opens it.
void replay_frame(session& from, session& to, const vector_case& x) {
  const auto inner = unhex(x.fields.at("plaintext").get<std::string>());
  const auto payload = bytes_view{inner}.subspan(inner_header_size);
  BOOST_TEST(to_hex(seal(from, header_of(inner), payload)) == to_hex(x.raw));
  const auto frames = deliver(to, x.raw);
  BOOST_TEST_REQUIRE(frames.size() == 1u);
  BOOST_TEST((frames[0].header == header_of(inner)));
  BOOST_TEST(equal(frames[0].payload, payload));
}

} // namespace

BOOST_AUTO_TEST_SUITE(session_vectors)

BOOST_AUTO_TEST_CASE(protocol_ids_are_those_of_upstream) {
  for (const auto& x : load_vectors("prologue.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      const auto id = protocol_id(x.fields.at("protocol").get<std::string>());
      BOOST_TEST(to_hex(id) == to_hex(x.raw));
      BOOST_TEST(id.size() == x.fields.at("length").get<std::size_t>());
    }
  }
}

BOOST_AUTO_TEST_CASE(noise_streams_of_upstream_are_reproduced_by_both_roles) {
  const auto cases = load_vectors("noise-xx.json");
  for (const std::string protocol : {"librats/1.0", "myapp/1.0"}) {
    const auto named = [&](const std::string& rest) -> const vector_case& { return find_case(cases, protocol + rest); };
    const auto& fields = named(" message 1 (initiator -> responder)").fields;
    const auto key = [&fields](const char* name) { return unhex32(fields.at(name).get<std::string>()); };
    session i{config_with(fields, "initiator_static_private", security_mode::noise), role::initiator,
      key("initiator_ephemeral_private")};
    session r{config_with(fields, "responder_static_private", security_mode::noise), role::responder,
      key("responder_ephemeral_private")};

    const auto message1 = i.poll_transmit();
    BOOST_TEST(to_hex(message1) == to_hex(named(" message 1 as it appears on the stream (outer block)").raw));
    BOOST_TEST(deliver(r, message1).empty());
    const auto message2 = r.poll_transmit();
    BOOST_TEST(to_hex(message2) == to_hex(named(" message 2 as it appears on the stream (outer block)").raw));
    BOOST_TEST(deliver(i, message2).empty());
    BOOST_TEST((i.state() == session_state::established));
    const auto message3 = i.poll_transmit();
    BOOST_TEST(to_hex(message3) == to_hex(named(" message 3 as it appears on the stream (outer block)").raw));
    BOOST_TEST(deliver(r, message3).empty());
    BOOST_TEST((r.state() == session_state::established));

    BOOST_TEST(i.remote_id().to_string() == fields.at("responder_peer_id").get<std::string>());
    BOOST_TEST(r.remote_id().to_string() == fields.at("initiator_peer_id").get<std::string>());
    BOOST_TEST(to_hex(i.remote_static_key()) == fields.at("responder_static_public").get<std::string>());
    BOOST_TEST(to_hex(i.handshake_hash()) == to_hex(named(" final handshake hash").raw));
    BOOST_TEST(to_hex(r.handshake_hash()) == to_hex(named(" final handshake hash").raw));

    replay_frame(i, r, named(" first initiator->responder frame (App 'chat' 'hello'), as outer block"));
    replay_frame(r, i, named(" first responder->initiator frame (App 'chat' 'world'), as outer block"));
    replay_frame(i, r, named(" second initiator->responder frame (Ping), as outer block"));
  }
}

BOOST_AUTO_TEST_CASE(frames_and_limits_are_those_of_upstream) {
  bytes inner;
  for (const auto& x : load_vectors("frames.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      session_pair link{security_mode::plaintext};
      link.run_handshake();
      if (x.fields.contains("type")) {
        inner = x.raw;
        continue;
      }
      if (x.fields.contains("status")) {
        BOOST_TEST(deliver(link.responder, x.raw).empty());
        const bool refused = link.responder.state() == session_state::failed;
        BOOST_TEST(refused == (x.fields.at("status") == "error"));
        continue;
      }
      const auto frames = deliver(link.responder, x.raw);
      if (x.fields.at("body_length") == 0) {
        BOOST_TEST((link.responder.error() == wire_errc::truncated)); // Legal as a block, never as a message.
        continue;
      }
      BOOST_TEST_REQUIRE(frames.size() == 1u);
      BOOST_TEST((frames[0].header == header_of(inner)));
      BOOST_TEST(equal(frames[0].payload, bytes_view{inner}.subspan(inner_header_size)));
      BOOST_TEST(to_hex(seal(link.initiator, frames[0].header, frames[0].payload)) == to_hex(x.raw));
    }
  }
}

BOOST_AUTO_TEST_CASE(plaintext_greetings_are_accepted_and_refused_as_by_upstream) {
  for (const auto& x : load_vectors("plaintext-handshake.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      if (x.fields.contains("peer_id")) {
        const auto id = peer_id::parse(x.fields.at("peer_id").get<std::string>());
        BOOST_TEST_REQUIRE(id.has_value());
        BOOST_TEST(to_hex(encode_hello(x.fields.at("protocol").get<std::string>(), *id)) == to_hex(x.raw));
        const auto claimed = decode_hello(x.fields.at("protocol").get<std::string>(), x.raw);
        BOOST_TEST_REQUIRE(claimed.ok());
        BOOST_TEST((*claimed == *id));
      } else if (x.fields.contains("accepted")) {
        session uut{make_config(0x11, security_mode::plaintext), role::responder, {}};
        BOOST_TEST(deliver(uut, block_of(x.raw)).empty());
        const bool accepted = x.fields.at("accepted").get<bool>();
        BOOST_TEST((uut.state() == session_state::established) == accepted);
        BOOST_TEST(uut.poll_transmit().empty() == !accepted);
      } else { // "same, as outer block": of both protocols one is ours.
        session uut{make_config(0x11, security_mode::plaintext), role::responder, {}};
        BOOST_TEST(deliver(uut, x.raw).empty());
        const bool ours = to_hex(x.raw).find(to_hex(as_bytes("librats/1.0"))) != std::string::npos;
        BOOST_TEST((uut.state() == session_state::established) == ours);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_live_session_replays_in_both_roles) {
  const auto cases = load_vectors("live-plaintext-session.json");
  for (auto our_role : {role::initiator, role::responder}) {
    const std::string ours = our_role == role::initiator ? "client" : "upstream";
    // Our id in this mode is only claimed, so any key will do; what we say about ourselves is not compared.
    auto config = make_config(0x11, security_mode::plaintext);
    session uut{config, our_role, {}};
    std::size_t greetings = 0;
    for (const auto& x : cases) {
      BOOST_TEST_CONTEXT(x.name) {
        const bool from_us = x.name.rfind(ours, 0) == 0;
        if (x.fields.contains("peer_id")) {
          ++greetings;
          if (from_us) {
            const auto sent = uut.poll_transmit();
            BOOST_TEST_REQUIRE(sent.size() == x.raw.size());
            const auto up_to_the_id = x.raw.size() - peer_id::size;
            BOOST_TEST(equal(bytes_view{sent}.first(up_to_the_id), bytes_view{x.raw}.first(up_to_the_id)));
          } else {
            BOOST_TEST(deliver(uut, x.raw).empty());
            BOOST_TEST((uut.state() == session_state::established));
            BOOST_TEST(uut.remote_id().to_string() == x.fields.at("peer_id").get<std::string>());
          }
          continue;
        }
        BOOST_TEST(greetings == 2u);
        const bytes_view inner = bytes_view{x.raw}.subspan(block_prefix_size);
        BOOST_TEST(static_cast<int>(inner[0]) == x.fields.at("type").get<int>());
        if (from_us) {
          const auto block = seal(uut, header_of(inner), inner.subspan(inner_header_size));
          BOOST_TEST(to_hex(block) == to_hex(x.raw));
        } else {
          const auto frames = deliver(uut, x.raw);
          BOOST_TEST_REQUIRE(frames.size() == 1u);
          BOOST_TEST((frames[0].header == header_of(inner)));
          BOOST_TEST(equal(frames[0].payload, inner.subspan(inner_header_size)));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_id_of_the_live_node_is_that_of_its_key) {
  const auto cases = load_vectors("live-plaintext-session.json");
  session uut{make_config(0x11, security_mode::plaintext), role::responder, {}};
  BOOST_TEST(deliver(uut, cases[0].raw).empty());
  BOOST_TEST(to_hex(uut.poll_transmit()) == to_hex(cases[1].raw)); // It ran with the same private key 11..11.
}

BOOST_AUTO_TEST_SUITE_END()
