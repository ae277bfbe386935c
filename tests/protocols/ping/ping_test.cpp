// SPDX-License-Identifier: MIT
#include "protocols/ping/ping.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

BOOST_AUTO_TEST_SUITE(ping_codec)

BOOST_AUTO_TEST_CASE(every_vector_decodes_as_upstream_does) {
  for (const auto& x : load_vectors("ping.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      const auto decoded = decode_ping(x.raw);
      BOOST_TEST_REQUIRE(decoded.ok() == x.fields.contains("tag"));
      if (!decoded)
        continue;
      BOOST_TEST(static_cast<int>(decoded->tag) == x.fields.at("tag").get<int>());
      BOOST_TEST(to_hex(encode(*decoded)) == to_hex(x.raw));
      BOOST_TEST(to_hex(encode(*decoded)).substr(2) == x.fields.at("token").get<std::string>());
    }
  }
}

BOOST_AUTO_TEST_CASE(an_answer_carries_the_same_token) {
  const ping_message ping{ping_message::kind::ping, 0xdeadbeef00010203};
  BOOST_TEST(to_hex(encode(ping.answer())) == "01deadbeef00010203");
}

BOOST_AUTO_TEST_CASE(every_other_length_is_refused_with_its_reason) {
  for (std::size_t n = 0; n < 32; ++n) {
    const bytes raw(n, 0);
    const auto x = decode_ping(raw);
    BOOST_TEST_REQUIRE(x.ok() == (n == ping_message::size));
    if (!x)
      BOOST_TEST((x.error() == (n < ping_message::size ? wire_errc::truncated : wire_errc::trailing_bytes)));
  }
}

BOOST_AUTO_TEST_CASE(every_other_tag_is_refused) {
  for (int tag = 0; tag < 256; ++tag) {
    bytes raw(ping_message::size, 9);
    raw[0] = static_cast<std::uint8_t>(tag);
    BOOST_TEST(decode_ping(raw).ok() == (tag < 2));
  }
}

BOOST_AUTO_TEST_SUITE_END()
