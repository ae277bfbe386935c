// SPDX-License-Identifier: MIT
#include "protocols/core/address_element.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::test;

BOOST_AUTO_TEST_SUITE(address_element)

BOOST_AUTO_TEST_CASE(elements_encode_as_captured_and_come_back) {
  const std::pair<const char*, const char*> cases[] = {
    {"192.168.1.10:8080", "04 c0a8010a 1f90"},
    {"[2001:db8::1]:8080", "10 20010db8000000000000000000000001 1f90"},
    {"0.0.0.0:0", "04 00000000 0000"},
  };
  for (const auto& [text, hex] : cases) {
    const auto x = endpoint::parse(text);
    BOOST_TEST_REQUIRE(x.has_value());
    byte_writer out;
    write_address_element(out, *x);
    const auto raw = out.take();
    BOOST_TEST(to_hex(raw) == to_hex(unhex(hex)));
    byte_reader in{raw};
    const auto back = read_address_element(in);
    BOOST_TEST_REQUIRE(back.ok());
    BOOST_TEST((*back == *x));
    BOOST_TEST(in.exhausted());
  }
}

BOOST_AUTO_TEST_CASE(an_ipv4_mapped_address_comes_out_as_ipv4) {
  const auto raw = unhex("10 00000000000000000000ffff0a000001 0050");
  byte_reader in{raw};
  const auto x = read_address_element(in);
  BOOST_TEST_REQUIRE(x.ok());
  BOOST_TEST(x->to_string() == "10.0.0.1:80");
}

BOOST_AUTO_TEST_CASE(every_truncated_length_is_refused) {
  for (const auto* hex : {"04 c0a8010a 1f90", "10 20010db8000000000000000000000001 1f90"}) {
    const auto raw = unhex(hex);
    for (std::size_t n = 0; n < raw.size(); ++n) {
      byte_reader in{bytes_view{raw}.first(n)};
      const auto x = read_address_element(in);
      BOOST_TEST_REQUIRE(!x.ok());
      BOOST_TEST((x.error() == wire_errc::truncated));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_other_length_byte_is_refused) {
  for (int ip_len = 0; ip_len < 256; ++ip_len) {
    bytes raw(32, 7);
    raw[0] = static_cast<std::uint8_t>(ip_len);
    byte_reader in{raw};
    BOOST_TEST(read_address_element(in).ok() == (ip_len == 4 || ip_len == 16));
  }
}

BOOST_AUTO_TEST_CASE(port_zero_and_the_unspecified_address_cannot_be_dialed) {
  BOOST_TEST(is_dialable(*endpoint::parse("10.0.0.1:1")));
  BOOST_TEST(!is_dialable(*endpoint::parse("10.0.0.1:0")));
  BOOST_TEST(!is_dialable(*endpoint::parse("0.0.0.0:1")));
  BOOST_TEST(!is_dialable(*endpoint::parse("[::]:1")));
}

BOOST_AUTO_TEST_SUITE_END()
