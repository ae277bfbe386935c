// SPDX-License-Identifier: MIT
#include "tests/apps/librats/support/client_pair.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::test {

namespace {

ReconnectConfig every_second() {
  ReconnectConfig out;
  out.max_attempts = 0;
  out.retry_intervals_seconds = {1};
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(reconnection)

BOOST_AUTO_TEST_CASE(the_defaults_are_those_of_the_api_and_every_setting_is_read_back) {
  RatsClient client{0};
  BOOST_TEST(client.is_reconnect_enabled());
  auto how = client.get_reconnect_config();
  BOOST_TEST(how.max_attempts == 3);
  BOOST_TEST(how.retry_intervals_seconds == (std::vector<int>{5, 30, 120}), boost::test_tools::per_element());
  BOOST_TEST(how.stable_connection_threshold_seconds == 60);
  BOOST_TEST(how.stable_first_retry_seconds == 2);
  how.max_attempts = 9;
  how.retry_intervals_seconds = {7};
  client.set_reconnect_config(how);
  client.set_reconnect_enabled(false);
  BOOST_TEST(!client.is_reconnect_enabled());
  BOOST_TEST(client.get_reconnect_config().max_attempts == 9);
  BOOST_TEST(client.get_reconnect_config().retry_intervals_seconds.front() == 7);
  BOOST_TEST(!client.get_reconnect_config().enabled);
  BOOST_TEST(client.get_reconnect_queue_size() == 0u);
  client.clear_reconnect_queue();
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_was_lost_is_queued_and_comes_back, client_pair) {
  a.client.set_reconnect_config(every_second());
  b.client.set_reconnect_enabled(false);
  connect();
  const auto port = b.client.get_listen_port();
  const auto key = b.client.get_encryption_key();
  b.client.stop();
  BOOST_TEST(a.left.pop().second == at_a.second);
  const auto queue = a.client.get_reconnect_queue();
  BOOST_REQUIRE(queue.size() == 1u);
  BOOST_TEST(a.client.get_reconnect_queue_size() == 1u);
  BOOST_TEST(queue[0].peer_id == at_a.second);
  BOOST_TEST(queue[0].ip == "127.0.0.1");
  BOOST_TEST(queue[0].port == port);
  BOOST_TEST(!queue[0].is_stable);
  RatsClient back{port, 10, "127.0.0.1"};
  BOOST_TEST(back.set_encryption_key(key));
  BOOST_REQUIRE(back.start());
  BOOST_TEST(a.came.pop().second == at_a.second);
  BOOST_TEST(a.client.get_reconnect_queue_size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_had_connected_to_us_is_queued_too, client_pair) {
  a.client.set_reconnect_enabled(false);
  connect();
  const auto port = a.client.get_listen_port();
  inbox<int> answered;  // After an answer its identify has come too, because frames keep their order.
  b.client.on("ping", [&](const std::string&, const nlohmann::json&) { answered.push(1); });
  a.client.send("ping", 1);
  answered.pop();
  a.client.stop();
  BOOST_TEST(b.left.pop().second == at_b.second);
  const auto queue = b.client.get_reconnect_queue();
  BOOST_REQUIRE(queue.size() == 1u);
  BOOST_TEST(queue[0].port == port);
  b.client.clear_reconnect_queue();
  BOOST_TEST(b.client.get_reconnect_queue_size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_peer_that_we_disconnected_is_not_queued, connected_pair) {
  a.client.disconnect_peer_by_id(at_a.second);
  a.left.pop();
  BOOST_TEST(a.client.get_reconnect_queue_size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(nobody_is_queued_while_it_is_off, client_pair) {
  a.client.set_reconnect_enabled(false);
  connect();
  b.client.stop();
  a.left.pop();
  BOOST_TEST(a.client.get_reconnect_queue_size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
