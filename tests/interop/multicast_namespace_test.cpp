// SPDX-License-Identifier: MIT
// Multicast between two interfaces of one machine, which a cable connects: the program moves itself into a network
// namespace with such a pair, and is skipped, visibly, where the system does not allow that.
#define BOOST_TEST_MODULE multicast_namespace_tests
#define BOOST_TEST_NO_MAIN
#define BOOST_TEST_ALTERNATIVE_INIT_API
#include "tests/interop/own_network.hpp"
#include "tests/runtime/net/multicast_member.hpp"

namespace librats::runtime {
namespace {

/// `a` is at one end of the cable, `b` at the other.
struct cable_fixture : multicast_fixture {
  const ip_address left = ip_address::v4(10, 9, 0, 1);
  const ip_address right = ip_address::v4(10, 9, 0, 2);

  std::uint32_t index_of(const std::string& interface) { return options_for(group_v4, interface).interface.index; }

  void join_both(const ip_address& group, bool loopback = true) {
    for (const auto& [x, name] : {std::pair{&a, "left"}, std::pair{&b, "right"}}) {
      auto options = options_for(group, name);
      options.loopback = loopback;
      BOOST_REQUIRE(!join(*x, options));
    }
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(multicast_namespace_tests, cable_fixture)

BOOST_AUTO_TEST_CASE(interfaces_are_described) {
  const auto x = options_for(group_v4, "left").interface;
  BOOST_TEST((x.address == left));
  BOOST_TEST(x.prefix_length == 24);
  BOOST_TEST((x.multicast && x.running && !x.loopback));
  BOOST_TEST(x.index != options_for(group_v4, "right").interface.index);
  BOOST_TEST((options_for(group_v6, "left").interface.prefix_length == 64));
}

BOOST_AUTO_TEST_CASE(each_socket_hears_its_own_interface_and_sends_through_it) {
  for (const auto& group : {group_v4, group_v6}) {
    on_loop([&](puppet&) {
      a.received.clear();
      b.received.clear();
    });
    join_both(group);
    const auto here = options_for(group, "left").interface;
    const auto there = options_for(group, "right").interface;
    send(a.socket, {group, port}, {1});
    hear(a, 1);
    hear(b, 1);
    send(b.socket, {group, port}, {2});
    hear(a, 2);
    hear(b, 2);
    on_loop([&](puppet&) {
      for (auto* x : {&a, &b}) {
        const auto& mine = x == &a ? here : there;
        BOOST_REQUIRE(x->received.size() == 2u);  // Once over the cable or once inside, and not both.
        BOOST_TEST((x->received[0].content == bytes{1}));
        BOOST_TEST((x->received[0].how.from == endpoint{here.address, port}));
        BOOST_TEST((x->received[1].how.from == endpoint{there.address, port}));
        for (const auto& got : x->received) {
          BOOST_TEST(got.how.interface == mine.index);
          BOOST_TEST((got.how.to == group));
          BOOST_TEST((got.how.hops == 255));
        }
      }
    });
  }
}

BOOST_AUTO_TEST_CASE(without_loopback_only_the_other_end_hears_it) {
  join_both(group_v4, false);
  send(a.socket, {group_v4, port}, {1});
  hear(b, 1);
  send(b.socket, {group_v4, port}, {2});
  hear(a, 1);
  BOOST_TEST((a.received[0].content == bytes{2}));
  BOOST_TEST((b.received[0].content == bytes{1}));
}

BOOST_AUTO_TEST_CASE(a_low_hop_limit_shows) {
  BOOST_REQUIRE(!join(b, options_for(group_v4, "right")));
  auto weak = options_for(group_v4, "left");
  weak.hops = 7;
  BOOST_REQUIRE(!join(a, weak));
  send(a.socket, {group_v4, port}, {1});
  hear(b, 1);
  BOOST_TEST((b.received[0].how.hops == 7));
}

BOOST_AUTO_TEST_CASE(a_link_local_address_is_reached_without_naming_its_zone) {
  join_both(group_v6);
  const auto there = options_for(group_v6, "right").interface;
  BOOST_REQUIRE(there.address.is_link_local());
  send(a.socket, {there.address, port}, {5});
  // The kernel gives it to either of the two, as they share the port.
  signal_once heard;
  on_loop([&](puppet&) {
    for (auto* x : {&a, &b}) {
      x->news = [&] { heard(); };
      if (!x->received.empty())
        heard();
    }
  });
  heard.wait();
  on_loop([&](puppet&) {
    a.news = nullptr;
    b.news = nullptr;
    const auto& x = a.received.empty() ? b : a;
    BOOST_TEST((x.received[0].how.to == there.address));
    BOOST_TEST((x.received[0].how.hops == 255));
  });
}

BOOST_AUTO_TEST_CASE(a_removed_interface_is_noticed_by_its_number) {
  const auto before = index_of("left");
  BOOST_REQUIRE(shell("ip link del left") && make_cable());
  BOOST_TEST(index_of("left") != 0u);
  BOOST_TEST(index_of("left") != before);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime

int main(int argc, char* argv[]) {
  using namespace librats::runtime;
  if (!enter_network_namespace() || !shell("ip link set lo up") || !make_cable()) {
    std::puts("skipped: needs the right to make a network namespace, the program ip (iproute2) and veth interfaces");
    return test_skipped;
  }
  return boost::unit_test::unit_test_main(&init_unit_test, argc, argv);
}
