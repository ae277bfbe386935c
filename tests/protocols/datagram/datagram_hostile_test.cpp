// SPDX-License-Identifier: MIT
#include "protocols/core/small_random.hpp"
#include "protocols/datagram/datagram_stream.hpp"
#include "tests/protocols/support/allocations.hpp"
#include "tests/protocols/support/datagram_pair.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

/// What somebody sends who knows the ids and the address, or who is the peer and lies.
namespace {

struct fixture {
  void connect(bool offer = false) {
    pair.emplace(datagram_pair::config{offer, true});
    pair->connect();
    BOOST_TEST_REQUIRE(acceptor().uut.open());
  }
  datagram_end& dialer() { return *pair->dialer; }
  datagram_end& acceptor() { return *pair->acceptor; }

  /// A packet as the acceptor would send it to the dialer.
  static packet_view forged(packet_type type, std::uint32_t seq, std::uint32_t ack, std::uint16_t window = 1024) {
    packet_view out;
    out.type = type;
    out.conn_id = datagram_pair::base;
    out.seq = seq;
    out.ack = ack;
    out.window = window;
    return out;
  }
  packet_view forged_data(std::uint32_t seq, std::uint32_t ack, std::size_t size) {
    payload = pattern(size, seq);
    auto out = forged(packet_type::data, seq, ack);
    out.payload = payload;
    return out;
  }
  std::vector<bytes> drain(datagram_end& x) { return x.drain(pair->now); }

  std::optional<datagram_pair> pair;
  bytes payload;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(datagram_hostile, fixture)

// -- acknowledgements -------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_ack_of_what_was_never_sent_is_ignored_with_its_window_and_its_content_is_not) {
  connect();
  dialer().uut.write(as_bytes("one"), pair->now);
  BOOST_TEST(drain(dialer()).size() == 1u); // Number 2.
  for (const std::uint32_t ack : {3u, 4u, 1000u, 0x7fffffffu}) {
    auto x = forged_data(1, ack, 3);
    x.window = 0;
    x.sack = 0xffffffff;
    dialer().deliver(x, pair->now);
  }
  BOOST_TEST(dialer().uut.unacknowledged() == 3u);
  BOOST_TEST(dialer().received.size() == 3u);
  dialer().uut.write(as_bytes("two"), pair->now);
  const auto out = drain(dialer());
  BOOST_TEST_REQUIRE(out.size() == 1u); // The window of the liar would have stopped it.
  BOOST_TEST(int{out[0][0]} == 0x11);
}

BOOST_AUTO_TEST_CASE(an_ack_before_the_syn_left_opens_nothing) {
  datagram_pair x;
  x.dialer->deliver(forged(packet_type::ack, 1, 1), x.now);
  BOOST_TEST(!x.dialer->uut.open());
  x.dialer->drain(x.now);
  x.dialer->deliver(forged(packet_type::ack, 1, 2), x.now);
  x.dialer->deliver(forged(packet_type::ack, 1, 0), x.now);
  BOOST_TEST(!x.dialer->uut.open());
  x.dialer->deliver(forged(packet_type::ack, 1, 1), x.now);
  BOOST_TEST(x.dialer->uut.open());
}

BOOST_AUTO_TEST_CASE(sack_bits_of_what_was_never_sent_are_ignored) {
  connect();
  dialer().uut.write(as_bytes("one"), pair->now);
  drain(dialer());
  auto x = forged(packet_type::ack, 1, 1);
  x.sack = 0xffffffff;
  dialer().deliver(x, pair->now);
  BOOST_TEST(dialer().uut.unacknowledged() == 3u);
  BOOST_TEST(dialer().uut.stats().in_flight == 3u);
  pair->run_for(2s);
  BOOST_TEST(as_text(acceptor().received) == "one"); // Repaired by the timer as if nothing had been said.
}

BOOST_AUTO_TEST_CASE(an_old_packet_does_not_set_the_window) {
  connect();
  dialer().uut.write(as_bytes("one"), pair->now);
  pair->run_for(100ms);
  dialer().deliver(forged(packet_type::ack, 1, 1, 0), pair->now); // Number 2 was acknowledged since.
  dialer().uut.write(as_bytes("two"), pair->now);
  BOOST_TEST(drain(dialer()).size() == 1u);
  dialer().deliver(forged(packet_type::ack, 1, 2, 0), pair->now); // As new as the newest: taken.
  dialer().uut.write(as_bytes("three"), pair->now);
  BOOST_TEST(drain(dialer()).empty());
}

BOOST_AUTO_TEST_CASE(a_window_of_65535_packets_is_not_believed) {
  connect();
  pair->fate = [](bool, bytes&) { return datagram_pair::arrivals{}; };
  dialer().deliver(forged(packet_type::ack, 1, 1, 65535), pair->now);
  for (std::uint32_t i = 0; i < 2000; ++i) { // All that the word can tell arrived: congestion does not bind.
    dialer().uut.write(pattern(packet_payload_max), pair->now);
    auto x = forged(packet_type::ack, 1, 1, 65535);
    x.sack = 0xffffffff;
    pair->run_for(1ms);
    dialer().deliver(x, pair->now);
  }
  BOOST_TEST(dialer().uut.stats().bytes_sent <= 1024u * packet_payload_max);
}

// -- data -------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(data_1024_packets_ahead_is_dropped_and_1023_is_held) {
  connect();
  dialer().deliver(forged_data(1 + 1024, 1, 10), pair->now);
  auto out = drain(dialer());
  BOOST_TEST_REQUIRE(out.size() == 1u); // Acknowledged at once all the same.
  BOOST_TEST(decode_packet(out[0])->window == 1024u);
  dialer().deliver(forged_data(1 + 1023, 1, 10), pair->now);
  out = drain(dialer());
  BOOST_TEST_REQUIRE(out.size() == 1u);
  BOOST_TEST(decode_packet(out[0])->window == 1023u);
  for (const std::uint32_t seq : {0u, 0xffffffffu, 0x80000001u, 0x80000000u}) // Behind, as far as one can be.
    dialer().deliver(forged_data(seq, 1, 10), pair->now);
  BOOST_TEST(dialer().received.empty());
}

BOOST_AUTO_TEST_CASE(replayed_packets_change_nothing) {
  connect();
  std::vector<bytes> log;
  pair->fate = [&](bool to_acceptor, bytes& datagram) -> datagram_pair::arrivals {
    if (to_acceptor)
      log.push_back(datagram);
    return {pair->now + pair->latency};
  };
  const auto much = pattern(100'000);
  dialer().uut.write(much, pair->now);
  pair->run_for(2s);
  BOOST_TEST_REQUIRE(equal(acceptor().received, much));
  for (int round = 0; round < 3; ++round)
    for (const auto& datagram : log)
      acceptor().deliver(datagram, pair->now);
  pair->run_for(1s);
  BOOST_TEST(equal(acceptor().received, much));
  BOOST_TEST(acceptor().uut.open());
}

BOOST_AUTO_TEST_CASE(data_behind_a_fin_is_ignored) {
  connect();
  dialer().deliver(forged(packet_type::fin, 2, 1), pair->now);
  dialer().deliver(forged_data(3, 1, 10), pair->now);
  dialer().deliver(forged_data(1, 1, 20), pair->now);
  BOOST_TEST(dialer().received.size() == 20u);
  BOOST_TEST(dialer().ends == 1);
  dialer().deliver(forged_data(3, 1, 10), pair->now);
  dialer().deliver(forged_data(4, 1, 10), pair->now);
  BOOST_TEST(dialer().received.size() == 20u);
}

BOOST_AUTO_TEST_CASE(who_ignores_a_closed_window_is_cut_off_at_a_fixed_memory) {
  connect();
  dialer().uut.pause_reading();
  const auto before = allocated_bytes();
  for (std::uint32_t seq = 1; seq < 20'000; ++seq)
    dialer().deliver(forged_data(seq, 1, packet_payload_max), pair->now);
  BOOST_TEST(allocated_bytes() - before < 2600u * 1024u);
  dialer().uut.resume_reading(pair->now);
  BOOST_TEST(dialer().received.size() == 2048u * packet_payload_max);
}

BOOST_AUTO_TEST_CASE(memory_for_what_comes_too_early_follows_what_came) {
  connect();
  const auto before = allocated_bytes();
  dialer().deliver(forged_data(5, 1, 10), pair->now);
  BOOST_TEST(allocated_bytes() - before < 2000u);
  for (std::uint32_t seq = 3; seq < 1025; ++seq)
    dialer().deliver(forged_data(seq, 1, packet_payload_max), pair->now);
  BOOST_TEST(allocated_bytes() - before < 1024u * 1300u);
  dialer().deliver(forged_data(2, 1, 10), pair->now);
  dialer().deliver(forged_data(1, 1, 10), pair->now);
  payload = {};
  drain(dialer());
  BOOST_TEST(allocated_bytes() - before < dialer().received.capacity() + 1000u);
}

// -- resets and retries -----------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_reset_of_a_node_without_state_counts_only_while_something_is_unanswered) {
  connect();
  for (const std::uint32_t id : {datagram_pair::base, datagram_pair::base + 1}) {
    auto x = forged(packet_type::reset, 0, 0, 0);
    x.conn_id = id;
    dialer().deliver(x, pair->now);
    BOOST_TEST(dialer().uut.open()); // A healthy stream does not die of it.
  }
  dialer().uut.write(as_bytes("are you there?"), pair->now);
  drain(dialer());
  auto x = forged(packet_type::reset, 0, 0, 0);
  x.conn_id = datagram_pair::base + 1; // It echoes the id under which we sent.
  dialer().deliver(x, pair->now);
  BOOST_TEST((dialer().uut.ended() == stream_end::reset));
}

BOOST_AUTO_TEST_CASE(a_reset_that_answers_a_keep_alive_counts) {
  connect();
  pair->fate = [](bool, bytes&) { return datagram_pair::arrivals{}; };
  pair->run_for(11s);
  auto x = forged(packet_type::reset, 0, 0, 0);
  x.conn_id = datagram_pair::base + 1;
  dialer().deliver(x, pair->now);
  BOOST_TEST((dialer().uut.ended() == stream_end::reset));
}

BOOST_AUTO_TEST_CASE(a_reset_with_another_id_or_from_another_time_is_ignored) {
  connect();
  dialer().uut.write(as_bytes("x"), pair->now);
  drain(dialer());
  auto x = forged(packet_type::reset, 0, 0, 0);
  for (const std::uint32_t id : {datagram_pair::base - 1, datagram_pair::base + 2, 0u}) {
    x.conn_id = id;
    dialer().deliver(x, pair->now);
  }
  dialer().deliver(forged(packet_type::reset, 1'000'000, 1), pair->now);
  dialer().deliver(forged(packet_type::reset, 1, 77), pair->now); // Acknowledges what was never sent.
  BOOST_TEST(dialer().uut.open());
  dialer().deliver(forged(packet_type::reset, 1, 1), pair->now);
  BOOST_TEST((dialer().uut.ended() == stream_end::reset));
}

BOOST_AUTO_TEST_CASE(a_refused_dial_ends_at_once) {
  datagram_pair x;
  x.dialer->drain(x.now);
  x.dialer->deliver(forged(packet_type::reset, 0, 0, 0), x.now + 10ms);
  BOOST_TEST((x.dialer->uut.ended() == stream_end::reset));
}

BOOST_AUTO_TEST_CASE(a_retry_on_an_open_stream_or_without_a_cookie_is_ignored) {
  connect();
  auto x = forged(packet_type::retry, 0, 0, 0);
  payload = bytes(4, 1);
  x.payload = payload;
  dialer().deliver(x, pair->now);
  BOOST_TEST(drain(dialer()).empty());
  datagram_pair fresh;
  fresh.dialer->drain(fresh.now);
  fresh.dialer->deliver(forged(packet_type::retry, 0, 0, 0), fresh.now);
  BOOST_TEST(fresh.dialer->drain(fresh.now).empty());
}

BOOST_AUTO_TEST_CASE(packets_under_the_wrong_id_are_not_even_a_sign_of_life) {
  connect();
  auto x = forged_data(1, 1, 10);
  x.conn_id = datagram_pair::base + 1;
  dialer().deliver(x, pair->now);
  BOOST_TEST(dialer().received.empty());
  BOOST_TEST(dialer().uut.stats().packets_received == 1u); // The answer to the dial.
}

// -- anything ---------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(any_packet_in_any_state_does_no_harm) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    small_random random{seed};
    connect(seed % 2 == 0);
    if (seed % 3 == 0)
      dialer().uut.finish(pair->now);
    if (seed % 5 == 0)
      dialer().uut.pause_reading();
    for (int i = 0; i < 200; ++i) {
      if (random.below(4) == 0)
        dialer().uut.write(pattern(random.below(5000)), pair->now);
      payload = pattern(random.below(packet_payload_max + 1));
      packet_view x;
      x.type = static_cast<packet_type>(random.below(6));
      x.flags = static_cast<std::uint8_t>(random.below(8));
      x.window = static_cast<std::uint16_t>(random.next());
      x.conn_id = datagram_pair::base + static_cast<std::uint32_t>(random.below(2));
      x.seq = static_cast<std::uint32_t>(random.below(3) == 0 ? random.next() : random.below(40));
      x.ack = static_cast<std::uint32_t>(random.below(3) == 0 ? random.next() : random.below(40));
      if (random.below(2) == 0)
        x.sack = static_cast<std::uint32_t>(random.next());
      x.payload = payload;
      bytes raw(datagram_max + 8);
      raw.resize(encode_packet(x, raw));
      dialer().deliver(std::move(raw), pair->now);
      pair->run_for(duration{static_cast<std::int64_t>(random.below(100'000'000))});
    }
    pair->run_for(200s);
    BOOST_TEST_REQUIRE((dialer().uut.ended() != stream_end::none || dialer().uut.open()));
  }
}

BOOST_AUTO_TEST_SUITE_END()
