// SPDX-License-Identifier: MIT
#include "protocols/stun/attributes.hpp"

#include "protocols/stun/message_builder.hpp"
#include "tests/protocols/stun/stun_samples.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace librats;
using namespace librats::protocols::stun;
using namespace librats::test;

namespace {

const auto id = stun_id("000102030405060708090a0b");

struct one_message {
  explicit one_message(message_builder& x) : raw(x.take()), view(*message_view::decode(raw)) {}
  bytes raw;
  message_view view;
};

message_builder start(message_class kind = message_class::request) {
  return message_builder{kind, method::binding, id};
}

/// A message with one attribute of that value.
one_message single(attribute_type type, std::string_view hex) {
  auto out = start();
  out.add(type, unhex(hex));
  return one_message{out};
}

} // namespace

BOOST_AUTO_TEST_SUITE(stun_attributes)

BOOST_AUTO_TEST_CASE(the_responses_of_rfc_5769_name_their_addresses) {
  const auto v4 = stun_samples::response_v4();
  const auto v6 = stun_samples::response_v6();
  BOOST_TEST((find_mapped_address(*message_view::decode(v4)).value() == stun_samples::mapped_v4()));
  BOOST_TEST((find_mapped_address(*message_view::decode(v6)).value() == stun_samples::mapped_v6()));
}

BOOST_AUTO_TEST_CASE(addresses_come_back_as_they_were_written) {
  for (const auto& x : {stun_samples::mapped_v4(), stun_samples::mapped_v6(), endpoint{ip_address::v4_loopback(), 1}}) {
    auto out = start();
    out.add_address(attribute::mapped_address, x)
      .add_xor_address(attribute::xor_mapped_address, x)
      .add_address(attribute::other_address, x)
      .add_address(attribute::response_origin, x)
      .add_address(attribute::alternate_server, x);
    const one_message m{out};
    BOOST_TEST((find_xor_address(m.view, attribute::xor_mapped_address).value() == x));
    for (const auto type :
      {attribute::mapped_address, attribute::other_address, attribute::response_origin, attribute::alternate_server})
      BOOST_TEST((find_address(m.view, type).value() == x));
  }
}

BOOST_AUTO_TEST_CASE(the_masked_address_is_preferred) {
  const endpoint plain{ip_address::v4(10, 0, 0, 1), 1};
  auto both = start();
  both.add_address(attribute::mapped_address, plain)
    .add_xor_address(attribute::xor_mapped_address, stun_samples::mapped_v4());
  BOOST_TEST((find_mapped_address(one_message{both}.view).value() == stun_samples::mapped_v4()));
  auto old = start();
  old.add_address(attribute::mapped_address, plain);
  BOOST_TEST((find_mapped_address(one_message{old}.view).value() == plain));
  auto none = start();
  BOOST_TEST(!find_mapped_address(one_message{none}.view).has_value());
}

BOOST_AUTO_TEST_CASE(addresses_of_a_wrong_family_or_length_are_refused) {
  for (const auto* bad : {"", "00", "0001", "00010001", "0001000101", "00010001010203", "000100010102030405",
         "0000000101020304", "0003000101020304", "0002000101020304", "00020001000102030405060708090a0b0c0d0e",
         "00010001000102030405060708090a0b0c0d0e0f"})
    BOOST_TEST((read_address(unhex(bad)).error() == wire_errc::bad_address));
  BOOST_TEST((read_address(unhex("ff01000101020304")).value() == endpoint{ip_address::v4(1, 2, 3, 4), 1}));
}

BOOST_AUTO_TEST_CASE(errors_are_numbers_from_300_to_699) {
  for (const int code : {300, 401, 420, 438, 487, 500, 699}) {
    auto out = start(message_class::error);
    out.add_error(code, "why");
    const one_message m{out};
    BOOST_TEST(find_error(m.view).value().code == code);
    BOOST_TEST(find_error(m.view).value().reason == "why");
  }
  BOOST_TEST(find_error(single(attribute::error_code, "fffffc14").view).value().code == 420); // Reserved bits are set.
  BOOST_TEST(find_error(single(attribute::error_code, "00000414").view).value().reason.empty());
  for (const auto* bad : {"", "000004", "00000214", "00000714", "00000464", "000004ff"})
    BOOST_TEST(!find_error(single(attribute::error_code, bad).view).has_value());
  auto long_reason = start(message_class::error);
  long_reason.add_error(400, std::string(text_size_max + 1, 'x'));
  BOOST_TEST(!find_error(one_message{long_reason}.view).has_value());
}

BOOST_AUTO_TEST_CASE(numbers_have_one_size) {
  BOOST_TEST(find_u32(single(attribute::priority, "01020304").view, attribute::priority).value() == 0x01020304u);
  for (const auto* bad : {"", "010203", "0102030405", "0102030405060708"})
    BOOST_TEST(!find_u32(single(attribute::priority, bad).view, attribute::priority).has_value());
  for (const auto* bad : {"", "01020304", "010203040506070809"})
    BOOST_TEST(!find_u64(single(attribute::ice_controlling, bad).view, attribute::ice_controlling).has_value());
  auto out = start();
  out.add_u64(attribute::ice_controlling, 0x0102030405060708).add_flag(attribute::use_candidate);
  const one_message m{out};
  BOOST_TEST(find_u64(m.view, attribute::ice_controlling).value() == 0x0102030405060708u);
  BOOST_TEST(m.view.has(attribute::use_candidate));
  BOOST_TEST(!m.view.has(attribute::ice_controlled));
}

BOOST_AUTO_TEST_CASE(texts_have_a_limit) {
  auto out = start();
  out.add_text(attribute::realm, std::string(text_size_max, 'r'))
    .add_text(attribute::nonce, std::string(text_size_max + 1, 'n'))
    .add_text(attribute::username, std::string(username_size_max + 1, 'u'));
  const one_message m{out};
  BOOST_TEST(find_text(m.view, attribute::realm).value().size() == text_size_max);
  BOOST_TEST(!find_text(m.view, attribute::nonce).has_value());
  BOOST_TEST(!find_text(m.view, attribute::username, username_size_max).has_value());
  BOOST_TEST(!find_text(m.view, attribute::software).has_value());
}

BOOST_AUTO_TEST_CASE(a_change_request_has_two_bits) {
  for (const bool address : {false, true}) {
    for (const bool port : {false, true}) {
      auto out = start();
      out.add_change_request(address, port);
      const one_message m{out};
      BOOST_TEST(find_change_request(m.view).value().address == address);
      BOOST_TEST(find_change_request(m.view).value().port == port);
    }
  }
  // RFC 5780 section 7.2: bit 29 changes the address, bit 30 the port.
  BOOST_TEST(find_change_request(single(attribute::change_request, "00000004").view).value().address);
  BOOST_TEST(find_change_request(single(attribute::change_request, "00000002").view).value().port);
  BOOST_TEST(!find_change_request(single(attribute::change_request, "0004").view).has_value());
}

BOOST_AUTO_TEST_CASE(what_must_be_understood_and_is_not_is_listed_once) {
  auto out = start();
  out.add_flag(0x7fff).add_flag(0x8000).add_flag(0x0002).add_flag(0x7fff).add_flag(attribute::priority);
  out.add_text(attribute::username, "u").add_text(attribute::software, "s").add_flag(attribute::use_candidate);
  const one_message m{out};
  using types = std::vector<attribute_type>;
  BOOST_TEST((unknown_required(m.view) == types{0x7fff, 0x0002, attribute::priority, attribute::use_candidate}));
  const types ice{attribute::priority, attribute::use_candidate};
  BOOST_TEST((unknown_required(m.view, ice) == types{0x7fff, 0x0002}));
}

BOOST_AUTO_TEST_CASE(what_follows_the_integrity_need_not_be_understood) {
  auto out = start();
  out.seal(as_bytes("key")).add_flag(0x7fff);
  BOOST_TEST(unknown_required(one_message{out}.view).empty());
}

BOOST_AUTO_TEST_CASE(a_flood_of_unknown_attributes_makes_no_long_list) {
  auto out = start();
  for (attribute_type type = 0x1000; type < 0x1000 + 2 * unknown_attributes_max; ++type)
    out.add_flag(type);
  BOOST_TEST(unknown_required(one_message{out}.view).size() == unknown_attributes_max);
}

BOOST_AUTO_TEST_CASE(a_list_of_unknown_attributes_comes_back) {
  const std::vector<attribute_type> list{1, 2, 0x7fff};
  auto out = start(message_class::error);
  out.add_unknown_attributes(list);
  BOOST_TEST((find_unknown_attributes(one_message{out}.view) == list));
  BOOST_TEST(find_unknown_attributes(single(attribute::unknown_attributes, "000102").view).empty());
  BOOST_TEST(find_unknown_attributes(single(attribute::software, "0001").view).empty());
}

BOOST_AUTO_TEST_SUITE_END()
