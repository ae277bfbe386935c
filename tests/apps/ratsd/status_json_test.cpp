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
  auto out = to_json(one, time_point{} + 2s);
  BOOST_TEST(out["remote"] == "10.0.0.1:7000");
  BOOST_TEST(out["direction"] == "in");
  BOOST_TEST(out["handshake"].get<double>() == 0.0015);
  BOOST_TEST(out["age"].get<double>() == 2.0);
  BOOST_TEST(out["rtt"].is_null());
  BOOST_TEST(out["bytes_received"] == 7);
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

BOOST_AUTO_TEST_CASE(a_connect_entry_shows_its_state_and_last_error) {
  connect_entries entries;
  entries.all = {{{"::1", 7000}, "waiting", "", "refused", 3}};
  const auto out = to_json(entries);
  BOOST_TEST(out[0]["where"] == "[::1]:7000");
  BOOST_TEST(out[0]["state"] == "waiting");
  BOOST_TEST(out[0]["peer"].is_null());
  BOOST_TEST(out[0]["error"] == "refused");
  BOOST_TEST(out[0]["dials"] == 3);
}

BOOST_AUTO_TEST_SUITE_END()
