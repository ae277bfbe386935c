// SPDX-License-Identifier: MIT
#include "apps/rats-client/completion.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats::apps;

BOOST_AUTO_TEST_SUITE(completion_test)

BOOST_AUTO_TEST_CASE(a_unique_command_is_finished_with_a_blank) {
  BOOST_TEST(complete("/pe", {}).insert == "ers ");
  BOOST_TEST(complete("/q", {}).insert == "uit ");
}

BOOST_AUTO_TEST_CASE(several_commands_are_shown_once_nothing_can_be_inserted) {
  const auto x = complete("/s", {});
  BOOST_TEST(x.insert == "");
  const std::vector<std::string> all{"/send", "/set", "/show", "/status", "/store"};
  BOOST_TEST(x.candidates == all, boost::test_tools::per_element());
  BOOST_TEST(complete("/", {}).candidates.size() == 44u);
}

BOOST_AUTO_TEST_CASE(arguments_are_completed_by_what_they_are) {
  completion_words words;
  words.peers = {"4f1a2b3c", "4f1aaaaa", "90000000"};
  words.types = {"chat", "note"};
  words.channels = {"news"};
  words.topics = {"garden", "gardening", "sport"};
  BOOST_TEST(complete("/msg 9", words).insert == "0000000 ");
  BOOST_TEST(complete("/msg 4", words).insert == "f1a");
  BOOST_TEST(complete("/msg 4f1a", words).insert == "");
  BOOST_TEST(complete("/msg 4f1a", words).candidates.size() == 2u);
  BOOST_TEST(complete("/send 4f1a2b3c n", words).insert == "ote ");
  BOOST_TEST(complete("/on c", words).insert == "hat ");
  BOOST_TEST(complete("/channel ", words).insert == "news ");
  BOOST_TEST(complete("/log d", words).insert == "ebug ");
  BOOST_TEST(complete("/help sta", words).insert == "tus ");
  BOOST_TEST(complete("/connect l", words).insert == "ocalhost ");
  BOOST_TEST(complete("/dht ", words).insert == "st");
  BOOST_TEST(complete("/dht sta", words).insert == "rt ");
  BOOST_TEST(complete("/mdns sto", words).insert == "p ");
  BOOST_TEST(complete("/join s", words).insert == "port ");
  BOOST_TEST(complete("/leave g", words).insert == "arden");
  BOOST_TEST(complete("/publish garden", words).candidates.size() == 2u);
  BOOST_TEST(complete("/publish sport g", words).insert == "");
  BOOST_TEST(complete("/nick g", words).insert == "");
  BOOST_TEST(complete("/find ", words).insert == "");
}

BOOST_AUTO_TEST_CASE(text_and_unknown_commands_are_left_alone) {
  completion_words words;
  words.peers = {"4f1a2b3c"};
  BOOST_TEST(complete("hello 4", words).insert == "");
  BOOST_TEST(complete("", words).candidates.empty());
  BOOST_TEST(complete("/msg 4f1a2b3c 4", words).insert == "");
  BOOST_TEST(complete("/nothing 4", words).insert == "");
  BOOST_TEST(complete("/peers 4", words).insert == "");
}

BOOST_AUTO_TEST_SUITE_END()
