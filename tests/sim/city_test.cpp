// SPDX-License-Identifier: MIT
#include "tests/sim/city.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::test {

BOOST_AUTO_TEST_SUITE(city)

BOOST_AUTO_TEST_CASE(a_hundred_nodes_hear_every_word_of_their_neighbours) {
  const auto run = run_city({});
  BOOST_TEST(run.dials_failed == 0u);
  BOOST_TEST(run.disconnects == 0u);
  BOOST_TEST(run.links == 300u);
  // Sixty times over each link, both ways.
  BOOST_TEST(run.sent == 300u * 2 * 60);
  BOOST_TEST(run.delivered == run.sent);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_city_and_another_one_another) {
  city_options options;
  options.talking = std::chrono::seconds{10};
  const auto first = run_city(options);
  const auto second = run_city(options);
  BOOST_TEST(first.event_hash == second.event_hash);
  BOOST_TEST(first.events == second.events);
  options.seed = 2;
  const auto other = run_city(options);
  BOOST_TEST(first.event_hash != other.event_hash);
  BOOST_TEST(other.delivered == other.sent);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
