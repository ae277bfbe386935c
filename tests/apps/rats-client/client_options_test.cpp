// SPDX-License-Identifier: MIT
#include "apps/rats-client/client_options.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats::apps;

BOOST_AUTO_TEST_SUITE(client_options_test)

BOOST_AUTO_TEST_CASE(a_port_alone_is_enough) {
  const auto x = parse_client_options({"8081"});
  BOOST_TEST(x.mistake == "");
  BOOST_TEST(x.listen_port == 8081);
  BOOST_TEST(!x.connect);
  BOOST_TEST(!x.plaintext);
}

BOOST_AUTO_TEST_CASE(a_peer_can_be_given_by_position_or_by_flag) {
  for (const auto& x : {parse_client_options({"8081", "localhost", "8080"}),
         parse_client_options({"8081", "--connect", "localhost", "8080"}),
         parse_client_options({"8081", "--connect", "localhost", "8080", "--plaintext"})}) {
    BOOST_TEST(x.mistake == "");
    BOOST_TEST(x.listen_port == 8081);
    BOOST_REQUIRE(x.connect.has_value());
    BOOST_TEST(x.connect->host == "localhost");
    BOOST_TEST(x.connect->port == 8080);
  }
}

BOOST_AUTO_TEST_CASE(flags_may_stand_anywhere) {
  const auto x = parse_client_options({"--data-dir", "d", "--protocol=p/1", "0", "--plaintext"});
  BOOST_TEST(x.mistake == "");
  BOOST_TEST(x.data_dir == "d");
  BOOST_TEST(x.protocol == "p/1");
  BOOST_TEST(x.plaintext);
  BOOST_TEST(!x.store);
  BOOST_TEST(parse_client_options({"--store", "0"}).store);
}

BOOST_AUTO_TEST_CASE(rooms_and_a_name_can_be_given) {
  const auto x = parse_client_options({"0", "--join", "news", "--join=sport", "--nick", "anna", "--sign"});
  BOOST_TEST(x.mistake == "");
  BOOST_TEST(x.rooms == (std::vector<std::string>{"news", "sport"}), boost::test_tools::per_element());
  BOOST_TEST(x.nick == "anna");
  BOOST_TEST(x.sign);
  BOOST_TEST(!parse_client_options({"0"}).sign);
  BOOST_TEST(parse_client_options({"0", "--nick", "two words"}).mistake.find("is no name") != std::string::npos);
  BOOST_TEST(parse_client_options({"0", "--nick", ""}).mistake != "");
  BOOST_TEST(parse_client_options({"0", "--join", "two words"}).mistake.find("without blanks") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(help_and_version_need_nothing_else) {
  BOOST_TEST(parse_client_options({"--help"}).help);
  BOOST_TEST(parse_client_options({"-h"}).help);
  BOOST_TEST(parse_client_options({"--version"}).version);
  BOOST_TEST(client_usage().find("--connect") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_mistake_has_a_sentence) {
  BOOST_TEST(parse_client_options({}).mistake.find("port to listen on is missing") != std::string::npos);
  BOOST_TEST(parse_client_options({"70000"}).mistake.find("0 to 65535") != std::string::npos);
  BOOST_TEST(parse_client_options({"-1"}).mistake != "");
  BOOST_TEST(parse_client_options({"1", "host"}).mistake.find("HOST PORT") != std::string::npos);
  BOOST_TEST(parse_client_options({"1", "host", "0"}).mistake.find("1 to 65535") != std::string::npos);
  BOOST_TEST(parse_client_options({"1", "host", "2", "more"}).mistake != "");
  BOOST_TEST(parse_client_options({"1", "--connect", "host"}).mistake.find("--connect") != std::string::npos);
  BOOST_TEST(parse_client_options({"1", "h", "2", "--connect", "h", "2"}).mistake.find("twice") != std::string::npos);
  BOOST_TEST(parse_client_options({"1", "--nonsense"}).mistake.find("nonsense") != std::string::npos);
  BOOST_TEST(parse_client_options({"1", "--data"}).mistake != "");  // Not guessed.
}

BOOST_AUTO_TEST_SUITE_END()
