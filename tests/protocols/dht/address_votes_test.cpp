// SPDX-License-Identifier: MIT
#include "protocols/dht/address_votes.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

const auto ours = ip_address::v4(203, 0, 113, 7);
const auto other = ip_address::v4(203, 0, 113, 8);

/// A node in the n-th /16.
ip_address voter(unsigned n, std::uint8_t host = 1) {
  return ip_address::v4(static_cast<std::uint8_t>(20 + n / 256), static_cast<std::uint8_t>(n), 1, host);
}

struct fixture {
  std::optional<ip_address> vote(unsigned n, const ip_address& seen) { return votes.add(now, voter(n), seen); }

  time_point now{1h};
  address_votes votes;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(votes_on_our_address, fixture)

BOOST_AUTO_TEST_CASE(five_networks_make_it_known_once) {
  for (unsigned n = 0; n < 4; ++n)
    BOOST_TEST(!vote(n, ours));
  BOOST_TEST(!votes.current());
  BOOST_TEST((vote(4, ours) == ours));
  BOOST_TEST(!vote(5, ours));
  BOOST_TEST((votes.current() == ours));
}

BOOST_AUTO_TEST_CASE(one_network_has_one_vote_however_many_addresses) {
  for (unsigned host = 1; host < 200; ++host)
    BOOST_TEST(!votes.add(now, voter(1, static_cast<std::uint8_t>(host)), ours));
  BOOST_TEST(votes.voters() == 1u);
}

BOOST_AUTO_TEST_CASE(who_votes_anew_takes_his_old_vote_back) {
  for (unsigned n = 0; n < 4; ++n)
    vote(n, ours);
  vote(0, other);
  BOOST_TEST(!vote(4, ours));
  BOOST_TEST((vote(5, ours) == ours));
}

BOOST_AUTO_TEST_CASE(a_change_is_noticed_when_more_say_so_than_not) {
  for (unsigned n = 0; n < 8; ++n)
    vote(n, ours);
  for (unsigned n = 0; n < 4; ++n)
    BOOST_TEST(!vote(n, other));
  BOOST_TEST((vote(4, other) == other)); // Five against three.
}

BOOST_AUTO_TEST_CASE(liars_in_the_minority_change_nothing) {
  for (unsigned n = 0; n < 20; ++n)
    vote(n, ours);
  for (unsigned n = 100; n < 119; ++n)
    BOOST_TEST(!vote(n, other));
  BOOST_TEST((votes.current() == ours));
}

BOOST_AUTO_TEST_CASE(old_votes_do_not_hold_up_a_change) {
  for (unsigned n = 0; n < 30; ++n)
    vote(n, ours);
  now += address_votes::vote_kept;
  for (unsigned n = 100; n < 104; ++n)
    BOOST_TEST(!vote(n, other));
  BOOST_TEST((vote(104, other) == other));
  BOOST_TEST(votes.voters() == 5u);
}

BOOST_AUTO_TEST_CASE(addresses_that_nobody_outside_can_reach_do_not_count) {
  for (unsigned n = 0; n < 10; ++n) {
    BOOST_TEST(!vote(n, ip_address::v4(192, 168, 1, 2)));
    BOOST_TEST(!vote(n, ip_address::v6_loopback()));
    BOOST_TEST(!vote(n, *ip_address::parse("2001:db8::1"))); // Of the other network.
  }
  BOOST_TEST(votes.voters() == 0u);
}

BOOST_AUTO_TEST_CASE(the_voters_have_a_limit_and_the_oldest_goes) {
  for (unsigned n = 0; n < 500; ++n) {
    now += 1ms;
    vote(n, n % 2 == 0 ? ours : other);
  }
  BOOST_TEST(votes.voters() == address_votes::voters_max);
}

BOOST_AUTO_TEST_CASE(what_is_known_otherwise_is_no_news_later) {
  BOOST_TEST(votes.set(ours));
  BOOST_TEST(!votes.set(ours));
  for (unsigned n = 0; n < 10; ++n)
    BOOST_TEST(!vote(n, ours));
  votes.forget();
  BOOST_TEST(!votes.current());
  BOOST_TEST(votes.voters() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
