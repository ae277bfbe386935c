// SPDX-License-Identifier: MIT
#include "protocols/pex/pex_message.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

pex_entry entry_of(const std::string& address, const std::string& id) {
  return {*endpoint::parse(address), *peer_id::parse(id)};
}

std::vector<pex_entry> entries_of(const nlohmann::ordered_json& fields) {
  std::vector<pex_entry> out;
  if (fields.contains("peer"))
    out.push_back(entry_of(fields.at("peer"), fields.at("peer_id")));
  if (fields.contains("peers"))
    for (std::size_t i = 0; i < fields.at("peers").size(); ++i)
      out.push_back(entry_of(fields.at("peers")[i], fields.at("peer_ids")[i]));
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(pex_codec)

BOOST_AUTO_TEST_CASE(every_vector_reads_as_upstream_reads_it) {
  for (const auto& x : load_vectors("pex.json")) {
    BOOST_TEST_CONTEXT(x.name) {
      const auto decoded = decode_pex(x.raw);
      if (x.name == "version 2 (ignored)" || x.name == "request truncated") {
        BOOST_TEST(!decoded.ok());
        continue;
      }
      BOOST_TEST_REQUIRE(decoded.ok());
      if (const auto* request = std::get_if<pex_request>(&*decoded)) {
        BOOST_TEST(to_hex(encode(*request)) == to_hex(x.raw));
        if (x.fields.contains("max"))
          BOOST_TEST(request->max == x.fields.at("max").get<std::uint16_t>());
        continue;
      }
      const auto& response = std::get<pex_response>(*decoded);
      const auto wanted = x.fields.contains("dials") ? x.fields.at("dials") : x.fields.at("count");
      BOOST_TEST(response.entries.size() == wanted.get<std::size_t>());
      if (const auto entries = entries_of(x.fields); !entries.empty()) {
        BOOST_TEST((response.entries == entries));
        BOOST_TEST(to_hex(encode(pex_response{entries})) == to_hex(x.raw));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_truncated_response_keeps_its_complete_entries) {
  const auto whole = find_case(load_vectors("pex.json"), "response with an IPv4 and an IPv6 peer").raw;
  constexpr std::size_t first_ends = 4 + 7 + 32;
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    const auto x = decode_pex(bytes_view{whole}.first(n));
    if (n < 4) {
      BOOST_TEST_REQUIRE(!x.ok());
      BOOST_TEST((x.error() == wire_errc::truncated));
      continue;
    }
    BOOST_TEST_REQUIRE(x.ok());
    BOOST_TEST(std::get<pex_response>(*x).entries.size() == (n < first_ends ? 0u : n < whole.size() ? 1u : 2u));
  }
}

BOOST_AUTO_TEST_CASE(an_address_of_another_length_ends_the_list) {
  auto raw = find_case(load_vectors("pex.json"), "response with an IPv4 and an IPv6 peer").raw;
  raw[4 + 7 + 32] = 5;
  BOOST_TEST(std::get<pex_response>(*decode_pex(raw)).entries.size() == 1u);
  raw[4] = 0;
  BOOST_TEST(std::get<pex_response>(*decode_pex(raw)).entries.empty());
}

BOOST_AUTO_TEST_CASE(no_more_than_32_entries_are_written_or_read) {
  pex_response many;
  for (std::uint8_t i = 0; i < 40; ++i)
    many.entries.push_back({{ip_address::v4(10, 0, 0, i), 1000}, peer_id{filled(i)}});
  many.entries[3].address.port = 0;  // Not dialable: left out.
  const auto raw = encode(many);
  BOOST_TEST(std::get<pex_response>(*decode_pex(raw)).entries.size() == pex_entries_max);
  auto more = raw;
  more[2] = 0xFF;  // Claims 65,000 entries, with 33 there.
  const auto tail = encode(pex_response{{many.entries[39]}});
  more.insert(more.end(), tail.begin() + 4, tail.end());
  const auto read = std::get<pex_response>(*decode_pex(more)).entries;
  BOOST_TEST(read.size() == pex_entries_max);
  BOOST_TEST((read[3] == many.entries[4]));
}

BOOST_AUTO_TEST_CASE(what_follows_a_message_is_ignored_and_unknown_kinds_are_refused) {
  BOOST_TEST(std::get<pex_request>(*decode_pex(unhex("01000020 ffff"))).max == 32);
  BOOST_TEST((decode_pex(unhex("01020020")).error() == wire_errc::unknown_kind));
  BOOST_TEST((decode_pex(unhex("00000020")).error() == wire_errc::unknown_version));
  BOOST_TEST((decode_pex({}).error() == wire_errc::truncated));
}

BOOST_AUTO_TEST_CASE(random_bytes_never_do_more_than_fail) {
  std::mt19937_64 random{20260823};
  for (int i = 0; i < 20000; ++i) {
    bytes raw(random() % 200);
    for (auto& byte : raw)
      byte = static_cast<std::uint8_t>(random() % 18);
    if (raw.size() > 1) {
      raw[0] = 1;
      raw[1] = 1;
    }
    const auto x = decode_pex(raw);
    if (x)
      BOOST_TEST(std::get<pex_response>(*x).entries.size() <= raw.size() / 39);
  }
}

BOOST_AUTO_TEST_SUITE_END()
