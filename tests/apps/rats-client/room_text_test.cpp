// SPDX-License-Identifier: MIT
#include "apps/rats-client/room_text.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::apps;
using protocols::authorship;

namespace {

peer_id peer(std::uint8_t number) {
  peer_id out;
  out.raw[0] = number;
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(room_text_test)

BOOST_AUTO_TEST_CASE(a_nick_cannot_make_a_line_look_like_another) {
  for (const auto* good : {"anna", "Jörg", "a.b-c_d", "12345678x", "1234567", "猫"})
    BOOST_TEST(is_nick(good), good);
  for (const auto* bad : {"", "two words", "anna:", "anna~1", "anna?", "[room]", "tab\t", "bell\a", "line\n", "a\\b",
         "\xff", "0123abcd", "\u202eanna"})
    BOOST_TEST(!is_nick(bad), bad);
  BOOST_TEST(is_nick(std::string(32, 'n')));
  BOOST_TEST(!is_nick(std::string(33, 'n')));
  BOOST_TEST(nick_rule("two words").find("\"two words\" is no name; accepted: up to 32 bytes") == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_said_is_a_small_json_object) {
  BOOST_TEST(chat_json("anna", "hello") == R"({"nick":"anna","text":"hello"})");
  BOOST_TEST(chat_json("", "a \"b\"") == R"({"text":"a \"b\""})");
  const auto x = read_chat(chat_json("anna", "hello"));
  BOOST_TEST(x.is_chat);
  BOOST_TEST(x.nick == "anna");
  BOOST_TEST(x.text == "hello");
}

BOOST_AUTO_TEST_CASE(what_others_publish_is_shown_as_it_is) {
  for (const auto* text : {"plain", "{}", R"({"nick":"anna"})", R"({"text":5})", "[1,2]", R"("text")"}) {
    const auto x = read_chat(text);
    BOOST_TEST(!x.is_chat);
    BOOST_TEST(x.nick == "");
    BOOST_TEST(x.text == text);
  }
  BOOST_TEST(read_chat("a\x1b[2Jb\n").text == "a\\x1b[2Jb\\n");
  BOOST_TEST(read_chat(R"({"text":"a\u001b[2Jb","nick":"x\u001b"})").text == "a\\x1b[2Jb");
  BOOST_TEST(read_chat(R"({"text":"a","nick":"x\u001b"})").nick == "");
  BOOST_TEST(read_chat(R"({"text":"a","nick":7})").nick == "");
  BOOST_TEST(read_chat("\xff\x01").text == "2 bytes ff01");
  std::string digits;
  for (int i = 0; i < 32; ++i)
    digits += "fe";
  BOOST_TEST(read_chat(std::string(40, '\xfe')).text == "40 bytes " + digits + "...");
}

BOOST_AUTO_TEST_CASE(a_name_belongs_to_who_came_with_it_first) {
  nick_table names;
  BOOST_TEST(names.name(peer(1)) == "01000000");
  BOOST_TEST(names.note(peer(1), "") == "01000000");
  BOOST_TEST(names.note(peer(1), "anna") == "anna");
  BOOST_TEST(names.note(peer(2), "anna") == "anna~0200");
  BOOST_TEST(names.name(peer(1)) == "anna");
  BOOST_TEST(names.note(peer(1), "") == "anna");
  BOOST_TEST(names.note(peer(1), "bert") == "bert"); // Now the name is free.
  BOOST_TEST(names.note(peer(3), "anna") == "anna");
  BOOST_TEST(names.name(peer(2)) == "anna~0200");
}

BOOST_AUTO_TEST_CASE(nobody_gets_our_own_name) {
  nick_table names;
  names.note(peer(1), "anna");
  names.set_own(peer(9), "anna");
  BOOST_TEST(names.name(peer(9)) == "anna");
  BOOST_TEST(names.name(peer(1)) == "anna~0100");
  BOOST_TEST(names.note(peer(9), "forged") == "anna");
  names.set_own(peer(9), "");
  BOOST_TEST(names.name(peer(9)) == "09000000");
}

BOOST_AUTO_TEST_CASE(of_too_many_names_only_our_own_is_kept) {
  nick_table names;
  names.set_own(peer(255), "me");
  peer_id id;
  for (std::size_t i = 0; i < nick_table::authors_max; ++i) {
    id.raw[1] = static_cast<std::uint8_t>(i >> 8);
    id.raw[2] = static_cast<std::uint8_t>(i);
    names.note(id, "n" + std::to_string(i));
  }
  BOOST_TEST(names.name(id) == "n" + std::to_string(nick_table::authors_max - 1));
  BOOST_TEST(names.name(peer(0)) == "00000000");
  BOOST_TEST(names.name(peer(255)) == "me");
}

BOOST_AUTO_TEST_CASE(a_line_names_the_room_and_marks_what_is_only_claimed) {
  BOOST_TEST(room_line("news", "anna", authorship::link, "hi") == "[news] anna: hi");
  BOOST_TEST(room_line("news", "anna", authorship::proven, "hi") == "[news] anna: hi");
  BOOST_TEST(room_line("news", "anna", authorship::claimed, "hi") == "[news] anna?: hi");
  BOOST_TEST(room_mark("a\x1b") == "[a\\x1b]");
  BOOST_TEST(room_mark(std::string(200, 'r')).size() == 42u);
}

BOOST_AUTO_TEST_SUITE_END()
