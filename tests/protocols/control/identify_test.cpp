// SPDX-License-Identifier: MIT
#include "protocols/control/identify.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

endpoint parse_endpoint(const std::string& text) {
  const auto out = endpoint::parse(text.front() == ':' ? "0.0.0.0" + text : text);
  BOOST_TEST_REQUIRE(out.has_value());
  return *out;
}

identify from_fields(const nlohmann::ordered_json& fields) {
  identify out;
  out.listen_port = fields.at("listen_port").get<std::uint16_t>();
  for (const auto& text : fields.at("addresses"))
    out.addresses.push_back(parse_endpoint(text.get<std::string>()));
  if (!fields.at("observed").is_null())
    out.observed = parse_endpoint(fields.at("observed").get<std::string>());
  out.transports = fields.at("transports").get<std::uint8_t>();
  return out;
}

identify full_example() {
  identify out;
  out.listen_port = 8080;
  for (std::uint8_t i = 1; i <= identify_addresses_max; ++i)
    out.addresses.push_back(i % 2 ? endpoint{ip_address::v4(10, 0, 0, i), i} : endpoint{ip_address::v6_loopback(), i});
  out.observed = endpoint{ip_address::v4(203, 0, 113, 7), 41234};
  out.transports = transport_bit_tcp | transport_bit_udp;
  return out;
}

bool same(const identify& a, const identify& b) {
  return a.listen_port == b.listen_port && a.addresses == b.addresses && a.observed == b.observed
    && a.transports == b.transports;
}

} // namespace

BOOST_AUTO_TEST_SUITE(identify_codec)

BOOST_AUTO_TEST_CASE(every_vector_encodes_or_decodes_as_upstream_does) {
  for (const auto& x : load_vectors("control-identify.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      const auto decoded = decode_identify(x.raw);
      if (x.fields.contains("addresses")) {
        const auto value = from_fields(x.fields);
        BOOST_TEST(to_hex(encode(value)) == to_hex(x.raw));
        BOOST_TEST_REQUIRE(decoded.ok());
        BOOST_TEST(to_hex(encode(*decoded)) == to_hex(x.raw));
        continue;
      }
      BOOST_TEST_REQUIRE(decoded.ok() == x.fields.at("accepted").get<bool>());
      if (!decoded)
        continue;
      BOOST_TEST(decoded->listen_port == x.fields.at("listen_port").get<std::uint16_t>());
      BOOST_TEST(decoded->addresses.size() == x.fields.at("address_count").get<std::size_t>());
      BOOST_TEST(decoded->transports == x.fields.at("transports").get<std::uint8_t>());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_full_identify_survives_the_round_trip) {
  const auto x = full_example();
  const auto back = decode_identify(encode(x));
  BOOST_TEST_REQUIRE(back.ok());
  BOOST_TEST(same(*back, x));
}

BOOST_AUTO_TEST_CASE(only_the_first_32_dialable_addresses_are_sent) {
  auto x = full_example();
  x.addresses.insert(x.addresses.begin(), endpoint{ip_address{}, 7});
  x.addresses.push_back(endpoint{ip_address::v4(10, 9, 9, 9), 9});
  const auto back = decode_identify(encode(x));
  BOOST_TEST_REQUIRE(back.ok());
  BOOST_TEST((back->addresses == full_example().addresses));
}

BOOST_AUTO_TEST_CASE(an_observed_address_of_zeros_is_left_out) {
  identify x;
  x.observed = endpoint{ip_address{}, 77};
  BOOST_TEST(to_hex(encode(x)) == "010000000000");
}

BOOST_AUTO_TEST_CASE(every_truncated_length_is_refused_up_to_the_last_byte) {
  const auto raw = encode(full_example());
  for (std::size_t n = 0; n + 1 < raw.size(); ++n) {
    const auto x = decode_identify(bytes_view{raw}.first(n));
    BOOST_TEST_REQUIRE(!x.ok());
    BOOST_TEST((x.error() == wire_errc::truncated));
  }
  const auto without_transports = decode_identify(bytes_view{raw}.first(raw.size() - 1));
  BOOST_TEST_REQUIRE(without_transports.ok());
  BOOST_TEST(without_transports->transports == 0);
}

BOOST_AUTO_TEST_CASE(refusals_name_their_reason) {
  BOOST_TEST((decode_identify(unhex("02109200000001")).error() == wire_errc::unknown_version));
  BOOST_TEST((decode_identify(unhex("01109221000001")).error() == wire_errc::too_large));
  BOOST_TEST((decode_identify(unhex("010050000700000000000000")).error() == wire_errc::bad_address));
}

BOOST_AUTO_TEST_CASE(random_bytes_never_do_more_than_fail) {
  std::mt19937_64 random{20260822};
  for (int i = 0; i < 20000; ++i) {
    bytes raw(random() % 64);
    for (auto& byte : raw)
      byte = static_cast<std::uint8_t>(random() % 24);
    if (!raw.empty() && i % 2)
      raw[0] = 1;
    const auto x = decode_identify(raw);
    if (x)
      BOOST_TEST(x->addresses.size() <= identify_addresses_max);
  }
}

BOOST_AUTO_TEST_SUITE_END()
