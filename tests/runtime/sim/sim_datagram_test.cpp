// SPDX-License-Identifier: MIT
#include "runtime/net/datagram_batch.hpp"
#include "tests/runtime/sim/sim_fixture.hpp"

#include <algorithm>
#include <cmath>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

struct datagram_fixture : sim_fixture {
  datagram_recorder from{a, {a.address(), 9000}};
  datagram_recorder to{b, {ip_address{}, 9000}};

  /// One datagram per millisecond; each says which one it is.
  void send_numbered(int count) {
    for (int i = 0; i < count; ++i) {
      const bytes content{static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
      BOOST_TEST(from.socket->send({b.address(), 9000}, content));
      world.run_for(1ms);
    }
    world.run_for(1min);
  }
  [[nodiscard]] static int number(const datagram_recorder::arrival& x) { return x.content[0] << 8 | x.content[1]; }
};

/// Six standard deviations to both sides of the mean of `draws` draws with chance `share`: missed once in 500 million.
bool likely(std::size_t count, int draws, double share) {
  const double mean = draws * share;
  const double sigma = std::sqrt(draws * share * (1 - share));
  return std::abs(static_cast<double>(count) - mean) <= 6 * sigma;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(sim_datagram_tests, datagram_fixture)

BOOST_AUTO_TEST_CASE(a_datagram_arrives_after_exactly_the_latency) {
  world.set_link(a, b, {35ms});
  from.socket->send({b.address(), 9000}, pattern(1'400));
  world.run_for(35ms - 1ns);
  BOOST_TEST(to.received.empty());
  world.run_for(1ns);
  BOOST_REQUIRE(to.received.size() == 1u);
  BOOST_TEST((to.received[0].content == pattern(1'400)));
  BOOST_TEST((to.received[0].from == endpoint{a.address(), 9000}));
}

BOOST_AUTO_TEST_CASE(the_receiver_can_answer_the_address_it_sees) {
  from.socket->send({b.address(), 9000}, pattern(1));
  world.run_for(1s);
  to.socket->send(to.received.at(0).from, pattern(2));
  world.run_for(1s);
  BOOST_REQUIRE(from.received.size() == 1u);
  BOOST_TEST((from.received[0].from == endpoint{b.address(), 9000}));
}

BOOST_AUTO_TEST_CASE(an_empty_datagram_is_a_datagram) {
  from.socket->send({b.address(), 9000}, {});
  world.run_for(1s);
  BOOST_TEST(to.received.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_queued_in_a_turn_arrives_together_and_is_drained_once) {
  world.set_link(a, b, {10ms});
  for (std::size_t size : {5u, 0u, 7u})
    from.socket->send({b.address(), 9000}, pattern(size));
  world.run_for(1s);
  from.socket->send({b.address(), 9000}, pattern(1));
  world.run_for(1s);
  BOOST_REQUIRE(to.received.size() == 4u);
  BOOST_TEST(to.received[1].content.empty());
  BOOST_TEST((to.received[2].content == pattern(7)));
  BOOST_TEST((to.drained_after == std::vector<std::size_t>{3, 4}));
}

BOOST_AUTO_TEST_CASE(datagrams_leave_at_the_end_of_the_turn_or_when_told_to) {
  const auto began = world.elapsed();
  for (const bool flush : {false, true}) {
    const auto room = from.socket->prepare(100);
    BOOST_REQUIRE(room.size() == 100u);
    room[0] = 1;
    from.socket->commit({b.address(), 9000}, 1);
    if (flush) {
      from.socket->flush();
      from.socket.reset();
    }
    world.settle();
  }
  world.run_for(1s);
  BOOST_REQUIRE(to.received.size() == 2u);
  BOOST_TEST((to.received[1].content == bytes{1}));
  BOOST_TEST((to.received[1].at - began == world.link(0, 1).latency));
}

BOOST_AUTO_TEST_CASE(a_socket_sends_what_is_queued_before_it_closes) {
  from.socket->send({b.address(), 9000}, pattern(3));
  from.socket.reset();
  world.run_for(1s);
  BOOST_TEST(to.received.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_datagram_that_is_too_large_is_lost) {
  BOOST_TEST(from.socket->prepare(datagram_size_max + 1).empty());
  BOOST_TEST(from.socket->send({b.address(), 9000}, bytes(datagram_size_max + 1)));
  BOOST_TEST(from.socket->send({b.address(), 9000}, bytes(datagram_size_max)));
  world.run_for(1s);
  BOOST_REQUIRE(to.received.size() == 1u);
  BOOST_TEST(to.received[0].content.size() == datagram_size_max);
  BOOST_TEST(from.writable == 0);
}

BOOST_AUTO_TEST_CASE(a_full_socket_asks_to_wait_and_loses_nothing) {
  a.set_uplink({1'000'000, 100'000'000});
  std::size_t sent = 0;
  const auto fill = [&] {
    while (sent < 1'000 && from.socket->send({b.address(), 9000}, pattern(1'000)))
      ++sent;
  };
  from.on_writable = fill;
  fill();
  BOOST_TEST(sent == datagram_batch::batch_bytes_max / 1'000);
  BOOST_TEST(from.socket->prepare(1'000).empty());
  world.run_for(1min);
  BOOST_TEST(sent == 1'000u);
  BOOST_TEST(to.received.size() == 1'000u);
  BOOST_TEST(from.writable > 1);
  BOOST_TEST(from.writable < 10);  // Not for every datagram.
  BOOST_TEST((to.received.back().at >= 1s));
}

BOOST_AUTO_TEST_CASE(a_full_socket_may_be_closed) {
  a.set_uplink({1'000'000, 100'000'000});
  while (from.socket->send({b.address(), 9000}, pattern(1'000))) {
  }
  from.socket.reset();
  world.run_for(1min);
  BOOST_TEST(from.writable == 0);
  BOOST_TEST(!to.received.empty());
}

BOOST_AUTO_TEST_CASE(what_an_uplink_drops_is_counted) {
  a.set_uplink({100'000, 10'000});
  for (int i = 0; i < 20; ++i)
    from.socket->send({b.address(), 9000}, pattern(1'000));
  world.run_for(1s);
  BOOST_TEST(from.socket->dropped() == 10u);
}

BOOST_AUTO_TEST_CASE(a_port_where_nobody_listens_refuses) {
  world.set_link(a, b, {10ms});
  world.set_link(b, a, {30ms});
  from.socket->send({b.address(), 9001}, pattern(1));
  from.socket->send({b.address(), 9001}, pattern(1));
  world.run_for(1s);
  BOOST_REQUIRE(from.refused.size() == 1u);
  BOOST_TEST((from.refused[0].to == endpoint{b.address(), 9001}));
  BOOST_TEST((from.refused[0].why == std::errc::connection_refused));
  BOOST_TEST((from.refused[0].at == 40ms));
}

BOOST_AUTO_TEST_CASE(a_refusal_needs_a_way_back_and_a_machine_that_answers) {
  b.set_answers_icmp(false);
  from.socket->send({b.address(), 9001}, pattern(1));
  world.run_for(1s);
  b.set_answers_icmp(true);
  link_profile lost;
  lost.loss = 1;
  world.set_link(b, a, lost);
  from.socket->send({b.address(), 9001}, pattern(1));
  world.run_for(1s);
  world.set_link(b, a, {});
  b.power_off();
  from.socket->send({b.address(), 9001}, pattern(1));
  from.socket->send({ip_address::v4(10, 7, 7, 7), 9000}, pattern(1));  // Nobody has this address.
  world.run_for(1s);
  BOOST_TEST(from.refused.empty());
}

BOOST_AUTO_TEST_CASE(datagrams_to_nowhere_vanish) {
  BOOST_TEST(from.socket->send({b.address(), 9001}, pattern(1)));
  BOOST_TEST(from.socket->send({ip_address::v4(10, 7, 7, 7), 9000}, pattern(1)));
  world.run_for(1s);
  BOOST_TEST(to.received.empty());
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_refused) {
  datagram_recorder second{b, {ip_address{}, 9000}};
  BOOST_TEST((second.why == std::errc::address_in_use));
}

BOOST_AUTO_TEST_CASE(loss_takes_its_share_of_the_datagrams) {
  link_profile lossy;
  lossy.loss = 0.1;
  world.set_link(a, b, lossy);
  send_numbered(5'000);
  BOOST_TEST(likely(5'000 - to.received.size(), 5'000, 0.1));
}

BOOST_AUTO_TEST_CASE(loss_of_one_takes_all) {
  link_profile dead;
  dead.loss = 1;
  world.set_link(a, b, dead);
  send_numbered(100);
  BOOST_TEST(to.received.empty());
}

BOOST_AUTO_TEST_CASE(duplication_delivers_its_share_twice) {
  link_profile echoing;
  echoing.duplication = 0.25;
  world.set_link(a, b, echoing);
  send_numbered(5'000);
  std::vector<int> copies(5'000);
  for (const auto& one : to.received)
    ++copies[static_cast<std::size_t>(number(one))];
  BOOST_TEST(std::count_if(copies.begin(), copies.end(), [](int n) { return n < 1 || n > 2; }) == 0);
  BOOST_TEST(likely(static_cast<std::size_t>(std::count(copies.begin(), copies.end(), 2)), 5'000, 0.25));
}

BOOST_AUTO_TEST_CASE(reordering_holds_its_share_back) {
  link_profile path{10ms};
  path.reordering = 0.2;
  path.reordering_delay = 5ms;
  world.set_link(a, b, path);
  send_numbered(2'000);
  BOOST_REQUIRE(to.received.size() == 2'000u);
  std::size_t overtaken = 0;
  int newest = -1;
  for (const auto& one : to.received) {
    overtaken += number(one) < newest ? 1 : 0;
    newest = std::max(newest, number(one));
  }
  // One that is held back for 5 ms keeps its place only when the four that follow are held back too: 0.2^4 of them.
  BOOST_TEST(likely(overtaken, 2'000, 0.2));
}

BOOST_AUTO_TEST_CASE(without_jitter_and_reordering_the_order_holds) {
  send_numbered(1'000);
  BOOST_REQUIRE(to.received.size() == 1'000u);
  for (int i = 0; i < 1'000; ++i)
    BOOST_REQUIRE(number(to.received[static_cast<std::size_t>(i)]) == i);
}

BOOST_AUTO_TEST_CASE(an_uplink_spaces_datagrams_out_and_drops_what_its_queue_cannot_hold) {
  a.set_uplink({100'000, 10'000});
  world.set_link(a, b, {10ms});
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(from.socket->send({b.address(), 9000}, pattern(1'000)));
  world.run_for(1min);
  BOOST_REQUIRE(to.received.size() == 10u);
  for (int i = 0; i < 10; ++i)
    BOOST_TEST((to.received[static_cast<std::size_t>(i)].at == 10ms + (i + 1) * 10ms));
}

BOOST_AUTO_TEST_CASE(a_partition_loses_datagrams_and_a_healed_network_does_not) {
  auto& c = world.add_host();
  datagram_recorder third{c, {ip_address{}, 9000}};
  world.partition({&a}, {&b});
  from.socket->send({b.address(), 9000}, pattern(1));
  from.socket->send({c.address(), 9000}, pattern(1));
  world.run_for(1s);
  BOOST_TEST(to.received.empty());
  BOOST_TEST(third.received.size() == 1u);  // In neither group.
  world.heal();
  from.socket->send({b.address(), 9000}, pattern(2));
  world.run_for(1s);
  BOOST_REQUIRE(to.received.size() == 1u);
  BOOST_TEST(to.received[0].content.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_datagram_under_way_is_lost_when_the_partition_comes) {
  from.socket->send({b.address(), 9000}, pattern(1));
  world.run_for(5ms);
  world.partition({&a}, {&b});
  world.run_for(1s);
  BOOST_TEST(to.received.empty());
}

BOOST_AUTO_TEST_CASE(a_machine_without_power_hears_nothing) {
  b.power_off();
  from.socket->send({b.address(), 9000}, pattern(1));
  world.run_for(1s);
  BOOST_TEST(to.received.empty());
}

BOOST_AUTO_TEST_CASE(a_closed_socket_hears_nothing) {
  from.socket->send({b.address(), 9000}, pattern(1));
  to.socket.reset();
  world.run_for(1s);
  BOOST_TEST(to.received.empty());
  datagram_recorder again{b, {ip_address{}, 9000}};
  BOOST_TEST((again.socket != nullptr));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
