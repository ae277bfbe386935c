// SPDX-License-Identifier: MIT
#include "apps/rats-client/command.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats::apps;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace

BOOST_AUTO_TEST_SUITE(command_test)

BOOST_AUTO_TEST_CASE(plain_text_is_chat) {
  const auto x = parse_command("  hello there \r");
  BOOST_REQUIRE(x.ok());
  BOOST_TEST((x->kind == command_kind::chat));
  BOOST_TEST(x->arguments.at(0) == "hello there");
  BOOST_TEST((parse_command("   ")->kind == command_kind::nothing));
  BOOST_TEST(parse_command("//path")->arguments.at(0) == "/path");
}

BOOST_AUTO_TEST_CASE(the_last_text_argument_takes_the_rest) {
  const auto x = parse_command("/send  abc   note {\"a\": 1, \"b\": [2]}");
  BOOST_REQUIRE(x.ok());
  BOOST_TEST((x->kind == command_kind::send));
  BOOST_TEST(x->arguments.size() == 3u);
  BOOST_TEST(x->arguments.at(1) == "note");
  BOOST_TEST(x->arguments.at(2) == "{\"a\": 1, \"b\": [2]}");
  BOOST_TEST(parse_command("/channel news")->arguments.size() == 1u);
  BOOST_TEST(parse_command("/channel news two words")->arguments.at(1) == "two words");
}

BOOST_AUTO_TEST_CASE(commands_that_find_peers_have_their_arguments) {
  BOOST_TEST(parse_command("/dht")->arguments.empty());
  BOOST_TEST((parse_command("/dht start [::1]:6881")->kind == command_kind::dht));
  BOOST_TEST(parse_command("/dht start [::1]:6881")->arguments.at(1) == "[::1]:6881");
  BOOST_TEST(parse_command("/announce song 7000")->arguments.at(1) == "7000");
  BOOST_TEST(parse_command("/put two words")->arguments.at(0) == "two words");
  BOOST_TEST(parse_command("/mdns start my-node")->arguments.size() == 2u);
  BOOST_TEST(has(parse_command("/find").error(), "/find KEY"));
  BOOST_TEST(has(parse_command("/find two words").error(), "too much"));
  BOOST_TEST(has(parse_command("/get").error(), "/get TARGET"));
  BOOST_TEST((parse_command("/address")->kind == command_kind::address));
}

BOOST_AUTO_TEST_CASE(commands_about_topics_have_their_arguments) {
  BOOST_TEST((parse_command("/join news")->kind == command_kind::join));
  BOOST_TEST(has(parse_command("/join").error(), "/join TOPIC"));
  BOOST_TEST(has(parse_command("/join two words").error(), "too much"));
  BOOST_TEST(parse_command("/leave")->arguments.empty());
  BOOST_TEST(parse_command("/leave news")->arguments.at(0) == "news");
  BOOST_TEST(parse_command("/publish news two words")->arguments.at(1) == "two words");
  BOOST_TEST(has(parse_command("/publish news").error(), "/publish TOPIC TEXT"));
  BOOST_TEST((parse_command("/topics")->kind == command_kind::topics));
  BOOST_TEST(parse_command("/nick")->arguments.empty());
  BOOST_TEST(has(parse_command("/nick two words").error(), "/nick [NAME]"));
}

BOOST_AUTO_TEST_CASE(names_are_understood_in_any_case) {
  BOOST_TEST((parse_command("/PEERS")->kind == command_kind::peers));
  BOOST_TEST((find_command("peers") == find_command("/Peers")));
  BOOST_TEST((find_command("peer") == nullptr));
}

BOOST_AUTO_TEST_CASE(an_unknown_command_gets_a_suggestion) {
  BOOST_TEST(has(parse_command("/chanel x").error(), "did you mean /channel?"));
  BOOST_TEST(has(parse_command("/pers").error(), "/peers"));
  BOOST_TEST(has(parse_command("/zzzzzz").error(), "/help"));
  BOOST_TEST(has(parse_command("/").error(), "/help"));
  BOOST_TEST(has(parse_command("/\x1b[2J").error(), "\\x1b"));
}

BOOST_AUTO_TEST_CASE(too_few_and_too_many_arguments_show_the_usage) {
  BOOST_TEST(has(parse_command("/connect host").error(), "/connect HOST PORT"));
  BOOST_TEST(has(parse_command("/send a b").error(), "something is missing"));
  BOOST_TEST(has(parse_command("/peers now").error(), "too much"));
  BOOST_TEST(has(parse_command("/connect host 1 2").error(), "too much"));
}

BOOST_AUTO_TEST_CASE(help_shows_every_command_or_one) {
  const auto all = help_text();
  for (const auto& one : all_commands())
    BOOST_TEST(has(all, std::string{one.name}));
  BOOST_TEST(has(help_text("msg"), "/msg ID TEXT"));
  BOOST_TEST(has(help_text("/msg"), "/msg ID TEXT"));
  BOOST_TEST(has(help_text("/mgs"), "did you mean /msg?"));
}

BOOST_AUTO_TEST_SUITE_END()
