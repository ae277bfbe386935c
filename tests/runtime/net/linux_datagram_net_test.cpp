// SPDX-License-Identifier: MIT
#include "tests/runtime/net/udp_fixture.hpp"

#ifdef __linux__

namespace librats::runtime {

BOOST_FIXTURE_TEST_SUITE(linux_datagram_net_tests, udp_fixture)

BOOST_AUTO_TEST_CASE(a_closed_port_is_told_with_the_destination_that_was_asked_for) {
  for (const auto& [at, dual_stack] :
    {std::pair{endpoint{v4()}, false}, {endpoint{v6()}, false}, {endpoint{ip_address::v6_any(), 0}, true}}) {
    for (const auto& to : {v4(), v6()}) {
      if (to.address.is_v6() != at.address.is_v6() && !dual_stack)
        continue;
      open(one, at, dual_stack);
      auto closed = open(two, to);
      on_loop([&](puppet&) {
        two.socket.reset();
        one.refused.clear();
        one.socket->send(closed, bytes(10));
      });
      until(one, [&] { return !one.refused.empty(); });
      BOOST_TEST((one.refused[0].to == closed));
      BOOST_TEST((one.refused[0].why == std::errc::connection_refused));
      BOOST_TEST(one.socket->dropped() == 0u);
      BOOST_TEST(one.received.empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(each_of_several_closed_ports_is_told) {
  open(one, v4());
  std::vector<endpoint> closed;
  for (int i = 0; i < 3; ++i)
    closed.push_back(open(two, v4()));
  const auto there = open(two, v4());
  on_loop([&](puppet&) {
    for (const auto& to : closed) {
      one.socket->send(to, bytes(10));
      one.socket->send(there, bytes(10));
    }
  });
  until(one, [&] { return one.refused.size() == 3; });
  until(two, [&] { return two.received.size() == 3; });
  on_loop([&](puppet&) {
    for (const auto& to : closed)
      BOOST_TEST(std::count_if(one.refused.begin(), one.refused.end(), [&](const auto& x) { return x.to == to; }) == 1);
  });
}

BOOST_AUTO_TEST_CASE(a_kernel_that_always_refuses_runs_gets_single_datagrams) {
  use(udp_kinds[3]);
  open(one, v4());
  const auto there = open(two, v4());
  for (int i = 0; i < 20; ++i)
    burst(one, two, there, std::vector<std::size_t>(300, 10));
  BOOST_TEST(one.socket->dropped() == 0u);
}

BOOST_AUTO_TEST_CASE(a_socket_may_be_destroyed_when_it_is_refused) {
  open(one, v4());
  const auto closed = open(two, v4());
  signal_once gone;
  on_loop([&](puppet&) {
    two.socket.reset();
    one.news = [&] {
      one.socket.reset();
      gone();
    };
    one.socket->send(closed, bytes(10));
    one.socket->flush();
    one.socket->send(closed, bytes(10));
  });
  gone.wait();
  on_loop([&](puppet&) { one.news = nullptr; });
  BOOST_TEST(one.refused.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_flood_leaves_the_loop_to_others_between_its_wake_ups) {
  open(one, v4());
  const auto there = open(two, v4());
  constexpr std::size_t total = 10'000;
  on_loop([&](puppet&) {
    for (std::size_t i = 0; i < total; ++i)
      BOOST_REQUIRE(one.socket->send(there, bytes(10)));
  });
  // As 157 runs they fit into the smallest receive buffer.
  until(two, [&] { return two.received.size() == total; });
  std::size_t before = 0;
  for (const auto after : two.drained_after) {
    BOOST_TEST(after - before < datagrams_per_event + 16 * 64);  // The last read may bring a full set of trains.
    before = after;
  }
  BOOST_TEST(two.drained_after.size() >= 2u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime

#endif
