// SPDX-License-Identifier: MIT
#include "protocols/address_book/peer_history.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;

namespace {

known_peer peer(const std::string& id, unix_seconds seen, std::uint8_t n = 1) {
  known_peer out;
  out.where = {ip_address::v4(10, 0, 0, n), 8080};
  out.peer_id = id;
  out.outgoing = true;
  out.version = "1.0";
  out.last_seen = seen;
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(peer_histories)

BOOST_AUTO_TEST_CASE(the_file_has_the_members_of_the_client_api) {
  BOOST_TEST(dump_known_peers({peer("ab", 1'700'000'000)}) ==
             "[\n  {\n    \"ip\": \"10.0.0.1\",\n    \"port\": 8080,\n    \"peer_id\": \"ab\",\n"
             "    \"normalized_address\": \"10.0.0.1:8080\",\n    \"is_outgoing\": true,\n    \"version\": \"1.0\",\n"
             "    \"last_seen\": 1700000000\n  }\n]\n");
  BOOST_TEST(dump_known_peers({}) == "[]\n");
}

BOOST_AUTO_TEST_CASE(what_was_written_is_read_back) {
  const auto read = parse_known_peers(dump_known_peers({peer("ab", 5), peer("cd", 7, 2)}));
  BOOST_TEST_REQUIRE(read.ok());
  BOOST_TEST_REQUIRE(read->size() == 2u);
  const auto& x = (*read)[1];
  BOOST_TEST((x.where == endpoint{ip_address::v4(10, 0, 0, 2), 8080}));
  BOOST_TEST(x.peer_id == "cd");
  BOOST_TEST(x.outgoing);
  BOOST_TEST(x.version == "1.0");
  BOOST_TEST(x.last_seen == 7);
}

BOOST_AUTO_TEST_CASE(missing_members_are_no_mistake_and_what_cannot_be_dialed_is_skipped) {
  const auto read = parse_known_peers(R"([{"ip": "::1", "port": 1}, {"ip": "x", "port": 1}, {"ip": "10.0.0.1"}, 3])");
  BOOST_TEST_REQUIRE(read.ok());
  BOOST_TEST_REQUIRE(read->size() == 1u);
  BOOST_TEST(read->front().peer_id.empty());
  BOOST_TEST(read->front().last_seen == 0);
  BOOST_TEST(!parse_known_peers("{}").ok());
  BOOST_TEST(!parse_known_peers("[").ok());
}

BOOST_AUTO_TEST_CASE(of_two_sights_of_a_peer_the_later_one_is_kept) {
  peer_history x;
  x.note(peer("ab", 100, 1));
  x.note(peer("ab", 90, 2));
  x.note(peer("cd", 200, 3));
  x.note(peer("", 300, 4));  // Nobody.
  const auto all = x.all();
  BOOST_TEST_REQUIRE(all.size() == 2u);
  BOOST_TEST(all[0].peer_id == "cd");
  BOOST_TEST((all[1].where.address == ip_address::v4(10, 0, 0, 1)));
  x.note(peer("ab", 100, 5));
  BOOST_TEST((x.all()[1].where.address == ip_address::v4(10, 0, 0, 5)));
  x.clear();
  BOOST_TEST(x.size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_full_history_forgets_whom_it_did_not_see_for_longest) {
  peer_history x;
  for (std::size_t n = 0; n < peer_history::entries_max; ++n)
    x.note(peer("peer" + std::to_string(n), static_cast<unix_seconds>(1000 + n)));
  x.note(peer("too old", 1));
  BOOST_TEST(x.size() == peer_history::entries_max);
  BOOST_TEST(x.all().back().peer_id == "peer0");
  x.note(peer("new", 9999));
  BOOST_TEST(x.size() == peer_history::entries_max);
  BOOST_TEST(x.all().front().peer_id == "new");
  BOOST_TEST(x.all().back().peer_id == "peer1");
}

BOOST_AUTO_TEST_SUITE_END()
