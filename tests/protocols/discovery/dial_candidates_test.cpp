// SPDX-License-Identifier: MIT
#include "protocols/discovery/dial_candidates.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

endpoint at(std::uint8_t host, std::uint16_t port = 4000) {
  return {ip_address::v4(198, 51, 100, host), port};
}

struct fixture {
  time_point now{1h};
  dial_candidates::config cfg;
  std::optional<dial_candidates> made;

  dial_candidates& uut() {
    if (!made)
      made.emplace(cfg);
    return *made;
  }
  std::vector<endpoint> dials() {
    std::vector<endpoint> out;
    while (const auto next = uut().poll_dial(now))
      out.push_back(*next);
    return out;
  }
  std::vector<endpoint> hosts(std::uint8_t count) {
    std::vector<endpoint> out;
    for (std::uint8_t i = 1; i <= count; ++i)
      out.push_back(at(i));
    return out;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(dial_candidates_tests, fixture)

BOOST_AUTO_TEST_CASE(what_is_found_is_dialed_once_in_ten_minutes) {
  BOOST_TEST(uut().offer(now, {at(1), at(2), at(1)}) == 2u);
  BOOST_TEST((dials() == std::vector<endpoint>{at(1), at(2)}));
  uut().dial_ended(at(1), false);
  uut().dial_ended(at(2), true);
  now += 10min - 1ns;
  BOOST_TEST(uut().offer(now, {at(1), at(2)}) == 0u);
  now += 1ns;
  BOOST_TEST(uut().offer(now, {at(1)}) == 1u);
  BOOST_TEST((dials() == std::vector<endpoint>{at(1)}));
  BOOST_TEST(uut().counted().dials == 3u);
  BOOST_TEST(uut().counted().dials_failed == 1u);
}

BOOST_AUTO_TEST_CASE(our_own_addresses_are_nobody_else) {
  uut().set_own({at(1)});
  uut().ignore(at(2).address);
  BOOST_TEST(uut().offer(now, {at(1), at(2), at(2, 5000), at(1, 5000)}) == 1u);
  BOOST_TEST((dials() == std::vector<endpoint>{at(1, 5000)}));
}

BOOST_AUTO_TEST_CASE(what_turns_out_to_be_ours_while_it_waits_is_not_dialed) {
  uut().offer(now, {at(1), at(2)});
  uut().set_own({at(1)});
  BOOST_TEST((dials() == std::vector<endpoint>{at(2)}));
}

BOOST_AUTO_TEST_CASE(addresses_that_nobody_can_have_are_left_out) {
  BOOST_TEST(uut().offer(now, {at(1, 0), {ip_address{}, 4000}, {ip_address::v6_any(), 4000},
                                {ip_address::v4(224, 0, 0, 251), 4000}}) == 0u);
  BOOST_TEST(dials().empty());
}

BOOST_AUTO_TEST_CASE(few_are_dialed_at_a_time) {
  cfg.dials_max = 3;
  uut().offer(now, hosts(5));
  BOOST_TEST(dials().size() == 3u);
  uut().dial_ended(at(2), false);
  BOOST_TEST((dials() == std::vector<endpoint>{at(4)}));
}

BOOST_AUTO_TEST_CASE(with_peers_enough_nobody_is_dialed_and_those_who_waited_are_found_again) {
  cfg.peers_wanted = 2;
  cfg.dials_max = 1;
  uut().offer(now, hosts(3));
  BOOST_TEST(dials().size() == 1u);
  uut().set_connected(2);
  uut().dial_ended(at(1), true);
  BOOST_TEST(dials().empty());
  BOOST_TEST(!uut().wanted());
  uut().set_connected(1);
  BOOST_TEST(uut().offer(now, hosts(3)) == 2u); // The first one was dialed a moment ago.
  BOOST_TEST((dials() == std::vector<endpoint>{at(2)}));
}

BOOST_AUTO_TEST_CASE(a_flood_of_addresses_takes_bounded_memory) {
  cfg.waiting_max = 10;
  cfg.remembered_max = 20;
  for (std::uint16_t port = 1; port < 1000; ++port) {
    uut().offer(now, {at(1, port)});
    if (const auto next = uut().poll_dial(now))
      uut().dial_ended(*next, false);
  }
  BOOST_TEST(uut().remembered() == 20u);
  now += 11min;
  BOOST_TEST(uut().offer(now, {at(2)}) == 1u); // The old ones made room.
}

BOOST_AUTO_TEST_CASE(after_a_change_of_the_network_everybody_is_dialed_again) {
  uut().offer(now, {at(1)});
  dials();
  uut().dial_ended(at(1), false);
  uut().network_changed();
  BOOST_TEST(uut().offer(now, {at(1)}) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
