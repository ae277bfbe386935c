// SPDX-License-Identifier: MIT
#include "protocols/datagram/packet.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

BOOST_AUTO_TEST_SUITE(datagram_packet)

BOOST_AUTO_TEST_CASE(every_vector_decodes_and_encodes_as_upstream_does) {
  int checked = 0;
  for (auto x : load_vectors("udp-packets.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      if (x.raw.empty())
        continue;
      const auto decoded = decode_packet(x.raw);
      if (x.fields.contains("accepted")) {
        BOOST_TEST(decoded.has_value() == x.fields.at("accepted").get<bool>());
        ++checked;
        continue;
      }
      BOOST_TEST_REQUIRE(decoded.has_value());
      BOOST_TEST(static_cast<int>(decoded->type) == x.fields.at("type").get<int>());
      BOOST_TEST(int{decoded->flags} == (x.fields.at("sack").is_null() ? 0 : 1));
      BOOST_TEST(decoded->window == x.fields.at("window").get<std::uint16_t>());
      BOOST_TEST(decoded->conn_id == x.fields.at("conn_id").get<std::uint32_t>());
      BOOST_TEST(decoded->seq == x.fields.at("seq").get<std::uint32_t>());
      BOOST_TEST(decoded->ack == x.fields.at("ack").get<std::uint32_t>());
      BOOST_TEST(decoded->sack.has_value() == !x.fields.at("sack").is_null());
      if (decoded->sack)
        BOOST_TEST(*decoded->sack == x.fields.at("sack").get<std::uint32_t>());
      BOOST_TEST(to_hex(decoded->payload) == x.fields.at("payload").get<std::string>());
      bytes out(datagram_max);
      out.resize(encode_packet(*decoded, out));
      BOOST_TEST(to_hex(out) == to_hex(x.raw));
      ++checked;
    }
  }
  BOOST_TEST(checked == 21);
}

BOOST_AUTO_TEST_CASE(a_payload_is_1200_bytes_at_most_with_and_without_the_sack_word) {
  for (const std::size_t word : {0, 4})
    for (const std::size_t size : {1199, 1200, 1201, 5000}) {
      bytes raw(packet_header_size + word + size);
      raw[0] = 0x11;
      raw[1] = word == 0 ? 0 : 1;
      const auto x = decode_packet(raw);
      BOOST_TEST(x.has_value() == (size <= packet_payload_max));
      if (x)
        BOOST_TEST(x->payload.size() == size);
    }
}

BOOST_AUTO_TEST_CASE(an_ack_carries_ranges_only_when_it_says_so) {
  for (const std::size_t size : {0, 3, 4, 8, 256, 257, 260})
    for (const int flags : {0x00, 0x02, 0x04, 0x06}) {
      bytes raw(packet_header_size + size);
      raw[0] = 0x12;
      raw[1] = static_cast<std::uint8_t>(flags);
      const auto list = (flags & 4) != 0 && size <= 256 && size % 4 == 0;
      BOOST_TEST(decode_packet(raw).has_value() == (size == 0 || list));
    }
}

BOOST_AUTO_TEST_CASE(the_flag_does_not_open_a_fin_or_reset_for_payload) {
  for (const int type : {3, 4}) {
    bytes raw(packet_header_size + 4);
    raw[0] = static_cast<std::uint8_t>(0x10 | type);
    raw[1] = packet_flag_ranges;
    BOOST_TEST(!decode_packet(raw).has_value());
  }
}

BOOST_AUTO_TEST_CASE(every_truncated_header_is_dropped) {
  for (const auto& x : load_vectors("udp-packets.json")) {
    if (x.fields.contains("accepted") || x.raw.empty())
      continue;
    const std::size_t header = x.raw[1] == 1 ? 20 : 16;
    for (std::size_t n = 0; n < header; ++n) {
      auto cut = to_bytes(bytes_view{x.raw}.first(n));
      BOOST_TEST(!decode_packet(cut).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(any_two_first_bytes_are_judged_without_a_crash) {
  for (int first = 0; first < 256; ++first)
    for (int flags = 0; flags < 256; ++flags) {
      bytes raw(20, 0x5a);
      raw[0] = static_cast<std::uint8_t>(first);
      raw[1] = static_cast<std::uint8_t>(flags);
      const auto x = decode_packet(raw);
      if (!x)
        continue;
      BOOST_TEST_REQUIRE(first >> 4 == 1);
      BOOST_TEST_REQUIRE((first & 15) <= 5);
      bytes out(datagram_max);
      out.resize(encode_packet(*x, out));
      BOOST_TEST_REQUIRE(to_hex(out) == to_hex(raw));
    }
}

BOOST_AUTO_TEST_SUITE_END()
