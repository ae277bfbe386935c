// SPDX-License-Identifier: MIT
#include "protocols/datagram/datagram_endpoint.hpp"

#include "tests/protocols/support/allocations.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

using verdict = datagram_endpoint::verdict;

namespace {

endpoint host(std::uint32_t n, std::uint16_t port = 4000) {
  return {ip_address::v4(10, static_cast<std::uint8_t>(n >> 16), static_cast<std::uint8_t>(n >> 8),
            static_cast<std::uint8_t>(n)),
    port};
}

bytes encoded(packet_type type, std::uint32_t id, std::uint32_t seq = 1, bytes payload = {}) {
  packet_view x;
  x.type = type;
  x.conn_id = id;
  x.seq = seq;
  x.payload = payload;
  bytes out(datagram_max);
  out.resize(encode_packet(x, out));
  return out;
}

struct fixture {
  datagram_endpoint_options options;
  time_point now{};
  std::optional<datagram_endpoint> made;
  int owner = 0;
  bytes last; ///< The datagram that the latest arrival points into.

  datagram_endpoint& uut() {
    if (!made)
      made.emplace(options, filled(9), 5, now);
    return *made;
  }
  datagram_endpoint::arrival classify(bytes raw, const endpoint& from) {
    last = std::move(raw);
    return uut().classify(last, from, now);
  }
  /// Opens a stream if it may, and says what came of it; a Retry is answered once.
  verdict open(std::uint32_t id, const endpoint& from, bool answers_retry = false) {
    auto x = classify(encoded(packet_type::syn, id), from);
    if (answers_retry && x.what == verdict::reply && x.reply[0] == 0x15)
      x = classify(encoded(packet_type::syn, id, 1, to_bytes(x.reply.subspan(16))), from);
    if (x.what == verdict::accepted)
      BOOST_TEST_REQUIRE(uut().add(x.ids, from, role::responder, &owner));
    return x.what;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(datagram_endpoints, fixture)

BOOST_AUTO_TEST_CASE(a_syn_opens_a_stream_under_its_id_and_answers_under_one_less) {
  const auto x = classify(encoded(packet_type::syn, 0x11223345), host(1));
  BOOST_TEST_REQUIRE((x.what == verdict::accepted));
  BOOST_TEST(x.ids.receive_id == 0x11223345u);
  BOOST_TEST(x.ids.send_id == 0x11223344u);
  BOOST_TEST_REQUIRE(uut().add(x.ids, host(1), role::responder, &owner));
  for (const auto type :
    {packet_type::syn, packet_type::data, packet_type::ack, packet_type::fin, packet_type::retry}) {
    const auto y = classify(encoded(type, 0x11223345), host(1));
    BOOST_TEST((y.what == verdict::stream));
    BOOST_TEST(y.owner == &owner);
    BOOST_TEST((y.packet.type == type));
  }
  uut().remove(x.ids, host(1));
  BOOST_TEST(uut().streams() == 0u);
  BOOST_TEST((classify(encoded(packet_type::data, 0x11223345), host(1)).what == verdict::reply));
}

BOOST_AUTO_TEST_CASE(what_is_not_ours_is_left_to_others) {
  const auto stun = unhex("0001 0000 2112a442 000000000000000000000000");
  BOOST_TEST((classify(stun, host(1)).what == verdict::foreign));
  BOOST_TEST((classify({}, host(1)).what == verdict::foreign));
  BOOST_TEST((classify(bytes(15, 0x12), host(1)).what == verdict::foreign));
  BOOST_TEST((classify(bytes(1221, 0x11), host(1)).what == verdict::foreign)); // Longer than any of ours.
}

BOOST_AUTO_TEST_CASE(a_packet_of_no_stream_is_answered_with_a_reset_that_repeats_its_id) {
  for (const auto type : {packet_type::data, packet_type::ack, packet_type::fin, packet_type::retry}) {
    const auto x = classify(encoded(type, 0xdeadbeef, 5), host(1));
    BOOST_TEST_REQUIRE((x.what == verdict::reply));
    BOOST_TEST(to_hex(x.reply) == "14000000deadbeef0000000000000000");
  }
  BOOST_TEST((classify(encoded(packet_type::reset, 0xdeadbeef, 5), host(1)).what == verdict::dropped));
}

BOOST_AUTO_TEST_CASE(a_known_id_from_elsewhere_is_nobodys_business) {
  BOOST_TEST_REQUIRE((open(100, host(1)) == verdict::accepted));
  BOOST_TEST((classify(encoded(packet_type::data, 100), host(2)).what == verdict::dropped));
  BOOST_TEST((classify(encoded(packet_type::data, 100), host(1, 4001)).what == verdict::dropped));
  BOOST_TEST((classify(encoded(packet_type::reset, 100), host(2)).what == verdict::dropped));
  // But somebody else may have drawn the same number; taking it must not lock him out.
  BOOST_TEST((open(100, host(2)) == verdict::accepted));
}

BOOST_AUTO_TEST_CASE(a_reset_finds_its_stream_by_either_id) {
  int dialed = 0;
  BOOST_TEST_REQUIRE(uut().add({500, 501}, host(1), role::initiator, &dialed));
  BOOST_TEST_REQUIRE((open(601, host(1)) == verdict::accepted));
  for (const std::uint32_t id : {500, 501}) {
    const auto x = classify(encoded(packet_type::reset, id, 0), host(1));
    BOOST_TEST((x.what == verdict::stream));
    BOOST_TEST(x.owner == &dialed);
  }
  for (const std::uint32_t id : {600, 601})
    BOOST_TEST(classify(encoded(packet_type::reset, id, 0), host(1)).owner == &owner);
  for (const std::uint32_t id : {499, 502, 599, 602})
    BOOST_TEST((classify(encoded(packet_type::reset, id, 0), host(1)).what == verdict::dropped));
  BOOST_TEST((classify(encoded(packet_type::data, 501), host(1)).what == verdict::reply)); // Data has one id alone.
}

BOOST_AUTO_TEST_CASE(a_dial_gets_ids_that_nobody_uses) {
  BOOST_TEST(!uut().ids_for(0).has_value());
  BOOST_TEST(!uut().ids_for(0xffffffff).has_value());
  BOOST_TEST(uut().ids_for(0xfffffffe)->send_id == 0xffffffffu);
  BOOST_TEST(uut().ids_for(1)->receive_id == 1u);
  BOOST_TEST_REQUIRE(uut().add({41, 42}, host(1), role::initiator, &owner));
  BOOST_TEST(!uut().ids_for(41).has_value());
  BOOST_TEST(!uut().ids_for(40).has_value());
  BOOST_TEST(uut().ids_for(42).has_value());
  BOOST_TEST(!uut().add({41, 42}, host(1), role::initiator, &owner));
  uut().remove({41, 42}, host(1));
  BOOST_TEST(uut().ids_for(40).has_value());
}

BOOST_AUTO_TEST_CASE(an_impossible_syn_is_dropped) {
  BOOST_TEST((open(0, host(1)) == verdict::dropped));
  BOOST_TEST((open(1, host(1)) == verdict::dropped));
  BOOST_TEST((open(2, host(1)) == verdict::accepted));
  BOOST_TEST((classify(encoded(packet_type::syn, 10, 2), host(1)).what == verdict::dropped));
}

BOOST_AUTO_TEST_CASE(a_full_house_refuses_and_so_does_its_owner) {
  options.streams_max = 2;
  BOOST_TEST((open(100, host(1)) == verdict::accepted));
  BOOST_TEST((open(102, host(1)) == verdict::accepted));
  const auto x = classify(encoded(packet_type::syn, 0x105), host(1));
  BOOST_TEST_REQUIRE((x.what == verdict::reply));
  BOOST_TEST(to_hex(x.reply) == "14000000000001040000000000000000");
  BOOST_TEST(uut().count().refused == 1u);
  bytes out(datagram_max);
  out.resize(datagram_endpoint::refuse(x.packet, out));
  BOOST_TEST(to_hex(out) == "14000000000001040000000000000000");
}

BOOST_AUTO_TEST_CASE(a_cookie_is_demanded_above_the_limit_and_opens_the_door) {
  options.cookie_above = 1;
  BOOST_TEST((open(100, host(1)) == verdict::accepted));
  const auto x = classify(encoded(packet_type::syn, 0x201), host(2));
  BOOST_TEST_REQUIRE((x.what == verdict::reply));
  const auto retry = to_bytes(x.reply);
  BOOST_TEST(to_hex(retry).substr(0, 32) == "15000000000002000000000000000000");
  BOOST_TEST(retry.size() == 20u);
  const auto cookie = to_bytes(bytes_view{retry}.subspan(16));
  BOOST_TEST((classify(encoded(packet_type::syn, 0x201, 1, bytes(4, 0)), host(2)).what == verdict::reply));
  BOOST_TEST((classify(encoded(packet_type::syn, 0x201, 1, cookie), host(3)).what == verdict::reply)); // Stolen.
  uut().rotate(filled(7), now += 30s);
  BOOST_TEST((classify(encoded(packet_type::syn, 0x201, 1, cookie), host(2)).what == verdict::accepted));
  uut().rotate(filled(8), now += 30s);
  BOOST_TEST((classify(encoded(packet_type::syn, 0x201, 1, cookie), host(2)).what == verdict::reply)); // Stale.
}

BOOST_AUTO_TEST_CASE(zero_demands_a_cookie_from_everybody) {
  options.cookie_above = 0;
  BOOST_TEST((open(100, host(1)) == verdict::reply));
  BOOST_TEST((open(100, host(1), true) == verdict::accepted));
}

BOOST_AUTO_TEST_CASE(a_cookie_that_nobody_asked_for_does_no_harm) {
  BOOST_TEST((classify(encoded(packet_type::syn, 100, 1, bytes(4, 1)), host(1)).what == verdict::accepted));
}

BOOST_AUTO_TEST_CASE(strangers_get_a_thousand_replies_at_once_and_3200_a_second) {
  const auto replies_now = [&] {
    int out = 0;
    for (std::uint32_t i = 0; i < 2000; ++i)
      out += classify(encoded(packet_type::data, 1000 + i), host(i)).what == verdict::reply;
    return out;
  };
  BOOST_TEST(replies_now() == 1024);
  BOOST_TEST(replies_now() == 0);
  now += 20ms;
  BOOST_TEST(replies_now() == 64);
  BOOST_TEST(uut().count().replies_suppressed == 976u + 2000u + 1936u);
}

BOOST_AUTO_TEST_CASE(a_flood_from_one_source_needs_cookies_and_then_nothing_helps) {
  options.accepts_per_source = {1, 4};
  options.proven_per_source = {1, 6};
  int plain = 0;
  for (std::uint32_t i = 0; i < 20; ++i)
    plain += open(100 + 2 * i, host(1)) == verdict::accepted;
  BOOST_TEST(plain == 4);
  int proven = 0;
  for (std::uint32_t i = 0; i < 20; ++i)
    proven += open(200 + 2 * i, host(1), true) == verdict::accepted;
  BOOST_TEST(proven == 6);
  BOOST_TEST(uut().count().over_budget == 14u);
  BOOST_TEST((open(300, host(2)) == verdict::accepted)); // Others do not feel it.
}

BOOST_AUTO_TEST_CASE(programs_on_this_machine_share_an_address_and_no_budget) {
  options.accepts_per_source = {1, 4};
  options.proven_per_source = {1, 6};
  options.accepts = {10, 20};
  const endpoint here{ip_address::v4_loopback(), 5000};
  int plain = 0;
  for (std::uint32_t i = 0; i < 30; ++i)
    plain += open(100 + 2 * i, here) == verdict::accepted;
  BOOST_TEST(plain == 20); // The total still counts.
  int proven = 0;
  for (std::uint32_t i = 0; i < 20; ++i)
    proven += open(200 + 2 * i, here, true) == verdict::accepted;
  BOOST_TEST(proven == 20);
}

BOOST_AUTO_TEST_CASE(a_flood_from_forged_sources_takes_no_memory_and_shuts_nobody_out) {
  options.accepts = {10, 20};
  BOOST_TEST_REQUIRE((open(100, host(1)) == verdict::accepted));
  for (std::uint32_t i = 0; i < 100; ++i) // Warms up the tables.
    open(1000 + 2 * i, host(100 + i));
  const auto accepted = uut().streams();
  BOOST_TEST(accepted == 20u);
  const auto before = allocated_bytes();
  for (std::uint32_t i = 0; i < 100'000; ++i)
    open(5000 + 2 * i, host(1000 + i));
  BOOST_TEST(uut().streams() == accepted);
  BOOST_TEST(allocated_bytes() <= before + 2048);
  BOOST_TEST((classify(encoded(packet_type::data, 100), host(1)).what == verdict::stream));
  now += 20ms;
  BOOST_TEST((open(700, host(2), true) == verdict::accepted)); // Who receives his cookie gets in.
}

BOOST_AUTO_TEST_CASE(any_first_twenty_bytes_are_judged_without_a_crash) {
  open(0x5a5a5a5a, host(1));
  for (int first = 0; first < 256; ++first)
    for (int size = 0; size < 24; ++size) {
      bytes raw(static_cast<std::size_t>(size), 0x5a);
      if (size > 0)
        raw[0] = static_cast<std::uint8_t>(first);
      const auto x = classify(raw, host(1));
      BOOST_TEST_REQUIRE(((x.what == verdict::foreign) || first >> 4 == 1));
    }
}

BOOST_AUTO_TEST_SUITE_END()
