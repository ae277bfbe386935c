// SPDX-License-Identifier: MIT
#include "protocols/dht/announce_schedule.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

using action = announce_schedule::action;

namespace {

announce_schedule::config steady() {
  announce_schedule::config out;
  out.jitter = 0;
  return out;
}

struct fixture {
  time_point now{1h};
  announce_schedule schedule{steady(), now, 1};

  std::optional<action> due() { return schedule.poll_action(now); }
  /// Runs the next action to its end and returns how long it was away.
  duration step(action expected, std::size_t fresh) {
    const auto before = now;
    now = schedule.poll_timeout().value();
    BOOST_TEST((due() == expected));
    schedule.lookup_ended(now, fresh, true);
    return now - before;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(announce_schedules, fixture)

BOOST_AUTO_TEST_CASE(who_listens_announces_at_once_and_every_ten_minutes) {
  schedule.set_listening(now, true);
  schedule.set_peers_wanted(now, false);
  BOOST_TEST((due() == action::announce));
  schedule.lookup_ended(now, 0, true);
  for (int i = 0; i < 5; ++i)
    BOOST_TEST((step(action::announce, 0) == 10min));
}

BOOST_AUTO_TEST_CASE(who_does_not_listen_never_announces) {
  BOOST_TEST((due() == action::search));
  schedule.lookup_ended(now, 0, false);
  for (int i = 0; i < 50; ++i)
    step(action::search, 0);
}

BOOST_AUTO_TEST_CASE(searches_that_bring_nobody_become_rare) {
  due();
  schedule.lookup_ended(now, 0, false);
  for (const auto pause : {5s, 10s, 20s, 40s, 80s, 160s, 320s})
    BOOST_TEST((step(action::search, 0) == pause));
  BOOST_TEST((step(action::search, 0) == 10min));
  BOOST_TEST((step(action::search, 3) == 10min));
  BOOST_TEST((step(action::search, 0) == 30s));
}

BOOST_AUTO_TEST_CASE(while_a_lookup_runs_nothing_else_begins) {
  schedule.set_listening(now, true);
  BOOST_TEST((due() == action::announce));
  now += 1h;
  BOOST_TEST(!due());
  BOOST_TEST(!schedule.poll_timeout());
  schedule.lookup_ended(now, 1, true);
  BOOST_TEST((schedule.poll_timeout() == now + 30s));
}

BOOST_AUTO_TEST_CASE(an_announcement_that_nobody_took_is_repeated_soon) {
  schedule.set_listening(now, true);
  schedule.set_peers_wanted(now, false);
  due();
  schedule.lookup_ended(now, 0, false);
  BOOST_TEST((schedule.poll_timeout() == now + 5s));
}

BOOST_AUTO_TEST_CASE(who_wants_nobody_and_offers_nothing_rests) {
  schedule.set_peers_wanted(now, false);
  BOOST_TEST(!due());
  BOOST_TEST(!schedule.poll_timeout());
  now += 1h;
  schedule.set_peers_wanted(now, true);
  BOOST_TEST((due() == action::search));
}

BOOST_AUTO_TEST_CASE(another_network_announces_at_once_even_if_a_lookup_was_running) {
  schedule.set_listening(now, true);
  due();
  now += 5s;
  schedule.network_changed(now);
  BOOST_TEST(!due());
  schedule.lookup_ended(now, 0, true);
  BOOST_TEST((due() == action::announce));
  schedule.lookup_ended(now, 0, true);
  now += 1s;
  BOOST_TEST(!due());
}

BOOST_AUTO_TEST_CASE(jitter_shortens_by_at_most_its_share_and_differs_between_seeds) {
  announce_schedule::config cfg;
  std::optional<duration> first;
  bool differs = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    announce_schedule x{cfg, now, seed};
    x.poll_action(now);
    x.lookup_ended(now, 1, false);
    const auto pause = x.poll_timeout().value() - now;
    BOOST_TEST((pause >= 27s && pause <= 30s));
    differs = differs || (first && *first != pause);
    first = pause;
  }
  BOOST_TEST(differs);
}

BOOST_AUTO_TEST_SUITE_END()
