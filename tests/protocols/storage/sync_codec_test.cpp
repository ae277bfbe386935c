// SPDX-License-Identifier: MIT
#include "protocols/storage/sync_codec.hpp"

#include "protocols/storage/storage_codec.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

sync_ranges one_of_each() {
  range_parts parts;
  for (std::size_t i = 0; i < parts.digests.size(); ++i)
    parts.digests[i].fill(static_cast<std::uint8_t>(i));
  range_digested digest;
  digest.digest.fill(9);
  return {{{{}, range_same{}}, {hash_range{}.child(3), digest}, {hash_range{}.child(4).child(5), parts},
    {{77, hash_range::depth_max}, range_items{{{77, 5, 6}, {77, 8, 9}}}}, {{}, range_taken{{1, 2, 3}}}}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(sync_codec)

BOOST_AUTO_TEST_CASE(hello_is_the_sign_that_upstream_does_not_know) {
  const auto raw = encode_sync(sync_hello{7, 0x0102030405060708});
  BOOST_TEST(to_hex(raw)
    == "8072617473"
       "73796e6301"
       "0000000000000007"
       "0102030405060708");
  const auto back = decode_sync(raw);
  BOOST_TEST_REQUIRE(std::holds_alternative<sync_hello>(*back));
  BOOST_TEST(std::get<sync_hello>(*back).session == 7u);
  BOOST_TEST(std::get<sync_hello>(*back).heard == 0x0102030405060708u);
  BOOST_TEST((decode_storage(raw).error() == wire_errc::unknown_kind));
  BOOST_TEST((decode_sync(unhex("80 7261747373796e63 02")).error() == wire_errc::unknown_version));
  BOOST_TEST((decode_sync(unhex("80 7261747373796e64 01")).error() == wire_errc::bad_text));
}

BOOST_AUTO_TEST_CASE(every_message_comes_back_and_none_when_it_is_cut) {
  const std::vector<sync_message> messages{
    sync_hello{1, 2}, one_of_each(), sync_want{{1, ~std::uint64_t{0}}}, sync_finish{}, sync_finished{}, sync_please{}};
  for (const auto& x : messages) {
    const auto raw = encode_sync(x);
    const auto back = decode_sync(raw);
    BOOST_TEST_REQUIRE(back.ok());
    BOOST_TEST(back->index() == x.index());
    BOOST_TEST(to_hex(encode_sync(*back)) == to_hex(raw));
    for (std::size_t n = 0; n < raw.size(); ++n)
      BOOST_TEST(!decode_sync(bytes_view{raw}.first(n)).ok(), "message " << x.index() << " cut to " << n);
  }
}

BOOST_AUTO_TEST_CASE(a_range_stands_as_its_header_says) {
  BOOST_TEST(to_hex(encode_sync(sync_ranges{{{hash_range{}.child(10), range_items{{{0xA1, 2, 3}}}}}}))
    == "810001"
       "01a000000000000000"
       "0301"
       "00000000000000a1"
       "0000000000000002"
       "0000000000000003");
}

BOOST_AUTO_TEST_CASE(what_is_impossible_or_too_much_is_refused) {
  BOOST_TEST((decode_sync(unhex("81 0101")).error() == wire_errc::too_large));
  BOOST_TEST((decode_sync(unhex("82 1001")).error() == wire_errc::too_large));
  BOOST_TEST((decode_sync(unhex("81 0001 00 0000000000000000 03 41")).error() == wire_errc::too_large));
  BOOST_TEST((decode_sync(unhex("81 0001 11 0000000000000000 00")).error() == wire_errc::bad_text));
  BOOST_TEST((decode_sync(unhex("81 0001 01 1100000000000000 00")).error() == wire_errc::bad_text));
  BOOST_TEST((decode_sync(unhex("81 0001 00 0000000000000000 05")).error() == wire_errc::unknown_kind));
  for (const auto* op : {"01", "7f", "86", "ff"})
    BOOST_TEST((decode_sync(unhex(op)).error() == wire_errc::unknown_kind));
  BOOST_TEST((decode_sync({}).error() == wire_errc::truncated));
}

BOOST_AUTO_TEST_SUITE_END()
