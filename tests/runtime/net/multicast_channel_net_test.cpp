// SPDX-License-Identifier: MIT
#include "runtime/net/multicast_channel.hpp"
#include "tests/runtime/net/multicast_member.hpp"

namespace librats::runtime {
namespace {

/// Groups on the loopback interface, where nothing reaches a real network. Its name is not the same everywhere.
struct loopback_fixture : multicast_fixture {
  multicast_options options(const ip_address& group) {
    std::string name;
    for (const auto& x : on_loop([](puppet& hand) { return hand.loop().net().interfaces(); }))
      if (x.loopback)
        name = x.interface;
    return options_for(group, name);
  }
  endpoint to_group() const { return {group_v4, port}; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(multicast_channel_net_tests, loopback_fixture)

BOOST_AUTO_TEST_CASE(members_hear_each_other_and_themselves) {
  const auto where = options(group_v4);
  BOOST_REQUIRE(!join(a, where, 1));
  BOOST_REQUIRE(!join(b, where, 2));
  BOOST_TEST((on_loop([&](puppet&) { return a.socket->local(); }) == endpoint{ip_address{}, port}));
  send(a.socket, to_group(), content(1, 1'000));
  hear(a, 1);
  hear(b, 1);
  on_loop([&](puppet&) {
    for (const auto& [x, token] : {std::pair{&a, 1u}, std::pair{&b, 2u}}) {
      const auto& got = x->received[0];
      BOOST_TEST((got.content == content(1, 1'000)));
      BOOST_TEST(got.token == token);
      BOOST_TEST((got.how.from == v4(port)));
      BOOST_TEST(got.how.interface == where.interface.index);
      // Not every system tells these.
      BOOST_TEST(got.how.to.value_or(group_v4).to_string() == group_v4.to_string());
      BOOST_TEST(int{got.how.hops.value_or(255)} == 255);
    }
  });
}

#ifdef __linux__

BOOST_AUTO_TEST_CASE(linux_tells_destination_and_hops) {
  BOOST_REQUIRE(!join(a, options(group_v4)));
  open(one, v4());
  send(a.socket, to_group(), {1});
  hear(a, 1);
  send(one.socket, v4(port), {2});
  hear(a, 2);
  on_loop([&](puppet&) {
    BOOST_TEST((a.received[0].how.to == group_v4));
    BOOST_TEST((a.received[0].how.hops == 255));
    BOOST_TEST((a.received[1].how.to == ip_address::v4_loopback()));
    BOOST_TEST((a.received[1].how.hops == 64));  // The default of net.ipv4.ip_default_ttl.
  });
}

#endif

BOOST_AUTO_TEST_CASE(single_addresses_are_sent_to_from_the_shared_port) {
  BOOST_REQUIRE(!join(a, options(group_v4)));
  const auto there = open(one, v4());
  send(a.socket, there, content(3, 100));
  until(one, [&] { return one.received.size() == 1; });
  BOOST_TEST((one.received[0].from == v4(port)));
  BOOST_TEST((one.received[0].content == content(3, 100)));
  send(one.socket, v4(port), content(4, 100));
  hear(a, 1);
  BOOST_TEST((a.received[0].how.from == there));
}

BOOST_AUTO_TEST_CASE(groups_that_others_joined_are_not_heard) {
  BOOST_REQUIRE(!join(a, options(group_v4)));
  BOOST_REQUIRE(!join(b, options(ip_address::v4(224, 0, 0, 252))));
  send(a.socket, {ip_address::v4(224, 0, 0, 252), port}, {1});
  send(a.socket, to_group(), {2});
  hear(b, 1);
  hear(a, 1);
  BOOST_TEST((a.received[0].content == bytes{2}));
  BOOST_TEST((b.received[0].content == bytes{1}));
}

BOOST_AUTO_TEST_CASE(ipv6_groups_work_where_the_loopback_interface_has_them) {
  const auto where = options(group_v6);
  if (where.interface.index == 0) {
    BOOST_TEST_MESSAGE("skipped: the loopback interface has no IPv6 address");
    return;
  }
  BOOST_REQUIRE(!join(a, where));
  BOOST_REQUIRE(!join(b, where));
  const auto there = open(one, v6());
  send(a.socket, there, {7});
  until(one, [&] { return one.received.size() == 1; });
  BOOST_TEST((one.received[0].from == v6(port)));
  send(a.socket, {group_v6, port}, {8});
  if (on_loop([&](puppet&) {
        a.socket->flush();
        return a.socket->dropped() != 0;
      })) {
    BOOST_TEST_MESSAGE("skipped: the loopback interface has no route for IPv6 groups");
    return;
  }
  hear(b, 1);
  BOOST_TEST((b.received[0].how.from == v6(port)));
  BOOST_TEST(b.received[0].how.interface == where.interface.index);
  BOOST_TEST(int{b.received[0].how.hops.value_or(255)} == 255);
}

BOOST_AUTO_TEST_CASE(a_program_that_does_not_share_keeps_the_port) {
  open(one, {ip_address{}, port});
  BOOST_TEST((join(a, options(group_v4)) == std::errc::address_in_use));
  on_loop([&](puppet&) { one.socket.reset(); });
  BOOST_TEST(!join(a, options(group_v4)));
  BOOST_CHECK_THROW(open(one, {ip_address{}, port}), std::system_error);
}

BOOST_AUTO_TEST_CASE(an_interface_that_does_not_exist_is_refused) {
  auto wrong = options(group_v4);
  wrong.interface.index = 0x7fffffff;
  BOOST_TEST(!!join(a, wrong));
  wrong = options(group_v4);
  wrong.interface.address = ip_address::v4(192, 0, 2, 77);  // Of TEST-NET-1.
  BOOST_TEST(!!join(a, wrong));
  wrong.group = ip_address::v4(10, 0, 0, 1);
  BOOST_TEST((join(a, wrong) == std::errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_sent_is_counted_and_the_socket_lives_on) {
  BOOST_REQUIRE(!join(a, options(group_v4)));
  send(a.socket, {group_v6, port}, {1});
  send(a.socket, to_group(), {2});
  hear(a, 1);
  BOOST_TEST(on_loop([&](puppet&) { return a.socket->dropped(); }) == 1u);
}

BOOST_AUTO_TEST_CASE(a_socket_may_be_destroyed_inside_its_event) {
  BOOST_REQUIRE(!join(a, options(group_v4)));
  BOOST_REQUIRE(!join(b, options(group_v4)));
  on_loop([&](puppet&) { a.on_received = [&] { a.socket.reset(); }; });
  for (std::uint8_t i = 0; i < 3; ++i)
    send(b.socket, to_group(), {i});
  hear(b, 3);
  BOOST_TEST(on_loop([&](puppet&) { return a.received.size(); }) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
