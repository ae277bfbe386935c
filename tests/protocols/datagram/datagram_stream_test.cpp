// SPDX-License-Identifier: MIT
#include "protocols/datagram/datagram_stream.hpp"

#include "tests/protocols/support/allocations.hpp"
#include "tests/protocols/support/datagram_pair.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

/// A connected pair; what each end puts on the path is decoded and kept.
struct fixture {
  struct seen {
    bool to_acceptor;
    time_point at;
    packet_type type;
    std::uint8_t flags;
    std::uint16_t window;
    std::uint32_t seq;
    std::uint32_t ack;
    std::optional<std::uint32_t> sack;
    std::size_t size;
  };

  void connect(const datagram_pair::config& x = {}) {
    pair.emplace(x);
    pair->watch = [this](bool to_acceptor, const bytes& datagram) {
      auto copy = datagram;
      const auto p = decode_packet(copy);
      BOOST_TEST_REQUIRE(p.has_value());
      packets.push_back(
        {to_acceptor, pair->now, p->type, p->flags, p->window, p->seq, p->ack, p->sack, p->payload.size()});
    };
    pair->connect();
    BOOST_TEST_REQUIRE(dialer().uut.open());
    BOOST_TEST_REQUIRE(acceptor().uut.open());
    packets.clear();
  }

  datagram_end& dialer() { return *pair->dialer; }
  datagram_end& acceptor() { return *pair->acceptor; }
  void write(datagram_end& x, bytes_view in) { BOOST_TEST_REQUIRE(x.uut.write(in, pair->now) == in.size()); }

  [[nodiscard]] std::size_t count(packet_type type, bool to_acceptor) const {
    return static_cast<std::size_t>(std::count_if(packets.begin(), packets.end(),
      [&](const seen& x) { return x.type == type && x.to_acceptor == to_acceptor; }));
  }

  std::optional<datagram_pair> pair;
  std::vector<seen> packets;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(datagram_streams, fixture)

// -- data -------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(bytes_flow_both_ways_and_both_ends_finish) {
  connect();
  const auto there = pattern(300'000, 1);
  const auto back = pattern(200'000, 2);
  write(dialer(), there);
  write(acceptor(), back);
  dialer().uut.finish(pair->now + 1ms);
  pair->run_for(3s);
  BOOST_TEST(equal(acceptor().received, there));
  BOOST_TEST(acceptor().ends == 1);
  acceptor().uut.finish(pair->now);
  pair->run_for(1s);
  BOOST_TEST((dialer().uut.ended() == stream_end::finished));
  BOOST_TEST((acceptor().uut.ended() == stream_end::finished));
  BOOST_TEST(acceptor().uut.unacknowledged() == 0u);
  BOOST_TEST(dialer().received.empty()); // It had closed: what came was acknowledged and dropped.
}

BOOST_AUTO_TEST_CASE(what_is_written_before_the_answer_leaves_with_it) {
  pair.emplace();
  write(dialer(), as_bytes("early"));
  pair->run_for(25ms);
  BOOST_TEST(acceptor().received.empty());
  pair->run_for(10ms);
  BOOST_TEST(as_text(acceptor().received) == "early");
}

BOOST_AUTO_TEST_CASE(small_writes_share_packets_while_they_wait) {
  connect();
  for (int i = 0; i < 1000; ++i)
    write(dialer(), as_bytes("0123456789"));
  pair->run_for(2s);
  BOOST_TEST(acceptor().received.size() == 10'000u);
  BOOST_TEST(count(packet_type::data, true) == 9u);
}

BOOST_AUTO_TEST_CASE(the_send_queue_is_bounded_and_says_when_there_is_room) {
  connect();
  acceptor().uut.pause_reading();
  const auto much = pattern(3 * 1024 * 1024);
  const auto taken = dialer().uut.write(much, pair->now);
  BOOST_TEST(taken == 2u * 1024 * 1024);
  BOOST_TEST(dialer().uut.unacknowledged() == taken);
  BOOST_TEST(dialer().uut.write(as_bytes("x"), pair->now) == 0u);
  pair->run_for(100ms);
  acceptor().uut.resume_reading(pair->now);
  pair->run_for(20s);
  BOOST_TEST(dialer().writables == 1);
  BOOST_TEST(acceptor().received.size() == taken);
}

BOOST_AUTO_TEST_CASE(an_idle_stream_costs_less_than_one_and_a_half_kilobytes) {
  connect();
  for (const auto algorithm : {congestion_algorithm::bbr, congestion_algorithm::reno}) {
    connect({true, true, algorithm});
    write(dialer(), pattern(500'000));
    pair->run_for(5s);
    BOOST_TEST(acceptor().received.size() == 500'000u);
    // What a stream holds goes when the stream does.
    auto options = pair->dialer_options();
    const auto before = allocated_bytes();
    pair->dialer.reset();
    BOOST_TEST(before - allocated_bytes() - sizeof(datagram_end) <= 1536u);
    pair->dialer = std::make_unique<datagram_end>(options, pair->now);
  }
}

// -- acknowledgements -------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(every_second_packet_is_acknowledged_at_once_and_a_single_one_within_20_ms) {
  connect();
  write(dialer(), pattern(1));
  pair->run_for(100ms);
  BOOST_TEST_REQUIRE(packets.size() == 2u);
  BOOST_TEST((packets[1].type == packet_type::ack));
  BOOST_TEST((packets[1].at - packets[0].at == 30ms)); // 10 ms on the way.
  packets.clear();
  write(dialer(), pattern(2 * packet_payload_max));
  pair->run_for(100ms);
  BOOST_TEST_REQUIRE(packets.size() == 3u);
  BOOST_TEST((packets[2].at - packets[1].at == 10ms));
}

BOOST_AUTO_TEST_CASE(data_in_return_carries_the_acknowledgement) {
  connect();
  acceptor().on_data = [this] { acceptor().uut.write(as_bytes("pong"), pair->now); };
  write(dialer(), as_bytes("ping"));
  pair->run_for(19ms);
  BOOST_TEST_REQUIRE(packets.size() == 2u);
  BOOST_TEST((packets[1].type == packet_type::data));
  BOOST_TEST(packets[1].ack == 2u);
}

BOOST_AUTO_TEST_CASE(a_pure_ack_is_never_acknowledged) {
  connect();
  packet_view x;
  x.type = packet_type::ack;
  x.conn_id = datagram_pair::base;
  x.seq = 1;
  x.ack = 1;
  x.window = 1024;
  for (int i = 0; i < 10; ++i)
    dialer().deliver(x, pair->now);
  pair->run_for(1s);
  BOOST_TEST(packets.empty());
}

BOOST_AUTO_TEST_CASE(a_repeated_syn_is_acknowledged_again) {
  connect();
  packet_view x;
  x.type = packet_type::syn;
  x.conn_id = datagram_pair::base + 1;
  x.seq = 1;
  x.window = 1024;
  acceptor().deliver(x, pair->now);
  pair->run_for(1ms);
  BOOST_TEST_REQUIRE(packets.size() == 1u);
  BOOST_TEST((packets[0].type == packet_type::ack));
  BOOST_TEST(packets[0].ack == 1u);
}

// -- loss -------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(only_what_was_lost_is_sent_again_with_and_without_the_extension) {
  for (const auto offer : {true, false}) {
    connect({offer, true});
    int number = 0;
    std::size_t dropped = 0;
    pair->fate = [&](bool to_acceptor, bytes& datagram) -> datagram_pair::arrivals {
      if (to_acceptor && datagram[0] == 0x11 && ++number % 23 == 7) {
        dropped += datagram.size() - 16;
        return {};
      }
      return {pair->now + pair->latency};
    };
    const auto much = pattern(1'500'000);
    write(dialer(), much);
    pair->run_for(30s);
    BOOST_TEST(equal(acceptor().received, much));
    const auto stats = dialer().uut.stats();
    BOOST_TEST(stats.extended == offer);
    BOOST_TEST(dropped > 0u);
    BOOST_TEST(stats.bytes_retransmitted >= dropped);
    BOOST_TEST(static_cast<double>(stats.bytes_retransmitted) <= 1.3 * static_cast<double>(dropped));
  }
}

BOOST_AUTO_TEST_CASE(reordering_is_learned_and_then_not_taken_for_loss) {
  connect();
  int number = 0;
  pair->fate = [&](bool, bytes&) -> datagram_pair::arrivals {
    return {pair->now + pair->latency + (++number % 50 == 0 ? 4ms : 0ms)};
  };
  const auto much = pattern(1'500'000);
  write(dialer(), much);
  pair->run_for(10s);
  BOOST_TEST(equal(acceptor().received, much));
  // Of 1250 packets every fiftieth is late.
  BOOST_TEST(dialer().uut.stats().bytes_retransmitted <= 12u * packet_payload_max);
}

BOOST_AUTO_TEST_CASE(the_last_packet_is_repaired_by_a_probe_before_the_timeout) {
  connect();
  bool drop = true;
  pair->fate = [&](bool to_acceptor, bytes& datagram) -> datagram_pair::arrivals {
    if (to_acceptor && datagram[0] == 0x11 && std::exchange(drop, false))
      return {};
    return {pair->now + pair->latency};
  };
  write(dialer(), as_bytes("last"));
  const auto begin = pair->now;
  pair->run_for(1s);
  BOOST_TEST(as_text(acceptor().received) == "last");
  BOOST_TEST(dialer().uut.stats().timeouts == 0u);
  // 20 ms, four times 10 ms, and 20 ms: earlier than the timeout's 100 ms.
  BOOST_TEST((packets[1].at - begin == 80ms));
}

BOOST_AUTO_TEST_CASE(a_selective_acknowledgement_that_is_taken_back_does_not_hang_the_stream) {
  connect({false, false});
  write(dialer(), pattern(3 * packet_payload_max));
  dialer().drain(pair->now); // All three get lost.
  packet_view x;
  x.type = packet_type::ack;
  x.conn_id = datagram_pair::base;
  x.seq = 1;
  x.window = 1024;
  x.ack = 1;
  x.sack = 3; // "The second and third arrived" ...
  dialer().deliver(x, pair->now);
  x.ack = 0;
  x.sack = 1; // ... and the first, says an older one: all arrived, yet none is acknowledged.
  dialer().deliver(x, pair->now);
  pair->run_for(10s);
  BOOST_TEST(acceptor().received.size() == 3u * packet_payload_max);
}

// -- flow control -----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_reader_that_pauses_stops_the_sender_and_resuming_starts_it) {
  connect({false, false});
  acceptor().uut.pause_reading();
  const auto much = pattern(2'000'000);
  write(dialer(), much);
  pair->run_for(20s);
  BOOST_TEST(acceptor().received.empty());
  BOOST_TEST(packets.back().window == 0u);
  const auto sent = dialer().uut.stats().bytes_sent;
  BOOST_TEST(sent >= 1024u * packet_payload_max);
  BOOST_TEST(sent <= 1026u * packet_payload_max);
  acceptor().uut.resume_reading(pair->now);
  pair->run_for(20s);
  BOOST_TEST(equal(acceptor().received, much));
}

BOOST_AUTO_TEST_CASE(a_reopened_window_is_announced_four_times_one_timeout_apart) {
  connect({false, false});
  acceptor().uut.pause_reading();
  write(dialer(), pattern(2'000'000));
  pair->run_for(8s);
  BOOST_TEST_REQUIRE(packets.back().window == 0u);
  packets.clear();
  pair->fate = [](bool, bytes&) { return datagram_pair::arrivals{}; }; // Nobody hears it.
  acceptor().uut.resume_reading(pair->now);
  const auto begin = pair->now;
  pair->run_for(5s);
  std::vector<long> times;
  for (const auto& x : packets)
    if (!x.to_acceptor) {
      BOOST_TEST(x.window == 1024u);
      times.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(x.at - begin).count());
    }
  BOOST_TEST(times == (std::vector<long>{0, 500, 1000, 1500})); // The acceptor measured no round trip: RTO 500 ms.
}

BOOST_AUTO_TEST_CASE(announcements_stop_when_data_arrives) {
  connect({false, false});
  acceptor().uut.pause_reading();
  write(dialer(), pattern(1'300'000));
  pair->run_for(8s);
  packets.clear();
  acceptor().uut.resume_reading(pair->now);
  pair->run_for(8s);
  BOOST_TEST(acceptor().received.size() == 1'300'000u);
  const auto last = std::find_if(packets.rbegin(), packets.rend(), [](const auto& x) { return !x.to_acceptor; });
  BOOST_TEST((last->at < packets.front().at + 1s));
}

BOOST_AUTO_TEST_CASE(the_window_counts_held_packets_and_unread_bytes) {
  connect({false, false});
  acceptor().uut.pause_reading();
  write(dialer(), pattern(10 * packet_payload_max));
  pair->run_for(200ms);
  BOOST_TEST(packets.back().window == 1014u);
}

// -- opening and closing ----------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(data_answers_a_dial_as_well_as_an_ack) {
  datagram_pair x{{false, false}};
  x.dialer->drain(x.now);
  packet_view data;
  data.type = packet_type::data;
  data.conn_id = datagram_pair::base;
  data.seq = 1;
  data.ack = 1;
  data.window = 10;
  auto payload = to_bytes(as_bytes("hello"));
  data.payload = payload;
  x.dialer->deliver(data, x.now + 10ms);
  BOOST_TEST(x.dialer->opened == 1);
  BOOST_TEST(as_text(x.dialer->received) == "hello");
}

BOOST_AUTO_TEST_CASE(everything_before_a_fin_is_delivered_before_the_end) {
  connect();
  int number = 0;
  pair->fate = [&](bool to_acceptor, bytes&) -> datagram_pair::arrivals {
    if (to_acceptor && ++number == 2)
      return {};
    return {pair->now + pair->latency};
  };
  const auto some = pattern(5000);
  write(dialer(), some);
  dialer().uut.finish(pair->now);
  pair->run_for(15ms);
  BOOST_TEST(acceptor().ends == 0); // The Fin is here, a packet before it is not.
  pair->run_for(1s);
  BOOST_TEST(acceptor().ends == 1);
  BOOST_TEST(equal(acceptor().received, some));
}

BOOST_AUTO_TEST_CASE(a_paused_reader_hears_of_the_end_after_the_bytes) {
  connect();
  acceptor().uut.pause_reading();
  write(dialer(), as_bytes("bye"));
  dialer().uut.finish(pair->now);
  pair->run_for(100ms);
  BOOST_TEST(acceptor().ends == 0);
  acceptor().uut.resume_reading(pair->now);
  BOOST_TEST(as_text(acceptor().received) == "bye");
  BOOST_TEST(acceptor().ends == 1);
}

BOOST_AUTO_TEST_CASE(lingering_ends_after_five_seconds_with_a_reset) {
  connect();
  pair->fate = [](bool, bytes&) { return datagram_pair::arrivals{}; };
  write(dialer(), as_bytes("never heard"));
  dialer().uut.finish(pair->now);
  const auto begin = pair->now;
  pair->run_for(10s);
  BOOST_TEST((dialer().uut.ended() == stream_end::linger_over));
  const auto last = std::find_if(packets.rbegin(), packets.rend(), [](const auto& x) { return x.to_acceptor; });
  BOOST_TEST((last->type == packet_type::reset));
  BOOST_TEST((last->at == begin + 5s));
  BOOST_TEST(last->seq == 4u); // Syn, Data, Fin: the next would be the fourth.
}

BOOST_AUTO_TEST_CASE(lingering_for_an_end_that_does_not_close_sends_no_reset) {
  connect();
  write(dialer(), as_bytes("done"));
  dialer().uut.finish(pair->now);
  pair->run_for(10s);
  BOOST_TEST((dialer().uut.ended() == stream_end::finished));
  BOOST_TEST(count(packet_type::reset, true) == 0u);
  BOOST_TEST(acceptor().ends == 1);
}

BOOST_AUTO_TEST_CASE(an_abort_sends_one_reset_that_ends_the_other_side) {
  connect();
  write(dialer(), as_bytes("x"));
  pair->run_for(1ms);
  dialer().uut.abort();
  BOOST_TEST((dialer().uut.ended() == stream_end::aborted));
  BOOST_TEST(dialer().uut.write(as_bytes("y"), pair->now) == 0u);
  pair->run_for(1s);
  BOOST_TEST(count(packet_type::reset, true) == 1u);
  BOOST_TEST((acceptor().uut.ended() == stream_end::reset));
  BOOST_TEST((dialer().uut.next_wakeup() == time_point::max()));
}

BOOST_AUTO_TEST_CASE(a_dial_that_is_aborted_before_its_syn_left_says_nothing) {
  datagram_pair x;
  x.dialer->uut.abort();
  BOOST_TEST(x.dialer->drain(x.now).empty());
}

BOOST_AUTO_TEST_CASE(a_callback_may_abort_and_hears_nothing_more) {
  connect();
  acceptor().on_data = [this] { acceptor().uut.abort(); };
  write(dialer(), pattern(50'000));
  dialer().uut.finish(pair->now);
  pair->run_for(1s);
  BOOST_TEST(acceptor().received.size() == packet_payload_max);
  BOOST_TEST(acceptor().ends == 0);
  BOOST_TEST((dialer().uut.ended() == stream_end::reset));
}

BOOST_AUTO_TEST_CASE(every_reason_has_a_sentence_of_its_own) {
  std::vector<std::string> all;
  for (int i = 0; i <= static_cast<int>(stream_end::aborted); ++i)
    all.emplace_back(describe(static_cast<stream_end>(i)));
  std::sort(all.begin(), all.end());
  BOOST_TEST((std::adjacent_find(all.begin(), all.end()) == all.end()));
}

BOOST_AUTO_TEST_SUITE_END()
