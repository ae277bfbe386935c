// SPDX-License-Identifier: MIT
#include "protocols/dht/flood_guard.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

const auto noisy = ip_address::v4(11, 1, 2, 3);
const auto quiet = ip_address::v4(11, 1, 2, 4);

unsigned admitted(flood_guard& guard, const ip_address& from, time_point now, unsigned count) {
  unsigned out = 0;
  for (unsigned i = 0; i < count; ++i)
    out += guard.admit(from, now) ? 1 : 0;
  return out;
}

ip_address v6(std::uint8_t network, std::uint8_t host) {
  const std::array<std::uint8_t, 16> raw{0x20, 1, 0xd, 0xb8, 0, 0, 0, network, 0, 0, 0, 0, 0, 0, 0, host};
  return *ip_address::from_bytes(raw);
}

} // namespace

BOOST_AUTO_TEST_SUITE(flood_guards)

BOOST_AUTO_TEST_CASE(fifty_in_ten_seconds_pass_and_the_next_is_ignored_for_five_minutes) {
  flood_guard guard{{}, 1};
  const time_point start{1h};
  BOOST_TEST(admitted(guard, noisy, start, 50) == 50u);
  BOOST_TEST(!guard.ignores(noisy, start));
  BOOST_TEST(!guard.admit(noisy, start + 9s));
  BOOST_TEST(guard.ignores(noisy, start + 9s));
  BOOST_TEST(!guard.admit(noisy, start + 9s + 5min - 1ms));
  BOOST_TEST(guard.admit(noisy, start + 9s + 5min));
  BOOST_TEST(guard.times_blocked() == 1u);
  BOOST_TEST(guard.refused() == 2u);
}

BOOST_AUTO_TEST_CASE(a_window_that_is_over_counts_no_more) {
  flood_guard guard{{}, 1};
  const time_point start{1h};
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(admitted(guard, noisy, start + i * 10s, 50) == 50u);
  BOOST_TEST(guard.times_blocked() == 0u);
}

BOOST_AUTO_TEST_CASE(others_are_not_touched) {
  flood_guard guard{{}, 1};
  const time_point start{1h};
  admitted(guard, noisy, start, 60);
  BOOST_TEST(guard.admit(quiet, start));
  BOOST_TEST(!guard.ignores(quiet, start));
}

BOOST_AUTO_TEST_CASE(a_subscriber_has_one_budget_for_his_sixty_four_bits_of_addresses) {
  flood_guard guard{{}, 1};
  const time_point start{1h};
  unsigned passed = 0;
  for (unsigned host = 0; host < 100; ++host)
    passed += guard.admit(v6(1, static_cast<std::uint8_t>(host)), start) ? 1 : 0;
  BOOST_TEST(passed == 50u);
  BOOST_TEST(guard.admit(v6(2, 1), start));
}

BOOST_AUTO_TEST_CASE(loopback_is_exempt_when_asked_for_alone) {
  const time_point start{1h};
  flood_guard guard{{}, 1};
  BOOST_TEST(admitted(guard, ip_address::v4_loopback(), start, 80) == 50u);
  flood_guard::config laboratory;
  laboratory.loopback_exempt = true;
  flood_guard lenient{laboratory, 1};
  BOOST_TEST(admitted(lenient, ip_address::v4_loopback(), start, 80) == 80u);
  BOOST_TEST(admitted(lenient, noisy, start, 80) == 50u);
}

BOOST_AUTO_TEST_CASE(a_flood_from_everywhere_does_not_set_free_who_is_ignored) {
  flood_guard::config small;
  small.sources_max = 16;
  flood_guard guard{small, 1};
  const time_point start{1h};
  admitted(guard, noisy, start, 51);
  for (unsigned i = 0; i < 10'000; ++i) {
    const auto from = ip_address::v4(12, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i), 1);
    BOOST_TEST_REQUIRE(guard.admit(from, start + 1s));
  }
  BOOST_TEST(guard.ignores(noisy, start + 1s));
}

BOOST_AUTO_TEST_SUITE_END()
