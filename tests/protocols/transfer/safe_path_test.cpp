// SPDX-License-Identifier: MIT
#include "protocols/transfer/safe_path.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::string_literals;

namespace {

void refused(const std::string& raw, name_errc why, name_rules rules = name_rules::posix) {
  const auto x = safe_path(raw, rules);
  BOOST_TEST_CONTEXT(raw) {
    BOOST_TEST_REQUIRE(!x.ok());
    BOOST_TEST(to_string(x.error()) == to_string(why));
  }
}

void accepted(const std::string& raw, name_rules rules = name_rules::posix) {
  const auto x = safe_path(raw, rules);
  BOOST_TEST_CONTEXT(raw) {
    BOOST_TEST_REQUIRE(x.ok());
    BOOST_TEST(*x == raw);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(transfer_safe_path)

BOOST_AUTO_TEST_CASE(vectors_are_judged_alike) {
  int checked = 0;
  for (const auto& x : load_vectors("file-transfer.json")) {
    if (x.name != "manifest path check")
      continue;
    ++checked;
    const auto path = x.fields.at("path").get<std::string>();
    BOOST_TEST(safe_path(path, name_rules::posix).ok() == x.fields.at("safe").get<bool>(), path);
  }
  BOOST_TEST(checked == 10);
}

BOOST_AUTO_TEST_CASE(a_path_never_leaves_the_folder) {
  for (const auto* x : {"..", "../a", "a/..", "a/../b", "./a", "a/.", ".", "a\\..\\b", "..\\a"})
    refused(x, name_errc::dots);
  for (const auto* x : {"/etc/passwd", "\\a", "\\\\server\\share", "//a"})
    refused(x, name_errc::absolute);
  refused("C:\\a", name_errc::drive);
  refused("c:a", name_errc::drive);
  refused("", name_errc::empty);
  refused("a//b", name_errc::empty);
  refused("a/", name_errc::empty);
  refused("a\\\\b", name_errc::empty);
}

BOOST_AUTO_TEST_CASE(separators_of_windows_become_ours) {
  BOOST_TEST(*safe_path("a\\b\\c.txt", name_rules::windows) == "a/b/c.txt");
  BOOST_TEST(*safe_path("a\\b/c", name_rules::posix) == "a/b/c");
}

BOOST_AUTO_TEST_CASE(names_in_all_scripts_pass) {
  for (const auto* x : {"Größe/Übung.txt", "Ответ.pdf", "写真/日本.jpg", "😀.png", "e\xCC\x81t\xC3\xA9", "a b",
         ".hidden", "ab:c", "שלום.txt", "...", "-rf", "~"})
    accepted(x);
}

BOOST_AUTO_TEST_CASE(text_that_lies_or_is_none_is_refused) {
  refused("a\0b"s, name_errc::control);
  refused("a\nb", name_errc::control);
  refused("a\x7f", name_errc::control);
  refused("a\xC2\x85", name_errc::control);     // U+0085, next line.
  refused("a\xE2\x80\xA8", name_errc::control); // U+2028, line separator.
  refused("a\xE2\x80\xAE"
          "gpj.exe",
    name_errc::deceptive);                        // U+202E
  refused("a\xE2\x81\xA6", name_errc::deceptive); // U+2066
  refused("a\xFF", name_errc::not_utf8);
  refused("\xC0\xAE\xC0\xAE/a", name_errc::not_utf8); // ".." written longer than it needs to be.
  refused("\xE0\x80\xAF", name_errc::not_utf8);
  refused("\xED\xA0\x80", name_errc::not_utf8);     // A surrogate.
  refused("\xF4\x90\x80\x80", name_errc::not_utf8); // Above U+10FFFF.
  refused("a\xC3", name_errc::not_utf8);            // Cut off.
  refused("a\xEF\xBF\xBF", name_errc::not_utf8);    // U+FFFF
  refused("a\xEF\xB7\x90", name_errc::not_utf8);    // U+FDD0
}

BOOST_AUTO_TEST_CASE(names_that_windows_cannot_hold_are_refused_there_alone) {
  for (const auto* x :
    {"CON", "con.txt", "a/NUL", "Aux.tar.gz", "COM1", "lpt9.x", "COM\xC2\xB2", "nul .txt", "CONIN$"}) {
    refused(x, name_errc::reserved, name_rules::windows);
    accepted(x);
  }
  for (const auto* x : {"COM", "COM0", "COM10", "console", "nul_", "xCON"})
    accepted(x, name_rules::windows);
  for (const auto* x : {"a.", "a ", "d./b", "..."})
    refused(x, name_errc::bad_ending, name_rules::windows);
  for (const auto* x : {"a<b", "a>b", "ab:c", "a\"b", "a|b", "a?b", "a*b"})
    refused(x, name_errc::bad_character, name_rules::windows);
}

BOOST_AUTO_TEST_CASE(length_and_depth_are_bounded) {
  accepted(std::string(255, 'x'));
  refused(std::string(256, 'x'), name_errc::component_too_long);
  std::string deep = "d";
  for (int i = 1; i < 128; ++i)
    deep += "/d";
  accepted(deep);
  refused(deep + "/d", name_errc::too_deep);
  std::string longest = std::string(254, 'x');
  while (longest.size() < safe_path_max - 256)
    longest += "/" + std::string(254, 'x');
  accepted(longest + "/" + std::string(safe_path_max - longest.size() - 1, 'y'));
  refused(longest + "/" + std::string(safe_path_max - longest.size(), 'y'), name_errc::too_long);
}

BOOST_AUTO_TEST_CASE(a_lone_name_is_no_path) {
  BOOST_TEST(*safe_name("a.txt", name_rules::posix) == "a.txt");
  BOOST_TEST((safe_name("a/b", name_rules::posix).error() == name_errc::not_a_name));
  BOOST_TEST((safe_name("a\\b", name_rules::posix).error() == name_errc::not_a_name));
  BOOST_TEST((safe_name("..", name_rules::posix).error() == name_errc::dots));
}

BOOST_AUTO_TEST_CASE(case_is_folded_where_a_disk_may_do_so) {
  BOOST_TEST(folded_path("ReadMe.TXT") == "readme.txt");
  BOOST_TEST(folded_path("ÀÖØÞ×÷") == "àöøþ×÷");
  BOOST_TEST(folded_path("ŁŹŸĀ") == "łźÿā");
  BOOST_TEST(folded_path("ΑΣΏς") == "ασώσ");
  BOOST_TEST(folded_path("ЁЖЯҐ") == "ёжяґ");
  BOOST_TEST(folded_path("ԱՖ") == "աֆ");
  BOOST_TEST(folded_path("Ａ") == "ａ");
  for (const auto* x : {"straße", "日本", "łźćż", "ı", "😀", "яё"})
    BOOST_TEST(folded_path(x) == x);
}

BOOST_AUTO_TEST_SUITE_END()
