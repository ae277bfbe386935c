// SPDX-License-Identifier: MIT
#include "tests/runtime/sim/sim_fixture.hpp"

#include "runtime/net/change_coalescer.hpp"

#include <algorithm>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

const ip_address new_address = ip_address::v4(192, 168, 7, 7);
const ip_address ipv6_address = *ip_address::parse("2001:db8::7");

/// Counts what a watch tells.
struct watcher final : network_change_events {
  explicit watcher(sim_host& host) : world(host.world()), watch(host.net().watch(*this)) {}
  void network_changed() override {
    at.push_back(world.elapsed());
    if (on_change)
      on_change();
  }

  sim_world& world;
  std::unique_ptr<network_watch> watch;
  std::vector<duration> at;
  std::function<void()> on_change;
};

struct move_fixture : sim_fixture {
  [[nodiscard]] static std::vector<ip_address> addresses_of(sim_host& host) {
    std::vector<ip_address> out;
    for (const auto& one : host.net().interfaces())
      if (one.interface != "lo")
        out.push_back(one.address);
    return out;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sim_move_tests, move_fixture)

BOOST_AUTO_TEST_CASE(a_moved_machine_is_found_at_its_new_address_alone) {
  const auto old_address = b.address();
  b.set_name("b.example");
  b.set_addresses({new_address, ipv6_address});
  BOOST_TEST((b.address() == new_address));
  BOOST_TEST((addresses_of(b) == std::vector<ip_address>{new_address, ipv6_address}));
  BOOST_TEST((world.host_at(old_address) == nullptr));
  BOOST_TEST((world.host_at(new_address) == &b));
  BOOST_TEST((world.host_at(ipv6_address) == &b));
  auto& c = world.add_host();
  c.set_addresses({c.address(), old_address});  // Free now.
  BOOST_TEST((world.host_at(old_address) == &c));
  c.set_addresses({});
  BOOST_TEST((c.address() == ip_address{}));
  b.set_addresses({old_address});
  BOOST_TEST((world.host_at(old_address) == &b));
  BOOST_TEST((world.host_at(new_address) == nullptr));
}

BOOST_AUTO_TEST_CASE(wildcard_sockets_go_on_at_the_new_address) {
  door at{b, {ip_address{}, port}};
  datagram_recorder from{a, {ip_address{}, 9000}};
  datagram_recorder to{b, {ip_address{}, 9000}};
  const auto old_address = b.address();
  b.set_addresses({new_address});
  caller call{a, {new_address, port}};
  from.socket->send({new_address, 9000}, pattern(5));
  from.socket->send({old_address, 9000}, pattern(6));
  to.socket->send({a.address(), 9000}, pattern(7));
  world.run_for(1s);
  BOOST_REQUIRE(call.outgoing != nullptr);
  BOOST_TEST((at.incoming.at(0)->local() == endpoint{new_address, port}));
  BOOST_REQUIRE(to.received.size() == 1u);
  BOOST_TEST(to.received[0].content.size() == 5u);
  BOOST_REQUIRE(from.received.size() == 1u);
  BOOST_TEST((from.received[0].from == endpoint{new_address, 9000}));
  BOOST_TEST(from.refused.empty());
}

BOOST_AUTO_TEST_CASE(a_socket_of_an_address_that_is_gone_finds_no_way) {
  datagram_recorder from{b, {b.address(), 9000}};
  datagram_recorder to{a, {ip_address{}, 9000}};
  b.set_addresses({new_address});
  from.socket->send({a.address(), 9000}, pattern(1));
  world.run_for(1s);
  BOOST_TEST(to.received.empty());
  BOOST_REQUIRE(from.refused.size() == 1u);
  BOOST_TEST((from.refused[0].to == endpoint{a.address(), 9000}));
  BOOST_TEST((from.refused[0].why == std::errc::network_unreachable));
  BOOST_TEST(from.socket->dropped() == 1u);
}

BOOST_AUTO_TEST_CASE(streams_of_an_address_that_is_gone_time_out_on_both_sides) {
  connect();
  b.set_addresses({new_address});
  const auto began = world.elapsed();
  dialer.mine->write(pattern(1));
  listener.mine->write(pattern(1));
  world.run_for(59s);
  BOOST_TEST(!dialer.closed.has_value());
  BOOST_TEST(!listener.closed.has_value());
  world.run_for(3s);
  for (auto* side : {&dialer, &listener}) {
    BOOST_REQUIRE(side->closed.has_value());
    BOOST_TEST((*side->closed == std::errc::timed_out));
    BOOST_TEST((side->closed_at - began >= 60s));
    BOOST_TEST(side->received.empty());
  }
}

BOOST_AUTO_TEST_CASE(streams_of_an_address_that_comes_back_go_on) {
  connect();
  const auto old_address = b.address();
  b.set_addresses({new_address});
  dialer.mine->write(pattern(10));
  world.run_for(10s);
  b.set_addresses({new_address, old_address});
  world.run_for(1s);
  BOOST_TEST((listener.received == pattern(10)));
}

BOOST_AUTO_TEST_CASE(a_pulled_cable_stalls_streams_and_leaves_new_ones_no_way) {
  connect();
  datagram_recorder from{b, {ip_address{}, 9000}};
  b.down();
  BOOST_TEST(addresses_of(b).empty());
  BOOST_TEST((b.address() == sim_host::address_of(1)));  // It keeps it for the time when it is back.
  dialer.mine->write(pattern(3));
  from.socket->send({a.address(), 9000}, pattern(1));
  const caller call{b, {a.address(), port}};
  const caller inside{b, {ip_address::v4_loopback(), port}};
  world.run_for(1s);
  BOOST_TEST((call.why == std::errc::network_unreachable));
  BOOST_TEST((*call.took == 0s));
  BOOST_TEST((inside.why == std::errc::connection_refused));
  BOOST_TEST(from.refused.size() == 1u);
  BOOST_TEST(listener.received.empty());
  b.up();
  world.run_for(1s);
  BOOST_TEST((listener.received == pattern(3)));
}

BOOST_AUTO_TEST_CASE(a_dial_to_a_machine_without_cable_waits_for_it) {
  door at{b, {ip_address{}, port}};
  b.down();
  const caller call{a, {b.address(), port}};
  world.run_for(2s);
  BOOST_TEST(!call.took.has_value());
  b.up();
  world.run_for(10s);
  BOOST_TEST((call.outgoing != nullptr));
}

BOOST_AUTO_TEST_CASE(a_family_without_an_address_is_unreachable) {
  b.set_addresses({new_address, ipv6_address});
  const caller call{a, {ipv6_address, port}};
  world.run_for(1s);
  BOOST_TEST((call.why == std::errc::network_unreachable));
  a.set_addresses({a.address(), *ip_address::parse("2001:db8::1")});
  door at{b, {ip_address::v6_any(), port}};
  const caller second{a, {ipv6_address, port}};
  world.run_for(1s);
  BOOST_REQUIRE(second.outgoing != nullptr);
  BOOST_TEST(second.outgoing->local().address.is_v6());
}

BOOST_AUTO_TEST_CASE(a_cancelled_dial_without_a_way_says_nothing) {
  b.down();
  caller call{b, {a.address(), port}};
  call.call.reset();
  world.run_for(1s);
  BOOST_TEST(!call.took.has_value());
}

BOOST_AUTO_TEST_CASE(a_watch_tells_of_a_move_when_it_is_over) {
  watcher mine{b};
  watcher other{a};
  world.run_for(1h);
  BOOST_TEST(mine.at.empty());
  const auto began = world.elapsed();
  b.down();
  world.run_for(100ms);
  b.set_addresses({new_address});
  world.run_for(100ms);
  b.up();
  world.run_for(1min);
  BOOST_REQUIRE(mine.at.size() == 1u);
  BOOST_TEST((mine.at[0] - began == 200ms + network_quiet));
  b.up();  // It is.
  world.run_for(1min);
  BOOST_TEST(mine.at.size() == 1u);
  b.set_addresses({ipv6_address});
  world.run_for(1min);
  BOOST_TEST(mine.at.size() == 2u);
  BOOST_TEST(other.at.empty());
}

BOOST_AUTO_TEST_CASE(a_watch_that_ended_is_silent) {
  watcher early{b};
  watcher inside{b};
  watcher staying{b};
  inside.on_change = [&] { inside.watch.reset(); };
  b.down();
  early.watch.reset();
  world.run_for(1s);
  b.up();
  world.run_for(1s);
  BOOST_TEST(early.at.empty());
  BOOST_TEST(inside.at.size() == 1u);
  BOOST_TEST(staying.at.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
