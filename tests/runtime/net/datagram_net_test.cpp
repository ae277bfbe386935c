// SPDX-License-Identifier: MIT
#include "tests/runtime/net/udp_fixture.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <algorithm>

namespace librats::runtime {
BOOST_AUTO_TEST_SUITE(datagram_net_tests)

BOOST_DATA_TEST_CASE_F(udp_fixture, datagrams_pass_over_ipv4_and_ipv6, udp_kinds, kind) {
  use(kind);
  for (const auto& at : {v4(), v6()}) {
    const auto here = open(one, at);
    const auto there = open(two, at);
    burst(one, two, there, {1'200});
    BOOST_TEST((two.received[0].from == here));
    burst(two, one, here, {1});
    BOOST_TEST((one.received[0].from == there));
  }
}

BOOST_DATA_TEST_CASE_F(udp_fixture, a_dual_stack_socket_speaks_both_and_shows_no_mapped_address, udp_kinds, kind) {
  use(kind);
  const auto there = open(two, {ip_address::v6_any(), 0}, true);
  for (const auto& at : {v4(), v6()}) {
    const auto here = open(one, at);
    burst(one, two, {at.address, there.port}, {100, 100});
    BOOST_TEST((two.received[1].from == here));
    burst(two, one, here, {100, 100});
    BOOST_TEST((one.received[1].from == endpoint{at.address, there.port}));
  }
}

BOOST_DATA_TEST_CASE_F(udp_fixture, an_empty_datagram_and_the_largest_one_arrive_whole, udp_kinds, kind) {
  use(kind);
  open(one, v4());
  const auto there = open(two, v4());
  burst(one, two, there, {0});
  burst(one, two, there, {datagram_size_max});
}

BOOST_DATA_TEST_CASE_F(udp_fixture, equal_datagrams_leave_together_and_arrive_apart, udp_kinds, kind) {
  use(kind);
  open(one, v4());
  const auto there = open(two, v4());
  burst(one, two, there, std::vector<std::size_t>(130, 1'200));  // Three runs, as one carries less than 64 KiB.
  burst(one, two, there, std::vector<std::size_t>(300, 10));     // Five, as one carries 64 datagrams.
  burst(one, two, there, std::vector<std::size_t>(64, 3));
  burst(one, two, there, std::vector<std::size_t>(65, 3));
}

BOOST_DATA_TEST_CASE_F(udp_fixture, datagrams_of_any_sizes_keep_their_order_and_their_borders, udp_kinds, kind) {
  use(kind);
  open(one, v4());
  const auto there = open(two, v4());
  burst(one, two, there, {1'200, 1'200, 1'200, 17});
  burst(one, two, there, {10, 20, 30, 40, 40, 40, 30, 20, 10});
  burst(one, two, there, {0, 0, 5, 0, 5, 5, 0});
  burst(one, two, there, {9'000, 9'000, 1, 30'000, 30'000, 30'000, 65'000, 2});
}

BOOST_DATA_TEST_CASE_F(udp_fixture, datagrams_to_two_places_reach_both, udp_kinds, kind) {
  use(kind);
  udp_side third;
  open(one, v4());
  const auto second = open(two, v4());
  const auto other = open(third, v4());
  on_loop([&](puppet&) {
    for (std::size_t i = 0; i < 60; ++i)
      one.socket->send(i % 3 == 0 ? other : second, content(i, 50));
  });
  until(two, [&] { return two.received.size() == 40; });
  until(third, [&] { return third.received.size() == 20; });
  on_loop([&](puppet&) {
    for (std::size_t i = 0; i < 20; ++i) {
      BOOST_TEST((third.received[i].content == content(3 * i, 50)));
      BOOST_TEST((two.received[2 * i].content == content(3 * i + 1, 50)));
    }
    third.socket.reset();
  });
}

BOOST_DATA_TEST_CASE_F(udp_fixture, nothing_leaves_before_the_turn_ends_unless_told_to, udp_kinds, kind) {
  use(kind);
  open(one, v4());
  const auto there = open(two, v4());
  on_loop([&](puppet&) {
    const auto room = one.socket->prepare(100);
    BOOST_REQUIRE(room.size() == 100u);
    room[0] = 1;
    one.socket->commit(there, 1);
    // Of the same turn, so a bound port would have it in its queue by now; the flush does it.
    one.socket->flush();
    one.socket->send(there, bytes{2});
  });
  until(two, [&] { return two.received.size() == 2; });
  on_loop([&](puppet&) {
    BOOST_TEST((two.received[0].content == bytes{1}));
    BOOST_TEST((two.received[1].content == bytes{2}));
  });
}

BOOST_DATA_TEST_CASE_F(udp_fixture, a_socket_sends_what_is_queued_before_it_closes, udp_kinds, kind) {
  use(kind);
  open(one, v4());
  const auto there = open(two, v4());
  on_loop([&](puppet&) {
    one.socket->send(there, bytes(3));
    one.socket.reset();
  });
  until(two, [&] { return two.received.size() == 1; });
}

BOOST_DATA_TEST_CASE_F(udp_fixture, a_datagram_that_is_too_large_is_lost_and_the_socket_lives_on, udp_kinds, kind) {
  use(kind);
  open(one, v4());
  const auto there = open(two, v4());
  on_loop([&](puppet&) {
    BOOST_TEST(one.socket->prepare(datagram_size_max + 1).empty());
    BOOST_TEST(one.socket->send(there, bytes(70'000)));
  });
  burst(one, two, there, {10});
  BOOST_TEST(one.writable == 0);
}

BOOST_DATA_TEST_CASE_F(udp_fixture, more_than_a_batch_holds_leaves_in_several, udp_kinds, kind) {
  use(kind);
  open(one, v4());
  const auto there = open(two, v4());
  on_loop([&](puppet&) {
    // To a port that reads only what fits; what matters is that there is always room.
    for (int i = 0; i < 1'000; ++i)
      BOOST_REQUIRE(one.socket->send(there, bytes(1'200)));
  });
  until(two, [&] { return !two.received.empty(); });
  BOOST_TEST(one.socket->dropped() == 0u);
}

BOOST_DATA_TEST_CASE_F(udp_fixture, a_destination_of_the_wrong_family_is_refused_and_counted, udp_kinds, kind) {
  use(kind);
  open(one, v4());
  const auto there = open(two, v4());
  on_loop([&](puppet&) {
    one.socket->send(there, bytes(1));
    one.socket->send(v6(9), bytes(1));
    one.socket->send(there, bytes(2));
    BOOST_TEST(one.refused.empty());
  });
  until(one, [&] { return !one.refused.empty(); });
  until(two, [&] { return two.received.size() == 2; });
  BOOST_TEST((one.refused[0].to == v6(9)));
  BOOST_TEST((one.refused[0].why == std::errc::address_family_not_supported));
  BOOST_TEST(one.socket->dropped() == 1u);
}

BOOST_DATA_TEST_CASE_F(udp_fixture, a_datagram_to_a_closed_port_harms_nobody, udp_kinds, kind) {
  use(kind);
  open(one, v4());
  const auto closed = open(two, v4());
  on_loop([&](puppet&) { two.socket.reset(); });
  const auto there = open(two, v4());
  on_loop([&](puppet&) {
    for (int i = 0; i < 10; ++i) {
      one.socket->send(closed, bytes(10));
      one.socket->flush();
      one.socket->send(there, bytes(10));
      one.socket->flush();
    }
  });
  until(two, [&] { return two.received.size() == 10; });
  burst(two, one, on_loop([&](puppet&) { return one.socket->local(); }), {10});
  BOOST_TEST(one.socket->dropped() == 0u);
}

BOOST_DATA_TEST_CASE_F(udp_fixture, a_socket_may_be_destroyed_inside_its_own_events, udp_kinds, kind) {
  use(kind);
  for (const bool when_drained : {false, true}) {
    open(one, v4());
    const auto there = open(two, v4());
    signal_once gone;
    on_loop([&](puppet&) {
      two.received.clear();
      two.drained_after.clear();
      const auto end = [&] {
        two.socket.reset();
        gone();
      };
      if (when_drained)
        two.news = end;
      else
        two.on_received = end;
      for (int i = 0; i < 3; ++i)
        one.socket->send(there, bytes(10));
    });
    gone.wait();
    on_loop([&](puppet&) {
      two.news = nullptr;
      two.on_received = nullptr;
    });
    BOOST_TEST(two.received.size() == (when_drained ? 3u : 1u));
    BOOST_TEST(two.drained_after.size() == (when_drained ? 1u : 0u));
  }
}

BOOST_DATA_TEST_CASE_F(udp_fixture, a_socket_answers_from_inside_its_events, udp_kinds, kind) {
  use(kind);
  const auto here = open(one, v4());
  const auto there = open(two, v4());
  on_loop([&](puppet&) {
    two.on_received = [&] { two.socket->send(here, two.received.back().content); };
    for (std::size_t i = 0; i < 100; ++i)
      one.socket->send(there, content(i, 100));
  });
  until(one, [&] { return one.received.size() == 100; });
  on_loop([&](puppet&) {
    for (std::size_t i = 0; i < 100; ++i)
      BOOST_REQUIRE((one.received[i].content == content(i, 100)));
  });
}

BOOST_DATA_TEST_CASE_F(udp_fixture, a_taken_port_is_refused, udp_kinds, kind) {
  use(kind);
  const auto taken = open(one, v4());
  BOOST_CHECK_THROW(open(two, taken), std::system_error);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
