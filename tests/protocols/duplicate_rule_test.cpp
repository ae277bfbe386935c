// SPDX-License-Identifier: MIT
#include "protocols/duplicate_rule.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;

namespace {

peer_id id_of(std::uint8_t first, std::uint8_t last = 0) {
  peer_id out;
  out.raw[0] = first;
  out.raw[31] = last;
  return out;
}

link_traits as_seen_by_the_other(link_traits x) {
  return {x.role == role::initiator ? role::responder : role::initiator, x.transport};
}

constexpr link_traits all_links[] = {{role::initiator, transport::tcp}, {role::initiator, transport::udp},
  {role::responder, transport::tcp}, {role::responder, transport::udp}};

} // namespace

BOOST_AUTO_TEST_SUITE(duplicate_rule)

BOOST_AUTO_TEST_CASE(of_opposite_roles_the_link_that_the_smaller_id_dialed_stays) {
  const auto small = id_of(1);
  const auto large = id_of(0x80); // Unsigned: 0x80 is not negative.
  for (auto transport_of_new : {transport::tcp, transport::udp}) {
    const link_traits outbound{role::initiator, transport_of_new};
    const link_traits inbound{role::responder, transport::udp};
    BOOST_TEST(new_link_survives(small, large, inbound, outbound));
    BOOST_TEST(!new_link_survives(large, small, inbound, outbound));
    BOOST_TEST(!new_link_survives(small, large, outbound, inbound));
    BOOST_TEST(new_link_survives(large, small, outbound, inbound));
  }
}

BOOST_AUTO_TEST_CASE(the_last_byte_of_an_id_decides_when_all_others_are_equal) {
  const link_traits outbound{role::initiator, transport::tcp};
  const link_traits inbound{role::responder, transport::tcp};
  BOOST_TEST(new_link_survives(id_of(7, 1), id_of(7, 2), inbound, outbound));
  BOOST_TEST(!new_link_survives(id_of(7, 2), id_of(7, 1), inbound, outbound));
}

BOOST_AUTO_TEST_CASE(of_equal_roles_the_datagram_link_stays_in_either_order) {
  for (auto r : {role::initiator, role::responder}) {
    BOOST_TEST(new_link_survives(id_of(1), id_of(2), {r, transport::tcp}, {r, transport::udp}));
    BOOST_TEST(!new_link_survives(id_of(1), id_of(2), {r, transport::udp}, {r, transport::tcp}));
  }
}

BOOST_AUTO_TEST_CASE(of_equal_links_the_newer_one_stays) {
  for (auto x : all_links)
    BOOST_TEST(new_link_survives(id_of(2), id_of(1), x, x));
}

BOOST_AUTO_TEST_CASE(both_ends_choose_the_same_survivor) {
  for (auto existing : all_links)
    for (auto incoming : all_links)
      BOOST_TEST(new_link_survives(id_of(1), id_of(2), existing, incoming)
        == new_link_survives(id_of(2), id_of(1), as_seen_by_the_other(existing), as_seen_by_the_other(incoming)));
}

BOOST_AUTO_TEST_CASE(the_order_of_arrival_does_not_matter_for_different_links) {
  for (auto a : all_links)
    for (auto b : all_links)
      if (a.role != b.role || a.transport != b.transport)
        BOOST_TEST(new_link_survives(id_of(1), id_of(2), a, b) != new_link_survives(id_of(1), id_of(2), b, a));
}

BOOST_AUTO_TEST_SUITE_END()
