// SPDX-License-Identifier: MIT
#include "protocols/typed/request_codec.hpp"

#include "protocols/typed/typed_json.hpp"
#include "protocols/typed/typed_message.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

std::string text_of(const bytes& payload) {
  return std::string{decode_typed(payload)->json_text};
}

constexpr auto largest = std::numeric_limits<std::uint64_t>::max();

} // namespace

BOOST_AUTO_TEST_SUITE(request_codec)

BOOST_AUTO_TEST_CASE(a_request_stands_on_the_wire_as_written_down) {
  const auto raw = encode_request(7, "sum", "[1,2]");
  BOOST_TEST_REQUIRE(raw.ok());
  BOOST_TEST(to_hex(*raw)
    == to_hex(unhex("000c"                           // the length of the type
                    "726174732e72657175657374"       // rats.request
                    "7b226964223a2237222c"           // {"id":"7",
                    "2274797065223a2273756d222c"     // "type":"sum",
                    "2264617461223a5b312c325d7d"))); // "data":[1,2]}
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back) {
  for (const std::uint64_t id : {std::uint64_t{0}, std::uint64_t{1} << 60, largest})
    for (const auto* data : {"null", "{\"a\":[1,{}]}", "\"}\"", "  17 ", "[\"\\\"\",2]"}) {
      const auto asked = encode_request(id, "a \"type\"\n", data);
      BOOST_TEST_REQUIRE(asked.ok());
      const auto outer = decode_typed(*asked);
      BOOST_TEST(outer->type == request_type);
      const auto request = decode_request(outer->json_text);
      BOOST_TEST_REQUIRE(request.ok());
      BOOST_TEST(request->id == id);
      BOOST_TEST(request->type == "a \"type\"\n");
      BOOST_TEST(*dump_json(*parse_json(request->data_text)) == *dump_json(*parse_json(data)));
      BOOST_TEST(parse_json(outer->json_text).ok()); // For those who read it with any other parser.
      const auto answered = encode_response(id, data);
      BOOST_TEST_REQUIRE(answered.ok());
      BOOST_TEST(decode_typed(*answered)->type == response_type);
      const auto response = decode_response(decode_typed(*answered)->json_text);
      BOOST_TEST_REQUIRE(response.ok());
      BOOST_TEST(response->id == id);
      BOOST_TEST(!response->error);
      BOOST_TEST(*dump_json(*parse_json(response->data_text)) == *dump_json(*parse_json(data)));
    }
}

BOOST_AUTO_TEST_CASE(an_error_carries_its_sentence) {
  const auto raw = encode_error_response(9, "the \"disk\" is full");
  BOOST_TEST(text_of(raw) == R"({"id":"9","error":"the \"disk\" is full"})");
  const auto response = decode_response(text_of(raw));
  BOOST_TEST_REQUIRE(response.ok());
  BOOST_TEST(response->id == 9u);
  BOOST_TEST(response->error.value() == "the \"disk\" is full");
}

BOOST_AUTO_TEST_CASE(a_long_sentence_is_cut_between_characters) {
  std::string sentence(request_error_max - 1, 'x');
  sentence += "\xC3\xA9 and more";
  const auto response = decode_response(text_of(encode_error_response(1, sentence)));
  BOOST_TEST_REQUIRE(response.ok());
  BOOST_TEST(response->error.value() == std::string(request_error_max - 1, 'x'));
  // The reader does not rely on the writer.
  const auto foreign = R"({"id":"1","error":")" + std::string(5000, 'y') + "\"}";
  BOOST_TEST(decode_response(foreign)->error->size() == request_error_max);
}

BOOST_AUTO_TEST_CASE(what_cannot_travel_is_refused_or_replaced) {
  BOOST_TEST((encode_request(1, std::string(typed_type_max + 1, 't'), "1").error() == wire_errc::too_large));
  BOOST_TEST(encode_request(1, std::string(typed_type_max, 't'), "1").ok());
  BOOST_TEST((encode_request(1, "\xFF", "1").error() == wire_errc::bad_text));
  for (const auto* data : {"", " ", "1,2", "{", "\"", "]", "1}"}) {
    BOOST_TEST((encode_request(1, "t", data).error() == wire_errc::bad_text));
    BOOST_TEST((encode_response(1, data).error() == wire_errc::bad_text));
  }
  BOOST_TEST(decode_response(text_of(encode_error_response(1, "\xFF")))->error.value() == "failed");
}

BOOST_AUTO_TEST_CASE(members_in_any_order_and_unknown_ones_are_read) {
  const auto request = decode_request(R"( { "data" : {"id":"no"} , "x":[1], "type":"\u0061", "id":"12", "id":"13" } )");
  BOOST_TEST_REQUIRE(request.ok());
  BOOST_TEST(request->id == 13u);
  BOOST_TEST(request->type == "a");
  BOOST_TEST(request->data_text == " {\"id\":\"no\"}");
  BOOST_TEST(decode_request(R"({"id":"1","type":"t"})")->data_text == "");
  const auto both = decode_response(R"({"error":"no","data":1,"id":"1"})");
  BOOST_TEST_REQUIRE(both.ok());
  BOOST_TEST(both->error.value() == "no");
  BOOST_TEST(both->data_text.empty());
}

BOOST_AUTO_TEST_CASE(every_truncated_text_is_refused) {
  const std::string request = R"({"id":"1","type":"t","data":{"a":"}"}})";
  const std::string response = R"({"id":"1","data":[1]})";
  for (std::size_t n = 0; n < request.size(); ++n)
    BOOST_TEST((decode_request(request.substr(0, n)).error() == wire_errc::bad_text));
  for (std::size_t n = 0; n < response.size(); ++n)
    BOOST_TEST((decode_response(response.substr(0, n)).error() == wire_errc::bad_text));
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_refused) {
  for (const auto* text : {"null", "[]", R"({"type":"t"})", R"({"id":"1"})", R"({"id":1,"type":"t"})",
         R"({"id":"","type":"t"})", R"({"id":"-1","type":"t"})", R"({"id":"1 ","type":"t"})",
         R"({"id":"0x1","type":"t"})", R"({"id":"18446744073709551616","type":"t"})", R"({"id":"1","type":7})",
         R"({"id":"1","type":"t"} 1)", "{\"id\":\"1\",\"type\":\"\xFF\"}"})
    BOOST_TEST((decode_request(text).error() == wire_errc::bad_text), text);
  for (const auto* text : {R"({"id":"1"})", R"({"data":1})", R"({"id":"1","error":1})", R"({"id":"1","error":null})",
         R"({"id":"1","data":})", "{\"id\":\"1\",\"error\":\"\xFF\"}"})
    BOOST_TEST((decode_response(text).error() == wire_errc::bad_text), text);
}

BOOST_AUTO_TEST_SUITE_END()
