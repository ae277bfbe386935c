// SPDX-License-Identifier: MIT
#include "tests/protocols/support/dht_churn.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace librats::test;
using namespace std::chrono_literals;

namespace {

/// What `bench_dht churn` does to two thousand nodes in an hour, to fewer of them in less time, twice as fast.
dht_churn::config reduced(std::uint64_t seed) {
  dht_churn::config out;
  out.seed = seed;
  out.nodes = 200;
  out.leaving_per_hour = 0.6;
  out.keys = 40;
  out.settling = 8min;
  out.watched = 15min;
  out.search_pause = 1s;
  return out;
}

dht_churn::figures run(const dht_churn::config& cfg) {
  return dht_churn{cfg}.run();
}

} // namespace

BOOST_AUTO_TEST_SUITE(dht_under_churn)

BOOST_AUTO_TEST_CASE(who_announces_is_found_while_nodes_come_and_go) {
  const auto cfg = reduced(31);
  const auto seen = run(cfg);
  BOOST_TEST(seen.left >= 29u);
  BOOST_TEST(seen.announces > cfg.keys);
  BOOST_TEST(seen.searches > 800u);
  BOOST_TEST(seen.success() >= 0.99);
  BOOST_TEST(seen.unheard == 0u);
  BOOST_TEST(seen.hops <= std::log2(cfg.nodes));
  BOOST_TEST(seen.queries < 20);
  BOOST_TEST(seen.seconds_worst < 8);
  BOOST_TEST(seen.idle_bytes < 200);
  BOOST_TEST(seen.idle_bytes_worst < 300);
  BOOST_TEST(seen.gone < 0.2 * seen.confirmed);
}

BOOST_AUTO_TEST_CASE(a_tenth_that_lies_in_every_way_at_once_hides_nothing) {
  auto cfg = reduced(32);
  cfg.liars = 0.1;
  const auto seen = run(cfg);
  BOOST_TEST(seen.searches > 800u);
  BOOST_TEST(seen.success() >= 0.98);
  BOOST_TEST(seen.misled == 0u);
  BOOST_TEST(seen.queries < 25);
  BOOST_TEST(seen.peers < 50); // Of which one is true, and a liar may name fifty.
  BOOST_TEST(seen.idle_bytes_worst < 300);
}

BOOST_AUTO_TEST_CASE(where_nine_of_ten_lie_the_measurement_shows_it) {
  auto cfg = reduced(33);
  cfg.nodes = 100;
  cfg.keys = 5;
  cfg.settling = 3min;
  cfg.watched = 5min;
  cfg.liars = 0.9;
  const auto seen = run(cfg);
  BOOST_TEST(seen.searches > 100u);
  BOOST_TEST(seen.success() < 0.9);
  BOOST_TEST(seen.misled > 0u);
}

BOOST_AUTO_TEST_SUITE_END()
