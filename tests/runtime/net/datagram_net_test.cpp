// SPDX-License-Identifier: MIT
#include "tests/runtime/net/net_fixture.hpp"

namespace librats::runtime {
namespace {

struct udp_side final : datagram_events {
  void datagram_received(const endpoint& from, mutable_bytes_view in) override {
    last_from = from;
    last = to_bytes(in);
    if (++received == awaited)
      arrived->set_value();
  }
  void datagrams_writable() override {}

  std::unique_ptr<datagram_socket> socket;
  endpoint last_from;
  bytes last;
  int received = 0;
  int awaited = 1;
  std::shared_ptr<std::promise<void>> arrived = std::make_shared<std::promise<void>>();
};

struct udp_fixture : net_fixture {
  udp_side one;
  udp_side two;

  ~udp_fixture() {
    on_loop([&](puppet&) {
      one.socket.reset();
      two.socket.reset();
    });
  }

  endpoint open(udp_side& side, const endpoint& local, bool dual_stack = false) {
    return on_loop([&](puppet& x) {
      auto opened = x.loop().net().open_datagrams(local, dual_stack, side);
      if (!opened)
        throw std::system_error(opened.error());
      side.socket = std::move(*opened);
      return side.socket->local();
    });
  }

  void pass(udp_side& from, udp_side& to, const endpoint& address, std::size_t size) {
    auto future = to.arrived->get_future();
    const bytes content(size, 42);
    on_loop([&](puppet&) { BOOST_TEST(from.socket->send(address, content)); });
    wait_for(future);
    on_loop([&](puppet&) {
      BOOST_TEST((to.last == content));
      to.received = 0;
      to.arrived = std::make_shared<std::promise<void>>();
    });
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(datagram_net_tests, udp_fixture)

BOOST_AUTO_TEST_CASE(datagrams_pass_over_ipv4_and_ipv6) {
  for (const auto& at : {v4(), v6()}) {
    const auto here = open(one, at);
    const auto there = open(two, at);
    pass(one, two, there, 1'200);
    BOOST_TEST((two.last_from == here));
    pass(two, one, two.last_from, 1);
    BOOST_TEST((one.last_from == there));
  }
}

BOOST_AUTO_TEST_CASE(a_dual_stack_socket_speaks_both_and_shows_no_mapped_address) {
  const auto there = open(two, {ip_address::v6_any(), 0}, true);
  for (const auto& at : {v4(), v6()}) {
    const auto here = open(one, at);
    pass(one, two, {at.address, there.port}, 100);
    BOOST_TEST((two.last_from == here));
    pass(two, one, here, 100);
    BOOST_TEST((one.last_from == endpoint{at.address, there.port}));
  }
}

BOOST_AUTO_TEST_CASE(an_empty_datagram_and_the_largest_one_arrive_whole) {
  open(one, v4());
  const auto there = open(two, v4());
  pass(one, two, there, 0);
  pass(one, two, there, 65'507);
}

BOOST_AUTO_TEST_CASE(a_datagram_that_is_too_large_is_lost_and_the_socket_lives_on) {
  open(one, v4());
  const auto there = open(two, v4());
  on_loop([&](puppet&) { BOOST_TEST(one.socket->send(there, bytes(70'000))); });
  pass(one, two, there, 10);
}

BOOST_AUTO_TEST_CASE(a_datagram_to_a_closed_port_harms_nobody) {
  open(one, v4());
  const auto closed = open(two, v4());
  on_loop([&](puppet&) {
    two.socket.reset();
    for (int i = 0; i < 10; ++i)
      one.socket->send(closed, bytes(10));
  });
  const auto there = open(two, v4());
  pass(one, two, there, 10);
}

BOOST_AUTO_TEST_CASE(a_burst_larger_than_one_readable_event_arrives) {
  open(one, v4());
  const auto there = open(two, v4());
  // Fewer than the default receive buffer holds, more than are read at once.
  on_loop([&](puppet&) {
    two.awaited = 100;
    for (int i = 0; i < 100; ++i)
      one.socket->send(there, bytes(10));
  });
  auto future = two.arrived->get_future();
  wait_for(future);
}

BOOST_AUTO_TEST_CASE(a_socket_may_be_destroyed_inside_its_own_event) {
  struct suicidal final : datagram_events {
    void datagram_received(const endpoint&, mutable_bytes_view) override {
      socket.reset();
      gone();
    }
    void datagrams_writable() override {}
    std::unique_ptr<datagram_socket> socket;
    signal_once gone;
  } target;
  open(one, v4());
  on_loop([&](puppet& x) {
    target.socket = std::move(*x.loop().net().open_datagrams(v4(), false, target));
    const auto there = target.socket->local();
    one.socket->send(there, bytes(10));
    one.socket->send(there, bytes(10));
  });
  target.gone.wait();
  on_loop([](puppet&) {});
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_refused) {
  const auto taken = open(one, v4());
  BOOST_CHECK_THROW(open(two, taken), std::system_error);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
