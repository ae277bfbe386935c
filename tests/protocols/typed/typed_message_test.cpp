// SPDX-License-Identifier: MIT
#include "protocols/typed/typed_message.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

BOOST_AUTO_TEST_SUITE(typed_message)

BOOST_AUTO_TEST_CASE(every_vector_splits_and_joins_byte_for_byte) {
  for (const auto& x : load_vectors("typed-json.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      const auto decoded = decode_typed(x.raw);
      BOOST_TEST_REQUIRE(decoded.ok());
      BOOST_TEST(decoded->type == x.fields.at("type").get<std::string>());
      const auto encoded = encode_typed(decoded->type, decoded->json_text);
      BOOST_TEST_REQUIRE(encoded.ok());
      BOOST_TEST(to_hex(*encoded) == to_hex(x.raw));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_view_points_into_the_payload) {
  const auto raw = *encode_typed("chat", "{}");
  const auto x = decode_typed(raw);
  BOOST_TEST_REQUIRE(x.ok());
  BOOST_TEST((x->type.data() == reinterpret_cast<const char*>(raw.data()) + 2));
  BOOST_TEST((x->json_text.data() == reinterpret_cast<const char*>(raw.data()) + 6));
}

BOOST_AUTO_TEST_CASE(every_truncated_length_up_to_the_json_text_is_refused) {
  const auto raw = *encode_typed("chat", "1");
  for (std::size_t n = 0; n < raw.size(); ++n) {
    const auto x = decode_typed(bytes_view{raw}.first(n));
    BOOST_TEST_REQUIRE(!x.ok());
    BOOST_TEST((x.error() == wire_errc::truncated));
  }
}

BOOST_AUTO_TEST_CASE(a_type_of_65535_bytes_passes_and_one_more_does_not) {
  const std::string longest(typed_type_max, 't');
  const auto raw = encode_typed(longest, "1");
  BOOST_TEST_REQUIRE(raw.ok());
  BOOST_TEST(decode_typed(*raw)->type.size() == typed_type_max);
  BOOST_TEST((encode_typed(longest + "t", "1").error() == wire_errc::too_large));
}

BOOST_AUTO_TEST_SUITE_END()
