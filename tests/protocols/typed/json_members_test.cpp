// SPDX-License-Identifier: MIT
#include "protocols/typed/json_members.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats::protocols;

namespace {

/// `name=value;` for each member, and `!` at the end when the text is no object.
std::string listed(std::string_view text) {
  std::string out;
  json_members members{text};
  while (const auto one = members.next())
    out += std::string{one->name} + '=' + std::string{one->value} + ';';
  return out + (members.ok() ? "" : "!");
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_members_walk)

BOOST_AUTO_TEST_CASE(members_come_in_the_order_of_the_text) {
  BOOST_TEST(listed("{}") == "");
  BOOST_TEST(listed(R"({"a":1,"b":"x","a":null})") == R"(a=1;b="x";a=null;)");
  BOOST_TEST(listed(" \t{ \"a\" :\n-1.5e3 , \"b\":[1,{\"c\":[]}]\r} ") == "a=\n-1.5e3;b=[1,{\"c\":[]}];");
}

BOOST_AUTO_TEST_CASE(brackets_and_quotes_inside_strings_are_text) {
  BOOST_TEST(listed(R"({"a":"}],\"{[","b":["]\\"],"\"":{"}":"\\\""}})") == R"(a="}],\"{[";b=["]\\"];\"={"}":"\\\""};)");
}

BOOST_AUTO_TEST_CASE(what_is_no_object_is_told) {
  for (const auto* text : {"", " ", "[]", "1", "\"a\"", "{", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\":1", "{\"a\":1,",
         "{,}", "{a:1}", "{\"a\":1}x", "{\"a\":\"x}", "{\"a\":[1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":\"\\"}) {
    BOOST_TEST_CONTEXT(text) {
      const auto found = listed(text);
      BOOST_TEST_REQUIRE(!found.empty());
      BOOST_TEST(found.back() == '!');
    }
  }
}

BOOST_AUTO_TEST_CASE(every_truncated_object_is_told) {
  const std::string whole = R"({"a":[1,2,{"b":"\"}"}],"c":null})";
  BOOST_TEST(listed(whole).back() != '!');
  for (std::size_t n = 0; n < whole.size(); ++n)
    BOOST_TEST(listed(whole.substr(0, n)).back() == '!');
}

BOOST_AUTO_TEST_CASE(a_value_ends_where_its_brackets_do) {
  BOOST_TEST(json_value_size("17,") == 2u);
  BOOST_TEST(json_value_size(" true]") == 5u);
  BOOST_TEST(json_value_size("\"a\\\"b\"rest") == 6u);
  BOOST_TEST(json_value_size("[[],{}]]") == 7u);
  BOOST_TEST(json_value_size("") == 0u);
  BOOST_TEST(json_value_size("  ") == 0u);
  BOOST_TEST(json_value_size("]") == 0u);
  BOOST_TEST(json_value_size("[1") == 0u);
  BOOST_TEST(is_one_json_value(" {\"a\":1} \n"));
  BOOST_TEST(!is_one_json_value("1 2"));
  BOOST_TEST(!is_one_json_value("{}}"));
}

BOOST_AUTO_TEST_CASE(deep_nesting_needs_no_stack) {
  const std::size_t depth = 3'000'000;
  BOOST_TEST(is_one_json_value(std::string(depth, '[') + std::string(depth, ']')));
  BOOST_TEST(!is_one_json_value(std::string(depth, '[')));
}

BOOST_AUTO_TEST_SUITE_END()
