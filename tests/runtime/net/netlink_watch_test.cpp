// SPDX-License-Identifier: MIT
#include "runtime/net/netlink_watch.hpp"

#include <boost/test/unit_test.hpp>

#ifdef __linux__

#  include <linux/netlink.h>
#  include <linux/rtnetlink.h>
#  include <net/if.h>

#  include <cstring>

namespace librats::runtime {
namespace {

/// One message as the kernel lays it out, padded for the next one.
template <class Body>
bytes message(std::uint16_t type, const Body& body, std::size_t attributes = 0) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_HDRLEN + sizeof(body) + attributes);
  header.nlmsg_type = type;
  bytes out(NLMSG_ALIGN(header.nlmsg_len));
  std::memcpy(out.data(), &header, sizeof(header));
  std::memcpy(out.data() + NLMSG_HDRLEN, &body, sizeof(body));
  return out;
}

bytes link_message(unsigned changed, std::uint16_t type = RTM_NEWLINK) {
  ifinfomsg body{};
  body.ifi_change = changed;
  return message(type, body, 5);  // No multiple of four.
}

bytes route_message(unsigned flags) {
  rtmsg body{};
  body.rtm_flags = flags;
  return message(RTM_DELROUTE, body);
}

bytes operator+(bytes a, const bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

constexpr route_news nothing{};
constexpr route_news an_address{true, false};
constexpr route_news certain{false, true};

} // namespace

BOOST_AUTO_TEST_SUITE(netlink_watch_tests)

BOOST_AUTO_TEST_CASE(addresses_links_and_routes_are_told_apart) {
  BOOST_TEST((read_route_messages(message(RTM_NEWADDR, ifaddrmsg{})) == an_address));
  BOOST_TEST((read_route_messages(message(RTM_DELADDR, ifaddrmsg{})) == an_address));
  BOOST_TEST((read_route_messages(link_message(0, RTM_DELLINK)) == certain));
  BOOST_TEST((read_route_messages(link_message(IFF_UP)) == certain));
  BOOST_TEST((read_route_messages(link_message(~0u)) == certain));
  BOOST_TEST((read_route_messages(route_message(0)) == certain));
}

BOOST_AUTO_TEST_CASE(counters_of_a_link_and_cached_routes_are_no_news) {
  BOOST_TEST((read_route_messages(link_message(0)) == nothing));
  BOOST_TEST((read_route_messages(link_message(IFF_PROMISC)) == nothing));
  BOOST_TEST((read_route_messages(route_message(RTM_F_CLONED)) == nothing));
  BOOST_TEST((read_route_messages(message(RTM_NEWNEIGH, ndmsg{})) == nothing));
}

BOOST_AUTO_TEST_CASE(several_messages_come_in_one) {
  const auto both = link_message(0) + message(RTM_NEWADDR, ifaddrmsg{}) + link_message(IFF_RUNNING);
  BOOST_TEST((read_route_messages(both) == route_news{true, true}));
}

BOOST_AUTO_TEST_CASE(what_is_cut_short_says_nothing_and_ends_the_reading) {
  const auto whole = link_message(IFF_UP);
  for (std::size_t size = 0; size + 3 < whole.size(); ++size)
    BOOST_TEST((read_route_messages(bytes_view{whole}.first(size)) == nothing));
  BOOST_TEST((read_route_messages(bytes_view{whole}.first(whole.size() - 3)) == certain));  // Without padding.
  nlmsghdr liar{};
  liar.nlmsg_len = 3;
  bytes raw(sizeof(liar));
  std::memcpy(raw.data(), &liar, sizeof(liar));
  BOOST_TEST((read_route_messages(raw + whole) == nothing));
  BOOST_TEST((read_route_messages(message(RTM_NEWLINK, std::uint32_t{~0u})) == nothing));  // No room for a link.
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime

#endif
