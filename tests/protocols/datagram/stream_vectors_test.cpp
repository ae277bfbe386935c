// SPDX-License-Identifier: MIT
#include "protocols/datagram/datagram_stream.hpp"

#include "tests/protocols/support/datagram_pair.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

/// What upstream did, packet by packet and millisecond by millisecond, done by our streams.
namespace {

using times = std::vector<long>;

struct fixture {
  const std::vector<vector_case> cases = load_vectors("udp-stream-transcript.json");
  std::size_t position = 0;

  /// The next packet of the transcript.
  std::string expected(const std::string& name_begin) {
    while (cases.at(position).raw.empty())
      ++position;
    BOOST_TEST_REQUIRE(cases.at(position).name.rfind(name_begin, 0) == 0u);
    return to_hex(cases.at(position++).raw);
  }

  static time_point at(long ms) { return time_point{} + ms * 1ms; }

  /// Sends `text` at `ms` and returns the datagram.
  static bytes say(datagram_end& from, const char* text, long ms) {
    from.uut.tick(at(ms));
    const auto in = as_bytes(text);
    BOOST_TEST_REQUIRE(from.uut.write(in, at(ms)) == in.size());
    return only(from, ms);
  }
  /// The one datagram that leaves at `ms`.
  static bytes only(datagram_end& from, long ms) {
    auto out = from.drain(at(ms));
    BOOST_TEST_REQUIRE(out.size() == 1u);
    return out.front();
  }
  static bytes due(datagram_end& from, long ms) {
    from.uut.tick(at(ms));
    return only(from, ms);
  }

  /// Runs a stream that hears nothing from `now` on; the times in ms at which it sent something.
  static times run_alone(datagram_end& x, time_point now, std::vector<bytes>* packets = nullptr) {
    const auto begin = now;
    times out;
    const auto flush = [&] {
      for (auto& raw : x.drain(now)) {
        out.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(now - begin).count());
        if (packets)
          packets->push_back(raw);
      }
    };
    flush();
    while (x.uut.ended() == stream_end::none) {
      BOOST_TEST_REQUIRE((x.uut.next_wakeup() > now));
      now = x.uut.next_wakeup();
      x.uut.tick(now);
      flush();
    }
    out.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(now - begin).count());
    return out;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(datagram_stream_vectors, fixture)

BOOST_AUTO_TEST_CASE(a_session_runs_byte_by_byte_as_between_two_upstream_streams) {
  datagram_pair pair{{/*offer=*/false, /*accept=*/true}};
  auto& dialer = *pair.dialer;
  const auto syn = due(dialer, 0);
  BOOST_TEST(to_hex(syn) == expected("t=0ms dialer sends SYN"));
  datagram_end responder{pair.acceptor_options(), at(10)};
  responder.deliver(syn, at(10));
  auto raw = only(responder, 10);
  BOOST_TEST(to_hex(raw) == expected("t=10ms responder sends ACK"));
  dialer.deliver(raw, at(20));
  BOOST_TEST(dialer.opened == 1);
  raw = say(dialer, "hello from dialer", 20);
  BOOST_TEST(to_hex(raw) == expected("t=20ms dialer sends DATA"));
  responder.deliver(raw, at(30));
  BOOST_TEST(responder.drain(at(30)).empty());
  BOOST_TEST((responder.uut.next_wakeup() == at(50)));
  raw = due(responder, 50);
  BOOST_TEST(to_hex(raw) == expected("t=50ms responder sends ACK"));
  dialer.deliver(raw, at(60));
  raw = say(responder, "hi from responder", 70);
  BOOST_TEST(to_hex(raw) == expected("t=70ms responder sends DATA"));
  dialer.deliver(raw, at(80));
  raw = due(dialer, 100);
  BOOST_TEST(to_hex(raw) == expected("t=100ms dialer sends ACK"));
  responder.deliver(raw, at(110));

  // p1 is lost; three that left later arrive.
  raw = say(dialer, "p0", 200);
  BOOST_TEST(to_hex(raw) == expected("t=200ms dialer sends DATA"));
  responder.deliver(raw, at(210));
  BOOST_TEST(to_hex(say(dialer, "p1", 205)) == expected("t=205ms dialer sends DATA (dropped"));
  std::vector<bytes> acks;
  for (long i = 0; i < 3; ++i) {
    const auto text = "p" + std::to_string(i + 2);
    raw = say(dialer, text.c_str(), 210 + 5 * i);
    BOOST_TEST(to_hex(raw) == expected("t=" + std::to_string(210 + 5 * i) + "ms dialer sends DATA"));
    responder.deliver(raw, at(220 + 5 * i));
    acks.push_back(only(responder, 220 + 5 * i));
    const auto answer = "t=" + std::to_string(220 + 5 * i) + "ms responder (acknowledges at once)";
    BOOST_TEST(to_hex(acks.back()) == expected(answer));
  }
  for (auto& ack : acks)
    dialer.deliver(ack, at(225));
  raw = only(dialer, 225);
  BOOST_TEST(to_hex(raw) == expected("t=225ms dialer sends DATA"));
  const auto p5 = say(dialer, "p5", 225);
  BOOST_TEST(to_hex(p5) == expected("t=225ms dialer sends DATA"));
  responder.deliver(raw, at(235));
  responder.deliver(p5, at(235));
  raw = only(responder, 235);
  BOOST_TEST(to_hex(raw) == expected("t=235ms responder (acknowledges at once)"));
  dialer.deliver(raw, at(245));

  dialer.uut.finish(at(300));
  raw = only(dialer, 300);
  BOOST_TEST(to_hex(raw) == expected("t=300ms dialer sends FIN"));
  responder.deliver(raw, at(310));
  raw = only(responder, 310);
  BOOST_TEST(to_hex(raw) == expected("t=310ms responder sends ACK"));
  BOOST_TEST(responder.ends == 1);
  dialer.deliver(raw, at(320));
  responder.uut.finish(at(330));
  raw = only(responder, 330);
  BOOST_TEST(to_hex(raw) == expected("t=330ms responder sends FIN"));
  dialer.deliver(raw, at(340));
  BOOST_TEST((dialer.uut.ended() == stream_end::finished));
  raw = only(dialer, 340);
  BOOST_TEST(to_hex(raw) == expected("t=340ms dialer sends ACK"));
  responder.deliver(raw, at(350));
  BOOST_TEST((responder.uut.ended() == stream_end::finished));
  BOOST_TEST(to_hex(responder.received) == expected("bytes the responder's reader sees"));
}

BOOST_AUTO_TEST_CASE(an_unanswered_dial_keeps_the_times_of_its_profile) {
  for (const auto profile : {dial_profile::normal, dial_profile::punch}) {
    const auto& x = find_case(
      cases, profile == dial_profile::normal ? "unanswered dial, default profile" : "unanswered dial, punch profile");
    auto wanted = x.fields.at("syn_times_ms").get<times>();
    wanted.push_back(x.fields.at("gives_up_at_ms").get<long>());
    datagram_pair pair{{true, true, congestion_algorithm::bbr, profile}};
    std::vector<bytes> packets;
    BOOST_TEST(run_alone(*pair.dialer, pair.now, &packets) == wanted);
    BOOST_TEST((pair.dialer->uut.ended() == stream_end::dial_failed));
    for (const auto& packet : packets)
      BOOST_TEST(int{packet[0]} == 0x10);
  }
}

BOOST_AUTO_TEST_CASE(an_idle_stream_keeps_alive_and_dies_at_upstreams_times) {
  const auto& x = find_case(cases, "idle connected stream that hears nothing");
  auto wanted = x.fields.at("keepalive_ack_times_ms").get<times>();
  wanted.push_back(x.fields.at("dies_at_ms").get<long>());
  datagram_pair pair;
  pair.latency = 0ms;
  pair.run_until(pair.now);
  BOOST_TEST_REQUIRE(pair.dialer->opened == 1);
  BOOST_TEST(run_alone(*pair.dialer, pair.now) == wanted);
  BOOST_TEST((pair.dialer->uut.ended() == stream_end::idle));
  BOOST_TEST(run_alone(*pair.acceptor, pair.now) == wanted);
}

BOOST_AUTO_TEST_CASE(a_retry_is_answered_once_with_the_same_syn_and_the_cookie) {
  datagram_stream_options options;
  options.receive_id = 0x50;
  options.send_id = 0x51;
  options.offer_extension = false;
  datagram_end x{options, at(0)};
  BOOST_TEST(x.drain(at(0)).size() == 1u);
  packet_view retry;
  retry.type = packet_type::retry;
  retry.conn_id = 0x50;
  auto cookie = unhex("01020304");
  retry.payload = cookie;
  x.deliver(retry, at(20));
  const auto& answer = find_case(cases, "dialer answers RETRY with the same SYN carrying the cookie");
  BOOST_TEST(to_hex(only(x, 20)) == to_hex(answer.raw));
  x.deliver(retry, at(40));
  const auto& second = find_case(cases, "a second RETRY is ignored");
  BOOST_TEST(x.drain(at(40)).size() == second.fields.at("packets_sent").get<std::size_t>());
  BOOST_TEST(run_alone(x, at(40)) == (times{480, 1480, 3480})); // Counted anew from the answer at 20 ms.
}

BOOST_AUTO_TEST_CASE(data_that_nobody_acknowledges_is_repeated_at_upstreams_times) {
  const auto& x = find_case(cases, "data never acknowledged on a 100 ms path (SRTT 100 ms)");
  auto wanted = x.fields.at("transmission_times_ms_after_first").get<times>();
  wanted.push_back(x.fields.at("dies_at_ms").get<long>());
  datagram_pair pair;
  pair.latency = 50ms;
  pair.run_for(100ms);
  BOOST_TEST_REQUIRE(pair.dialer->opened == 1);
  BOOST_TEST((pair.dialer->uut.stats().smoothed_rtt == duration{100ms}));
  pair.dialer->uut.write(as_bytes("anybody there?"), pair.now);
  BOOST_TEST(run_alone(*pair.dialer, pair.now) == wanted);
  BOOST_TEST((pair.dialer->uut.ended() == stream_end::unanswered));
}

BOOST_AUTO_TEST_SUITE_END()
