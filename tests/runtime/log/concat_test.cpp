// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE runtime_log_tests
#include "runtime/log/log.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace librats::runtime {
namespace {

BOOST_AUTO_TEST_SUITE(concat_suite)

BOOST_AUTO_TEST_CASE(pieces_of_text_are_joined_in_order) {
  const std::string owned = "peer ";
  const std::string_view view = "4f1a";
  const char* pointer = " after ";
  char buffer[] = "many";
  BOOST_TEST(concat("lost ", owned, view, pointer, buffer, ' ', "pings") == "lost peer 4f1a after many pings");
}

BOOST_AUTO_TEST_CASE(integers_of_every_width_print_as_numbers) {
  BOOST_TEST(concat(std::uint8_t{65}, ' ', std::int8_t{-65}) == "65 -65");
  BOOST_TEST(concat(std::uint16_t{65535}, ' ', short{-32768}) == "65535 -32768");
  BOOST_TEST(concat(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  BOOST_TEST(concat(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  BOOST_TEST(concat(std::size_t{7}, 8l, 9ll, 10u, 11ul, 12ull) == "789101112");
}

BOOST_AUTO_TEST_CASE(booleans_are_words_and_fractions_are_short) {
  BOOST_TEST(concat(true, ' ', false) == "true false");
  BOOST_TEST(concat(0.5, ' ', -1.25e10, ' ', 1e-300) == "0.5 -1.25e+10 1e-300");
}

BOOST_AUTO_TEST_CASE(a_null_pointer_is_named_instead_of_read) {
  const char* nothing = nullptr;
  BOOST_TEST(concat("cause: ", nothing) == "cause: (null)");
}

BOOST_AUTO_TEST_CASE(text_may_hold_any_byte) {
  BOOST_TEST(concat(std::string_view{"a\0b", 3}).size() == 3u);
  BOOST_TEST(concat("", std::string{}).empty());
}

BOOST_AUTO_TEST_CASE(a_secret_shows_only_its_length) {
  BOOST_TEST(concat("took a key: ", redacted{32}) == "took a key: (32 secret bytes)");
  BOOST_TEST(concat(redacted{std::numeric_limits<std::size_t>::max()}) == "(18446744073709551615 secret bytes)");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::runtime
