// SPDX-License-Identifier: MIT
#include "protocols/session/session.hpp"
#include "tests/protocols/support/allocations.hpp"
#include "tests/protocols/support/session_pair.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

constexpr frame_header app{message_type::app, 0, 1};

/// Feeds bytes without any allocation of the test itself.
std::size_t feed(session& to, mutable_bytes_view in) {
  std::size_t frames = 0;
  to.handle_bytes(in);
  while (to.poll_frame())
    ++frames;
  return frames;
}

} // namespace

BOOST_AUTO_TEST_SUITE(session_memory)

BOOST_AUTO_TEST_CASE(an_established_idle_session_holds_no_heap) {
  const auto dialer = make_config(0x11, security_mode::noise);
  const auto acceptor = make_config(0x22, security_mode::noise);
  session_pair{dialer, acceptor}.run_handshake(); // So that everything that is made once exists.
  const auto before = allocated_bytes();
  session_pair link{dialer, acceptor};
  link.run_handshake();
  BOOST_TEST(link.established());
  BOOST_TEST(allocated_bytes() == before);
  deliver(link.responder, seal(link.initiator, app, bytes(100000, 1)), 1000);
  BOOST_TEST(allocated_bytes() == before);
}

BOOST_AUTO_TEST_CASE(a_stranger_who_announces_64_mib_gets_nothing) {
  auto prefix = to_bytes(encode_block_prefix(block_body_max));
  session uut{make_config(0x22, security_mode::noise), role::responder, filled(0x44)};
  const auto before = allocated_bytes();
  reset_peak();
  feed(uut, prefix);
  BOOST_TEST(peak_bytes() == before);
  BOOST_TEST((uut.state() == session_state::failed));
}

BOOST_AUTO_TEST_CASE(a_stranger_who_sends_byte_by_byte_costs_what_he_sent) {
  auto stream = concat({encode_block_prefix(288), bytes(287, 1)});
  session uut{make_config(0x22, security_mode::noise), role::responder, filled(0x44)};
  const auto before = allocated_bytes();
  reset_peak();
  for (auto& byte : stream)
    feed(uut, mutable_bytes_view{&byte, 1});
  BOOST_TEST((uut.state() == session_state::handshaking));
  BOOST_TEST(peak_bytes() - before < 1024u);
}

BOOST_AUTO_TEST_CASE(a_peer_who_announces_64_mib_and_stalls_costs_1_mib_at_most) {
  session_pair link;
  link.run_handshake();
  auto prefix = to_bytes(encode_block_prefix(block_body_max));
  const auto before = allocated_bytes();
  reset_peak();
  feed(link.responder, prefix);
  BOOST_TEST((link.responder.state() == session_state::established));
  BOOST_TEST(peak_bytes() - before <= (1u << 20));
  BOOST_TEST(link.responder.buffered() == 4u);
}

BOOST_AUTO_TEST_CASE(a_large_block_costs_at_most_three_times_what_arrived) {
  session_pair link;
  link.run_handshake();
  constexpr std::size_t payload_size = 20u << 20;
  auto block = seal(link.initiator, app, bytes(payload_size, 1));
  const auto before = allocated_bytes();
  std::size_t frames = 0;
  constexpr std::size_t piece = 256 * 1024;
  for (std::size_t at = 0; at < block.size(); at += piece) {
    const auto count = std::min(piece, block.size() - at);
    reset_peak();
    frames += feed(link.responder, mutable_bytes_view{block}.subspan(at, count));
    // While it grows, the old and the new buffer exist side by side.
    BOOST_TEST_REQUIRE(peak_bytes() - before <= std::max<std::size_t>(3 * (at + count), 1u << 20));
  }
  BOOST_TEST(frames == 1u);
  BOOST_TEST(allocated_bytes() == before);
}

BOOST_AUTO_TEST_CASE(frames_that_arrive_whole_are_opened_without_any_allocation) {
  session_pair link;
  link.run_handshake();
  bytes stream;
  for (int i = 0; i < 100; ++i) {
    const auto block = seal(link.initiator, app, bytes(static_cast<std::size_t>(i) * 100, 1));
    stream.insert(stream.end(), block.begin(), block.end());
  }
  const auto before = allocated_bytes();
  reset_peak();
  BOOST_TEST(feed(link.responder, stream) == 100u);
  BOOST_TEST(peak_bytes() == before);
}

BOOST_AUTO_TEST_SUITE_END()
