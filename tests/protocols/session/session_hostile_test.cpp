// SPDX-License-Identifier: MIT
#include "protocols/session/session.hpp"

#include "tests/protocols/support/low_order_points.hpp"
#include "tests/protocols/support/session_pair.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

constexpr frame_header app{message_type::app, 0, 1};

bytes block_of(bytes_view body) {
  return concat({encode_block_prefix(static_cast<std::uint32_t>(body.size())), body});
}

bool failed_with(const session& x, wire_errc why) {
  return x.state() == session_state::failed && x.error() == why;
}

session stranger_facing(role r, security_mode security = security_mode::noise) {
  return session{make_config(0x22, security), r, filled(0x44)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(session_hostile)

BOOST_AUTO_TEST_CASE(random_bytes_end_the_handshake_or_wait_for_more) {
  std::mt19937_64 random{3};
  for (int i = 0; i < 300; ++i) {
    for (auto security : {security_mode::noise, security_mode::plaintext}) {
      auto uut = stranger_facing(i % 2 ? role::initiator : role::responder, security);
      bytes noise(random() % 600);
      for (auto& byte : noise)
        byte = static_cast<std::uint8_t>(random());
      if (i % 3 && noise.size() >= 4) // Often with a plausible prefix.
        noise[0] = noise[1] = noise[2] = 0;
      BOOST_TEST(deliver(uut, noise, 1 + random() % 100).empty());
      BOOST_TEST((uut.state() != session_state::established));
    }
  }
}

BOOST_AUTO_TEST_CASE(random_blocks_end_an_established_link) {
  std::mt19937_64 random{4};
  for (int i = 0; i < 200; ++i) {
    session_pair link;
    link.run_handshake();
    bytes body(random() % 300);
    for (auto& byte : body)
      byte = static_cast<std::uint8_t>(random());
    BOOST_TEST(deliver(link.responder, block_of(body)).empty());
    BOOST_TEST(
      failed_with(link.responder, body.size() < aead_tag_size ? wire_errc::truncated : wire_errc::not_authentic));
  }
}

BOOST_AUTO_TEST_CASE(a_handshake_body_is_refused_from_its_prefix_alone) {
  struct {
    role r;
    security_mode security;
    std::uint32_t largest;
  } const cases[] = {
    {role::responder, security_mode::noise, 32 + 256},
    {role::initiator, security_mode::noise, 96 + 256},
    {role::responder, security_mode::plaintext, 2 + 25 + 32 + 1024},
    {role::initiator, security_mode::plaintext, 2 + 25 + 32 + 1024},
  };
  for (const auto& x : cases) {
    auto accepted = stranger_facing(x.r, x.security);
    deliver(accepted, to_bytes(encode_block_prefix(x.largest)));
    BOOST_TEST((accepted.state() == session_state::handshaking));
    for (auto size : {x.largest + 1, 65535u, 65536u, 0x04000000u, 0x04000001u, 0xFFFFFFFFu}) {
      auto refused = stranger_facing(x.r, x.security);
      deliver(refused, to_bytes(encode_block_prefix(size)), 1);
      BOOST_TEST(failed_with(refused, wire_errc::too_large));
      BOOST_TEST(refused.buffered() <= block_prefix_size);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_empty_handshake_block_ends_the_link) {
  for (auto security : {security_mode::noise, security_mode::plaintext})
    for (auto r : {role::initiator, role::responder}) {
      auto uut = stranger_facing(r, security);
      uut.poll_transmit();
      deliver(uut, bytes(4, 0));
      BOOST_TEST(failed_with(uut, wire_errc::truncated));
      BOOST_TEST(uut.poll_transmit().empty());
    }
}

BOOST_AUTO_TEST_CASE(a_block_above_64_mib_ends_an_established_link_from_its_prefix_alone) {
  session_pair link;
  link.run_handshake();
  deliver(link.responder, unhex("04000001"));
  BOOST_TEST(failed_with(link.responder, wire_errc::too_large));
}

BOOST_AUTO_TEST_CASE(bodies_shorter_than_a_tag_or_a_header_end_the_link) {
  for (std::size_t size = 0; size < aead_tag_size; ++size) {
    session_pair link;
    link.run_handshake();
    deliver(link.responder, block_of(bytes(size, 1)));
    BOOST_TEST(failed_with(link.responder, wire_errc::truncated));
  }
  for (std::size_t size = 0; size < inner_header_size; ++size) {
    session_pair link{security_mode::plaintext};
    link.run_handshake();
    deliver(link.responder, block_of(bytes(size, 1)));
    BOOST_TEST(failed_with(link.responder, wire_errc::truncated));
  }
}

BOOST_AUTO_TEST_CASE(one_flipped_bit_anywhere_in_a_body_ends_the_link) {
  for (std::size_t size : {0u, 5u, 300u, 1500u}) {
    session_pair probe;
    probe.run_handshake();
    const auto good = seal(probe.initiator, app, bytes(size, 9));
    for (std::size_t at = block_prefix_size; at<good.size(); at += size> 100 ? 13 : 1) {
      session_pair link;
      link.run_handshake();
      auto bad = good;
      bad[at] ^= 0x10;
      BOOST_TEST_REQUIRE(deliver(link.responder, bad).empty(), "byte " << at);
      BOOST_TEST_REQUIRE(failed_with(link.responder, wire_errc::not_authentic), "byte " << at);
    }
  }
}

BOOST_AUTO_TEST_CASE(frames_before_a_forged_one_are_delivered_and_none_after) {
  session_pair link;
  link.run_handshake();
  auto stream = seal(link.initiator, app, as_bytes("one"));
  auto forged = seal(link.initiator, app, as_bytes("two"));
  forged.back() ^= 1;
  const auto after = seal(link.initiator, app, as_bytes("three"));
  stream = concat({stream, forged, after});
  const auto frames = deliver(link.responder, stream);
  BOOST_TEST_REQUIRE(frames.size() == 1u);
  BOOST_TEST(as_text(frames[0].payload) == "one");
  BOOST_TEST(failed_with(link.responder, wire_errc::not_authentic));
  BOOST_TEST(deliver(link.responder, after).empty());
  bytes room(100);
  BOOST_TEST((link.responder.seal(app, {}, room).error() == wire_errc::out_of_order));
}

BOOST_AUTO_TEST_CASE(replayed_reordered_and_reflected_blocks_end_the_link) {
  {
    session_pair link;
    link.run_handshake();
    const auto block = seal(link.initiator, app, as_bytes("once"));
    BOOST_TEST(deliver(link.responder, block).size() == 1u);
    BOOST_TEST(deliver(link.responder, block).empty());
    BOOST_TEST(failed_with(link.responder, wire_errc::not_authentic));
  }
  {
    session_pair link;
    link.run_handshake();
    seal(link.initiator, app, as_bytes("first"));
    BOOST_TEST(deliver(link.responder, seal(link.initiator, app, as_bytes("second"))).empty());
    BOOST_TEST(failed_with(link.responder, wire_errc::not_authentic));
  }
  {
    session_pair link;
    link.run_handshake();
    BOOST_TEST(deliver(link.initiator, seal(link.initiator, app, as_bytes("mirror"))).empty());
    BOOST_TEST(failed_with(link.initiator, wire_errc::not_authentic));
  }
}

BOOST_AUTO_TEST_CASE(another_protocol_string_ends_the_handshake_where_upstream_notices_it) {
  session_pair noise{make_config(1, security_mode::noise, "a"), make_config(2, security_mode::noise, "b")};
  noise.run_handshake();
  BOOST_TEST(failed_with(noise.initiator, wire_errc::not_authentic));
  BOOST_TEST((noise.responder.state() == session_state::handshaking)); // It waits for its deadline or the close.
  session_pair plain{make_config(1, security_mode::plaintext, "a"), make_config(2, security_mode::plaintext, "b")};
  plain.run_handshake();
  BOOST_TEST(failed_with(plain.responder, wire_errc::protocol_mismatch));
}

BOOST_AUTO_TEST_CASE(plaintext_and_noise_never_meet) {
  session_pair to_noise{make_config(1, security_mode::plaintext), make_config(2, security_mode::noise)};
  to_noise.run_handshake();
  BOOST_TEST((to_noise.initiator.state() == session_state::failed));
  BOOST_TEST((to_noise.responder.state() != session_state::established));
  session_pair to_plaintext{make_config(1, security_mode::noise), make_config(2, security_mode::plaintext)};
  to_plaintext.run_handshake();
  BOOST_TEST((to_plaintext.responder.state() == session_state::failed));
  BOOST_TEST((to_plaintext.initiator.state() != session_state::established));
}

BOOST_AUTO_TEST_CASE(low_order_keys_end_the_handshake) {
  for (const auto& point : low_order_points()) {
    auto responder = stranger_facing(role::responder);
    deliver(responder, block_of(point));
    BOOST_TEST(failed_with(responder, wire_errc::bad_key));
    BOOST_TEST(responder.poll_transmit().empty());
    auto initiator = stranger_facing(role::initiator);
    deliver(initiator, block_of(concat({point, bytes(64, 1)})));
    BOOST_TEST(failed_with(initiator, wire_errc::bad_key));
  }
}

BOOST_AUTO_TEST_CASE(tampered_handshakes_never_establish) {
  session_pair probe;
  const auto message1 = probe.initiator.poll_transmit();
  deliver(probe.responder, message1);
  const auto message2 = probe.responder.poll_transmit();
  deliver(probe.initiator, message2);
  const auto message3 = probe.initiator.poll_transmit();
  for (std::size_t at = block_prefix_size; at < message1.size(); ++at) {
    session_pair link; // Message 1 has no tag: it shows when the initiator reads message 2.
    auto bad = link.initiator.poll_transmit();
    bad[at] ^= 4;
    deliver(link.responder, bad);
    deliver(link.initiator, link.responder.poll_transmit());
    BOOST_TEST_REQUIRE((link.initiator.state() != session_state::established), "message 1, byte " << at);
  }
  for (std::size_t at = block_prefix_size; at < message2.size(); ++at) {
    session_pair link;
    link.initiator.poll_transmit();
    auto bad = message2;
    bad[at] ^= 4;
    deliver(link.initiator, bad);
    BOOST_TEST_REQUIRE((link.initiator.state() == session_state::failed), "message 2, byte " << at);
  }
  for (std::size_t at = block_prefix_size; at < message3.size(); ++at) {
    session_pair link;
    deliver(link.responder, message1);
    link.responder.poll_transmit();
    auto bad = message3;
    bad[at] ^= 4;
    deliver(link.responder, bad);
    BOOST_TEST_REQUIRE((link.responder.state() == session_state::failed), "message 3, byte " << at);
  }
}

BOOST_AUTO_TEST_CASE(a_caller_that_does_not_drain_is_told) {
  session_pair link;
  link.run_handshake();
  auto stream = concat({seal(link.initiator, app, as_bytes("1")), seal(link.initiator, app, as_bytes("2"))});
  link.responder.handle_bytes(stream);
  BOOST_TEST(link.responder.poll_frame().has_value());
  link.responder.handle_bytes(stream);
  BOOST_TEST(failed_with(link.responder, wire_errc::out_of_order));
}

BOOST_AUTO_TEST_CASE(a_protocol_string_that_cannot_travel_fails_at_once) {
  for (auto security : {security_mode::noise, security_mode::plaintext}) {
    session uut{make_config(1, security, std::string(65522, 'x')), role::initiator, filled(1)};
    BOOST_TEST(failed_with(uut, wire_errc::too_large));
    BOOST_TEST(uut.poll_transmit().empty());
    BOOST_TEST(deliver(uut, bytes(100, 1)).empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
