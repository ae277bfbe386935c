// SPDX-License-Identifier: MIT
#include "protocols/stun/binding_responder.hpp"

#include "protocols/stun/attributes.hpp"
#include "protocols/stun/integrity.hpp"
#include "protocols/stun/message_builder.hpp"
#include "tests/protocols/stun/stun_samples.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace librats;
using namespace librats::protocols::stun;
using namespace librats::test;

namespace {

const auto id = stun_id("000102030405060708090a0b");
const endpoint asker{ip_address::v4(203, 0, 113, 7), 41234};

message_builder request(message_class kind = message_class::request, method_type m = method::binding) {
  return {kind, m, id};
}

} // namespace

BOOST_AUTO_TEST_SUITE(stun_binding_responder)

BOOST_AUTO_TEST_CASE(a_request_is_answered_with_where_it_came_from) {
  const auto cases = load_vectors("stun.json");
  const auto& asked = find_case(cases, "STUN binding request").raw;
  const auto& told = find_case(cases, "STUN success response with XOR-MAPPED-ADDRESS 203.0.113.7:41234").raw;
  BOOST_TEST(to_hex(answer_binding(asker, asked, "").value()) == to_hex(told));
  const auto named = answer_binding(asker, asked).value();
  BOOST_TEST(find_text(*message_view::decode(named), attribute::software).value() == "librats");
  BOOST_TEST((check_fingerprint(*message_view::decode(named)) == integrity::absent));
  for (const auto& from : {stun_samples::mapped_v4(), stun_samples::mapped_v6()}) {
    const auto answer = answer_binding(from, asked).value();
    BOOST_TEST((find_mapped_address(*message_view::decode(answer)).value() == from));
  }
}

BOOST_AUTO_TEST_CASE(a_fingerprint_is_answered_with_one) {
  const auto answer = answer_binding(asker, request().add_fingerprint().take()).value();
  BOOST_TEST((check_fingerprint(*message_view::decode(answer)) == integrity::good));
}

BOOST_AUTO_TEST_CASE(an_attribute_that_we_should_know_is_answered_with_420) {
  const auto in = request().add_flag(attribute::priority).add_change_request(true, false).add_flag(0x9999).take();
  const auto answer = answer_binding(asker, in).value();
  const auto x = message_view::decode(answer);
  BOOST_TEST_REQUIRE(x.ok());
  BOOST_TEST((x->kind() == message_class::error));
  BOOST_TEST((x->id() == id));
  BOOST_TEST(find_error(*x).value().code == 420);
  BOOST_TEST(
    (find_unknown_attributes(*x) == std::vector<attribute_type>{attribute::priority, attribute::change_request}));
  BOOST_TEST(!find_mapped_address(*x).has_value());
}

BOOST_AUTO_TEST_CASE(credentials_are_understood_and_not_asked_for) {
  const auto in = request().add_text(attribute::username, "u").seal(as_bytes("k")).take();
  BOOST_TEST((message_view::decode(answer_binding(asker, in).value())->kind() == message_class::success));
}

BOOST_AUTO_TEST_CASE(everything_else_gets_no_answer) {
  BOOST_TEST(!answer_binding(asker, request(message_class::indication).take()).has_value());
  BOOST_TEST(!answer_binding(asker, request(message_class::success).take()).has_value());
  BOOST_TEST(!answer_binding(asker, request(message_class::error).take()).has_value());
  BOOST_TEST(!answer_binding(asker, request(message_class::request, 3).take()).has_value());
  BOOST_TEST(!answer_binding(asker, {}).has_value());
  auto wrong = request().add_fingerprint().take();
  wrong.back() ^= 1;
  BOOST_TEST(!answer_binding(asker, wrong).has_value());
  const auto whole = request().add_text(attribute::software, "somebody").take();
  for (std::size_t n = 0; n < whole.size(); ++n)
    BOOST_TEST(!answer_binding(asker, bytes_view{whole}.first(n)).has_value());
}

BOOST_AUTO_TEST_CASE(an_answer_is_at_most_three_times_the_request) {
  for (const auto& from : {stun_samples::mapped_v4(), stun_samples::mapped_v6()}) {
    auto in = request();
    for (int unknown = 0; unknown < 200; ++unknown) {
      auto copy = in;
      for (const auto& raw : {copy.take(), message_builder{in}.add_fingerprint().take()})
        BOOST_REQUIRE(answer_binding(from, raw).value().size() <= 3 * raw.size());
      in.add_flag(static_cast<attribute_type>(0x1000 + unknown));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
