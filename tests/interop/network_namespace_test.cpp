// SPDX-License-Identifier: MIT
// What only a network of our own can show: interfaces that come and go, and a path with a small MTU. The program moves
// itself into a fresh network namespace, and is skipped, visibly, where the system does not allow that.
#define BOOST_TEST_MODULE network_namespace_tests
#define BOOST_TEST_NO_MAIN
#define BOOST_TEST_ALTERNATIVE_INIT_API
#include "tests/interop/own_network.hpp"
#include "tests/runtime/net/udp_fixture.hpp"

#include <string>

namespace librats::runtime {
namespace {

/// A watch on the loop, and what it told.
struct watch_fixture : udp_fixture {
  struct watcher final : network_change_events {
    void network_changed() override {
      ++changes;
      if (news)
        news();
    }
    std::unique_ptr<network_watch> watch;
    int changes = 0;
    std::function<void()> news;
  } seen;

  watch_fixture() {
    on_loop([&](puppet& x) { seen.watch = x.loop().net().watch(seen); });
  }
  ~watch_fixture() {
    on_loop([&](puppet&) { seen.watch.reset(); });
  }

  /// Does something to the network and waits until the watch has told of `count` changes in all.
  void expect(const std::string& command, int count) {
    signal_once told;
    on_loop([&](puppet&) {
      seen.news = [&] {
        if (seen.changes == count)
          told();
      };
    });
    BOOST_REQUIRE_MESSAGE(shell(command), command);
    told.wait();
    on_loop([&](puppet&) { seen.news = nullptr; });
  }

  bool has(const std::string& address) {
    return on_loop([&](puppet& hand) {
      const auto all = hand.loop().net().interfaces();
      return std::any_of(all.begin(), all.end(), [&](const auto& x) { return x.address.to_string() == address; });
    });
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(network_namespace_tests, watch_fixture)

BOOST_AUTO_TEST_CASE(interfaces_addresses_and_routes_that_change_are_told_once_each) {
  // The loopback interface is the only one that every kernel has. A change that is told of twice makes a wrong count.
  expect("ip link set lo up", 1);
  expect("ip addr add 192.0.2.7/24 dev lo", 2);
  BOOST_TEST(has("192.0.2.7"));
  expect("for i in 1 2 3 4 5 6 7 8; do ip addr add 198.51.100.$i/32 dev lo; done", 3);
  BOOST_TEST(has("198.51.100.8"));
  expect("ip route add 203.0.113.0/24 dev lo", 4);
  expect("ip addr del 192.0.2.7/24 dev lo", 5);
  BOOST_TEST(!has("192.0.2.7"));
  expect("ip link set lo down", 6);
  BOOST_TEST(!has("127.0.0.1"));
  BOOST_TEST(on_loop([&](puppet&) { return seen.changes; }) == 6);
}

BOOST_AUTO_TEST_CASE(a_destination_without_a_route_is_refused) {
  BOOST_REQUIRE(shell("ip link set lo up"));
  open(one, {ip_address{}, 0});
  const endpoint nowhere{ip_address::v4(203, 0, 113, 1), 9};
  on_loop([&](puppet&) { one.socket->send(nowhere, bytes(10)); });
  until(one, [&] { return !one.refused.empty(); });
  BOOST_TEST((one.refused[0].to == nowhere));
  BOOST_TEST((one.refused[0].why == std::errc::network_unreachable));
}

BOOST_AUTO_TEST_CASE(runs_with_segments_above_the_mtu_of_the_path_arrive_in_fragments) {
  BOOST_REQUIRE(shell("ip link set lo up mtu 1300"));
  open(one, v4());
  const auto there = open(two, v4());
  burst(one, two, there, std::vector<std::size_t>(50, 1'400));
  burst(one, two, there, std::vector<std::size_t>(50, 1'200));
  burst(one, two, there, {1'400, 1'400, 1'200, 1'200, 1'200, 3});
  BOOST_TEST(one.socket->dropped() == 0u);
  BOOST_REQUIRE(shell("ip link set lo mtu 65536"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime

int main(int argc, char* argv[]) {
  using namespace librats::runtime;
  if (!enter_network_namespace() || !shell("ip link show lo > /dev/null")) {
    std::puts("skipped: needs the right to make a network namespace, and the program ip (iproute2)");
    return test_skipped;
  }
  return boost::unit_test::unit_test_main(&init_unit_test, argc, argv);
}
