// SPDX-License-Identifier: MIT
#include "apps/librats/client_view.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::apps {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(client_view_tests)

BOOST_AUTO_TEST_CASE(a_peer_shows_how_well_its_link_does) {
  peer_entry x;
  x.link.transport = protocols::transport::udp;
  x.rtt = 20'100us;
  x.loss = 0.126;
  const auto out = describe(x, client_settings{});
  BOOST_TEST(out.transport_protocol == "UDP");
  BOOST_TEST(out.rtt_ms == 21u);
  BOOST_TEST(out.packet_loss_percent == 13u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
