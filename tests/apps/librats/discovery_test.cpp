// SPDX-License-Identifier: MIT
#include "tests/apps/librats/support/client_pair.hpp"
#include "tests/apps/librats/support/stun_server.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

namespace librats::test {

namespace {

/// A private DHT on loopback. It begins at `hub`, which is of another application than `a` and `b`.
struct private_dht : client_pair {
  private_dht() {
    hub.client.set_protocol_name("hub");
    BOOST_REQUIRE(hub.client.set_dht_bootstrap({}));
    BOOST_REQUIRE(hub.client.start());
    BOOST_REQUIRE(hub.client.start_dht_discovery(0));
    for (auto* one : {&a, &b}) {
      BOOST_REQUIRE(one->client.set_dht_bootstrap({"127.0.0.1:" + std::to_string(hub.client.get_dht_port())}));
      BOOST_REQUIRE(one->client.start());
    }
  }

  void join() {
    for (auto* one : {&a, &b})
      BOOST_REQUIRE(one->client.start_dht_discovery(0));
  }

  /// Searches until somebody is found: an announcement needs a moment, and nobody tells when it is done.
  std::vector<std::string> find(observed_client& who, const std::string& content) {
    inbox<std::vector<std::string>> answers;
    for (int i = 0; i < 100; ++i) {
      BOOST_REQUIRE(who.client.find_peers_by_hash(content, [&](const auto& peers) { answers.push(peers); }));
      if (auto found = answers.pop(); !found.empty())
        return found;
    }
    return {};
  }

  observed_client hub;
};

} // namespace

BOOST_AUTO_TEST_SUITE(discovery)

BOOST_FIXTURE_TEST_CASE(two_clients_meet_in_the_dht, private_dht) {
  join();
  BOOST_TEST(a.came.pop().second == b.client.get_our_peer_id());
  BOOST_TEST(b.came.pop().second == a.client.get_our_peer_id());
  BOOST_TEST(a.client.is_dht_running());
  BOOST_TEST(a.client.is_automatic_discovery_running());
  BOOST_TEST(a.client.get_dht_routing_table_size() > 0u);
  BOOST_TEST(hub.client.get_peer_count() == 0); // It is none of theirs.
}

BOOST_FIXTURE_TEST_CASE(who_announced_a_content_is_found_and_dialed, private_dht) {
  for (auto* one : {&a, &b})
    one->client.stop_automatic_peer_discovery();
  join();
  BOOST_TEST(!a.client.is_automatic_discovery_running());
  BOOST_REQUIRE(a.client.announce_for_hash("a film"));
  const auto found = find(b, "a film");
  BOOST_TEST(found == std::vector<std::string>{"127.0.0.1:" + std::to_string(a.client.get_listen_port())},
    boost::test_tools::per_element());
  BOOST_TEST(b.came.pop().second == a.client.get_our_peer_id());
}

BOOST_FIXTURE_TEST_CASE(a_content_is_a_text_or_its_hash, private_dht) {
  join();
  // SHA-1 of "abc" (FIPS 180-4).
  BOOST_REQUIRE(a.client.announce_for_hash("abc", 7777));
  BOOST_TEST(find(b, "A9993E364706816ABA3E25717850C26C9CD0D89D").front() == "127.0.0.1:7777");
  BOOST_TEST(!a.client.announce_for_hash(""));
  BOOST_TEST(!a.client.find_peers_by_hash("", nullptr));
  BOOST_TEST(a.client.find_peers_by_hash("abc", nullptr));
}

BOOST_FIXTURE_TEST_CASE(a_search_that_a_stop_interrupts_is_answered, client_pair) {
  BOOST_REQUIRE(a.client.set_dht_bootstrap({}));
  BOOST_REQUIRE(a.client.start());
  BOOST_REQUIRE(a.client.start_dht_discovery(0));
  inbox<std::vector<std::string>> answers;
  BOOST_REQUIRE(a.client.find_peers_by_hash("abc", [&](const auto& peers) { answers.push(peers); }));
  a.client.stop();
  BOOST_REQUIRE(answers.size() == 1u);
  BOOST_TEST(answers.pop().empty());
}

BOOST_FIXTURE_TEST_CASE(the_dht_is_switched_on_and_off, client_pair) {
  BOOST_TEST(!a.client.start_dht_discovery(0)); // The client does not run.
  BOOST_TEST(!a.client.find_peers_by_hash("abc", nullptr));
  BOOST_TEST(!a.client.announce_for_hash("abc"));
  BOOST_TEST(!a.client.query_mdns_services());
  BOOST_REQUIRE(a.client.set_dht_bootstrap({}));
  BOOST_REQUIRE(a.client.start());
  BOOST_TEST(!a.client.is_dht_running());
  BOOST_TEST(a.client.get_dht_port() == 0);
  BOOST_TEST(!a.client.find_peers_by_hash("abc", nullptr));
  BOOST_TEST(!a.client.start_dht_discovery(-1));
  BOOST_TEST(!a.client.start_dht_discovery(65536));
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(a.client.start_dht_discovery(0));
    BOOST_TEST(a.client.start_dht_discovery(0)); // It runs already.
    BOOST_TEST(a.client.is_dht_running());
    BOOST_TEST(a.client.get_dht_port() > 0);
    a.client.stop_dht_discovery();
    BOOST_TEST(!a.client.is_dht_running());
    BOOST_TEST(!a.client.is_automatic_discovery_running());
  }
  BOOST_TEST(a.client.start_dht_discovery(0));
  a.client.stop();
  BOOST_TEST(!a.client.is_dht_running());
  BOOST_REQUIRE(a.client.start());
  BOOST_TEST(!a.client.is_dht_running()); // It is off until it is wanted again.
  BOOST_TEST(a.client.get_dht_routing_table_size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_taken_dht_port_is_replaced, client_pair) {
  for (auto* one : {&a, &b}) {
    BOOST_REQUIRE(one->client.set_dht_bootstrap({}));
    BOOST_REQUIRE(one->client.start());
  }
  BOOST_REQUIRE(a.client.start_dht_discovery(0));
  BOOST_REQUIRE(b.client.start_dht_discovery(a.client.get_dht_port()));
  BOOST_TEST(b.client.get_dht_port() > 0);
  BOOST_TEST(b.client.get_dht_port() != a.client.get_dht_port());
}

BOOST_FIXTURE_TEST_CASE(an_impossible_beginning_is_refused, client_pair) {
  BOOST_TEST(a.client.set_dht_bootstrap({"localhost:6881", "[::1]:6881"}));
  for (const auto* bad : {"", "localhost", "localhost:0", "localhost:65536", "::1:6881x"})
    BOOST_TEST(!a.client.set_dht_bootstrap({"localhost:6881", bad}), bad);
}

BOOST_AUTO_TEST_CASE(the_routing_table_is_kept_by_a_client_that_keeps_its_configuration) {
  namespace fs = std::filesystem;
  for (const bool keeps : {false, true}) {
    const std::string folder = keeps ? "discovery/keeps" : "discovery/forgets";
    fs::remove_all(folder);
    observed_client one;
    BOOST_REQUIRE(one.client.set_data_directory(folder));
    if (keeps)
      BOOST_REQUIRE(one.client.load_configuration());
    BOOST_REQUIRE(one.client.set_dht_bootstrap({}));
    bool kept = false;
    for (int i = 0; i < 50 && !kept; ++i) {
      BOOST_REQUIRE(one.client.start());
      BOOST_REQUIRE(one.client.start_dht_discovery(0));
      // One that stops before it has read what is there writes nothing over it: it gets more time with each round.
      for (int j = 0; j < i * 10; ++j)
        BOOST_TEST(one.client.get_dht_routing_table_size() == 0u);
      one.client.stop();
      kept = fs::exists(folder + "/dht_routing.json");
    }
    BOOST_TEST(kept == keeps);
  }
}

BOOST_AUTO_TEST_CASE(the_discovery_hash_follows_name_and_version) {
  RatsClient client{0};
  const auto usual = RatsClient::get_rats_peer_discovery_hash();
  BOOST_TEST(usual.size() == 40u);
  BOOST_TEST(client.get_discovery_hash() == usual);
  client.set_protocol_version("2.0");
  BOOST_TEST(client.get_discovery_hash() != usual);
}

BOOST_FIXTURE_TEST_CASE(clients_meet_under_the_name_that_they_have_now, private_dht) {
  b.client.set_protocol_name("chess");
  join();
  BOOST_TEST(a.came.size() == 0u);
  a.client.set_protocol_name("chess"); // It runs already.
  BOOST_TEST(a.came.pop().second == b.client.get_our_peer_id());
}

// Loopback has no multicast; tests/interop has a network that does.
BOOST_FIXTURE_TEST_CASE(without_multicast_mdns_is_not_available, client_pair) {
  BOOST_TEST(!a.client.start_mdns_discovery("too-early"));
  BOOST_REQUIRE(a.client.start());
  a.client.set_mdns_callback([](const std::string&, int, const std::string&) {});
  BOOST_TEST(!a.client.start_mdns_discovery("my-node", {{"app", "chat"}}));
  BOOST_TEST(!a.client.is_mdns_running());
  BOOST_TEST(!a.client.query_mdns_services());
  BOOST_TEST(a.client.get_mdns_services().empty());
  a.client.stop_mdns_discovery();
  BOOST_TEST(!a.client.start_mdns_discovery("my-node", {{"app", std::string(300, 'x')}}));
  BOOST_TEST(!a.client.start_mdns_discovery("my-node", {{"a=b", "x"}}));
}

BOOST_FIXTURE_TEST_CASE(a_stun_server_tells_our_address, client_pair) {
  const stun_server server;
  BOOST_TEST(!a.client.discover_public_address("127.0.0.1", server.port()).has_value()); // It does not run.
  BOOST_TEST(a.client.get_public_ip() == "");
  BOOST_TEST(!a.client.get_public_address().has_value());
  BOOST_REQUIRE(a.client.start());
  const auto found = a.client.discover_public_address("localhost", server.port());
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->is_valid());
  BOOST_TEST((found->family == StunAddressFamily::IPv4));
  BOOST_TEST(found->address == "127.0.0.1");
  BOOST_TEST(found->port == a.client.get_listen_port()); // Asked from the port that peers see, and no NAT between.
  BOOST_TEST(a.client.get_public_ip() == "127.0.0.1");
  BOOST_TEST((a.client.get_public_address() == std::pair{found->address, found->port}));
  BOOST_TEST(a.client.discover_and_ignore_public_ip("127.0.0.1", server.port()));
}

BOOST_FIXTURE_TEST_CASE(without_an_answer_there_is_no_address, client_pair) {
  BOOST_REQUIRE(a.client.start());
  BOOST_REQUIRE(b.client.start()); // Listens, but is no STUN server.
  const auto port = static_cast<std::uint16_t>(b.client.get_listen_port());
  BOOST_TEST(!a.client.discover_public_address("127.0.0.1", port, 200).has_value());
  BOOST_TEST(!a.client.discover_public_address("", 3478).has_value());
  BOOST_TEST(!a.client.discover_public_address("127.0.0.1", 0).has_value());
  BOOST_TEST(!a.client.discover_public_address("127.0.0.1", port, 0).has_value());
  BOOST_TEST(!a.client.discover_and_ignore_public_ip("127.0.0.1", 65536));
  BOOST_TEST(!StunMappedAddress{}.is_valid());
}

BOOST_FIXTURE_TEST_CASE(an_ignored_address_is_not_dialed, private_dht) {
  a.client.add_ignored_address("no address");
  for (auto* one : {&a, &b})
    one->client.add_ignored_address("127.0.0.1");
  join();
  BOOST_REQUIRE(a.client.announce_for_hash("abc"));
  for (int i = 0; i < 20; ++i) {
    BOOST_TEST(!find(b, "abc").empty());        // It is found...
    BOOST_TEST(b.client.get_peer_count() == 0); // ...and left alone: a dial here is faster than a search.
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
