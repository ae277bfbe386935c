// SPDX-License-Identifier: MIT
#define BOOST_TEST_MODULE runtime_config_tests
#include "runtime/config/ini_scanner.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace librats::runtime {
namespace {

using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(ini_scanner_suite)

struct value_case {
  std::string_view line;
  std::string_view key;
  std::string_view value;
};

BOOST_AUTO_TEST_CASE(every_good_line_gives_its_key_and_value) {
  const value_case cases[] = {
    {"key = value", "key", "value"},
    {"key=value", "key", "value"},
    {"\t key \t=\t value \t", "key", "value"},
    {"key = two words", "key", "two words"},
    {"key =", "key", ""},
    {"key = ", "key", ""},
    {"key = a=b", "key", "a=b"},
    {"key = value # comment", "key", "value"},
    {"key = value ; comment", "key", "value"},
    {"key = value\t#comment", "key", "value"},
    {"key = # comment", "key", ""},
    {"key =\t; comment", "key", ""},
    {"key = a#b;c", "key", "a#b;c"},
    {"key =#x", "key", "#x"},
    {"key = a#b # c", "key", "a#b"},
    {"key = [not a header]", "key", "[not a header]"},
    {"key = \"\"", "key", ""},
    {"key = \"  blanks  \"", "key", "  blanks  "},
    {"key = \"a # b ; c\" # comment", "key", "a # b ; c"},
    {"key = \"a\";comment", "key", "a"},
    {"key = \"say \\\"hi\\\" \\\\o/\"", "key", "say \"hi\" \\o/"},
    {"key = a \"quoted\" word", "key", "a \"quoted\" word"},
    {"key = C:\\path\\x", "key", "C:\\path\\x"},
    {"odd key! = x", "odd key!", "x"},
    {"key = Gr\xc3\xbc\xc3\x9f", "key", "Gr\xc3\xbc\xc3\x9f"},
  };
  for (const auto& c : cases) {
    const auto scan = scan_ini("[s]\n" + std::string{c.line});
    BOOST_TEST_CONTEXT("line: " << c.line) {
      BOOST_TEST(scan.problems.empty());
      BOOST_REQUIRE(scan.entries.size() == 1u);
      BOOST_TEST(scan.entries[0].section == "s");
      BOOST_TEST(scan.entries[0].key == c.key);
      BOOST_TEST(scan.entries[0].value == c.value);
      BOOST_TEST(scan.entries[0].line == 2);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_good_header_gives_its_name) {
  for (const auto line : {"[node]", "  [node]  ", "[ node ]", "[node] # comment", "[node]; comment", "[node]\t;"}) {
    const auto scan = scan_ini(line);
    BOOST_TEST_CONTEXT("line: " << line) {
      BOOST_TEST(scan.problems.empty());
      BOOST_REQUIRE(scan.sections.size() == 1u);
      BOOST_TEST(scan.sections[0].name == "node");
      BOOST_TEST(scan.sections[0].line == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(blank_lines_and_comments_give_nothing) {
  for (const auto text :
    {""sv, "\n"sv, "  \t \n"sv, "# comment"sv, "; comment = x"sv, "  # [x]"sv, "\r\n\r\n"sv, "\xef\xbb\xbf"sv}) {
    const auto scan = scan_ini(text);
    BOOST_TEST(scan.problems.empty());
    BOOST_TEST(scan.sections.empty());
    BOOST_TEST(scan.entries.empty());
  }
}

BOOST_AUTO_TEST_CASE(windows_line_ends_and_a_byte_order_mark_are_fine) {
  const auto scan = scan_ini("\xef\xbb\xbf[s]\r\na = 1\r\nb = \"2\"\r\n");
  BOOST_TEST(scan.problems.empty());
  BOOST_REQUIRE(scan.entries.size() == 2u);
  BOOST_TEST(scan.entries[0].value == "1");
  BOOST_TEST(scan.entries[1].value == "2");
  BOOST_TEST(scan.entries[1].line == 3);
}

struct problem_case {
  std::string_view text;
  int line;
  std::string_view key;
  std::string_view sentence;
};

BOOST_AUTO_TEST_CASE(every_malformed_line_is_named_with_what_is_accepted) {
  const problem_case cases[] = {
    {"[s]\nkey"sv, 2, ""sv, "\"key\" has no '='; write key = value"sv},
    {"[s]\nkey: value"sv, 2, ""sv, "\"key: value\" has no '='; write key = value"sv},
    {"[s]\nkey # a = b"sv, 2, ""sv, "\"key\" has no '='; write key = value"sv},
    {"[s]\n= value"sv, 2, ""sv, "there is no key before '='; write key = value"sv},
    {"[s]\n  =  "sv, 2, ""sv, "there is no key before '='; write key = value"sv},
    {"[s"sv, 1, ""sv, "\"[s\" has no closing bracket; write [name]"sv},
    {"[s # ] x"sv, 1, ""sv,
      "after [s #] stands \"x\"; accepted is nothing or a comment, and keys go on lines of their own"sv},
    {"[s # comment"sv, 1, ""sv, "\"[s\" has no closing bracket; write [name]"sv},
    {"["sv, 1, ""sv, "\"[\" has no closing bracket; write [name]"sv},
    {"[]"sv, 1, ""sv, "the section has no name; write [name]"sv},
    {"[  ]"sv, 1, ""sv, "the section has no name; write [name]"sv},
    {"[s] key = 1"sv, 1, ""sv,
      "after [s] stands \"key = 1\"; accepted is nothing or a comment, and keys go on lines of their own"sv},
    {"[s]]"sv, 1, ""sv,
      "after [s] stands \"]\"; accepted is nothing or a comment, and keys go on lines of their own"sv},
    {"\nkey = 1"sv, 2, ""sv, "\"key = 1\" stands before the first section; begin with a header such as [node]"sv},
    {"junk"sv, 1, ""sv, "\"junk\" stands before the first section; begin with a header such as [node]"sv},
    {"[s]\nkey = \"open"sv, 2, "s.key"sv, "the value has no closing quote"sv},
    {"[s]\nkey = \""sv, 2, "s.key"sv, "the value has no closing quote"sv},
    {"[s]\nkey = \"ends in \\\""sv, 2, "s.key"sv, "the value has no closing quote"sv},
    {"[s]\nkey = \"x\" y"sv, 2, "s.key"sv, "after the closing quote stands \"y\"; accepted is nothing or a comment"sv},
    {"[s]\nkey = \"a\\n\""sv, 2, "s.key"sv,
      "between quotes a backslash is written \\\\ and a quote \\\"; nothing else follows a backslash"sv},
    {"[s]\nkey = \"a\\"sv, 2, "s.key"sv,
      "between quotes a backslash is written \\\\ and a quote \\\"; nothing else follows a backslash"sv},
    {"[s]\nkey = a\0b"sv, 2, ""sv, "there is a NUL byte at position 8; a configuration is UTF-8 text"sv},
    {"[s]\n# \0"sv, 2, ""sv, "there is a NUL byte at position 3; a configuration is UTF-8 text"sv},
    {"[s]\nkey = \xff"sv, 2, ""sv, "the byte \\xff at position 7 is not UTF-8; save the file as UTF-8 text"sv},
    {"[s]\nkey = \xc0\x80"sv, 2, ""sv, "the byte \\xc0 at position 7 is not UTF-8; save the file as UTF-8 text"sv},
    {"[s]\nkey = \xe2\x82"sv, 2, ""sv, "the byte \\xe2 at position 7 is not UTF-8; save the file as UTF-8 text"sv},
    {"[s]\n# Gr\xfc\xdf"sv, 2, ""sv, "the byte \\xfc at position 5 is not UTF-8; save the file as UTF-8 text"sv},
    {"\xff\xfe["sv, 1, ""sv, "the byte \\xff at position 1 is not UTF-8; save the file as UTF-8 text"sv},
    {"[s]\nkey = \x1b[2J"sv, 2, ""sv, "there is a control character \\x1b at position 7"sv},
    {"[s]\nkey = a\rb = c"sv, 2, ""sv, "there is a control character \\r at position 8"sv},
    {"[s]\nkey = \x7f"sv, 2, ""sv, "there is a control character \\x7f at position 7"sv},
  };
  for (const auto& c : cases) {
    const auto scan = scan_ini(c.text);
    BOOST_TEST_CONTEXT("text: " << c.text) {
      BOOST_TEST(scan.entries.empty());
      BOOST_REQUIRE(scan.problems.size() == 1u);
      BOOST_TEST(scan.problems[0].line == c.line);
      BOOST_TEST(scan.problems[0].key == c.key);
      BOOST_TEST(scan.problems[0].sentence == c.sentence);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_line_may_be_long_but_not_too_long) {
  const auto line_of = [](std::size_t bytes) { return "[s]\nk = " + std::string(bytes - 4, 'x'); };
  BOOST_TEST(scan_ini(line_of(config_line_bytes_max)).problems.empty());
  const auto scan = scan_ini(line_of(config_line_bytes_max + 1) + "\nnext = 1");
  BOOST_REQUIRE(scan.problems.size() == 1u);
  BOOST_TEST(scan.problems[0].line == 2);
  BOOST_TEST(scan.problems[0].sentence == "the line has 16385 bytes; accepted are at most 16384");
  BOOST_REQUIRE(scan.entries.size() == 1u);
  BOOST_TEST(scan.entries[0].key == "next");
}

BOOST_AUTO_TEST_CASE(the_scan_goes_on_after_a_mistake) {
  const auto scan = scan_ini("junk\nmore junk\n[a]\nx = 1\nbad\ny = \"2\nz = 3\n");
  BOOST_REQUIRE(scan.problems.size() == 3u); // Text before the first section is reported once.
  BOOST_TEST(scan.problems[0].line == 1);
  BOOST_TEST(scan.problems[1].line == 5);
  BOOST_TEST(scan.problems[2].line == 6);
  BOOST_REQUIRE(scan.entries.size() == 2u);
  BOOST_TEST(scan.entries[1].key == "z");
}

BOOST_AUTO_TEST_CASE(keys_below_a_broken_header_are_left_out_until_the_next_one) {
  for (const auto header : {"[b"sv, "[]"sv, "[b] x"sv, "[b\xff]"sv, "[b\0]"sv}) {
    const auto scan = scan_ini("[a]\nx = 1\n" + std::string{header} + "\nx = 2\n[c]\nx = 3\n");
    BOOST_TEST(scan.problems.size() == 1u);
    BOOST_REQUIRE(scan.entries.size() == 2u);
    BOOST_TEST(scan.entries[0].section == "a");
    BOOST_TEST(scan.entries[1].section == "c");
  }
}

BOOST_AUTO_TEST_CASE(a_section_may_be_opened_again) {
  const auto scan = scan_ini("[a]\nx = 1\n[b]\nx = 2\n[a]\ny = 3");
  BOOST_TEST(scan.problems.empty());
  BOOST_REQUIRE(scan.entries.size() == 3u);
  BOOST_TEST(scan.entries[2].section == "a");
}

BOOST_AUTO_TEST_CASE(quoting_is_undone_by_the_scanner) {
  BOOST_TEST(ini_quoted("plain") == "plain");
  BOOST_TEST(ini_quoted("a#b") == "a#b");
  BOOST_TEST(ini_quoted("a #b") == "\"a #b\"");
  BOOST_TEST(ini_quoted("") == "");
  for (const auto value : {"", " ", "x", " x", "x ", "#", "#x", ";x", "a #b", "a\t;b", "a#b", "\"", "\"x\"", "a\"b",
         "\\", "\\\"", " \\\" # ", "[x]", "a = b", "\xe2\x82\xac"}) {
    const auto scan = scan_ini("[s]\nk = " + ini_quoted(value) + "  # comment");
    BOOST_TEST_CONTEXT("value: " << value) {
      BOOST_TEST(scan.problems.empty());
      BOOST_REQUIRE(scan.entries.size() == 1u);
      BOOST_TEST(scan.entries[0].value == value);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::runtime
