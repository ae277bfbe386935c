// SPDX-License-Identifier: MIT
// Two clients of one machine find each other by multicast DNS: the program moves itself into a network namespace that
// has interfaces with multicast, and is skipped, visibly, where the system does not allow that.
#define BOOST_TEST_MODULE mdns_namespace_tests
#define BOOST_TEST_NO_MAIN
#define BOOST_TEST_ALTERNATIVE_INIT_API
#include "librats.h"
#include "tests/apps/librats/support/inbox.hpp"
#include "tests/interop/own_network.hpp"

#include <string>

namespace librats::test {
namespace {

struct lan_client {
  lan_client() {
    client.set_connection_callback([this](socket_t, const std::string& id) { came.push(id); });
    client.set_mdns_callback([this](const std::string& ip, int port, const std::string& name) {
      seen.push({name + " " + ip, port});
    });
    BOOST_REQUIRE(client.start());
  }

  /// Waits for news of a service of that name.
  std::pair<std::string, int> wait_for(const std::string& name) {
    for (;;)
      if (auto news = seen.pop(); news.first.compare(0, name.size() + 1, name + " ") == 0)
        return news;
  }
  /// Waits until a service is known, or is not any more. Each question goes to the actor that knows.
  bool knows(const std::string& name, bool expected) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (std::chrono::steady_clock::now() < end) {
      bool found = false;
      for (const auto& one : client.get_mdns_services())
        found = found || one.service_name == name;
      if (found == expected)
        return true;
      std::this_thread::yield();
    }
    return false;
  }

  inbox<std::string> came;
  inbox<std::pair<std::string, int>> seen;
  RatsClient client{0};
};

constexpr auto name_of_a = "my-node._librats._tcp.local.";

} // namespace

BOOST_AUTO_TEST_SUITE(mdns)

BOOST_AUTO_TEST_CASE(two_clients_see_each_other_and_connect) {
  lan_client a;
  lan_client b;
  BOOST_REQUIRE(a.client.start_mdns_discovery("my-node", {{"app", "chat"}, {"version", "1.0"}}));
  BOOST_REQUIRE(b.client.start_mdns_discovery());
  BOOST_TEST(a.client.is_mdns_running());
  BOOST_TEST(b.client.query_mdns_services());
  BOOST_TEST(b.wait_for(name_of_a).second == a.client.get_listen_port());
  BOOST_TEST(a.came.pop() == b.client.get_our_peer_id());
  BOOST_TEST(b.came.pop() == a.client.get_our_peer_id());
  const auto all = b.client.get_mdns_services();
  BOOST_REQUIRE(all.size() == 1u); // Itself is not among them, nor anybody twice.
  const auto& one = all.front();
  BOOST_TEST(one.service_name == name_of_a);
  BOOST_TEST(one.port == a.client.get_listen_port());
  BOOST_TEST(one.ip_address.compare(0, 7, "10.9.0.") == 0, one.ip_address);
  BOOST_TEST(one.host_name.find(".local.") != std::string::npos);
  BOOST_TEST(one.txt_records.at("app") == "chat");
  BOOST_TEST(one.txt_records.at("id") == a.client.get_our_peer_id());
  BOOST_TEST((one.last_seen <= std::chrono::steady_clock::now()));
}

BOOST_AUTO_TEST_CASE(who_stops_is_gone_and_may_come_back_at_once) {
  lan_client a;
  lan_client b;
  BOOST_REQUIRE(b.client.start_mdns_discovery("watcher"));
  BOOST_REQUIRE(a.client.start_mdns_discovery("my-node"));
  BOOST_TEST(b.knows(name_of_a, true));
  a.client.stop_mdns_discovery();
  BOOST_TEST(!a.client.is_mdns_running());
  BOOST_TEST(a.client.get_mdns_services().empty());
  BOOST_TEST(!a.client.query_mdns_services());
  BOOST_TEST(b.knows(name_of_a, false));
  BOOST_REQUIRE(a.client.start_mdns_discovery("my-node"));
  BOOST_TEST(b.knows(name_of_a, true));
  BOOST_REQUIRE(a.client.start_mdns_discovery("new-name")); // It has another one from now on.
  BOOST_TEST(b.knows("new-name._librats._tcp.local.", true));
  BOOST_TEST(b.knows(name_of_a, false));
  a.client.stop();
  BOOST_TEST(b.knows("new-name._librats._tcp.local.", false));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test

int main(int argc, char* argv[]) {
  using namespace librats::runtime;
  if (!enter_network_namespace() || !shell("ip link set lo up") || !make_cable()) {
    std::puts("skipped: needs the right to make a network namespace, the program ip (iproute2) and veth interfaces");
    return test_skipped;
  }
  return boost::unit_test::unit_test_main(&init_unit_test, argc, argv);
}
