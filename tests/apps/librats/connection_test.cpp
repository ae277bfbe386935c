// SPDX-License-Identifier: MIT
#include "tests/apps/librats/support/client_pair.hpp"

#include <boost/test/unit_test.hpp>

#include <list>

namespace librats::test {

BOOST_AUTO_TEST_SUITE(connections)

BOOST_FIXTURE_TEST_CASE(two_clients_connect_and_know_each_other, connected_pair) {
  BOOST_TEST(at_a.second == b.client.get_our_peer_id());
  BOOST_TEST(at_b.second == a.client.get_our_peer_id());
  BOOST_TEST(at_a.first > 0);
  BOOST_TEST(a.client.get_peer_count() == 1);
  BOOST_TEST(b.client.get_peer_count() == 1);
  BOOST_TEST(b.client.get_all_peers().size() == 1u);
  const auto peer = a.client.find_peer(at_a.second);
  BOOST_REQUIRE(peer.has_value());
  BOOST_TEST(peer->socket == at_a.first);
  BOOST_TEST(peer->ip == "127.0.0.1");
  BOOST_TEST(peer->port == b.client.get_listen_port());
  BOOST_TEST(peer->normalized_address == "127.0.0.1:" + std::to_string(b.client.get_listen_port()));
  BOOST_TEST(peer->is_outgoing);
  BOOST_TEST(peer->is_handshake_completed());
  BOOST_TEST(peer->is_fully_connected());
  BOOST_TEST(peer->is_noise_encrypted());
  BOOST_TEST(peer->remote_static_key == b.client.get_noise_static_public_key());
  BOOST_TEST(peer->connection_method == "direct");
  BOOST_TEST(peer->transport_protocol == "UDP");
  BOOST_TEST(peer->version == "1.0");
  BOOST_TEST(!b.client.get_validated_peers().front().is_outgoing);
}

BOOST_FIXTURE_TEST_CASE(a_pointer_to_a_peer_is_good_until_the_next_call, connected_pair) {
  const auto* peer = a.client.get_peer_by_id(at_a.second);
  BOOST_REQUIRE(peer != nullptr);
  a.client.disconnect_peer_by_id(at_a.second);
  a.left.pop();
  BOOST_TEST(peer->peer_id == at_a.second);
  BOOST_TEST(a.client.get_peer_by_id(at_a.second) == nullptr);
}

BOOST_FIXTURE_TEST_CASE(the_result_of_a_dial_comes_with_its_method, connected_pair) {
  const auto result = a.attempts.pop();
  BOOST_TEST(result.success);
  BOOST_TEST(result.method == "direct");
  BOOST_TEST(result.error_message.empty());
  BOOST_TEST(b.attempts.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_disconnected_peer_is_gone_on_both_sides, connected_pair) {
  b.client.disconnect_peer_by_hash(at_b.second);
  BOOST_TEST((a.left.pop() == at_a));
  BOOST_TEST((b.left.pop() == at_b));
  BOOST_TEST(a.client.get_peer_count() == 0);
  BOOST_TEST(b.client.get_peer_count() == 0);
  b.client.disconnect_peer_by_hash("no such peer");
}

BOOST_FIXTURE_TEST_CASE(another_connection_to_the_same_peer_has_another_number, connected_pair) {
  a.client.disconnect_peer_by_hash(at_a.second);
  a.left.pop();
  b.left.pop();
  BOOST_REQUIRE(a.dial(b));
  BOOST_TEST(a.came.pop().first != at_a.first);
}

BOOST_FIXTURE_TEST_CASE(host_names_work, client_pair) {
  BOOST_REQUIRE(a.client.start());
  BOOST_REQUIRE(b.client.start());
  BOOST_TEST(a.client.connect_to_peer("localhost", b.client.get_listen_port(), ConnectionStrategy::ICE_FULL));
  BOOST_TEST(a.came.pop().second == b.client.get_our_peer_id());
}

BOOST_FIXTURE_TEST_CASE(an_impossible_dial_is_refused_at_once, client_pair) {
  BOOST_TEST(!a.client.connect_to_peer("127.0.0.1", 4000));  // It does not run.
  BOOST_REQUIRE(a.client.start());
  BOOST_TEST(!a.client.connect_to_peer("127.0.0.1", 0));
  BOOST_TEST(!a.client.connect_to_peer("127.0.0.1", -1));
  BOOST_TEST(!a.client.connect_to_peer("127.0.0.1", 65536));
  BOOST_TEST(!a.client.connect_to_peer("", 4000));
  BOOST_TEST(!a.client.connect_to_peer("two words", 4000));
  BOOST_TEST(!a.client.connect_to_peer(std::string(300, 'x'), 4000));
}

BOOST_FIXTURE_TEST_CASE(a_dial_that_nobody_answers_is_reported, client_pair) {
  BOOST_REQUIRE(a.client.start());
  BOOST_REQUIRE(b.client.start());
  const auto port = b.client.get_listen_port();
  b.client.stop();
  BOOST_REQUIRE(a.client.connect_to_peer("127.0.0.1", port));
  const auto result = a.attempts.pop();
  BOOST_TEST(!result.success);
  BOOST_TEST(!result.error_message.empty());
}

BOOST_AUTO_TEST_CASE(who_is_over_the_limit_is_not_let_in) {
  observed_client full{1};
  observed_client first;
  observed_client second;
  for (auto* one : {&full, &first, &second})
    BOOST_REQUIRE(one->client.start());
  BOOST_REQUIRE(first.dial(full));
  full.came.pop();
  BOOST_TEST(full.client.is_peer_limit_reached());
  BOOST_TEST(!first.client.is_peer_limit_reached());
  BOOST_TEST(full.client.get_max_peers() == 1);
  BOOST_REQUIRE(second.dial(full));
  second.attempts.pop();  // Whether it saw the handshake through or not...
  second.client.stop();
  BOOST_TEST(full.client.get_peer_count() == 1);  // ...it never was a peer.
  BOOST_TEST(full.came.size() == 0u);
  BOOST_TEST(!full.dial(first));
}

BOOST_AUTO_TEST_CASE(ten_clients_of_one_process_meet) {
  std::list<observed_client> clients;
  for (int i = 0; i < 10; ++i)
    BOOST_REQUIRE(clients.emplace_back(20).client.start());
  auto& hub = clients.front();
  for (auto& one : clients)
    if (&one != &hub)
      BOOST_REQUIRE(one.dial(hub));
  for (int i = 0; i < 9; ++i)
    hub.came.pop();
  BOOST_TEST(hub.client.get_peer_count() == 9);
  BOOST_TEST(hub.client.broadcast_string_to_peers("all of you") == 9);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
