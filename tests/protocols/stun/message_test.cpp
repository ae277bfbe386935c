// SPDX-License-Identifier: MIT
#include "protocols/stun/message.hpp"

#include "protocols/stun/attributes.hpp"
#include "tests/protocols/stun/stun_samples.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace librats;
using namespace librats::protocols::stun;
using namespace librats::test;

namespace {

const std::string_view header = "0001 0000 2112a442 000102030405060708090a0b";

/// A Binding request with these attributes, whose length is put right.
bytes with(std::string_view attributes) {
  auto out = unhex(std::string{header} + std::string{attributes});
  const auto length = out.size() - header_size;
  out[2] = static_cast<std::uint8_t>(length >> 8);
  out[3] = static_cast<std::uint8_t>(length);
  return out;
}

std::vector<attribute_type> types_of(const message_view& x) {
  std::vector<attribute_type> out;
  auto cursor = x.attributes();
  while (const auto one = cursor.next())
    out.push_back(one->type);
  return out;
}

const std::string_view sha1_attribute = "0008 0014 0000000000000000000000000000000000000000";
const std::string_view sha256_attribute = "001c 0010 00000000000000000000000000000000";

} // namespace

BOOST_AUTO_TEST_SUITE(stun_message)

BOOST_AUTO_TEST_CASE(what_upstream_sends_and_receives_decodes) {
  const auto cases = load_vectors("stun.json");
  const auto& asked = find_case(cases, "STUN binding request");
  const auto request = message_view::decode(asked.raw);
  BOOST_TEST_REQUIRE(request.ok());
  BOOST_TEST((request->kind() == message_class::request));
  BOOST_TEST(request->method() == method::binding);
  BOOST_TEST(to_hex(request->id()) == asked.fields.at("transaction_id").get<std::string>());
  BOOST_TEST(find_text(*request, attribute::software).value() == asked.fields.at("software").get<std::string>());
  BOOST_TEST(!request->has(attribute::fingerprint));

  const auto& told = find_case(cases, "STUN success response with XOR-MAPPED-ADDRESS 203.0.113.7:41234");
  const auto response = message_view::decode(told.raw);
  BOOST_TEST_REQUIRE(response.ok());
  BOOST_TEST((response->kind() == message_class::success));
  BOOST_TEST((find_mapped_address(*response).value() == endpoint{ip_address::v4(203, 0, 113, 7), 41234}));
}

BOOST_AUTO_TEST_CASE(the_request_of_rfc_5769_has_what_it_says) {
  const auto raw = stun_samples::request();
  const auto x = message_view::decode(raw);
  BOOST_TEST_REQUIRE(x.ok());
  BOOST_TEST(to_hex(x->id()) == "b7e7a701bc34d686fa87dfae");
  BOOST_TEST(find_text(*x, attribute::software).value() == "STUN test client");
  BOOST_TEST(find_text(*x, attribute::username).value() == "evtj:h6vY");
  BOOST_TEST(find_u32(*x, attribute::priority).value() == 0x6e0001ffu);
  BOOST_TEST(find_u64(*x, attribute::ice_controlled).value() == 0x932ff9b151263b36u);
  BOOST_TEST((types_of(*x)
    == std::vector<attribute_type>{attribute::software, attribute::priority, attribute::ice_controlled,
      attribute::username, attribute::message_integrity, attribute::fingerprint}));
}

BOOST_AUTO_TEST_CASE(every_class_and_method_fits_into_the_type_and_comes_back) {
  for (unsigned kind = 0; kind < 4; ++kind) {
    for (unsigned method = 0; method < 0x1000; ++method) {
      const auto type = message_type(static_cast<message_class>(kind), static_cast<method_type>(method));
      auto raw = unhex(header);
      raw[0] = static_cast<std::uint8_t>(type >> 8);
      raw[1] = static_cast<std::uint8_t>(type);
      const auto x = message_view::decode(raw);
      BOOST_REQUIRE(x.ok());
      BOOST_REQUIRE(x->kind() == static_cast<message_class>(kind));
      BOOST_REQUIRE(x->method() == method);
    }
  }
  // RFC 8656 section 16: Allocate request and its responses.
  BOOST_TEST(message_type(message_class::request, 3) == 0x0003);
  BOOST_TEST(message_type(message_class::success, 3) == 0x0103);
  BOOST_TEST(message_type(message_class::error, 3) == 0x0113);
  BOOST_TEST(message_type(message_class::indication, 6) == 0x0016);
}

BOOST_AUTO_TEST_CASE(every_truncation_of_every_sample_is_refused) {
  for (const auto& whole : {stun_samples::request(), stun_samples::response_v4(), stun_samples::response_v6(),
         stun_samples::long_term_request(), stun_samples::sha256_request()}) {
    BOOST_TEST(message_view::decode(whole).ok());
    for (std::size_t n = 0; n < whole.size(); ++n) {
      const bytes cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)};
      const auto x = message_view::decode(cut);
      BOOST_REQUIRE(!x.ok());
      BOOST_REQUIRE((x.error() == wire_errc::unknown_kind));
    }
    auto longer = whole;
    longer.resize(whole.size() + 4);
    BOOST_TEST(!message_view::decode(longer).ok());
  }
}

BOOST_AUTO_TEST_CASE(attributes_that_do_not_fill_the_message_exactly_are_refused) {
  // The same samples, with a header that says how much of them is left: attributes end in the middle.
  const auto whole = stun_samples::request();
  std::size_t fine = 0;
  for (std::size_t n = header_size; n < whole.size(); n += 4) {
    bytes cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)};
    cut[2] = 0;
    cut[3] = static_cast<std::uint8_t>(n - header_size);
    const auto x = message_view::decode(cut);
    fine += x.ok() ? 1u : 0u;
    if (!x)
      BOOST_REQUIRE((x.error() == wire_errc::truncated));
  }
  BOOST_TEST(fine == 6u); // Between two attributes it may end.
  BOOST_TEST((message_view::decode(with("8022 0005 61626364")).error() == wire_errc::truncated));
  BOOST_TEST((message_view::decode(with("8022 ffff 61626364")).error() == wire_errc::truncated));
  BOOST_TEST(message_view::decode(with("8022 0005 6162636465000000")).ok());
  BOOST_TEST(message_view::decode(with("8022 0000")).ok());
}

BOOST_AUTO_TEST_CASE(foreign_datagrams_are_told_apart) {
  const auto good = unhex(header);
  BOOST_TEST(looks_like_stun(good));
  for (const auto at :
    {std::size_t{0}, std::size_t{3}, std::size_t{4}, std::size_t{5}, std::size_t{6}, std::size_t{7}}) {
    auto bad = good;
    bad[at] = static_cast<std::uint8_t>(bad[at] ^ (at == 0 ? 0x40 : 0x01));
    BOOST_TEST(!looks_like_stun(bad));
  }
  auto odd = good;
  odd[3] = 2;
  odd.resize(odd.size() + 2);
  BOOST_TEST(!looks_like_stun(odd));
  BOOST_TEST(!looks_like_stun({}));
  for (const auto& x : load_vectors("udp-packets.json"))
    BOOST_TEST(!looks_like_stun(x.raw));
}

BOOST_AUTO_TEST_CASE(padding_may_hold_anything) {
  const auto raw = with("8022 0005 6162636465 fffefd 0024 0004 00000007");
  const auto x = message_view::decode(raw);
  BOOST_TEST_REQUIRE(x.ok());
  BOOST_TEST(find_text(*x, attribute::software).value() == "abcde");
  BOOST_TEST(find_u32(*x, attribute::priority).value() == 7u);
}

BOOST_AUTO_TEST_CASE(of_repeated_attributes_the_first_is_meant) {
  const auto raw = with("8022 0004 61616161 8022 0004 62626262");
  BOOST_TEST(find_text(*message_view::decode(raw), attribute::software).value() == "aaaa");
}

BOOST_AUTO_TEST_CASE(what_was_appended_behind_the_integrity_does_not_count) {
  const std::string sha1{sha1_attribute};
  const std::string sha256{sha256_attribute};
  const std::string name = "8022 0004 61616161";
  const std::string print = "8028 0004 00000000";
  using types = std::vector<attribute_type>;
  const auto seen = [](const std::string& attributes) {
    const auto raw = with(attributes);
    return types_of(*message_view::decode(raw));
  };
  BOOST_TEST((seen(name + sha1 + name + sha256 + name + print)
    == types{
      attribute::software, attribute::message_integrity, attribute::message_integrity_sha256, attribute::fingerprint}));
  BOOST_TEST((seen(sha256 + sha1 + name) == types{attribute::message_integrity_sha256}));
  BOOST_TEST((seen(sha1 + sha1) == types{attribute::message_integrity}));
  BOOST_TEST((seen(sha1 + name) == types{attribute::message_integrity}));
}

BOOST_AUTO_TEST_CASE(nothing_may_follow_the_fingerprint) {
  BOOST_TEST(message_view::decode(with("8028 0004 00000000")).ok());
  BOOST_TEST((message_view::decode(with("8028 0004 00000000 8022 0000")).error() == wire_errc::trailing_bytes));
}

BOOST_AUTO_TEST_SUITE_END()
