// SPDX-License-Identifier: MIT
#include "runtime/net/network_watch.hpp"

#include "runtime/net/change_coalescer.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_world.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

struct watch_fixture : network_change_events {
  virtual ~watch_fixture() = default;
  void network_changed() override {
    ++changes;
    if (on_change)
      on_change();
  }

  sim_world world;
  sim_host& host = world.add_host();
  event_loop& loop = *host.loop(0);
  int changes = 0;
  std::function<void()> on_change;
};

const ip_address other = ip_address::v4(192, 168, 7, 7);

} // namespace

BOOST_FIXTURE_TEST_SUITE(network_watch_tests, watch_fixture)

BOOST_AUTO_TEST_CASE(a_storm_is_one_change_after_its_end) {
  change_coalescer storm{loop, [&] { ++changes; }};
  for (int i = 0; i < 5; ++i) {
    storm.changed();
    world.run_for(network_quiet - 1ms);
    BOOST_TEST(changes == 0);
  }
  world.run_for(1ms);
  BOOST_TEST(changes == 1);
  world.run_for(1h);
  BOOST_TEST(changes == 1);
  storm.changed();
  world.run_for(1h);
  BOOST_TEST(changes == 2);
}

BOOST_AUTO_TEST_CASE(a_storm_without_end_is_told_of_now_and_then) {
  change_coalescer storm{loop, [&] { ++changes; }};
  for (duration passed{0}; passed < 10 * network_quiet_wait_max; passed += 10ms) {
    storm.changed();
    world.run_for(10ms);
  }
  BOOST_TEST(changes >= 9);
  BOOST_TEST(changes <= 10);
}

BOOST_AUTO_TEST_CASE(a_storm_may_lose_its_watcher) {
  auto storm = std::make_unique<change_coalescer>(loop, [&] { ++changes; });
  storm->changed();
  storm.reset();
  world.run_for(1h);
  BOOST_TEST(changes == 0);
  storm = std::make_unique<change_coalescer>(loop, [&] {
    storm.reset();
    ++changes;
  });
  storm->changed();
  world.run_for(1h);
  BOOST_TEST(changes == 1);
}

BOOST_AUTO_TEST_CASE(polling_finds_what_changed_since_the_last_look) {
  const auto watch = make_polling_watch(loop, *this);
  world.run_for(interface_poll_interval * 10);
  BOOST_TEST(changes == 0);
  host.set_addresses({other});
  world.run_for(interface_poll_interval - 1ms);
  BOOST_TEST(changes == 0);
  world.run_for(1ms);
  BOOST_TEST(changes == 1);
  host.down();
  world.run_for(interface_poll_interval);
  BOOST_TEST(changes == 2);
  host.up();
  host.down();  // Nobody looked meanwhile.
  world.run_for(interface_poll_interval * 10);
  BOOST_TEST(changes == 2);
}

BOOST_AUTO_TEST_CASE(polling_ends_with_its_watch) {
  auto watch = make_polling_watch(loop, *this);
  on_change = [&] { watch.reset(); };
  host.set_addresses({other});
  world.run_for(interface_poll_interval);
  host.set_addresses({});
  world.run_for(interface_poll_interval * 10);
  BOOST_TEST(changes == 1);
}

BOOST_AUTO_TEST_CASE(interfaces_are_compared_without_regard_for_their_order) {
  const interface_address one{"a", other};
  const interface_address two{"b", other};
  BOOST_TEST(same_interfaces({one, two}, {two, one}));
  BOOST_TEST(!same_interfaces({one}, {two}));
  BOOST_TEST(!same_interfaces({one}, {one, two}));
  BOOST_TEST(!same_interfaces({one}, {{"a", ip_address{}}}));
  BOOST_TEST(same_interfaces({}, {}));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
