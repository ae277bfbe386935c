// SPDX-License-Identifier: MIT
#include "protocols/datagram/ack_ranges.hpp"
#include "tests/protocols/support/datagram_pair.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

/// What two of our own nodes agree on in flag bits that upstream ignores; see the README of protocols/datagram.
BOOST_AUTO_TEST_SUITE(datagram_extension)

BOOST_AUTO_TEST_CASE(it_takes_both_ends) {
  for (const auto offer : {false, true})
    for (const auto accept : {false, true}) {
      datagram_pair x{{offer, accept}};
      std::uint8_t flags[2] = {};
      x.watch = [&](bool to_acceptor, const bytes& datagram) { flags[to_acceptor] |= datagram[1]; };
      x.connect();
      x.dialer->uut.write(pattern(50'000), x.now);
      x.run_for(2s);
      BOOST_TEST(x.acceptor->received.size() == 50'000u);
      BOOST_TEST(x.dialer->uut.stats().extended == (offer && accept));
      BOOST_TEST(x.acceptor->uut.stats().extended == (offer && accept));
      BOOST_TEST(int{flags[1]} == (offer ? packet_flag_extension : 0));
      BOOST_TEST(int{flags[0]} == (offer && accept ? packet_flag_extension : 0));
    }
}

BOOST_AUTO_TEST_CASE(a_flag_on_a_later_packet_does_not_turn_an_acceptor) {
  datagram_pair x{{false, true}};
  x.connect();
  packet_view data;
  data.type = packet_type::syn;
  data.flags = packet_flag_extension;
  data.conn_id = datagram_pair::base + 1;
  data.seq = 1;
  x.acceptor->deliver(data, x.now);
  BOOST_TEST(!x.acceptor->uut.stats().extended);
}

BOOST_AUTO_TEST_CASE(windows_grow_with_what_came_in_order) {
  datagram_pair x;
  std::uint16_t first = 0;
  std::uint16_t largest = 0;
  x.watch = [&](bool to_acceptor, const bytes& datagram) {
    auto copy = datagram;
    const auto window = decode_packet(copy)->window;
    if (to_acceptor)
      return;
    first = first == 0 ? window : first;
    largest = std::max(largest, window);
  };
  x.connect();
  for (int i = 0; i < 20; ++i) {
    x.dialer->uut.write(pattern(1'000'000), x.now);
    x.run_for(1s);
  }
  BOOST_TEST(x.acceptor->received.size() > 9'000'000u);
  BOOST_TEST(first == 1024u);
  BOOST_TEST(largest > 6000u);
  BOOST_TEST(largest <= 8192u);
}

BOOST_AUTO_TEST_CASE(a_reader_that_pauses_keeps_eight_mebibytes_at_most) {
  datagram_pair x;
  x.connect();
  std::size_t written = 0;
  for (int i = 0; i < 20; ++i) {
    written += x.dialer->uut.write(pattern(1'000'000), x.now);
    x.run_for(1s);
  }
  const auto read = x.acceptor->received.size();
  x.acceptor->uut.pause_reading();
  for (int i = 0; i < 40; ++i) {
    written += x.dialer->uut.write(pattern(1'000'000), x.now);
    x.run_for(1s);
  }
  BOOST_TEST(x.acceptor->received.size() == read);
  BOOST_TEST(x.acceptor->uut.stats().bytes_received - read <= 8u * 1024 * 1024);
  BOOST_TEST(x.acceptor->uut.stats().bytes_received - read > 7u * 1024 * 1024);
  x.acceptor->uut.resume_reading(x.now);
  x.run_for(30s);
  BOOST_TEST(x.acceptor->received.size() == written);
}

BOOST_AUTO_TEST_CASE(ranges_tell_what_the_word_cannot) {
  datagram_pair x;
  x.latency = 50ms;
  std::size_t lists = 0;
  std::size_t longest = 0;
  int number = 0;
  x.fate = [&](bool to_acceptor, bytes& datagram) -> datagram_pair::arrivals {
    if (to_acceptor && datagram[0] == 0x11 && ++number % 50 == 0)
      return {};
    return {x.now + x.latency};
  };
  x.watch = [&](bool to_acceptor, const bytes& datagram) {
    if (!to_acceptor && datagram[0] == 0x12 && (datagram[1] & packet_flag_ranges) != 0) {
      ++lists;
      longest = std::max(longest, datagram.size());
    }
  };
  x.connect();
  const auto much = pattern(4'000'000);
  std::size_t written = 0;
  for (int i = 0; i < 100 && written < much.size(); ++i) {
    written += x.dialer->uut.write(bytes_view{much}.subspan(written), x.now);
    x.run_for(100ms);
  }
  x.run_for(10s);
  BOOST_TEST(equal(x.acceptor->received, much));
  BOOST_TEST(lists > 0u);
  BOOST_TEST(longest <= 20u + packet_ranges_size_max);
  BOOST_TEST(x.dialer->uut.stats().timeouts == 0u);
}

BOOST_AUTO_TEST_CASE(a_list_of_somebody_who_did_not_agree_is_not_read) {
  for (const auto agreed : {false, true}) {
    datagram_pair x{{agreed, true}};
    x.connect();
    x.dialer->uut.write(pattern(5 * packet_payload_max), x.now);
    BOOST_TEST(x.dialer->drain(x.now).size() >= 2u);
    const auto out = x.dialer->uut.stats().in_flight;
    bytes list(4);
    ack_range_writer writer{list, 1};
    BOOST_TEST_REQUIRE(writer.add({3, 1}));
    packet_view ack;
    ack.type = packet_type::ack;
    ack.flags = packet_flag_ranges;
    ack.conn_id = datagram_pair::base;
    ack.seq = 1;
    ack.ack = 1;
    ack.window = 1024;
    ack.payload = list;
    x.dialer->deliver(ack, x.now);
    BOOST_TEST((x.dialer->uut.stats().in_flight < out) == agreed);
  }
}

BOOST_AUTO_TEST_CASE(lists_that_lie_about_what_was_never_sent_change_nothing) {
  datagram_pair x;
  x.connect();
  x.dialer->uut.write(as_bytes("one"), x.now);
  x.dialer->drain(x.now);
  auto list = unhex("0001ffff ffffffff 00000000 ffff0000 0000ffff");
  for (const std::uint32_t acked : {0u, 1u, 0xffffffffu, 0x80000000u}) {
    packet_view ack;
    ack.type = packet_type::ack;
    ack.flags = packet_flag_ranges | packet_flag_extension;
    ack.conn_id = datagram_pair::base;
    ack.ack = acked;
    ack.payload = list;
    ack.window = 1024;
    x.dialer->deliver(ack, x.now);
  }
  BOOST_TEST(x.dialer->uut.unacknowledged() == 3u);
  x.run_for(3s);
  BOOST_TEST(as_text(x.acceptor->received) == "one");
}

BOOST_AUTO_TEST_SUITE_END()
