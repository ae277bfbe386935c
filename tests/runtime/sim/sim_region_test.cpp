// SPDX-License-Identifier: MIT
#include "tests/runtime/sim/sim_fixture.hpp"

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t port = 9000;

/// Four machines, each with an open UDP port.
struct regional_world {
  regional_world() {
    for (int i = 0; i < 4; ++i)
      hosts.push_back(&world.add_host());
    for (auto* one : hosts)
      ports.push_back(std::make_unique<datagram_recorder>(*one, endpoint{ip_address{}, port}));
  }

  /// How long a datagram takes; empty when it does not arrive within a second.
  std::optional<duration> trip(std::size_t from, std::size_t to) {
    const auto before = ports[to]->received.size();
    const auto began = world.elapsed();
    ports[from]->socket->send({hosts[to]->address(), port}, bytes{1});
    world.run_for(1s);
    if (ports[to]->received.size() == before)
      return std::nullopt;
    return ports[to]->received.back().at - began;
  }

  sim_world world;
  std::vector<sim_host*> hosts;
  std::vector<std::unique_ptr<datagram_recorder>> ports;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sim_region_tests, regional_world)

BOOST_AUTO_TEST_CASE(a_path_follows_from_the_regions_of_its_ends) {
  world.set_region(*hosts[0], 0);
  world.set_region(*hosts[1], 1);
  world.set_region(*hosts[2], 1);
  world.set_region_link(0, 1, {45ms});
  world.set_region_link(1, 0, {46ms});
  world.set_region_link(1, 1, {5ms});
  BOOST_TEST((trip(0, 1) == duration{45ms}));
  BOOST_TEST((trip(1, 0) == duration{46ms}));
  BOOST_TEST((trip(1, 2) == duration{5ms}));
  BOOST_TEST((trip(0, 3) == duration{10ms})); // The last one is in no region: as everywhere.
  world.set_link(*hosts[0], *hosts[1], {1ms});
  BOOST_TEST((trip(0, 1) == duration{1ms}));
}

BOOST_AUTO_TEST_CASE(a_split_cuts_its_sides_off_and_nobody_else) {
  const auto first = world.split({hosts[0], hosts[1]}, {hosts[2]});
  BOOST_TEST(trip(0, 1).has_value());
  BOOST_TEST(!trip(0, 2).has_value());
  BOOST_TEST(!trip(2, 1).has_value());
  BOOST_TEST(trip(0, 3).has_value());
  const auto second = world.split({hosts[2]}, {hosts[0]});
  world.join(first);
  BOOST_TEST(trip(2, 1).has_value());
  BOOST_TEST(!trip(0, 2).has_value()); // The other one still holds.
  world.join(second);
  BOOST_TEST(trip(0, 2).has_value());
}

BOOST_AUTO_TEST_CASE(there_are_so_many_splits_and_no_more) {
  for (std::size_t i = 0; i < sim_world::splits_max; ++i)
    BOOST_TEST(world.split({hosts[0]}, {hosts[1]}) == i);
  BOOST_TEST(world.split({hosts[2]}, {hosts[3]}) == sim_world::splits_max);
  BOOST_TEST(trip(2, 3).has_value());
  world.join(5);
  BOOST_TEST(world.split({hosts[2]}, {hosts[3]}) == 5u);
  BOOST_TEST(!trip(2, 3).has_value());
}

BOOST_AUTO_TEST_CASE(an_observer_sees_what_goes_into_the_hash) {
  struct counter final : sim_world::event_observer {
    void observe(sim_world::event_kind kind, std::size_t host, bytes_view content) override {
      BOOST_TEST((kind == sim_world::event_kind::datagram));
      BOOST_TEST(host == 1u);
      BOOST_TEST(content.size() == 1u);
      ++events;
    }
    int events = 0;
  } seen;
  world.set_observer(&seen);
  trip(0, 1);
  BOOST_TEST(seen.events == 1);
  BOOST_TEST(world.event_count() == 1u);
  world.set_observer(nullptr);
  trip(0, 1);
  BOOST_TEST(seen.events == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
