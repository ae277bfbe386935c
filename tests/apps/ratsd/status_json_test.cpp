// SPDX-License-Identifier: MIT
#include "apps/ratsd/status_json.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace librats;
using namespace librats::apps;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(status_json_test)

BOOST_AUTO_TEST_CASE(a_tree_keeps_its_shape) {
  runtime::tree_node root;
  root.name = root.kind = "node";
  root.state = "running";
  runtime::tree_node child;
  child.name = "x-1";
  child.kind = "x";
  child.state = "restarting";
  child.restarts = 2;
  root.children = {child};
  const auto out = to_json(root, time_point{} + 5s);
  BOOST_TEST(out["name"] == "node");
  BOOST_TEST(out["children"].size() == 1u);
  BOOST_TEST(out["children"][0]["kind"] == "x");
  BOOST_TEST(out["children"][0]["restarts"] == 2);
  BOOST_TEST(out["children"][0]["age"].is_null());  // It is down.
}

BOOST_AUTO_TEST_CASE(a_peer_has_seconds_bytes_and_nulls) {
  actors::peer_report one;
  one.link.remote = *endpoint::parse("10.0.0.1:7000");
  one.link.role = protocols::role::responder;
  one.link.handshake = 1500us;
  one.bytes_received = 7;
  one.quality.packets_sent = 8;
  one.quality.retransmissions = 9;
  auto out = to_json(one, time_point{} + 2s);
  BOOST_TEST(out["remote"] == "10.0.0.1:7000");
  BOOST_TEST(out["direction"] == "in");
  BOOST_TEST(out["handshake"].get<double>() == 0.0015);
  BOOST_TEST(out["age"].get<double>() == 2.0);
  BOOST_TEST(out["rtt"].is_null());
  BOOST_TEST(out["bytes_received"] == 7);
  BOOST_TEST(out["packets_sent"] == 8);
  BOOST_TEST(out["packets_retransmitted"] == 9);
  one.rtt = 250ms;
  BOOST_TEST(to_json(one, {})["rtt"].get<double>() == 0.25);
}

BOOST_AUTO_TEST_CASE(a_node_that_does_not_listen_says_null) {
  actors::node_status status;
  status.protocol = "p";
  const auto out = to_json(status);
  BOOST_TEST(out["listening"].is_null());
  BOOST_TEST(out["protocol"] == "p");
  BOOST_TEST(out["security"] == "noise");
}

BOOST_AUTO_TEST_CASE(a_target_shows_its_state_and_last_error) {
  actors::reconnect_status status;
  protocols::reconnect_target one;
  one.where = {"::1", 7000};
  one.permanent = true;
  one.dials = 3;
  one.failures = 2;
  one.error = "refused";
  one.next_attempt = time_point{} + 3s;
  status.targets = {one};
  status.addresses_known = 5;
  const auto out = to_json(status, time_point{} + 1s);
  const auto& x = out["targets"][0];
  BOOST_TEST(x["where"] == "[::1]:7000");
  BOOST_TEST(x["state"] == "waiting");
  BOOST_TEST(x["configured"] == true);
  BOOST_TEST(x["peer"].is_null());
  BOOST_TEST(x["error"] == "refused");
  BOOST_TEST(x["dials"] == 3);
  BOOST_TEST(x["failures"] == 2);
  BOOST_TEST(x["next_dial"].get<double>() == 2.0);
  BOOST_TEST(out["enabled"] == true);
  BOOST_TEST(out["addresses_known"] == 5);
  BOOST_TEST(out["book_error"].is_null());
}

BOOST_AUTO_TEST_CASE(what_came_of_asking_for_peers_is_counted) {
  actors::exchange_status status;
  status.enabled = true;
  status.counted.dials = 4;
  status.counted.dials_failed = 1;
  const auto out = to_json(status);
  BOOST_TEST(out["enabled"] == true);
  BOOST_TEST(out["dials"] == 4);
  BOOST_TEST(out["dials_failed"] == 1);
  BOOST_TEST(out["requests_sent"] == 0);
}

BOOST_AUTO_TEST_CASE(the_view_from_outside_is_told) {
  actors::node_status status;
  status.observed_addresses = {*endpoint::parse("203.0.113.7:4000")};
  status.mapping_v4 = protocols::nat_mapping::endpoint_independent;
  const auto out = to_json(status);
  BOOST_TEST(out["observed_addresses"][0] == "203.0.113.7:4000");
  BOOST_TEST(out["nat"]["ipv4"] == "endpoint-independent");
  BOOST_TEST(out["nat"]["ipv6"] == "unknown");
}

BOOST_AUTO_TEST_CASE(the_dht_has_totals_and_rates_per_family) {
  actors::dht_status status;
  BOOST_TEST(to_json(status)["running"] == false);
  BOOST_TEST(to_json(status)["families"].empty());
  actors::dht_family_status one;
  one.v6 = true;
  one.id.raw[0] = 0xab;
  one.local = *endpoint::parse("[::]:6881");
  one.counted.nodes = 9;
  one.counted.confirmed = 7;
  one.counted.queries_out = 20;
  one.counted.bytes_in = 5000;
  one.counted.blocked = 6;
  one.counted.peers_stored = 2;
  one.lookups_done = 12;
  status.families = {one};
  BOOST_TEST(to_json(status)["families"][0]["spider"].is_null());
  one.sampled.emplace();
  one.sampled->asked = 4;
  one.sampled->hashes_fresh = 3;
  status.families = {one};
  BOOST_TEST(to_json(status)["families"][0]["spider"]["nodes_asked"] == 4);
  BOOST_TEST(to_json(status)["families"][0]["spider"]["hashes_fresh"] == 3);
  status.searches = 8;
  status.uptime = 10s;
  const auto out = to_json(status);
  BOOST_TEST(out["running"] == true);
  BOOST_TEST(out["searches"] == 8);
  BOOST_TEST(out["uptime"].get<double>() == 10.0);
  const auto& x = out["families"][0];
  BOOST_TEST(x["family"] == "ipv6");
  BOOST_TEST(x["id"] == "ab00000000000000000000000000000000000000");
  BOOST_TEST(x["local"] == "[::]:6881");
  BOOST_TEST(x["external"].is_null());
  BOOST_TEST(x["nodes"] == 9);
  BOOST_TEST(x["confirmed"] == 7);
  BOOST_TEST(x["rtt"].is_null());
  BOOST_TEST(x["lookups"]["done"] == 12);
  BOOST_TEST(x["queries_sent"]["total"] == 20);
  BOOST_TEST(x["queries_sent"]["per_second"].get<double>() == 2.0);
  BOOST_TEST(x["bytes_received"]["per_second"].get<double>() == 500.0);
  BOOST_TEST(x["blocked"] == 6);
  BOOST_TEST(x["stored"]["peers"] == 2);
  BOOST_TEST(x["trouble"].is_null());
}

BOOST_AUTO_TEST_CASE(services_on_the_link_are_listed) {
  actors::mdns_status status;
  BOOST_TEST(to_json(status)["running"] == false);
  BOOST_TEST(to_json(status)["instance"].is_null());
  protocols::mdns_found_service one;
  one.interface = 2;
  one.instance = "rats-2";
  one.host = "pi.local.";
  one.port = 7000;
  one.addresses = {*ip_address::parse("10.0.0.2")};
  one.txt = {{"app", "\xff"}};
  status.running = true;
  status.instance = "rats-1";
  status.interfaces = {"eth0"};
  status.services = {one};
  const auto out = to_json(status);
  BOOST_TEST(out["instance"] == "rats-1");
  BOOST_TEST(out["interfaces"][0] == "eth0");
  const auto& x = out["services"][0];
  BOOST_TEST(x["instance"] == "rats-2");
  BOOST_TEST(x["port"] == 7000);
  BOOST_TEST(x["addresses"][0] == "10.0.0.2");
  BOOST_TEST(x["interface"] == 2);
  // Bytes that are no UTF-8 do not spoil the file.
  const auto text = out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  BOOST_TEST(text.find("\"app\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(topics_are_listed_with_their_members) {
  actors::gossip_status status;
  BOOST_TEST(to_json(status)["running"] == false);
  peer_id id;
  id.raw[0] = 0xab;
  actors::topic_status one;
  one.topic = "news\xff";
  one.joined = true;
  one.subscribers = {id, peer_id{}};
  one.mesh = {id};
  one.counted.delivered = 7;
  one.counted.stale = 1;
  status.running = true;
  status.topics = {one};
  status.topics_known = 9;
  status.scores = {{id, 2.0}, {peer_id{}, -1.0}};
  status.graylisted = 4;
  const auto out = to_json(status);
  const auto& x = out["topics"][0];
  BOOST_TEST(x["joined"] == true);
  BOOST_TEST(x["subscribers"].size() == 2u);
  BOOST_TEST(x["mesh"][0] == id.to_string());
  BOOST_TEST(x["delivered"] == 7);
  BOOST_TEST(x["stale"] == 1);
  BOOST_TEST(out["topics_known"] == 9);
  BOOST_TEST(out["scores"]["min"].get<double>() == -1.0);
  BOOST_TEST(out["scores"]["average"].get<double>() == 0.5);
  BOOST_TEST(out["scores"]["max"].get<double>() == 2.0);
  BOOST_TEST(out["scores"]["peers"][id.to_string()].get<double>() == 2.0);
  BOOST_TEST(out["graylisted"] == 4);
  // A name that is no UTF-8 does not spoil the file.
  const auto text = out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  BOOST_TEST(text.find("\"news") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_store_is_told_in_full) {
  actors::storage_status status;
  BOOST_TEST(to_json(status)["phase"] == "off");
  status.phase = actors::storage_phase::running;
  status.set_aside = {"a", "b"};
  status.store.entries = 5;
  status.store.compacted = 6;
  status.committed = 7;
  status.peers_ours = 8;
  status.bytes_received = 9;
  status.sync_requests_sent = 10;
  const auto out = to_json(status);
  BOOST_TEST(out["phase"] == "running");
  BOOST_TEST(out["set_aside"].size() == 2u);
  BOOST_TEST(out["entries"] == 5);
  BOOST_TEST(out["compacted"] == 6);
  BOOST_TEST(out["committed"] == 7);
  BOOST_TEST(out["peers_ours"] == 8);
  BOOST_TEST(out["bytes_received"] == 9);
  BOOST_TEST(out["sync_requests_sent"] == 10);
  BOOST_TEST(out["synced"] == false);
}

BOOST_AUTO_TEST_CASE(files_are_told_in_full) {
  actors::transfer_list all;
  auto& one = all.transfers.emplace_back();
  one.id = 77;
  one.direction = actors::transfer_direction::receiving;
  one.phase = actors::transfer_phase::active;
  one.bytes_done = 5;
  one.bytes_total = 6;
  one.remaining = std::chrono::milliseconds{1500};
  one.checksum = "ab";
  actors::transfer_statistics counted;
  counted.running = true;
  counted.interrupted = 8;
  counted.receive_rate = 9;
  const auto out = to_json(all, counted);
  BOOST_TEST(out["running"] == true);
  BOOST_TEST(out["interrupted"] == 8);
  BOOST_TEST(out["receive_rate"].get<double>() == 9.0);
  const auto& x = out["transfers"].at(0);
  BOOST_TEST(x["id"] == 77);
  BOOST_TEST(x["direction"] == "in");
  BOOST_TEST(x["phase"] == "active");
  BOOST_TEST(x["bytes_done"] == 5);
  BOOST_TEST(x["bytes_total"] == 6);
  BOOST_TEST(x["remaining"].get<double>() == 1.5);
  BOOST_TEST(x["checksum"] == "ab");
  all.transfers[0].remaining.reset();
  BOOST_TEST(to_json(all, counted)["transfers"].at(0)["remaining"].is_null());
}

BOOST_AUTO_TEST_SUITE_END()
