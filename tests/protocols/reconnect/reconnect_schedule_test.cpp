// SPDX-License-Identifier: MIT
#include "protocols/reconnect/reconnect_schedule.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <utility>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

using state = reconnect_target::state;

peer_id id(std::uint8_t n) { return peer_id{filled(n)}; }
endpoint at(std::uint8_t n) { return {ip_address::v4(10, 0, 0, n), 4000}; }
dial_target where(std::uint8_t n) { return dial_target::of(at(n)); }

reconnect_config exact() {
  reconnect_config out;
  out.jitter = 0;
  return out;
}

/// One schedule and its clock.
struct redialing {
  explicit redialing(const reconnect_config& cfg = exact(), std::uint64_t seed = 3) : schedule(cfg, seed) {}

  /// Who is dialed right now.
  std::vector<dial_target> dials() {
    schedule.handle_timeout(now);
    std::vector<dial_target> out;
    while (auto x = schedule.poll_dial())
      out.push_back(std::move(*x));
    return out;
  }
  /// Moves on to the next deadline; how long that took.
  duration skip() {
    const auto due = schedule.poll_timeout();
    BOOST_TEST_REQUIRE(due.has_value());
    const auto out = *due - now;
    now = *due;
    return out;
  }
  /// Waits for the one dial that comes next and lets it fail; how long that took.
  duration fail_next(const dial_target& x) {
    const auto out = skip();
    BOOST_TEST((dials() == std::vector<dial_target>{x}));
    schedule.dial_failed(now, x, "refused");
    return out;
  }
  void connect(std::uint8_t n) { schedule.peer_connected(now, id(n), at(n)); }
  void accept(std::uint8_t n) { schedule.peer_connected(now, id(n), std::nullopt); }
  void lose(std::uint8_t n) { schedule.peer_disconnected(now, id(n)); }
  reconnect_target only() {
    const auto all = schedule.targets();
    BOOST_TEST_REQUIRE(all.size() == 1u);
    return all.front();
  }

  time_point now{1h};
  reconnect_schedule schedule;
};

} // namespace

BOOST_AUTO_TEST_SUITE(reconnect_schedules)

BOOST_AUTO_TEST_CASE(a_target_is_dialed_at_once_and_then_ever_more_rarely) {
  redialing x;
  BOOST_TEST(x.schedule.add(x.now, where(1), true));
  BOOST_TEST((x.fail_next(where(1)) == 0s));
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s})
    BOOST_TEST((x.fail_next(where(1)) == wait));
  BOOST_TEST(x.only().failures == 9u);
  BOOST_TEST(x.only().dials == 9u);
  BOOST_TEST(x.only().error == "refused");
}

BOOST_AUTO_TEST_CASE(jitter_shortens_each_wait_by_up_to_its_share) {
  bool differ = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    reconnect_config cfg;
    redialing x{cfg, seed};
    x.schedule.add(x.now, where(1), true);
    x.fail_next(where(1));
    const auto wait = x.fail_next(where(1));
    BOOST_TEST((wait <= 1s && wait >= 750ms));
    differ = differ || wait < 900ms;
  }
  BOOST_TEST(differ);
}

BOOST_AUTO_TEST_CASE(a_list_of_intervals_takes_the_place_of_doubling) {
  auto cfg = exact();
  cfg.intervals = {5s, 30s, 120s};
  redialing x{cfg};
  x.schedule.add(x.now, where(1), true);
  x.fail_next(where(1));
  for (const auto wait : {5s, 30s, 120s, 120s})
    BOOST_TEST((x.fail_next(where(1)) == wait));
}

BOOST_AUTO_TEST_CASE(a_dial_without_answer_fails_in_time) {
  redialing x;
  x.schedule.add(x.now, where(1), true);
  BOOST_TEST(x.dials().size() == 1u);
  BOOST_TEST((x.skip() == 15s));
  BOOST_TEST(x.dials().empty());
  BOOST_TEST((x.only().now == state::waiting));
  BOOST_TEST(x.only().error == "no answer in time");
  BOOST_TEST((x.skip() == 1s));
  BOOST_TEST(x.dials().size() == 1u);
  x.schedule.dial_failed(x.now, where(1), "late");
  x.schedule.dial_failed(x.now, where(1), "later");  // Of the first dial: counts no more.
  BOOST_TEST(x.only().failures == 2u);
}

BOOST_AUTO_TEST_CASE(a_lost_peer_that_we_dialed_becomes_a_target_and_leaves_the_queue_on_success) {
  redialing x;
  x.connect(1);
  BOOST_TEST(x.schedule.targets().empty());
  x.now += 10s;
  x.lose(1);
  BOOST_TEST((x.only().where == where(1)));
  BOOST_TEST((x.only().id == id(1)));
  BOOST_TEST((x.only().last_connection == 10s));
  BOOST_TEST(!x.only().stable);
  BOOST_TEST((x.skip() == 1s));
  BOOST_TEST(x.dials().size() == 1u);
  BOOST_TEST((x.only().now == state::dialing));
  x.connect(1);
  BOOST_TEST(x.schedule.dial_succeeded(x.now, where(1), id(1)));
  BOOST_TEST((x.only().now == state::connected));
  BOOST_TEST(!x.schedule.poll_timeout());
}

BOOST_AUTO_TEST_CASE(a_link_that_breaks_soon_does_not_reset_the_back_off) {
  redialing x;
  x.connect(1);
  x.lose(1);
  for (const auto wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    BOOST_TEST((x.skip() == wait));
    BOOST_TEST(x.dials().size() == 1u);
    x.connect(1);
    x.schedule.dial_succeeded(x.now, where(1), id(1));
    x.now += 59s;
    x.lose(1);
  }
  x.skip();
  x.dials();
  x.connect(1);
  x.schedule.dial_succeeded(x.now, where(1), id(1));
  x.now += 60s;
  x.lose(1);
  BOOST_TEST(x.only().stable);
  BOOST_TEST((x.skip() == 1s));
}

BOOST_AUTO_TEST_CASE(a_stable_peer_gets_its_first_retry_sooner) {
  auto cfg = exact();
  cfg.intervals = {5s, 30s, 120s};
  cfg.stable_first_delay = 2s;
  cfg.max_attempts = 3;
  redialing x{cfg};
  x.connect(1);
  x.now += 60s;
  x.lose(1);
  BOOST_TEST(x.only().stable);
  BOOST_TEST((x.fail_next(where(1)) == 2s));
  BOOST_TEST((x.fail_next(where(1)) == 5s));
  BOOST_TEST((x.fail_next(where(1)) == 30s));
  BOOST_TEST(x.schedule.targets().empty());  // Three attempts were enough.
}

BOOST_AUTO_TEST_CASE(a_permanent_target_that_is_given_up_stays_to_be_seen) {
  auto cfg = exact();
  cfg.max_attempts = 2;
  redialing x{cfg};
  x.schedule.add(x.now, where(1), true);
  x.fail_next(where(1));
  x.fail_next(where(1));
  BOOST_TEST((x.only().now == state::given_up));
  BOOST_TEST(!x.schedule.poll_timeout());
  cfg.max_attempts = 0;
  x.schedule.configure(x.now, cfg);
  BOOST_TEST((x.only().now == state::waiting));
  BOOST_TEST(x.schedule.poll_timeout().has_value());
}

BOOST_AUTO_TEST_CASE(asking_again_for_a_target_that_was_given_up_dials_it) {
  auto cfg = exact();
  cfg.max_attempts = 1;
  redialing x{cfg};
  x.schedule.add(x.now, where(1), true);
  x.fail_next(where(1));
  BOOST_TEST(x.schedule.add(x.now, where(1), true));
  BOOST_TEST(x.dials().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_peer_that_the_application_dropped_is_left_alone) {
  redialing x;
  x.connect(1);
  x.schedule.peer_unwanted(id(1));
  x.lose(1);
  BOOST_TEST(x.schedule.targets().empty());
  // Once more, and this time it is a permanent target.
  x.schedule.add(x.now, where(1), true);
  x.dials();
  x.connect(1);
  x.schedule.dial_succeeded(x.now, where(1), id(1));
  x.schedule.peer_unwanted(id(1));
  x.lose(1);
  BOOST_TEST((x.only().now == state::given_up));
  x.accept(1);  // It came by itself.
  x.lose(1);
  BOOST_TEST((x.only().now == state::waiting));
}

BOOST_AUTO_TEST_CASE(inbound_peers_are_dialed_only_if_that_is_wanted_and_possible) {
  redialing x;
  x.accept(1);
  x.schedule.peer_listens(id(1), at(1));
  x.lose(1);
  BOOST_TEST(x.schedule.targets().empty());
  auto cfg = exact();
  cfg.inbound_too = true;
  x.schedule.configure(x.now, cfg);
  x.accept(2);  // Did not say where it listens.
  x.lose(2);
  BOOST_TEST(x.schedule.targets().empty());
  x.accept(1);
  x.schedule.peer_listens(id(1), at(1));
  x.lose(1);
  BOOST_TEST((x.only().where == where(1)));
}

BOOST_AUTO_TEST_CASE(a_target_with_somebody_else_behind_it_is_forgotten_unless_configured) {
  redialing x;
  x.schedule.add(x.now, where(1), false, id(1));
  x.schedule.add(x.now, where(2), true, id(2));
  x.dials();
  x.schedule.peer_connected(x.now, id(7), at(1));
  x.schedule.peer_connected(x.now, id(8), at(2));
  BOOST_TEST(!x.schedule.dial_succeeded(x.now, where(1), id(7)));
  BOOST_TEST(x.schedule.dial_succeeded(x.now, where(2), id(8)));
  BOOST_TEST((x.only().id == id(8)));
  BOOST_TEST((x.only().now == state::connected));
}

BOOST_AUTO_TEST_CASE(a_peer_that_came_by_another_way_serves_its_target) {
  redialing x;
  x.schedule.add(x.now, where(1), false, id(1));
  x.fail_next(where(1));
  x.accept(1);
  BOOST_TEST((x.only().now == state::connected));
  BOOST_TEST(!x.schedule.poll_timeout());
  x.now += 2min;
  x.lose(1);
  BOOST_TEST((x.skip() == 1s));
}

BOOST_AUTO_TEST_CASE(a_peer_that_is_gone_before_the_answer_is_here_is_dialed_again) {
  redialing x;
  x.schedule.add(x.now, where(1), true);
  x.dials();
  x.connect(1);
  x.lose(1);
  x.schedule.dial_succeeded(x.now, where(1), id(1));
  BOOST_TEST((x.skip() == 1s));
  BOOST_TEST(x.dials().size() == 1u);
}

BOOST_AUTO_TEST_CASE(while_it_is_off_permanent_targets_are_dialed_once_and_nothing_else) {
  auto cfg = exact();
  cfg.enabled = false;
  redialing x{cfg};
  x.schedule.add(x.now, where(1), true);
  BOOST_TEST((x.dials() == std::vector<dial_target>{where(1)}));
  x.schedule.dial_failed(x.now, where(1), "refused");
  BOOST_TEST((x.only().now == state::given_up));
  BOOST_TEST(x.only().error == "refused");
  x.connect(2);
  x.lose(2);
  BOOST_TEST((x.only().where == where(1)));
  BOOST_TEST(!x.schedule.poll_timeout());
  cfg.enabled = true;
  x.schedule.configure(x.now, cfg);
  x.skip();
  BOOST_TEST((x.dials() == std::vector<dial_target>{where(1)}));
}

BOOST_AUTO_TEST_CASE(switching_off_stops_what_was_planned_and_switching_on_plans_it_again) {
  redialing x;
  x.connect(1);
  x.lose(1);
  auto cfg = exact();
  cfg.enabled = false;
  x.schedule.configure(x.now, cfg);
  BOOST_TEST(!x.schedule.poll_timeout());
  BOOST_TEST((x.only().now == state::given_up));
  cfg.enabled = true;
  x.schedule.configure(x.now, cfg);
  BOOST_TEST((x.only().now == state::waiting));
  BOOST_TEST(x.schedule.poll_timeout().has_value());
}

BOOST_AUTO_TEST_CASE(clearing_forgets_who_waits_and_keeps_who_is_configured_or_connected) {
  redialing x;
  x.schedule.add(x.now, where(1), true);
  x.schedule.add(x.now, where(2), false, id(2));
  x.schedule.add(x.now, where(3), false, id(3));
  x.dials();
  x.connect(3);
  x.schedule.dial_succeeded(x.now, where(3), id(3));
  x.schedule.clear();
  BOOST_TEST(x.schedule.size() == 2u);
  x.schedule.dial_failed(x.now, where(2), "nobody cares");
  BOOST_TEST(x.schedule.size() == 2u);
}

BOOST_AUTO_TEST_CASE(at_most_32_dials_are_under_way) {
  redialing x;
  for (std::uint8_t n = 0; n < 100; ++n)
    x.schedule.add(x.now, where(n), true);
  auto first = x.dials();
  BOOST_TEST(first.size() == reconnect_schedule::dials_open_max);
  BOOST_TEST(x.dials().empty());
  BOOST_TEST((*x.schedule.poll_timeout() == x.now + 15s));  // Not now: there is no room.
  x.schedule.dial_failed(x.now, first.front(), "refused");
  BOOST_TEST(x.dials().size() == 1u);
}

BOOST_AUTO_TEST_CASE(another_network_is_tried_at_once) {
  redialing x;
  x.schedule.add(x.now, where(1), true);
  for (int i = 0; i < 6; ++i) {
    BOOST_TEST(x.dials().size() == 1u);
    x.schedule.dial_failed(x.now, where(1), "unreachable");
    x.now = *x.schedule.poll_timeout();
  }
  BOOST_TEST(x.dials().size() == 1u);
  x.schedule.dial_failed(x.now, where(1), "unreachable");
  BOOST_TEST(x.dials().empty());
  BOOST_TEST((*x.schedule.poll_timeout() - x.now > 20s));
  x.schedule.network_changed(x.now);
  BOOST_TEST(x.dials().size() == 1u);
  x.schedule.dial_failed(x.now, where(1), "unreachable");
  BOOST_TEST((*x.schedule.poll_timeout() - x.now <= 1s));  // And it begins anew.
}

BOOST_AUTO_TEST_CASE(a_full_table_lets_go_of_whom_nobody_configured) {
  redialing x;
  const auto nth = [](std::size_t n) { return dial_target{"host" + std::to_string(n), 1}; };
  for (std::size_t n = 0; n < reconnect_schedule::targets_max; ++n)
    BOOST_TEST(x.schedule.add(x.now, nth(n), n % 2 == 0));
  BOOST_TEST(x.schedule.add(x.now, nth(5000), true));
  BOOST_TEST(x.schedule.size() == reconnect_schedule::targets_max);
  redialing full;
  for (std::size_t n = 0; n < reconnect_schedule::targets_max; ++n)
    full.schedule.add(full.now, nth(n), true);
  BOOST_TEST(!full.schedule.add(full.now, nth(5000), true));
}

BOOST_AUTO_TEST_SUITE_END()
