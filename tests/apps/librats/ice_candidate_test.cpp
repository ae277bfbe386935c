// SPDX-License-Identifier: MIT
#include "librats.h"

#include <boost/test/unit_test.hpp>

namespace librats::test {

BOOST_AUTO_TEST_SUITE(ice_candidates)

BOOST_AUTO_TEST_CASE(a_candidate_survives_the_trip_through_sdp) {
  IceCandidate one;
  one.type = IceCandidateType::ServerReflexive;
  one.foundation = "2";
  one.priority = IceCandidate::compute_priority(one.type, 65534);
  one.ip = "203.0.113.7";  // The older name of `address`.
  one.port = 40000;
  one.related_address = "192.168.1.2";
  one.related_port = 5000;
  const auto text = one.to_sdp_attribute();
  BOOST_TEST(text == "a=candidate:2 1 UDP 1694498559 203.0.113.7 40000 typ srflx raddr 192.168.1.2 rport 5000");
  for (const auto& line : {text, text.substr(2)}) {
    const auto back = IceCandidate::from_sdp_attribute(line);
    BOOST_REQUIRE(back.has_value());
    BOOST_TEST(back->to_sdp_attribute() == text);
    BOOST_TEST(back->address_string() == "203.0.113.7:40000");
  }
}

BOOST_AUTO_TEST_CASE(a_copy_has_an_ip_of_its_own) {
  IceCandidate one;
  one.address = "10.0.0.1";
  IceCandidate other = one;
  IceCandidate third;
  third = one;
  one.ip = "10.0.0.2";
  BOOST_TEST(one.address == "10.0.0.2");
  BOOST_TEST(other.ip == "10.0.0.1");
  BOOST_TEST(third.ip == "10.0.0.1");
}

BOOST_AUTO_TEST_CASE(the_types_rank_as_the_standard_says) {
  BOOST_TEST(IceCandidate::compute_priority(IceCandidateType::Host) == 2130706431u);
  BOOST_TEST(IceCandidate::compute_priority(IceCandidateType::Relay, 0, 256) == 0u);
  IceCandidate one;
  for (const auto* name : {"host", "srflx", "prflx", "relay"}) {
    BOOST_TEST(one.type_string() == name);
    one.type = static_cast<IceCandidateType>(static_cast<int>(one.type) + 1);
    if (one.type > IceCandidateType::Relay)
      break;
  }
  one.address = "2001:db8::1";
  one.port = 1;
  BOOST_TEST(one.address_string() == "[2001:db8::1]:1");
}

BOOST_AUTO_TEST_CASE(lines_that_are_no_candidate_are_refused) {
  for (const auto* line : {"", "a=", "candidate:", "a=ice-ufrag:x", "candidate:1 1 UDP 1 1.2.3.4 5 typ",
         "candidate:1 0 UDP 1 1.2.3.4 5 typ host", "candidate:1 257 UDP 1 1.2.3.4 5 typ host",
         "candidate:1 1 SCTP 1 1.2.3.4 5 typ host", "candidate:1 1 UDP x 1.2.3.4 5 typ host",
         "candidate:1 1 UDP 4294967296 1.2.3.4 5 typ host", "candidate:1 1 UDP 1 name.local 5 typ host",
         "candidate:1 1 UDP 1 1.2.3.4 65536 typ host", "candidate:1 1 UDP 1 1.2.3.4 -1 typ host",
         "candidate:1 1 UDP 1 1.2.3.4 5 is host", "candidate:1 1 UDP 1 1.2.3.4 5 typ guest",
         "candidate:1 1 UDP 1 1.2.3.4 5 typ srflx raddr 1.1.1.1 rport x"})
    BOOST_TEST(!IceCandidate::from_sdp_attribute(line).has_value(), line);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
