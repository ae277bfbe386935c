// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_multicast.hpp"
#include "tests/runtime/sim/sim_fixture.hpp"

#include <algorithm>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

const ip_address group_v4 = ip_address::v4(224, 0, 0, 251);
const ip_address group_v6 = *ip_address::parse("ff02::fb");
constexpr std::uint16_t shared_port = 5353;

/// A member of a group, and what it hears.
struct member final : multicast_events {
  struct arrival {
    std::uint64_t token;
    multicast_arrival how;
    bytes content;
    duration at;
  };

  explicit member(sim_host& x) : host(x) {}
  member(sim_host& x, const ip_address& group) : host(x) { join(group); }

  /// Of the first interface with an address of the group's family; `lo` when told so.
  static multicast_options options_for(sim_host& host, const ip_address& group, const std::string& interface = "eth0") {
    multicast_options out;
    out.group = group;
    out.port = shared_port;
    for (const auto& one : host.net().interfaces())
      if (one.interface == interface && one.address.is_v6() == group.is_v6())
        out.interface = one;
    return out;
  }
  std::error_code join(const multicast_options& options, std::uint64_t token = 1) {
    auto opened = host.net().open_multicast(options, token, *this);
    if (!opened)
      return opened.error();
    socket = std::move(*opened);
    return {};
  }
  void join(const ip_address& group) { BOOST_REQUIRE(!join(options_for(host, group))); }

  void multicast_received(std::uint64_t token, const multicast_arrival& how, mutable_bytes_view in) override {
    received.push_back({token, how, to_bytes(in), host.world().elapsed()});
    std::fill(in.begin(), in.end(), std::uint8_t{0xee});
    if (on_received)
      on_received();
  }

  sim_host& host;
  std::unique_ptr<datagram_socket> socket;
  std::vector<arrival> received;
  std::function<void()> on_received;
};

struct multicast_fixture : sim_fixture {
  sim_host& c = world.add_host();
  const endpoint to_group{group_v4, shared_port};

  multicast_fixture() {
    for (auto* host : {&a, &b, &c})
      host->set_lan("office");
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sim_multicast_tests, multicast_fixture)

BOOST_AUTO_TEST_CASE(what_one_says_all_hear_and_itself_too) {
  member x{a, group_v4};
  member y{b, group_v4};
  member z{c, group_v4};
  world.set_link(a, b, {3ms});
  world.set_link(a, c, {5ms});
  BOOST_TEST((x.socket->local() == endpoint{ip_address{}, shared_port}));
  BOOST_TEST(x.socket->send(to_group, pattern(100)));
  world.run_for(1s);
  for (const auto& [one, delay] : {std::pair{&x, 0ms}, std::pair{&y, 3ms}, std::pair{&z, 5ms}}) {
    BOOST_REQUIRE(one->received.size() == 1u);
    const auto& got = one->received[0];
    BOOST_TEST((got.content == pattern(100)));
    BOOST_TEST((got.how.from == endpoint{a.address(), shared_port}));
    BOOST_TEST((got.how.to == group_v4));
    BOOST_TEST((got.how.interface == sim_cable_index));
    BOOST_TEST((got.how.hops == 255));
    BOOST_TEST((got.at == delay));
    BOOST_TEST(got.token == 1u);
  }
}

BOOST_AUTO_TEST_CASE(groups_ports_and_families_are_kept_apart) {
  const auto v6_of = [](std::uint16_t n) { return *ip_address::parse("2001:db8::" + std::to_string(n)); };
  a.set_addresses({a.address(), v6_of(1)});
  b.set_addresses({b.address(), v6_of(2)});
  member x{a, group_v4};
  member x6{a, group_v6};
  member y{b, group_v4};
  member y6{b, group_v6};
  member other_group{b, ip_address::v4(224, 0, 0, 252)};
  member other_port{b};
  auto options = member::options_for(b, group_v4);
  options.port = 5354;
  BOOST_REQUIRE(!other_port.join(options));
  x.socket->send(to_group, pattern(1));
  x6.socket->send({group_v6, shared_port}, pattern(2));
  world.run_for(1s);
  BOOST_REQUIRE(y.received.size() == 1u);
  BOOST_TEST((y.received[0].content == pattern(1)));
  BOOST_REQUIRE(y6.received.size() == 1u);
  BOOST_TEST((y6.received[0].content == pattern(2)));
  BOOST_TEST((y6.received[0].how.from == endpoint{v6_of(1), shared_port}));
  BOOST_TEST((y6.received[0].how.to == group_v6));
  BOOST_TEST(other_group.received.empty());
  BOOST_TEST(other_port.received.empty());
}

BOOST_AUTO_TEST_CASE(who_is_on_no_link_or_another_one_hears_nothing) {
  b.set_lan("");
  c.set_lan("home");
  member x{a, group_v4};
  member y{b, group_v4};
  member z{c, group_v4};
  for (auto* one : {&x, &y, &z})
    one->socket->send(to_group, pattern(1));
  world.run_for(1s);
  // Everybody hears himself alone.
  for (auto* one : {&x, &y, &z}) {
    BOOST_REQUIRE(one->received.size() == 1u);
    BOOST_TEST((one->received[0].how.from.address == one->host.address()));
  }
  b.set_lan("home");
  z.socket->send(to_group, pattern(2));
  world.run_for(1s);
  BOOST_TEST(x.received.size() == 1u);
  BOOST_TEST(y.received.size() == 2u);
}

BOOST_AUTO_TEST_CASE(sockets_of_one_host_share_the_port_and_each_has_its_copy) {
  member one{a, group_v4};
  member two{a, group_v4};
  member sender{b, group_v4};
  sender.socket->send(to_group, pattern(50));
  world.run_for(1s);
  for (auto* x : {&one, &two}) {
    BOOST_REQUIRE(x->received.size() == 1u);
    BOOST_TEST((x->received[0].content == pattern(50)));
  }
}

BOOST_AUTO_TEST_CASE(without_loopback_the_own_machine_hears_nothing) {
  member x{a};
  auto options = member::options_for(a, group_v4);
  options.loopback = false;
  BOOST_REQUIRE(!x.join(options));
  member neighbour{a, group_v4};
  member y{b, group_v4};
  x.socket->send(to_group, pattern(1));
  world.run_for(1s);
  BOOST_TEST(x.received.empty());
  BOOST_TEST(neighbour.received.empty());
  BOOST_TEST(y.received.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_loopback_interface_is_a_link_of_its_own) {
  member inside{a};
  BOOST_REQUIRE(!inside.join(member::options_for(a, group_v4, "lo"), 9));
  member outside{a, group_v4};
  member other{b, group_v4};
  inside.socket->send(to_group, pattern(1));
  outside.socket->send(to_group, pattern(2));
  world.run_for(1s);
  BOOST_REQUIRE(inside.received.size() == 1u);
  BOOST_TEST((inside.received[0].content == pattern(1)));
  BOOST_TEST((inside.received[0].how.from == endpoint{ip_address::v4_loopback(), shared_port}));
  BOOST_TEST((inside.received[0].how.interface == sim_loopback_index));
  BOOST_TEST(inside.received[0].token == 9u);
  BOOST_REQUIRE(outside.received.size() == 1u);
  BOOST_TEST((outside.received[0].content == pattern(2)));
  BOOST_TEST(other.received.size() == 1u);
}

BOOST_AUTO_TEST_CASE(single_addresses_are_sent_to_and_heard_on_the_shared_port) {
  member x{a, group_v4};
  member y{b, group_v4};
  datagram_recorder plain{c, {c.address(), 6000}};
  x.socket->send({b.address(), shared_port}, pattern(3));
  x.socket->send({c.address(), 6000}, pattern(4));
  plain.socket->send({b.address(), shared_port}, pattern(5));
  world.run_for(1s);
  BOOST_REQUIRE(y.received.size() == 2u);
  BOOST_TEST((y.received[0].content == pattern(3)));
  BOOST_TEST((y.received[0].how.to == b.address()));
  BOOST_TEST((y.received[0].how.hops == 255));
  BOOST_TEST((y.received[1].how.from == endpoint{c.address(), 6000}));
  BOOST_TEST((y.received[1].how.hops == 64));
  BOOST_REQUIRE(plain.received.size() == 1u);
  BOOST_TEST((plain.received[0].from == endpoint{a.address(), shared_port}));
}

BOOST_AUTO_TEST_CASE(what_came_through_routers_shows_it) {
  auto& far = world.add_host();
  member x{a, group_v4};
  member y{far, group_v4};
  y.socket->send({a.address(), shared_port}, pattern(1));
  world.run_for(1s);
  BOOST_REQUIRE(x.received.size() == 1u);
  BOOST_TEST((x.received[0].how.hops == 255 - sim_routers));
}

BOOST_AUTO_TEST_CASE(an_ordinary_socket_asks_the_group_with_one_hop) {
  member x{a, group_v4};
  datagram_recorder plain{b, {ip_address{}, 0}};
  plain.socket->send(to_group, pattern(1));
  world.run_for(1s);
  BOOST_REQUIRE(x.received.size() == 1u);
  BOOST_TEST((x.received[0].how.hops == 1));
  BOOST_TEST((x.received[0].how.from == endpoint{b.address(), plain.socket->local().port}));
}

BOOST_AUTO_TEST_CASE(the_paths_of_a_link_lose_double_and_delay) {
  member x{a, group_v4};
  member y{b, group_v4};
  member z{c, group_v4};
  link_profile lossy{1ms};
  lossy.loss = 0.5;
  world.set_link(a, b, lossy);
  link_profile twice{1ms};
  twice.duplication = 1;
  world.set_link(a, c, twice);
  for (int i = 0; i < 400; ++i) {
    x.socket->send(to_group, pattern(1));
    world.run_for(10ms);
  }
  BOOST_TEST(x.received.size() == 400u);  // Nothing is lost inside.
  BOOST_TEST(y.received.size() > 140u);   // Six standard deviations around 200.
  BOOST_TEST(y.received.size() < 260u);
  BOOST_TEST(z.received.size() == 800u);
}

BOOST_AUTO_TEST_CASE(a_partition_and_a_pulled_cable_silence_the_group) {
  member x{a, group_v4};
  member y{b, group_v4};
  member z{c, group_v4};
  world.partition({&a}, {&b});
  x.socket->send(to_group, pattern(1));
  world.run_for(1s);
  BOOST_TEST(y.received.empty());
  BOOST_TEST(z.received.size() == 1u);
  world.heal();
  b.down();
  x.socket->send(to_group, pattern(2));
  y.socket->send(to_group, pattern(2));
  world.run_for(1s);
  BOOST_TEST(y.received.empty());
  BOOST_TEST(y.socket->dropped() == 1u);
  b.up();  // The membership outlives the cable.
  x.socket->send(to_group, pattern(3));
  world.run_for(1s);
  BOOST_TEST(y.received.size() == 1u);
}

BOOST_AUTO_TEST_CASE(where_there_is_no_multicast_joining_fails) {
  b.set_multicast(false);
  for (const auto& one : b.net().interfaces())
    BOOST_TEST(!one.multicast);
  member y{b};
  BOOST_TEST((y.join(member::options_for(b, group_v4)) == std::errc::operation_not_supported));
  b.set_multicast(true);
  BOOST_TEST(!y.join(member::options_for(b, group_v4)));
  b.set_multicast(false);  // Who had joined hears and says nothing more.
  member x{a, group_v4};
  x.socket->send(to_group, pattern(1));
  y.socket->send(to_group, pattern(1));
  world.run_for(1s);
  BOOST_TEST(y.received.empty());
  BOOST_TEST(y.socket->dropped() == 1u);
  BOOST_TEST(x.received.size() == 1u);
}

BOOST_AUTO_TEST_CASE(wrong_interfaces_and_taken_ports_are_refused) {
  member x{a};
  const auto good = member::options_for(a, group_v4);
  auto options = good;
  options.interface.index = 7;
  BOOST_TEST((x.join(options) == std::errc::no_such_device));
  options = good;
  options.interface.address = b.address();
  BOOST_TEST((x.join(options) == std::errc::address_not_available));
  options = good;
  options.hops = 0;
  BOOST_TEST((x.join(options) == std::errc::invalid_argument));
  {
    datagram_recorder selfish{a, {ip_address{}, shared_port}};
    BOOST_TEST((x.join(good) == std::errc::address_in_use));
  }
  BOOST_TEST(!x.join(good));
  datagram_recorder late{a, {ip_address{}, shared_port}};
  BOOST_TEST((late.why == std::errc::address_in_use));
  x.socket.reset();
  datagram_recorder later{a, {ip_address{}, shared_port}};
  BOOST_TEST(!later.why);
}

BOOST_AUTO_TEST_CASE(a_closed_socket_hears_nothing_and_may_close_inside_its_event) {
  member x{a, group_v4};
  member y{b, group_v4};
  y.on_received = [&] { y.socket.reset(); };
  x.socket->send(to_group, pattern(1));
  x.socket->send(to_group, pattern(2));
  world.run_for(1s);
  x.socket->send(to_group, pattern(3));
  world.run_for(1s);
  BOOST_TEST(y.received.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_machine_without_power_hears_nothing) {
  member x{a, group_v4};
  member y{b, group_v4};
  x.socket->send(to_group, pattern(1));
  b.power_off();
  world.run_for(1s);
  BOOST_TEST(y.received.empty());
  y.join(group_v4);
  x.socket->send(to_group, pattern(1));
  world.run_for(1s);
  BOOST_TEST(y.received.size() == 1u);
}

BOOST_AUTO_TEST_CASE(interfaces_say_what_joining_needs) {
  const auto all = a.net().interfaces();
  BOOST_REQUIRE(all.size() == 2u);
  BOOST_TEST((all[0].loopback && !all[0].multicast && all[0].running));
  BOOST_TEST(all[0].index == sim_loopback_index);
  BOOST_TEST((!all[1].loopback && all[1].multicast && all[1].running));
  BOOST_TEST(all[1].index == sim_cable_index);
  BOOST_TEST(all[1].prefix_length == 8);
}

BOOST_AUTO_TEST_CASE(equal_seeds_make_equal_runs) {
  const auto run = [](std::uint64_t seed) {
    sim_options options;
    options.seed = seed;
    options.link = {2ms, 5ms};
    options.link.loss = 0.2;
    sim_world again{options};
    std::vector<std::unique_ptr<member>> all;
    for (int i = 0; i < 20; ++i) {
      auto& host = again.add_host();
      host.set_lan(i % 2 == 0 ? "even" : "odd");
      all.push_back(std::make_unique<member>(host, group_v4));
    }
    for (int round = 0; round < 10; ++round) {
      for (auto& one : all)
        one->socket->send({group_v4, shared_port}, pattern(20));
      again.run_for(100ms);
    }
    const auto out = again.event_hash();
    all.clear();
    return out;
  };
  BOOST_TEST(run(5) == run(5));
  BOOST_TEST(run(5) != run(6));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
