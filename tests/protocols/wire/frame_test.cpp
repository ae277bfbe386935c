// SPDX-License-Identifier: MIT
#include "protocols/wire/frame.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

BOOST_AUTO_TEST_SUITE(frame)

BOOST_AUTO_TEST_CASE(channel_names_fold_to_the_ids_of_upstream) {
  for (const auto& x : load_vectors("channel-ids.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      const auto id = channel_of(x.fields.at("channel_name").get<std::string>());
      BOOST_TEST(id == x.fields.at("channel_id").get<channel_id>());
      BOOST_TEST((bytes{static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)} == x.raw));
      if (x.fields.contains("other_name"))
        BOOST_TEST(channel_of(x.fields.at("other_name").get<std::string>()) == id);
      if (x.fields.contains("name_utf8_hex"))
        BOOST_TEST(channel_of(as_text(unhex(x.fields.at("name_utf8_hex").get<std::string>()))) == id);
    }
  }
}

BOOST_AUTO_TEST_CASE(headers_and_prefixes_encode_as_captured) {
  bytes inner;
  for (const auto& x : load_vectors("frames.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      if (x.fields.contains("type")) {
        const frame_header header{static_cast<message_type>(x.fields.at("type").get<int>()),
          x.fields.at("flags").get<std::uint8_t>(), x.fields.at("channel").get<channel_id>()};
        inner = concat({encode(header), unhex(x.fields.at("payload").get<std::string>())});
        BOOST_TEST(to_hex(inner) == to_hex(x.raw));
      } else if (x.fields.contains("body_length")) {
        const auto size = x.fields.at("body_length").get<std::uint32_t>();
        const auto block = concat({encode_block_prefix(size), bytes_view{inner}.first(size)});
        BOOST_TEST(to_hex(block) == to_hex(x.raw));
        BOOST_TEST(decode_block_prefix(x.raw.data()) == size);
      } else {
        const bool over = decode_block_prefix(x.raw.data()) > block_body_max;
        BOOST_TEST(over == (x.fields.at("status") == "error"));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_prefix_byte_counts) {
  const auto raw = encode_block_prefix(0x01020304);
  BOOST_TEST(to_hex(raw) == "01020304");
  BOOST_TEST(decode_block_prefix(raw.data()) == 0x01020304u);
}

BOOST_AUTO_TEST_SUITE_END()
