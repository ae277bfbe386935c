// SPDX-License-Identifier: MIT
#include "tests/runtime/sim/sim_fixture.hpp"

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

struct lookup final : resolve_events {
  lookup(sim_host& from, const std::string& name) { operation = from.net().resolve(name, 3, *this); }
  void resolved(std::uint64_t token, std::vector<ip_address> x, std::error_code code) override {
    BOOST_TEST(token == 3u);
    done = true;
    addresses = std::move(x);
    why = code;
  }
  std::unique_ptr<pending_operation> operation;
  bool done = false;
  std::vector<ip_address> addresses;
  std::error_code why;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sim_dial_tests, sim_fixture)

BOOST_AUTO_TEST_CASE(machines_are_counted_from_10_0_0_1) {
  BOOST_TEST(a.address().to_string() == "10.0.0.1");
  BOOST_TEST(b.address().to_string() == "10.0.0.2");
  BOOST_TEST(sim_host::address_of(255).to_string() == "10.0.1.0");
  BOOST_TEST(*sim_host::index_of(sim_host::address_of(70'000)) == 70'000u);
  BOOST_TEST(!sim_host::index_of(ip_address::v4(192, 168, 0, 1)).has_value());
}

BOOST_AUTO_TEST_CASE(a_dial_takes_one_round_trip_and_the_acceptor_knows_first) {
  world.set_link(a, b, {30ms});
  world.set_link(b, a, {50ms});
  door at{b, {ip_address{}, port}};
  at.clock = [&] { return world.elapsed(); };
  caller call{a, {b.address(), port}};
  world.run_for(80ms - 1ns);
  BOOST_TEST(!call.took.has_value());
  BOOST_TEST((at.accepted_at == 30ms));
  world.run_for(1ns);
  BOOST_REQUIRE(call.outgoing);
  BOOST_TEST((*call.took == 80ms));
  BOOST_REQUIRE(at.incoming.size() == 1u);
  BOOST_TEST((call.outgoing->remote() == endpoint{b.address(), port}));
  BOOST_TEST((call.outgoing->local() == at.incoming[0]->remote()));
  BOOST_TEST((call.outgoing->local().address == a.address()));
  BOOST_TEST((at.incoming[0]->local() == endpoint{b.address(), port}));
}

BOOST_AUTO_TEST_CASE(port_0_is_a_free_port) {
  door one{b, {ip_address{}, 0}};
  door two{b, {ip_address{}, 0}};
  BOOST_REQUIRE(one.owned);
  BOOST_REQUIRE(two.owned);
  BOOST_TEST(one.owned->local().port != 0);
  BOOST_TEST(one.owned->local().port != two.owned->local().port);
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_refused_until_its_owner_closes_it) {
  auto first = std::make_unique<door>(b, endpoint{ip_address{}, port});
  door second{b, {ip_address{}, port}};
  BOOST_TEST((second.why == std::errc::address_in_use));
  first.reset();
  door third{b, {ip_address{}, port}};
  BOOST_TEST((third.owned != nullptr));
}

BOOST_AUTO_TEST_CASE(nobody_listens_on_a_foreign_address) {
  door at{b, {a.address(), port}};
  BOOST_TEST((at.why == std::errc::address_not_available));
}

BOOST_AUTO_TEST_CASE(a_port_that_nobody_listens_on_refuses) {
  caller call{a, {b.address(), port}};
  world.run_for(20ms);
  BOOST_TEST((call.why == std::errc::connection_refused));
  BOOST_TEST((*call.took == 20ms));
}

BOOST_AUTO_TEST_CASE(a_closed_port_refuses) {
  auto at = std::make_unique<door>(b, endpoint{ip_address{}, port});
  at.reset();
  caller call{a, {b.address(), port}};
  world.run_for(1s);
  BOOST_TEST((call.why == std::errc::connection_refused));
}

BOOST_AUTO_TEST_CASE(a_port_of_the_loopback_address_refuses_other_machines) {
  door at{b, {ip_address::v4_loopback(), port}};
  caller stranger{a, {b.address(), port}};
  caller neighbour{b, {ip_address::v4_loopback(), port}};
  world.run_for(1s);
  BOOST_TEST((stranger.why == std::errc::connection_refused));
  BOOST_TEST((neighbour.outgoing != nullptr));
}

BOOST_AUTO_TEST_CASE(an_address_without_a_machine_never_answers) {
  caller call{a, {ip_address::v4(10, 9, 9, 9), port}};
  world.run_for(126s);
  BOOST_TEST(!call.took.has_value());
  world.run_for(2s);
  BOOST_TEST((call.why == std::errc::timed_out));
}

BOOST_AUTO_TEST_CASE(a_machine_without_power_never_answers) {
  door at{b, {ip_address{}, port}};
  b.power_off();
  caller call{a, {b.address(), port}};
  world.run_for(126s);
  BOOST_TEST(!call.took.has_value());
}

BOOST_AUTO_TEST_CASE(a_cancelled_dial_says_nothing) {
  door at{b, {ip_address{}, port}};
  caller call{a, {b.address(), port}};
  world.run_for(15ms);  // The other side has accepted already.
  call.call.reset();
  world.run_for(1min);
  BOOST_TEST(!call.took.has_value());
  BOOST_REQUIRE(at.incoming.size() == 1u);
  listener.own(std::move(at.incoming[0]));
  world.run_for(1s);
  BOOST_TEST(listener.closed.has_value());
}

BOOST_AUTO_TEST_CASE(a_dial_across_a_partition_succeeds_after_it_heals) {
  door at{b, {ip_address{}, port}};
  world.partition({&a}, {&b});
  caller call{a, {b.address(), port}};
  world.run_for(2s);
  BOOST_TEST(!call.took.has_value());
  world.heal();
  world.run_for(2s);
  BOOST_TEST((call.outgoing != nullptr));
}

BOOST_AUTO_TEST_CASE(a_dial_survives_lost_requests) {
  link_profile lossy;
  lossy.loss = 0.3;
  both_ways(lossy);
  door at{b, {ip_address{}, port}};
  int connected = 0;
  int late = 0;
  for (int i = 0; i < 200; ++i) {
    caller call{a, {b.address(), port}};
    BOOST_TEST(world.run_until([&] { return call.took.has_value(); }, 5min));
    connected += call.outgoing != nullptr ? 1 : 0;
    late += *call.took >= 1s ? 1 : 0;
  }
  BOOST_TEST(connected >= 198);
  // 200 draws with p = 0.3: mean 60, sigma 6.5; six sigma to both sides.
  BOOST_TEST(late > 21);
  BOOST_TEST(late < 99);
}

BOOST_AUTO_TEST_CASE(a_name_leads_to_its_machine) {
  b.set_name("seed.example");
  lookup known{a, "seed.example"};
  lookup unknown{a, "nobody.example"};
  lookup literal{a, "10.0.0.7"};
  BOOST_TEST(!literal.done);  // Not from inside the call.
  world.run_for(1ms);
  BOOST_REQUIRE(known.done);
  BOOST_REQUIRE(known.addresses.size() == 1u);
  BOOST_TEST((known.addresses[0] == b.address()));
  BOOST_TEST(!known.why);
  BOOST_REQUIRE(unknown.done);
  BOOST_TEST(unknown.addresses.empty());
  BOOST_TEST(!!unknown.why);
  BOOST_REQUIRE(literal.addresses.size() == 1u);
  BOOST_TEST(literal.addresses[0].to_string() == "10.0.0.7");
}

BOOST_AUTO_TEST_CASE(a_cancelled_lookup_says_nothing) {
  b.set_name("seed.example");
  lookup x{a, "seed.example"};
  x.operation.reset();
  world.run_for(1s);
  BOOST_TEST(!x.done);
}

BOOST_AUTO_TEST_CASE(a_machine_knows_its_addresses) {
  const auto all = a.net().interfaces();
  BOOST_REQUIRE(all.size() == 2u);
  BOOST_TEST(all[0].address.is_loopback());
  BOOST_TEST((all[1].address == a.address()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
