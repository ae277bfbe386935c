// SPDX-License-Identifier: MIT
#include "protocols/dial/dial_race.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

const time_point start = time_point{} + 1h;

ip_address ip(const char* text) { return *ip_address::parse(text); }

dial_race_config udp_first() {
  dial_race_config out;
  out.order = {transport::udp, transport::tcp};
  return out;
}

/// Everything that is to be started at `now`, as text.
std::string starts(dial_race& race, time_point now) {
  std::string out;
  while (const auto next = race.poll_start(now))
    out += (out.empty() ? "" : ", ") + std::string{race.at(*next).over == transport::udp ? "udp " : "tcp "}
           + race.at(*next).remote.to_string();
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(dial_race_test)

BOOST_AUTO_TEST_CASE(the_second_transport_starts_after_the_head_start) {
  dial_race race{udp_first(), {ip("10.0.0.1")}, 5, start};
  BOOST_TEST(starts(race, start) == "udp 10.0.0.1:5");
  BOOST_TEST((race.next_wakeup() == start + 1200ms));
  BOOST_TEST(starts(race, start + 1199ms) == "");
  BOOST_TEST(starts(race, start + 1200ms) == "tcp 10.0.0.1:5");
  BOOST_TEST((race.next_wakeup() == time_point::max()));
  BOOST_TEST(!race.exhausted());
}

BOOST_AUTO_TEST_CASE(a_failure_starts_the_next_transport_at_once) {
  dial_race race{udp_first(), {ip("10.0.0.1")}, 5, start};
  starts(race, start);
  race.failed(0, start + 3ms);
  BOOST_TEST(!race.exhausted());
  BOOST_TEST(starts(race, start + 3ms) == "tcp 10.0.0.1:5");
  race.failed(1, start + 4ms);
  BOOST_TEST(race.exhausted());
  BOOST_TEST(starts(race, start + 5s) == "");
}

BOOST_AUTO_TEST_CASE(addresses_of_one_transport_are_staggered_and_alternate_by_family) {
  auto config = udp_first();
  config.order = {transport::tcp};
  dial_race race{config, {ip("2001:db8::1"), ip("2001:db8::2"), ip("10.0.0.1")}, 5, start};
  BOOST_TEST(starts(race, start) == "tcp [2001:db8::1]:5");
  BOOST_TEST(starts(race, start + 249ms) == "");
  BOOST_TEST(starts(race, start + 250ms) == "tcp 10.0.0.1:5");
  race.failed(1, start + 260ms);
  BOOST_TEST(starts(race, start + 260ms) == "tcp [2001:db8::2]:5");
}

BOOST_AUTO_TEST_CASE(both_transports_go_through_all_addresses) {
  dial_race race{udp_first(), {ip("2001:db8::1"), ip("10.0.0.1")}, 5, start};
  BOOST_TEST(starts(race, start) == "udp [2001:db8::1]:5");
  BOOST_TEST(starts(race, start + 250ms) == "udp 10.0.0.1:5");
  BOOST_TEST(starts(race, start + 1200ms) == "tcp [2001:db8::1]:5");
  race.failed(2, start + 1210ms);
  BOOST_TEST(starts(race, start + 1210ms) == "tcp 10.0.0.1:5");
  for (const auto i : {0, 1, 3})
    race.failed(static_cast<std::size_t>(i), start + 2s);
  BOOST_TEST(race.exhausted());
}

BOOST_AUTO_TEST_CASE(one_address_that_runs_keeps_the_next_transport_waiting) {
  dial_race race{udp_first(), {ip("2001:db8::1"), ip("10.0.0.1")}, 5, start};
  starts(race, start);
  race.failed(0, start + 1ms);
  BOOST_TEST(starts(race, start + 1ms) == "udp 10.0.0.1:5");
  BOOST_TEST(starts(race, start + 1199ms) == "");
  BOOST_TEST(starts(race, start + 1200ms) == "tcp [2001:db8::1]:5");
}

BOOST_AUTO_TEST_CASE(without_fallback_only_the_first_transport_is_tried) {
  auto config = udp_first();
  config.fallback_delay = 0s;
  dial_race race{config, {ip("10.0.0.1")}, 5, start};
  BOOST_TEST(starts(race, start) == "udp 10.0.0.1:5");
  race.failed(0, start + 1s);
  BOOST_TEST(race.exhausted());
}

BOOST_AUTO_TEST_CASE(a_failure_that_is_reported_twice_counts_once) {
  dial_race race{udp_first(), {ip("10.0.0.1"), ip("10.0.0.2")}, 5, start};
  starts(race, start);
  starts(race, start + 250ms);
  race.failed(0, start + 300ms);
  race.failed(0, start + 300ms);
  BOOST_TEST(!race.exhausted());
  BOOST_TEST(starts(race, start + 300ms) == "");  // The other one still runs.
  BOOST_TEST(race.running(1));
}

BOOST_AUTO_TEST_CASE(no_address_is_exhausted_from_the_start) {
  dial_race race{udp_first(), {}, 5, start};
  BOOST_TEST(race.exhausted());
  BOOST_TEST(starts(race, start + 1h) == "");
}

BOOST_AUTO_TEST_CASE(repeated_and_excessive_addresses_are_left_out) {
  std::vector<ip_address> many;
  for (int i = 0; i < 40; ++i)
    many.push_back(ip(("10.0.0." + std::to_string(i / 2)).c_str()));
  auto config = udp_first();
  config.order = {transport::udp};
  dial_race race{config, many, 5, start};
  for (int i = 0; i < 100; ++i)
    starts(race, start + i * 250ms);
  BOOST_TEST(race.started() == 16u);
}

BOOST_AUTO_TEST_SUITE_END()
