// SPDX-License-Identifier: MIT
#include "apps/rats-client/json_text.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace librats::apps;

BOOST_AUTO_TEST_SUITE(json_text_test)

BOOST_AUTO_TEST_CASE(a_document_keeps_the_order_of_its_members) {
  nlohmann::ordered_json value;
  std::string mistake;
  BOOST_REQUIRE(parse_typed_in(R"({"z": 1, "a": [true, null]})", value, mistake));
  BOOST_TEST(value.dump() == R"({"z":1,"a":[true,null]})");
  BOOST_TEST(parse_typed_in("7", value, mistake));
}

BOOST_AUTO_TEST_CASE(a_mistake_names_its_character) {
  nlohmann::ordered_json value;
  std::string mistake;
  BOOST_TEST(!parse_typed_in(R"({"a":b})", value, mistake));
  BOOST_TEST(mistake.find("at character 6") != std::string::npos);
  BOOST_TEST(!parse_typed_in(R"({"a":1)", value, mistake));
  BOOST_TEST(mistake.find("at character 7") != std::string::npos);
  BOOST_TEST(!parse_typed_in("\"\x1b", value, mistake));
  BOOST_TEST(mistake.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
