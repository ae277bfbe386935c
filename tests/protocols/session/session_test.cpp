// SPDX-License-Identifier: MIT
#include "protocols/session/session.hpp"

#include "tests/protocols/support/session_pair.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

constexpr security_mode both_modes[] = {security_mode::noise, security_mode::plaintext};
constexpr frame_header app{message_type::app, 0, 0x5be0};

bytes numbered(std::size_t size) {
  bytes out(size);
  for (std::size_t i = 0; i < size; ++i)
    out[i] = static_cast<std::uint8_t>(i * 7);
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(session_behavior)

BOOST_AUTO_TEST_CASE(both_ends_prove_who_they_are) {
  session_pair link;
  BOOST_TEST(link.initiator.remote_id().is_zero());
  BOOST_TEST(link.initiator.handshake_hash().empty());
  link.run_handshake();
  BOOST_TEST_REQUIRE(link.established());
  BOOST_TEST((link.initiator.remote_id() == key_pair::from_private(filled(0x22)).id()));
  BOOST_TEST((link.responder.remote_id() == key_pair::from_private(filled(0x11)).id()));
  BOOST_TEST(equal(link.initiator.remote_static_key(), key_pair::from_private(filled(0x22)).public_key));
  BOOST_TEST(link.initiator.handshake_hash().size() == 32u);
  BOOST_TEST(equal(link.initiator.handshake_hash(), link.responder.handshake_hash()));
  BOOST_TEST((link.initiator.role() == role::initiator));
  BOOST_TEST((link.responder.role() == role::responder));
}

BOOST_AUTO_TEST_CASE(in_plaintext_mode_there_is_neither_key_nor_hash) {
  session_pair link{security_mode::plaintext};
  link.run_handshake();
  BOOST_TEST_REQUIRE(link.established());
  BOOST_TEST((link.initiator.security() == security_mode::plaintext));
  BOOST_TEST((link.initiator.remote_id() == key_pair::from_private(filled(0x22)).id()));
  BOOST_TEST(link.initiator.remote_static_key().empty());
  BOOST_TEST(link.initiator.handshake_hash().empty());
}

BOOST_DATA_TEST_CASE(frames_of_all_sizes_arrive_both_ways, boost::unit_test::data::make({0, 1}), mode) {
  session_pair link{both_modes[mode]};
  link.run_handshake();
  for (std::size_t size : {0u, 1u, 60u, 64u, 256u, 952u, 957u, 1024u, 16384u, 70000u, 1u << 20, 3u << 20}) {
    const auto payload = numbered(size);
    for (auto [from, to] : {std::pair{&link.initiator, &link.responder}, std::pair{&link.responder, &link.initiator}}) {
      const auto block = seal(*from, app, payload);
      BOOST_TEST(block.size() == from->sealed_size(size));
      const auto frames = deliver(*to, block);
      BOOST_TEST_REQUIRE(frames.size() == 1u);
      BOOST_TEST((frames[0].header == app));
      BOOST_TEST((frames[0].payload == payload));
    }
  }
}

BOOST_DATA_TEST_CASE(any_fragmentation_gives_the_same_frames, boost::unit_test::data::make({0, 1}), mode) {
  for (std::size_t piece = 1; piece < 200; piece = piece < 40 ? piece + 1 : piece * 2) {
    session_pair link{both_modes[mode]};
    link.run_handshake(piece);
    BOOST_TEST_REQUIRE(link.established());
    bytes stream;
    for (std::size_t size : {0u, 3u, 300u, 1u, 1500u, 0u}) {
      const auto block = seal(link.initiator, app, numbered(size));
      stream.insert(stream.end(), block.begin(), block.end());
    }
    const auto frames = deliver(link.responder, stream, piece);
    BOOST_TEST_REQUIRE(frames.size() == 6u);
    BOOST_TEST((frames[2].payload == numbered(300)));
    BOOST_TEST((frames[4].payload == numbered(1500)));
    BOOST_TEST(link.responder.buffered() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(random_fragmentation_gives_the_same_frames) {
  std::mt19937_64 random{5};
  session_pair link;
  link.run_handshake();
  for (int round = 0; round < 50; ++round) {
    bytes stream;
    std::vector<std::size_t> sizes(random() % 20);
    for (auto& size : sizes) {
      size = random() % 3000;
      const auto block = seal(link.responder, app, numbered(size));
      stream.insert(stream.end(), block.begin(), block.end());
    }
    std::vector<owned_frame> frames;
    for (bytes_view rest = stream; !rest.empty();) {
      const auto count = std::min<std::size_t>(1 + random() % 2000, rest.size());
      for (auto& frame : deliver(link.initiator, to_bytes(rest.first(count))))
        frames.push_back(std::move(frame));
      rest = rest.subspan(count);
    }
    BOOST_TEST_REQUIRE(frames.size() == sizes.size());
    for (std::size_t i = 0; i < sizes.size(); ++i)
      BOOST_TEST((frames[i].payload == numbered(sizes[i])));
  }
}

BOOST_AUTO_TEST_CASE(frames_behind_message_3_in_the_same_bytes_are_delivered) {
  session_pair link;
  deliver(link.responder, link.initiator.poll_transmit());
  deliver(link.initiator, link.responder.poll_transmit());
  auto stream = link.initiator.poll_transmit();
  const auto block = seal(link.initiator, app, as_bytes("hello"));
  stream.insert(stream.end(), block.begin(), block.end());
  const auto frames = deliver(link.responder, stream);
  BOOST_TEST_REQUIRE(frames.size() == 1u);
  BOOST_TEST(as_text(frames[0].payload) == "hello");
  BOOST_TEST((link.responder.state() == session_state::established));
}

BOOST_AUTO_TEST_CASE(nothing_is_sealed_before_the_handshake_blocks_are_written) {
  session_pair link;
  bytes room(1000);
  const auto refused = [&room](session& x) {
    const auto size = x.seal(app, as_bytes("hi"), room);
    return !size.ok() && size.error() == wire_errc::out_of_order;
  };
  BOOST_TEST(refused(link.initiator));
  BOOST_TEST(refused(link.responder));
  deliver(link.responder, link.initiator.poll_transmit());
  deliver(link.initiator, link.responder.poll_transmit());
  BOOST_TEST((link.initiator.state() == session_state::established));
  BOOST_TEST(refused(link.initiator)); // Message 3 still waits to be written.
  deliver(link.responder, link.initiator.poll_transmit());
  BOOST_TEST(!refused(link.initiator));
  BOOST_TEST(!refused(link.responder));
  BOOST_TEST(link.initiator.poll_transmit().empty());
}

BOOST_DATA_TEST_CASE(payloads_above_the_block_limit_are_refused, boost::unit_test::data::make({0, 1}), mode) {
  session_pair link{both_modes[mode]};
  link.run_handshake();
  auto& uut = link.initiator;
  BOOST_TEST(uut.sealed_size(uut.payload_max()) == block_prefix_size + block_body_max);
  // A view that long need not exist: it is refused before it is read. The room is too small in the second call.
  bytes payload(uut.payload_max() + 1);
  bytes room(uut.sealed_size(payload.size()));
  BOOST_TEST((uut.seal(app, payload, room).error() == wire_errc::too_large));
  payload.pop_back();
  BOOST_TEST((uut.seal(app, payload, mutable_bytes_view{room}.first(room.size() - 2)).error() == wire_errc::too_large));
  const auto size = uut.seal(app, payload, mutable_bytes_view{room}.first(room.size() - 1));
  BOOST_TEST_REQUIRE(size.ok());
  room.resize(*size);
  link.responder.handle_bytes(room);
  const auto frame = link.responder.poll_frame();
  BOOST_TEST_REQUIRE(frame.has_value());
  BOOST_TEST(frame->payload.size() == uut.payload_max());
}

BOOST_AUTO_TEST_CASE(a_refused_seal_uses_up_no_counter) {
  session_pair link;
  link.run_handshake();
  bytes room(10);
  BOOST_TEST(!link.initiator.seal(app, as_bytes("hello"), room).ok());
  BOOST_TEST(deliver(link.responder, seal(link.initiator, app, as_bytes("hello"))).size() == 1u);
}

BOOST_AUTO_TEST_CASE(frames_of_unknown_type_are_delivered_with_their_type) {
  session_pair link;
  link.run_handshake();
  const frame_header odd{static_cast<message_type>(200), 7, 0xBEEF};
  const auto frames = deliver(link.responder, seal(link.initiator, odd, as_bytes("x")));
  BOOST_TEST_REQUIRE(frames.size() == 1u);
  BOOST_TEST((frames[0].header == odd));
}

BOOST_AUTO_TEST_CASE(handshake_payloads_of_others_are_tolerated) {
  const auto config = make_config(0x22, security_mode::noise);
  session uut{config, role::responder, filled(0x44)};
  const auto message1 = concat({key_pair::from_private(filled(0x33)).public_key, bytes(256, 1)});
  deliver(uut, concat({encode_block_prefix(static_cast<std::uint32_t>(message1.size())), message1}));
  BOOST_TEST((uut.state() == session_state::handshaking));
  BOOST_TEST(uut.poll_transmit().size() == 4u + 96u);
}

BOOST_AUTO_TEST_CASE(a_session_is_small) {
  BOOST_TEST(sizeof(session) <= 256u); // README.md and the figures per peer say so.
}

BOOST_AUTO_TEST_SUITE_END()
