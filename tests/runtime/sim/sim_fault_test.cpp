// SPDX-License-Identifier: MIT
#include "tests/runtime/sim/sim_fixture.hpp"
#include "tests/runtime/support/ending.hpp"
#include "tests/runtime/support/puppet.hpp"

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

/// An actor that owns one side of a stream, as a connection does.
struct stream_holder {
  std::shared_ptr<std::unique_ptr<stream>> held = std::make_shared<std::unique_ptr<stream>>();
  caf::actor actor;

  stream_holder(sim_host& host, std::unique_ptr<stream> x, stream_events& events) {
    *held = std::move(x);
    (*held)->start(events);
    actor = spawn_pinned<puppet>(host.system(), host.loop(0),
      puppet::strings{{}, [held = held](puppet&) { held->reset(); }, {}, {}, {}});
    host.own(actor);
    host.world().settle();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sim_fault_tests, sim_fixture)

BOOST_AUTO_TEST_CASE(a_partition_stalls_a_stream_and_healing_moves_it_on) {
  connect();
  world.partition({&a}, {&b});
  const auto content = pattern(100'000);
  dialer.mine->write(content);
  world.run_for(30s);
  BOOST_TEST(listener.received.empty());
  BOOST_TEST(!dialer.closed.has_value());
  world.heal();
  world.run_for(1s);
  BOOST_TEST((listener.received == content));
  BOOST_TEST(!dialer.closed.has_value());
}

BOOST_AUTO_TEST_CASE(a_partition_of_a_minute_breaks_the_stream_of_the_writer) {
  both_ways({10ms});
  connect();
  world.partition({&a}, {&b});
  const auto began = world.elapsed();
  dialer.mine->write(pattern(1));
  world.run_for(2min);
  BOOST_REQUIRE(dialer.closed.has_value());
  BOOST_TEST((*dialer.closed == std::errc::timed_out));
  BOOST_TEST((dialer.closed_at - began >= 60s));
  BOOST_TEST((dialer.closed_at - began < 61s));
  BOOST_TEST(!listener.closed.has_value());  // It wrote nothing, so nothing tells it.
}

BOOST_AUTO_TEST_CASE(a_partition_cuts_both_directions) {
  connect();
  world.partition({&a}, {&b});
  dialer.mine->write(pattern(1));
  listener.mine->write(pattern(1));
  world.run_for(10s);
  BOOST_TEST(dialer.received.empty());
  BOOST_TEST(listener.received.empty());
}

BOOST_AUTO_TEST_CASE(an_idle_stream_survives_any_partition) {
  connect();
  world.partition({&a}, {&b});
  world.run_for(1h);
  world.heal();
  dialer.mine->write(pattern(5));
  world.run_for(1s);
  BOOST_TEST(listener.received.size() == 5u);
}

BOOST_AUTO_TEST_CASE(a_machine_that_loses_power_says_nothing_and_its_peer_times_out) {
  connect();
  auto silenced = std::move(listener.mine);
  const stream_holder holder{b, std::move(silenced), listener};
  const ending end{holder.actor};
  const auto began = world.elapsed();
  dialer.mine->write(pattern(1));
  b.power_off();
  BOOST_TEST(end.seen());
  BOOST_TEST((*holder.held == nullptr));
  world.run_for(59s);
  BOOST_TEST(!dialer.closed.has_value());
  world.run_for(3s);
  BOOST_REQUIRE(dialer.closed.has_value());
  BOOST_TEST((*dialer.closed == std::errc::timed_out));
  BOOST_TEST((dialer.closed_at - began >= 60s));
  BOOST_TEST(listener.received.empty());
}

BOOST_AUTO_TEST_CASE(what_a_machine_had_sent_before_it_lost_power_is_not_sent_again) {
  connect();
  listener.mine->write(pattern(1));
  b.power_off();
  world.run_for(1h);
  BOOST_TEST(dialer.received.empty());
  BOOST_TEST(!dialer.closed.has_value());
  BOOST_TEST(!listener.closed.has_value());
}

BOOST_AUTO_TEST_CASE(a_machine_that_is_back_resets_the_streams_of_its_former_life) {
  connect();
  b.power_off();
  world.run_for(1s);
  door reborn{b, {ip_address{}, port}};
  dialer.mine->write(pattern(1));
  world.run_for(1s);
  BOOST_REQUIRE(dialer.closed.has_value());
  BOOST_TEST((*dialer.closed == std::errc::connection_reset));
  caller call{a, {b.address(), port}};
  world.run_for(1s);
  BOOST_TEST((call.outgoing != nullptr));
}

BOOST_AUTO_TEST_CASE(a_disk_keeps_its_files_when_the_power_goes) {
  BOOST_TEST(!b.files().write_file("/data/key", pattern(32), file_access::owner_only));
  b.power_off();
  const auto read = b.files().read_file("/data/key", 100);
  BOOST_REQUIRE(read.ok());
  BOOST_TEST((*read == pattern(32)));
}

BOOST_AUTO_TEST_CASE(killed_processes_close_their_streams_and_their_ports_refuse) {
  connect();
  auto owned = std::move(listener.mine);
  const stream_holder holder{b, std::move(owned), listener};
  b.kill_processes();
  world.run_for(10ms);
  BOOST_REQUIRE(dialer.closed.has_value());
  BOOST_TEST(!*dialer.closed);
  caller call{a, {b.address(), port}};
  world.run_for(20ms);
  BOOST_TEST((call.why == std::errc::connection_refused));
}

BOOST_AUTO_TEST_CASE(bytes_for_a_killed_process_are_answered_with_a_reset) {
  connect();
  auto owned = std::move(listener.mine);
  const stream_holder holder{b, std::move(owned), listener};
  dialer.mine->pause_reading();
  b.kill_processes();
  dialer.mine->write(pattern(1));
  world.run_for(20ms);
  BOOST_REQUIRE(dialer.closed.has_value());
  BOOST_TEST((*dialer.closed == std::errc::connection_reset));
}

BOOST_AUTO_TEST_CASE(actors_that_nobody_owns_die_with_the_machine_too) {
  const auto stray = spawn_pinned<puppet>(b.system(), b.loop(0));
  const auto other = spawn_pinned<puppet>(a.system(), a.loop(0));
  a.own(other);
  world.settle();
  const ending stray_end{stray};
  const ending other_end{other};
  b.power_off();
  BOOST_TEST(stray_end.seen());
  BOOST_TEST(!other_end.seen());
}

BOOST_AUTO_TEST_CASE(a_dial_of_a_machine_that_loses_power_reaches_nobody) {
  door at{b, {ip_address{}, port}};
  caller call{a, {b.address(), port}};
  world.run_for(5ms);
  a.power_off();
  world.run_for(1min);
  BOOST_TEST(!call.took.has_value());
  BOOST_TEST(at.incoming.empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
