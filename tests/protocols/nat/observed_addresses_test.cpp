// SPDX-License-Identifier: MIT
#include "protocols/nat/observed_addresses.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t port = 4000;

peer_id id(std::uint8_t n) { return peer_id{filled(n)}; }
/// A public peer in a network of its own.
ip_address wan(std::uint8_t n) { return ip_address::v4(11, 22, n, 1); }
const auto home = ip_address::v4(192, 168, 1, 2);
const auto outside = ip_address::v4(203, 0, 113, 7);

struct view {
  view() { seen.set_own({ip_address::v4_loopback(), home}, port); }

  void datagram(std::uint8_t n, const ip_address& address, std::uint16_t mapped) {
    seen.observe(now, id(n), wan(n), transport::udp, {address, mapped});
  }
  void stream(std::uint8_t n, const ip_address& address) {
    seen.observe(now, id(n), wan(n), transport::tcp, {address, 0});
  }

  time_point now{1h};
  observed_addresses seen;
};

} // namespace

BOOST_AUTO_TEST_SUITE(addresses_that_others_observe)

BOOST_AUTO_TEST_CASE(without_observations_nothing_is_known) {
  view x;
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::unknown));
  BOOST_TEST(x.seen.external().empty());
  BOOST_TEST(x.seen.datagram_endpoints().empty());
  BOOST_TEST(!x.seen.poll_timeout());
}

BOOST_AUTO_TEST_CASE(whoever_is_seen_as_he_sees_himself_is_open) {
  view x;
  x.seen.observe(x.now, id(1), ip_address::v4(192, 168, 1, 3), transport::udp, {home, port});
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::open));
}

BOOST_AUTO_TEST_CASE(one_word_from_outside_is_not_enough) {
  view x;
  x.datagram(1, outside, 50000);
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::unknown));
}

BOOST_AUTO_TEST_CASE(two_equal_words_make_it_endpoint_independent) {
  view x;
  x.datagram(1, outside, 50000);
  x.datagram(2, outside, 50000);
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::endpoint_independent));
  BOOST_TEST((x.seen.datagram_endpoints() == std::vector<endpoint>{{outside, 50000}}));
}

BOOST_AUTO_TEST_CASE(two_different_words_make_it_endpoint_dependent) {
  view x;
  x.datagram(1, outside, 50000);
  x.now += 1s;
  x.datagram(2, outside, 50001);
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::endpoint_dependent));
  BOOST_TEST((x.seen.datagram_endpoints() == std::vector<endpoint>{{outside, 50001}, {outside, 50000}}));
}

BOOST_AUTO_TEST_CASE(a_majority_outvotes_a_liar) {
  view x;
  for (std::uint8_t n = 1; n <= 3; ++n)
    x.datagram(n, outside, 50000);
  x.datagram(9, ip_address::v4(6, 6, 6, 6), 1);
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::endpoint_independent));
}

BOOST_AUTO_TEST_CASE(a_network_has_one_vote_however_many_peers_it_has) {
  view x;
  for (std::uint8_t n = 1; n <= 20; ++n)
    x.seen.observe(x.now, id(n), ip_address::v4(66, 6, 6, n), transport::udp, {ip_address::v4(6, 6, 6, 6), 1});
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::unknown));
  x.datagram(100, outside, 50000);
  x.datagram(101, outside, 50000);
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::endpoint_independent));
  BOOST_TEST((x.seen.worth_advertising()
              == std::vector<endpoint>{{outside, 50000}, {outside, port}}));
}

BOOST_AUTO_TEST_CASE(a_public_node_stays_open_against_one_liar) {
  view x;
  x.seen.set_own({outside}, port);
  x.datagram(1, outside, port);
  x.datagram(2, outside, port);
  x.datagram(3, outside, 777);
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::open));
}

BOOST_AUTO_TEST_CASE(neighbours_do_not_outvote_those_outside) {
  view x;
  for (std::uint8_t n = 10; n < 20; ++n)
    x.seen.observe(x.now, id(n), ip_address::v4(192, 168, 1, n), transport::udp, {home, port});
  x.datagram(1, outside, 50000);
  x.datagram(2, outside, 50001);
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::endpoint_dependent));
}

BOOST_AUTO_TEST_CASE(the_families_are_told_apart) {
  view x;
  const auto v6 = *ip_address::parse("2001:db8::7");
  x.datagram(1, outside, 50000);
  x.datagram(2, outside, 50000);
  x.datagram(3, v6, 1);
  x.datagram(4, v6, 2);
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::endpoint_independent));
  BOOST_TEST((x.seen.mapping_v6() == nat_mapping::endpoint_dependent));
}

BOOST_AUTO_TEST_CASE(what_nobody_can_have_seen_does_not_count) {
  view x;
  x.datagram(1, ip_address::v4(10, 1, 2, 3), 50000);  // From outside, at a private address.
  x.datagram(2, ip_address::v4_loopback(), 50000);
  x.datagram(3, ip_address{}, 50000);
  BOOST_TEST(x.seen.observers() == 0u);
  BOOST_TEST(x.seen.external().empty());
}

BOOST_AUTO_TEST_CASE(a_peer_has_one_word_and_it_goes_with_him) {
  view x;
  x.datagram(1, outside, 50000);
  x.datagram(1, outside, 50001);
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::unknown));
  x.datagram(2, outside, 50001);
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::endpoint_independent));
  x.seen.forget_observer(x.now, id(1));
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::unknown));
}

BOOST_AUTO_TEST_CASE(streams_tell_the_address_and_nothing_of_the_mapping) {
  view x;
  x.stream(1, outside);
  x.stream(2, outside);
  BOOST_TEST((x.seen.mapping_v4() == nat_mapping::unknown));
  BOOST_TEST((x.seen.external() == std::vector<endpoint>{{outside, port}}));
  BOOST_TEST((x.seen.worth_advertising() == std::vector<endpoint>{{outside, port}}));
}

BOOST_AUTO_TEST_CASE(others_are_told_what_is_public_confirmed_and_news) {
  view x;
  x.stream(1, outside);
  BOOST_TEST(x.seen.worth_advertising().empty());  // One peer may say anything.
  x.stream(2, outside);
  BOOST_TEST(x.seen.worth_advertising().size() == 1u);
  x.seen.set_own({ip_address::v4_loopback(), home}, 0);
  BOOST_TEST(x.seen.worth_advertising().empty());  // Nobody listens.
  BOOST_TEST(x.seen.external().empty());
  view neighbours;
  for (std::uint8_t n = 10; n < 13; ++n)
    neighbours.seen.observe(neighbours.now, id(n), ip_address::v4(192, 168, 1, n), transport::tcp, {home, 0});
  BOOST_TEST(neighbours.seen.external().size() == 1u);
  BOOST_TEST(neighbours.seen.worth_advertising().empty());
}

BOOST_AUTO_TEST_CASE(addresses_with_more_votes_come_first) {
  view x;
  x.stream(1, ip_address::v4(5, 5, 5, 5));
  for (std::uint8_t n = 2; n <= 4; ++n)
    x.stream(n, outside);
  x.now += 1s;
  x.stream(5, ip_address::v4(6, 6, 6, 6));
  const auto all = x.seen.external();
  BOOST_TEST_REQUIRE(all.size() == 3u);
  BOOST_TEST((all[0].address == outside));
  BOOST_TEST((all[1].address == ip_address::v4(6, 6, 6, 6)));
}

BOOST_AUTO_TEST_CASE(an_address_that_nobody_confirms_expires) {
  view x;
  x.stream(1, outside);
  BOOST_TEST(!x.seen.poll_timeout());
  x.now += 2h;  // It stays as long as its observer.
  x.seen.handle_timeout(x.now);
  BOOST_TEST(x.seen.external().size() == 1u);
  x.seen.forget_observer(x.now, id(1));
  BOOST_TEST((x.seen.poll_timeout() == x.now + observed_addresses::external_kept));
  x.now += observed_addresses::external_kept - 1ns;
  x.seen.handle_timeout(x.now);
  BOOST_TEST(x.seen.external().size() == 1u);
  x.now += 1ns;
  x.seen.handle_timeout(x.now);
  BOOST_TEST(x.seen.external().empty());
}

BOOST_AUTO_TEST_CASE(another_network_makes_all_observations_void) {
  view x;
  x.datagram(1, outside, 50000);
  x.datagram(2, outside, 50000);
  x.seen.set_own({ip_address::v4_loopback(), home}, port);
  BOOST_TEST(x.seen.observers() == 2u);
  x.seen.set_own({ip_address::v4_loopback(), ip_address::v4(10, 9, 9, 9)}, port);
  BOOST_TEST(x.seen.observers() == 0u);
  BOOST_TEST(x.seen.external().empty());
}

BOOST_AUTO_TEST_CASE(observers_and_addresses_are_bounded) {
  view x;
  for (std::uint8_t n = 0; n < 100; ++n) {
    x.now += 1s;
    x.stream(n, ip_address::v4(7, 7, 7, n));
  }
  BOOST_TEST(x.seen.observers() == observed_addresses::observers_max);
  BOOST_TEST(x.seen.external().size() == observed_addresses::external_max);
  BOOST_TEST((x.seen.external().front().address == ip_address::v4(7, 7, 7, 99)));
}

BOOST_AUTO_TEST_CASE(a_peer_that_changes_its_word_cannot_push_out_what_others_say) {
  view x;
  for (std::uint8_t n = 1; n <= 4; ++n)
    x.stream(n, outside);
  for (std::uint8_t n = 0; n < 100; ++n) {
    x.now += 1s;
    x.stream(50, ip_address::v4(7, 7, 7, n));
  }
  BOOST_TEST((x.seen.external().front().address == outside));
  BOOST_TEST(x.seen.worth_advertising().size() == 1u);
}

BOOST_AUTO_TEST_CASE(every_mapping_has_its_word) {
  BOOST_TEST(to_string(nat_mapping::unknown) == std::string{"unknown"});
  BOOST_TEST(to_string(nat_mapping::open) == std::string{"open"});
  BOOST_TEST(to_string(nat_mapping::endpoint_independent) == std::string{"endpoint-independent"});
  BOOST_TEST(to_string(nat_mapping::endpoint_dependent) == std::string{"endpoint-dependent"});
}

BOOST_AUTO_TEST_SUITE_END()
