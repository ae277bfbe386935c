// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_nat.hpp"

#include "tests/runtime/sim/sim_fixture.hpp"

#include <initializer_list>

namespace librats::runtime {

namespace {

using namespace std::chrono_literals;

const endpoint inside{ip_address::v4(172, 16, 0, 1), 5000};
const endpoint other_inside{ip_address::v4(172, 16, 0, 2), 5000};
const ip_address outside = ip_address::v4(10, 0, 0, 9);
const endpoint server{ip_address::v4(10, 0, 0, 1), 80};
const endpoint same_host{ip_address::v4(10, 0, 0, 1), 81};
const endpoint stranger{ip_address::v4(10, 0, 0, 2), 80};
constexpr auto udp = nat_protocol::udp;
constexpr auto tcp = nat_protocol::tcp;

sim_nat make(nat_kind kind) {
  return sim_nat{{kind, false, 2min}, outside, 7};
}

/// Whom of the three the box lets in after a word to `server`: the server, another port of its, somebody else.
std::string lets_in(nat_kind kind) {
  auto box = make(kind);
  const time_point now{};
  const auto mapped = box.send(now, udp, inside, server);
  BOOST_TEST_REQUIRE(mapped.has_value());
  std::string out;
  for (const auto& from : {server, same_host, stranger}) {
    const auto found = box.receive(now, udp, from, mapped->port);
    if (found)
      BOOST_TEST((*found == inside));
    out += found ? "yes " : "no ";
  }
  return out;
}

/// Hosts behind a box, one in the open and one more, each with a port.
struct nat_world {
  sim_world world;
  sim_host& a = world.add_host();
  sim_host& b = world.add_host();
  sim_host& open = world.add_host();
  sim_host& other = world.add_host();

  sim_host& put_behind_one(nat_kind kind, bool hairpin, std::initializer_list<sim_host*> who) {
    auto& box = world.add_nat({kind, hairpin, 2min});
    for (auto* one : who)
      world.put_behind(*one, box);
    return box;
  }

  static void say(datagram_recorder& from, const endpoint& to, const std::string& what) {
    BOOST_TEST(from.socket->send(to, as_bytes(what)));
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(sim_nat_tests)

BOOST_AUTO_TEST_CASE(each_kind_lets_in_whom_it_should) {
  BOOST_TEST(lets_in(nat_kind::full_cone) == "yes yes yes ");
  BOOST_TEST(lets_in(nat_kind::address_restricted) == "yes yes no ");
  BOOST_TEST(lets_in(nat_kind::port_restricted) == "yes no no ");
  BOOST_TEST(lets_in(nat_kind::symmetric) == "yes no no ");
}

BOOST_AUTO_TEST_CASE(cones_have_one_mapping_for_all_and_keep_the_port) {
  for (const auto kind : {nat_kind::full_cone, nat_kind::address_restricted, nat_kind::port_restricted}) {
    auto box = make(kind);
    const auto first = box.send({}, udp, inside, server);
    BOOST_TEST((first == endpoint{outside, 5000}));
    BOOST_TEST((box.send({}, udp, inside, stranger) == first));
    const auto second = box.send({}, udp, other_inside, server); // The port is taken.
    BOOST_TEST_REQUIRE(second.has_value());
    BOOST_TEST(second->port != 5000);
    BOOST_TEST((box.receive({}, udp, server, second->port) == other_inside));
    BOOST_TEST(box.mapping_count({}) == 2u);
  }
}

BOOST_AUTO_TEST_CASE(a_symmetric_one_has_a_mapping_for_each_remote) {
  auto box = make(nat_kind::symmetric);
  const auto first = box.send({}, udp, inside, server);
  const auto second = box.send({}, udp, inside, same_host);
  const auto third = box.send({}, udp, inside, stranger);
  BOOST_TEST_REQUIRE((first && second && third));
  BOOST_TEST(first->port != second->port);
  BOOST_TEST(second->port != third->port);
  BOOST_TEST((box.send({}, udp, inside, server) == first));
  BOOST_TEST(!box.receive({}, udp, stranger, first->port).has_value());
  BOOST_TEST((box.receive({}, udp, stranger, third->port) == inside));
}

BOOST_AUTO_TEST_CASE(a_mapping_expires_and_only_what_goes_out_keeps_it) {
  auto box = make(nat_kind::port_restricted);
  const time_point begin{};
  const auto port = box.send(begin, udp, inside, server)->port;
  BOOST_TEST(box.receive(begin + 119s, udp, server, port).has_value());
  BOOST_TEST(!box.receive(begin + 120s, udp, server, port).has_value());
  box.send(begin + 100s, udp, inside, server);
  BOOST_TEST(box.receive(begin + 200s, udp, server, port).has_value());
  // A word to somebody else keeps the mapping, and not the permission.
  box.send(begin + 210s, udp, inside, stranger);
  BOOST_TEST(box.receive(begin + 210s, udp, server, port).has_value());
  box.send(begin + 300s, udp, inside, stranger);
  BOOST_TEST(!box.receive(begin + 300s, udp, server, port).has_value());
  BOOST_TEST(box.receive(begin + 300s, udp, stranger, port).has_value());
  BOOST_TEST(box.mapping_count(begin + 420s) == 0u);
  // After that somebody else may have the port.
  BOOST_TEST((box.send(begin + 500s, udp, other_inside, server) == endpoint{outside, 5000}));
  BOOST_TEST(box.send(begin + 500s, udp, inside, server)->port != 5000);
}

BOOST_AUTO_TEST_CASE(tcp_has_ports_of_its_own_and_lasts_longer) {
  auto box = make(nat_kind::port_restricted);
  const time_point begin{};
  BOOST_TEST((box.send(begin, udp, inside, server) == endpoint{outside, 5000}));
  BOOST_TEST((box.send(begin, tcp, other_inside, server) == endpoint{outside, 5000}));
  BOOST_TEST((box.receive(begin + 2h, tcp, server, 5000) == other_inside));
  BOOST_TEST(!box.receive(begin + 125min, tcp, server, 5000).has_value());
}

BOOST_AUTO_TEST_CASE(a_restart_forgets_everything) {
  auto box = make(nat_kind::full_cone);
  const auto port = box.send({}, udp, inside, server)->port;
  box.restart();
  BOOST_TEST(!box.receive({}, udp, server, port).has_value());
}

BOOST_FIXTURE_TEST_CASE(datagrams_go_out_as_the_box_and_answers_come_back, nat_world) {
  auto& box = put_behind_one(nat_kind::port_restricted, false, {&a});
  BOOST_TEST((a.address() == ip_address::v4(172, 16, 0, 1)));
  datagram_recorder mine{a, {ip_address{}, 5000}};
  datagram_recorder theirs{open, {ip_address{}, 80}};
  datagram_recorder strange{other, {ip_address{}, 80}};
  say(mine, {open.address(), 80}, "knock");
  world.run_for(1s);
  BOOST_TEST_REQUIRE(theirs.received.size() == 1u);
  const auto seen = theirs.received[0].from;
  BOOST_TEST((seen == endpoint{box.address(), 5000}));
  say(theirs, seen, "who is there");
  say(strange, seen, "let me in");
  say(strange, {a.address(), 5000}, "by the private address");
  world.run_for(1s);
  BOOST_TEST_REQUIRE(mine.received.size() == 1u);
  BOOST_TEST((mine.received[0].from == endpoint{open.address(), 80}));
  BOOST_TEST(strange.refused.empty()); // The box says nothing.
}

BOOST_FIXTURE_TEST_CASE(a_closed_port_outside_refuses_who_is_inside, nat_world) {
  put_behind_one(nat_kind::symmetric, false, {&a});
  datagram_recorder mine{a, {ip_address{}, 5000}};
  say(mine, {open.address(), 81}, "knock");
  world.run_for(1s);
  BOOST_TEST_REQUIRE(mine.refused.size() == 1u);
  BOOST_TEST((mine.refused[0].to == endpoint{open.address(), 81}));
}

BOOST_FIXTURE_TEST_CASE(inside_one_box_private_addresses_work_and_hairpin_decides_about_public_ones, nat_world) {
  for (const bool hairpin : {false, true}) {
    auto& x = world.add_host();
    auto& y = world.add_host();
    put_behind_one(nat_kind::full_cone, hairpin, {&x, &y});
    datagram_recorder first{x, {ip_address{}, 5000}};
    datagram_recorder second{y, {ip_address{}, 6000}};
    datagram_recorder outer{open, {ip_address{}, 80}};
    say(second, {open.address(), 80}, "a mapping");
    say(first, {y.address(), 6000}, "neighbour");
    world.run_for(1s);
    BOOST_TEST_REQUIRE(second.received.size() == 1u);
    BOOST_TEST((second.received[0].from == endpoint{x.address(), 5000}));
    const auto mapped = outer.received.at(0).from;
    say(first, mapped, "around the corner");
    world.run_for(1s);
    BOOST_TEST(second.received.size() == (hairpin ? 2u : 1u));
    if (hairpin)
      BOOST_TEST((second.received.back().from == endpoint{mapped.address, 5000})); // RFC 4787 REQ-9: the outer one.
  }
}

BOOST_FIXTURE_TEST_CASE(two_boxes_in_a_row_translate_twice, nat_world) {
  auto& outer = world.add_nat({nat_kind::port_restricted, false, 2min});
  auto& inner = put_behind_one(nat_kind::port_restricted, false, {&a});
  world.put_behind(inner, outer);
  datagram_recorder mine{a, {ip_address{}, 5000}};
  datagram_recorder theirs{open, {ip_address{}, 80}};
  say(mine, {open.address(), 80}, "knock");
  world.run_for(1s);
  BOOST_TEST_REQUIRE(theirs.received.size() == 1u);
  BOOST_TEST((theirs.received[0].from == endpoint{outer.address(), 5000}));
  say(theirs, theirs.received[0].from, "yes");
  world.run_for(1s);
  BOOST_TEST(mine.received.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(two_hosts_behind_boxes_meet_when_both_send_first, nat_world) {
  auto& left = put_behind_one(nat_kind::port_restricted, false, {&a});
  auto& right = put_behind_one(nat_kind::port_restricted, false, {&b});
  datagram_recorder one{a, {ip_address{}, 5000}};
  datagram_recorder two{b, {ip_address{}, 6000}};
  say(one, {right.address(), 6000}, "too early");
  world.run_for(1s);
  BOOST_TEST(two.received.empty());
  say(two, {left.address(), 5000}, "gets through");
  world.run_for(1s);
  BOOST_TEST_REQUIRE(one.received.size() == 1u);
  BOOST_TEST((one.received[0].from == endpoint{right.address(), 6000}));
}

BOOST_FIXTURE_TEST_CASE(a_filter_that_opens_while_something_is_on_its_way_lets_it_in, nat_world) {
  world.set_default_link({100ms});
  auto& left = put_behind_one(nat_kind::port_restricted, false, {&a});
  auto& right = put_behind_one(nat_kind::port_restricted, false, {&b});
  datagram_recorder one{a, {ip_address{}, 5000}};
  datagram_recorder two{b, {ip_address{}, 6000}};
  say(one, {right.address(), 6000}, "on its way");
  world.run_for(50ms);
  say(two, {left.address(), 5000}, "opens the box");
  world.run_for(1s);
  BOOST_TEST(one.received.size() == 1u);
  BOOST_TEST(two.received.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_stream_goes_out_and_none_comes_in, nat_world) {
  auto& box = put_behind_one(nat_kind::port_restricted, false, {&a});
  door theirs{open, {open.address(), 7000}};
  door mine{a, {a.address(), 7000}};
  caller out{a, {open.address(), 7000}};
  BOOST_REQUIRE(world.run_until([&] { return out.outgoing != nullptr; }, 1min));
  BOOST_TEST_REQUIRE(theirs.incoming.size() == 1u);
  BOOST_TEST((theirs.incoming[0]->remote().address == box.address()));
  BOOST_TEST((out.outgoing->remote() == endpoint{open.address(), 7000}));
  BOOST_TEST((out.outgoing->local().address == a.address()));
  stream_recorder near{world};
  stream_recorder far{world};
  near.own(std::move(out.outgoing));
  far.own(std::move(theirs.incoming[0]));
  near.mine->write(sim_fixture::pattern(1000));
  far.mine->write(sim_fixture::pattern(2000));
  world.run_for(1s);
  BOOST_TEST((far.received == sim_fixture::pattern(1000)));
  BOOST_TEST((near.received == sim_fixture::pattern(2000)));
  caller in{open, {box.address(), 7000}};
  caller by_private_address{open, {a.address(), 7000}};
  world.run_for(3min);
  BOOST_TEST((in.why == std::errc::timed_out));
  BOOST_TEST((by_private_address.why == std::errc::timed_out));
  BOOST_TEST(mine.incoming.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(sim_dual_stack_tests, sim_fixture)

BOOST_AUTO_TEST_CASE(a_port_may_be_open_once_for_each_family) {
  const auto a6 = *ip_address::parse("fd00::1");
  const auto b6 = *ip_address::parse("fd00::2");
  const auto a4 = a.address();
  const auto b4 = b.address();
  a.set_addresses({a4, a6});
  b.set_addresses({b4, b6});
  const auto open = [](sim_host& host, const endpoint& at, datagram_recorder& to, bool dual) {
    auto out = host.net().open_datagrams(at, dual, to);
    if (out)
      to.socket = std::move(*out);
    return out.ok();
  };
  datagram_recorder sender{a, {ip_address::v6_any(), 500}};
  datagram_recorder four{b, {ip_address{}, 700}};
  datagram_recorder six{b, {ip_address::v6_any(), 900}};
  BOOST_TEST(!open(b, {ip_address::v6_any(), 700}, six, true)); // Its IPv4 half is taken.
  BOOST_TEST(open(b, {ip_address::v6_any(), 700}, six, false));
  sender.socket->send({b4, 700}, as_bytes("4"));
  sender.socket->send({b6, 700}, as_bytes("6"));
  sender.socket->send({b6, 700}, as_bytes("66"));
  world.run_for(1s);
  BOOST_TEST(four.received.size() == 1u);
  BOOST_TEST(six.received.size() == 2u);
  // Who has one family alone finds no way in the other.
  six.socket->send({a4, 500}, as_bytes("no"));
  four.socket->send({a6, 500}, as_bytes("no"));
  world.run_for(1s);
  BOOST_TEST(sender.received.empty());
  BOOST_TEST_REQUIRE(six.refused.size() == 1u);
  BOOST_TEST((six.refused[0].why == std::errc::network_unreachable));
  BOOST_TEST(four.refused.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
