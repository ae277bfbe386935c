// SPDX-License-Identifier: MIT
#include "protocols/dial/transport_memory.hpp"

#include "protocols/control/identify.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

const time_point start = time_point{} + 1h;
const transport_memory::target here{"10.0.0.1", 5};

using order = std::vector<transport>;
const order udp_first{transport::udp, transport::tcp};
const order tcp_first{transport::tcp, transport::udp};

} // namespace

BOOST_AUTO_TEST_SUITE(transport_memory_test)

BOOST_AUTO_TEST_CASE(what_is_unknown_keeps_the_given_order) {
  const transport_memory memory;
  BOOST_TEST((memory.order(here, udp_first, start) == udp_first));
}

BOOST_AUTO_TEST_CASE(a_transport_that_the_peer_accepts_moves_to_the_front_and_none_is_removed) {
  transport_memory memory;
  memory.said(here, transport_bit_tcp, start);
  BOOST_TEST((memory.order(here, udp_first, start) == tcp_first));
  memory.said(here, transport_bit_tcp | transport_bit_udp, start);
  BOOST_TEST((memory.order(here, udp_first, start) == udp_first));
  memory.said(here, 0, start);  // Says nothing.
  BOOST_TEST((memory.order(here, tcp_first, start) == tcp_first));
}

BOOST_AUTO_TEST_CASE(what_worked_counts_for_more_than_what_the_peer_says) {
  transport_memory memory;
  memory.worked(here, transport::tcp, start);
  memory.said(here, transport_bit_tcp | transport_bit_udp, start);
  BOOST_TEST((memory.order(here, udp_first, start) == tcp_first));
  memory.worked(here, transport::udp, start);
  BOOST_TEST((memory.order(here, tcp_first, start) == udp_first));
}

BOOST_AUTO_TEST_CASE(it_forgets_after_ten_minutes) {
  transport_memory memory;
  memory.said(here, transport_bit_tcp, start);
  BOOST_TEST((memory.order(here, udp_first, start + 10min) == tcp_first));
  BOOST_TEST((memory.order(here, udp_first, start + 10min + 1s) == udp_first));
  memory.worked(here, transport::tcp, start);
  memory.said(here, transport_bit_udp | transport_bit_tcp, start + 11min);
  BOOST_TEST((memory.order(here, udp_first, start + 11min) == udp_first));
}

BOOST_AUTO_TEST_CASE(the_oldest_address_gives_way) {
  transport_memory memory;
  memory.said(here, transport_bit_tcp, start);
  for (int i = 0; i < 1023; ++i)
    memory.said({"10.1.0.1", static_cast<std::uint16_t>(i + 1)}, transport_bit_tcp, start + 1s);
  BOOST_TEST(memory.size() == 1024u);
  BOOST_TEST((memory.order(here, udp_first, start + 2s) == tcp_first));
  memory.said({"10.2.0.1", 1}, transport_bit_tcp, start + 2s);
  BOOST_TEST(memory.size() == 1024u);
  BOOST_TEST((memory.order(here, udp_first, start + 2s) == udp_first));
}

BOOST_AUTO_TEST_SUITE_END()
