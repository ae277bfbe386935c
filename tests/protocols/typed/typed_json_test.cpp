// SPDX-License-Identifier: MIT
#include "protocols/typed/typed_json.hpp"

#include "protocols/typed/typed_message.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <random>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

/// The text that comes out again, or "refused".
std::string rewritten(std::string_view text) {
  const auto document = parse_ordered_json(text);
  return document ? *dump_json(*document) : "refused";
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

BOOST_AUTO_TEST_SUITE(typed_json)

BOOST_AUTO_TEST_CASE(every_vector_is_rewritten_byte_for_byte) {
  for (const auto& x : load_vectors("typed-json.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      const auto decoded = decode_typed(x.raw);
      BOOST_TEST_REQUIRE(decoded.ok());
      const auto document = parse_ordered_json(decoded->json_text);
      BOOST_TEST_REQUIRE(document.ok());
      BOOST_TEST(*dump_json(*document) == decoded->json_text);
      BOOST_TEST(to_hex(*encode_typed_json(decoded->type, *document)) == to_hex(x.raw));
      const auto expected = parse_ordered_json(x.fields.at("json_text").get<std::string>());
      BOOST_TEST_REQUIRE(expected.ok());
      // The field shows 0x7F as nothing, so of that one case only the beginning can be compared.
      if (x.name.rfind("non-ASCII", 0) != 0)
        BOOST_TEST((*expected == *document));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_sorted_variant_writes_the_same_members) {
  const auto document = parse_json(R"({"z":1,"a":[true,null],"m":{"b":1.5,"a":"x"}})");
  BOOST_TEST_REQUIRE(document.ok());
  BOOST_TEST(*dump_json(*document) == R"({"a":[true,null],"m":{"a":"x","b":1.5},"z":1})");
  BOOST_TEST(as_text(*encode_typed_json("t", *document)).substr(3) == *dump_json(*document));
}

BOOST_AUTO_TEST_CASE(memory_that_is_used_again_holds_the_last_message_alone) {
  bytes scratch;
  for (const auto& [type, value] : {std::pair{"chat", nlohmann::json{{"text", std::string(1000, 'x')}}},
         std::pair{"", nlohmann::json(1)}, std::pair{"m", nlohmann::json(nullptr)}}) {
    const auto written = write_typed_json(scratch, type, value);
    BOOST_TEST_REQUIRE(written.ok());
    BOOST_TEST(to_hex(*written) == to_hex(*encode_typed_json(type, value)));
    BOOST_TEST((written->data() == scratch.data()));
  }
  BOOST_TEST((write_typed_json(scratch, std::string(65536, 't'), 1).error() == wire_errc::too_large));
  BOOST_TEST((write_typed_json(scratch, "m", nlohmann::json::binary({1})).error() == wire_errc::bad_text));
}

BOOST_AUTO_TEST_CASE(numbers_are_read_and_written_as_the_wire_says) {
  const std::pair<const char*, const char*> cases[] = {
    {"0", "0"},
    {"-0", "0"},
    {"-0.0", "-0.0"},
    {"1.0", "1.0"},
    {"1e10", "1e+10"},
    {"1E+2", "100.0"},
    {"1e-7", "1e-07"},
    {"0.1", "0.1"},
    {"123456789012345678", "123456789012345678"},
    {"9223372036854775807", "9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"-9223372036854775809", "-9223372036854775808.0"},
    {"18446744073709551615", "18446744073709551615"},
    {"18446744073709551616", "18446744073709551616.0"},
    {"1e999", "null"}, // Read as infinity, which JSON cannot write.
    {"-1e999", "null"},
    {"1e-999", "0.0"},
    {"-1e-999", "-0.0"},
    {"0e999", "0.0"},
    {"0.000e99999999999999999999", "0.0"},
    {"1e-99999999999999999999999", "0.0"},
    {"1e99999999999999999999999", "null"},
    {"5e-324", "5e-324"},
  };
  for (const auto& [in, out] : cases)
    BOOST_TEST(rewritten(in) == out);
  BOOST_TEST(std::isinf(parse_json("1e999")->get<double>()));
  BOOST_TEST(parse_json("-1e999")->get<double>() < 0);
}

BOOST_AUTO_TEST_CASE(a_long_number_beyond_the_range_knows_its_side) {
  BOOST_TEST(std::isinf(parse_json(std::string(400, '9'))->get<double>()));
  BOOST_TEST(parse_json("0." + std::string(400, '0') + "1")->get<double>() == 0);
  BOOST_TEST(parse_json("0." + std::string(400, '0') + "1e401")->get<double>() == 1);
}

BOOST_AUTO_TEST_CASE(values_that_json_cannot_express_become_null) {
  nlohmann::json document{std::nan(""), std::numeric_limits<double>::infinity(), 1.5};
  BOOST_TEST(*dump_json(document) == "[null,null,1.5]");
  document = nlohmann::json::binary({1, 2});
  BOOST_TEST((dump_json(document).error() == wire_errc::bad_text));
}

BOOST_AUTO_TEST_CASE(strings_are_escaped_only_where_they_must) {
  BOOST_TEST(
    rewritten(R"("\u0041\u00e9\ud83d\ude00\/\b\f\n\r\t\"\\")") == "\"A\u00e9\U0001F600/\\b\\f\\n\\r\\t\\\"\\\\\"");
  BOOST_TEST(rewritten(R"("\u001F\u007f")") == "\"\\u001f\x7f\"");
  BOOST_TEST(rewritten(R"("\u0000")") == "\"\\u0000\"");
}

BOOST_AUTO_TEST_CASE(strings_of_the_application_are_written_raw_even_if_they_are_not_utf8) {
  BOOST_TEST(*dump_json(nlohmann::json("\xFF\xFE")) == "\"\xFF\xFE\"");
}

BOOST_AUTO_TEST_CASE(whitespace_and_a_byte_order_mark_are_tolerated) {
  BOOST_TEST(rewritten("\xEF\xBB\xBF \t\r\n { \"a\" : [ 1 , 2 ] , \"b\" : { } , \"c\" : [ ] } \n")
    == R"({"a":[1,2],"b":{},"c":[]})");
}

BOOST_AUTO_TEST_CASE(of_members_of_one_name_the_last_value_wins_at_the_first_position) {
  BOOST_TEST(rewritten(R"({"a":1,"b":2,"a":{"c":3}})") == R"({"a":{"c":3},"b":2})");
  BOOST_TEST(rewritten(R"({"a":[1,2],"a":[]})") == R"({"a":[]})");
}

BOOST_AUTO_TEST_CASE(everything_else_is_refused) {
  using namespace std::string_view_literals;
  for (auto text : {""sv, " "sv, "nul"sv, "nulll"sv, "True"sv, "1 2"sv, "[1,]"sv, "[,1]"sv, "[1 2]"sv, "{\"a\":1,}"sv,
         "{a:1}"sv, "{\"a\"}"sv, "{\"a\":}"sv, "{1:2}"sv, "["sv, "]"sv, "{"sv, "}"sv, "\"abc"sv, "\"a\nb\""sv,
         "\"\x01\""sv, "\"\\x\""sv, "\"\\u12\""sv, "\"\\u12g4\""sv, "\"\\ud800\""sv, "\"\\ud800\\u0041\""sv,
         "\"\\udc00\""sv, "01"sv, "-"sv, "+1"sv, "1."sv, ".5"sv, "1e"sv, "1e+"sv, "0x10"sv, "NaN"sv, "Infinity"sv,
         "'a'"sv, "[1]x"sv, "/**/1"sv, "\xEF\xBB"sv, "\"\\"sv, "1\0"sv, "\0"sv}) {
    BOOST_TEST(rewritten(text) == "refused", "accepted: " << text);
    const auto document = parse_json(text);
    BOOST_TEST_REQUIRE(!document.ok());
    BOOST_TEST((document.error() == wire_errc::bad_text));
  }
}

BOOST_AUTO_TEST_CASE(invalid_utf8_is_refused) {
  for (std::string_view text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80",
         "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xFF"})
    BOOST_TEST(rewritten("\"" + std::string{text} + "\"") == "refused");
  for (std::string_view text :
    {"\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    BOOST_TEST(rewritten("\"" + std::string{text} + "\"") != "refused");
}

BOOST_AUTO_TEST_CASE(nesting_is_bounded_both_ways) {
  BOOST_TEST(rewritten(nested(json_depth_max)) == nested(json_depth_max));
  BOOST_TEST(rewritten(nested(json_depth_max + 1)) == "refused");
  BOOST_TEST(rewritten(std::string(1'000'000, '[')) == "refused");
  std::string objects;
  for (int i = 0; i <= json_depth_max; ++i)
    objects += "{\"a\":";
  BOOST_TEST(rewritten(objects + "1" + std::string(json_depth_max + 1, '}')) == "refused");
  nlohmann::json deep = 1;
  for (int i = 0; i <= json_depth_max; ++i)
    deep = nlohmann::json::array({std::move(deep)});
  BOOST_TEST((dump_json(deep).error() == wire_errc::bad_text));
}

BOOST_AUTO_TEST_CASE(a_text_above_the_limit_is_refused_unread) {
  BOOST_TEST((parse_json(std::string(json_text_max + 1, ' ')).error() == wire_errc::too_large));
}

BOOST_AUTO_TEST_CASE(mutated_documents_are_judged_as_nlohmann_judges_them) {
  const std::string seed = R"({"a":[1,-2.5e+3,true,false,null,"x\u00e9\n"],"b":{"c":"\ud83d\ude00","":0.1}} )";
  const std::string_view alphabet = "{}[]\",:\\u0123456789.eE+-tfn \xC3\xA9\x01";
  std::mt19937_64 random{42};
  int accepted = 0;
  for (int i = 0; i < 50000; ++i) {
    auto text = seed;
    for (auto edits = random() % 4; edits > 0; --edits) {
      const auto at = random() % text.size();
      switch (random() % 3) {
      case 0: text[at] = alphabet[random() % alphabet.size()]; break;
      case 1: text.erase(at, 1 + random() % 4); break;
      default: text.insert(at, 1, alphabet[random() % alphabet.size()]);
      }
      if (text.empty())
        text = "1";
    }
    const auto theirs = nlohmann::json::parse(text, nullptr, false);
    const auto ours = parse_json(text);
    if (ours && ours->dump().find("null") != std::string::npos && theirs.is_discarded())
      continue; // A number beyond the range of a double, which nlohmann refuses.
    BOOST_TEST_REQUIRE(ours.ok() == !theirs.is_discarded(), text);
    if (ours) {
      ++accepted;
      BOOST_TEST_REQUIRE((*ours == theirs), text);
      BOOST_TEST_REQUIRE((nlohmann::json::parse(*dump_json(*ours)) == theirs), text);
    }
  }
  BOOST_TEST(accepted > 5000);
}

BOOST_AUTO_TEST_SUITE_END()
