// SPDX-License-Identifier: MIT
#include "runtime/log/escape.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace librats::runtime {
namespace {

using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(escape_suite)

struct escape_case {
  std::string_view in;
  std::string_view out;
};

BOOST_AUTO_TEST_CASE(harmless_text_stays_as_it_is) {
  for (const auto text : {""sv, "plain ASCII ~ 1%{}"sv, "C:\\path"sv,
         "Gr\xc3\xbc\xc3\x9f"
         "e"sv,
         "\xe6\x97\xa5\xe6\x9c\xac"sv, "\xf0\x9f\x90\x80 rats"sv})
    BOOST_TEST(escaped(text) == text);
}

BOOST_AUTO_TEST_CASE(what_could_forge_a_line_or_drive_a_terminal_is_escaped) {
  const escape_case cases[] = {
    {"a\nb"sv, "a\\nb"sv},
    {"a\r\nb"sv, "a\\r\\nb"sv},
    {"a\tb"sv, "a\\tb"sv},
    {"a\0b"sv, "a\\x00b"sv},
    {"\x1b[31mred"sv, "\\x1b[31mred"sv},
    {"\x7f"sv, "\\x7f"sv},
    {"\xc2\x9b"
     "31m"sv,
      "\\u{9b}31m"sv}, // C1 control sequence introducer
    {"a\xe2\x80\xa8"
     "b"sv,
      "a\\u{2028}b"sv}, // line separator
    {"\xe2\x80\xae"
     "gpj.exe"sv,
      "\\u{202e}gpj.exe"sv}, // right-to-left override
    {"\xe2\x81\xa6"
     "x\xe2\x81\xa9"sv,
      "\\u{2066}x\\u{2069}"sv},
    {"\xef\xbb\xbf"
     "x"sv,
      "\\u{feff}x"sv},
  };
  for (const auto& c : cases)
    BOOST_TEST(escaped(c.in) == c.out);
}

BOOST_AUTO_TEST_CASE(malformed_utf8_is_escaped_byte_by_byte) {
  const escape_case cases[] = {
    {"\x80"sv, "\\x80"sv},                            // continuation without a lead
    {"\xc3"sv, "\\xc3"sv},                            // cut short
    {"\xc3("sv, "\\xc3("sv},                          // not a continuation
    {"\xc0\xaf"sv, "\\xc0\\xaf"sv},                   // overlong slash
    {"\xe0\x80\xaf"sv, "\\xe0\\x80\\xaf"sv},          // overlong, three bytes
    {"\xed\xa0\x80"sv, "\\xed\\xa0\\x80"sv},          // surrogate
    {"\xf4\x90\x80\x80"sv, "\\xf4\\x90\\x80\\x80"sv}, // above U+10FFFF
    {"\xf8\x88\x80\x80\x80"sv, "\\xf8\\x88\\x80\\x80\\x80"sv},
    {"\xff\xfe"sv, "\\xff\\xfe"sv},
    {"\xe2\x82x"sv, "\\xe2\\x82x"sv},
  };
  for (const auto& c : cases) {
    BOOST_TEST(escaped(c.in) == c.out);
    BOOST_TEST((find_malformed_utf8(c.in) == 0u));
  }
  BOOST_TEST((find_malformed_utf8("abc\xff"sv) == 3u));
  BOOST_TEST((find_malformed_utf8("\xf0\x90\x80\x80\xed\x9f\xbf\xf4\x8f\xbf\xbf"sv) == std::string_view::npos));
}

BOOST_AUTO_TEST_CASE(a_long_text_is_cut_between_characters_and_marked) {
  BOOST_TEST(escaped("12345678", 8) == "12345678");
  BOOST_TEST(escaped("123456789", 8) == "12345...");
  BOOST_TEST(escaped("1234\xc3\xbc\xc3\xbc\xc3\xbc", 8) == "1234...");
  BOOST_TEST(escaped("123\n\n\n\n", 8) == "123\\n...");
  BOOST_TEST(escaped(std::string(1'000'000, '\n'), 100).size() <= 100u);
  BOOST_TEST(escaped("abcdef", 2) == "..");
  BOOST_TEST(escaped("abcdef", 0).empty());
}

BOOST_AUTO_TEST_CASE(every_cut_length_stays_well_formed_and_within_its_limit) {
  const auto text = "x\xc3\xbc\n\xe2\x82\xac\x1b\xf0\x9f\x90\x80\xff tail"sv;
  for (std::size_t limit = 0; limit < 40; ++limit) {
    const auto out = escaped(text, limit);
    BOOST_TEST(out.size() <= limit);
    BOOST_TEST((find_malformed_utf8(out) == std::string_view::npos));
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::runtime
