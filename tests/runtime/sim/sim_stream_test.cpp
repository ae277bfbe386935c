// SPDX-License-Identifier: MIT
#include "tests/runtime/sim/sim_fixture.hpp"

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

} // namespace

BOOST_FIXTURE_TEST_SUITE(sim_stream_tests, sim_fixture)

BOOST_AUTO_TEST_CASE(bytes_arrive_in_order_and_after_exactly_the_latency) {
  both_ways({25ms});
  connect();
  const auto began = world.elapsed();
  const auto content = pattern(10'000);
  for (std::size_t i = 0; i < content.size(); i += 1'000)
    BOOST_TEST(dialer.mine->write(bytes_view{content}.subspan(i, 1'000)) == 1'000u);
  world.run_for(25ms - 1ns);
  BOOST_TEST(listener.received.empty());
  world.run_for(1ns);
  BOOST_TEST((listener.received == content));
  BOOST_TEST((*listener.first_at - began == 25ms));
  BOOST_TEST(dialer.received.empty());
}

BOOST_AUTO_TEST_CASE(each_direction_has_a_profile_of_its_own) {
  world.set_link(a, b, {5ms});
  world.set_link(b, a, {70ms});
  connect();
  const auto began = world.elapsed();
  dialer.mine->write(pattern(1));
  listener.mine->write(pattern(1));
  world.run_for(1s);
  BOOST_TEST((*listener.first_at - began == 5ms));
  BOOST_TEST((*dialer.first_at - began == 70ms));
}

BOOST_AUTO_TEST_CASE(jitter_stays_in_its_range_and_keeps_the_order) {
  link_profile profile{20ms};
  profile.jitter = 10ms;
  both_ways(profile);
  connect();
  duration least = 1h;
  duration most{0};
  for (int i = 0; i < 500; ++i) {
    const auto began = world.elapsed();
    dialer.mine->write(pattern(1));
    world.run_for(1s);
    least = std::min(least, *listener.last_at - began);
    most = std::max(most, *listener.last_at - began);
  }
  BOOST_TEST((least >= 20ms));
  BOOST_TEST((most <= 30ms));
  BOOST_TEST((least < 21ms));  // Missed by 500 draws with a chance of 1e-23.
  BOOST_TEST((most > 29ms));
  const auto content = pattern(1'000);
  listener.received.clear();
  for (auto one : content)
    dialer.mine->write({&one, 1});
  world.run_for(1s);
  BOOST_TEST((listener.received == content));
}

BOOST_AUTO_TEST_CASE(an_uplink_passes_so_many_bytes_per_second) {
  a.set_uplink({100'000, 256 * 1024});
  both_ways({10ms});
  connect();
  const auto began = world.elapsed();
  BOOST_TEST(dialer.mine->write(pattern(50'000)) == 50'000u);
  BOOST_TEST(dialer.mine->write(pattern(100'000)) == 100'000u);
  world.run_for(10s);
  BOOST_TEST(listener.received.size() == 150'000u);
  BOOST_TEST((*listener.first_at - began == 510ms));
  BOOST_TEST((*listener.last_at - began == 1510ms));
}

BOOST_AUTO_TEST_CASE(all_streams_of_a_machine_share_its_uplink) {
  a.set_uplink({100'000, 256 * 1024});
  both_ways({10ms});
  connect();
  datagram_recorder from{a, {a.address(), 9000}};
  datagram_recorder to{b, {b.address(), 9000}};
  const auto began = world.elapsed();
  dialer.mine->write(pattern(100'000));
  from.socket->send({b.address(), 9000}, pattern(1'000));
  world.run_for(10s);
  BOOST_REQUIRE(to.received.size() == 1u);
  BOOST_TEST((to.received[0].at - began == 1020ms));
}

BOOST_AUTO_TEST_CASE(loss_delays_a_stream_and_takes_nothing_from_it) {
  link_profile lossy{10ms};
  lossy.loss = 0.2;
  both_ways(lossy);
  connect();
  const auto content = pattern(1'000);
  int delayed = 0;
  for (auto one : content) {
    const auto began = world.elapsed();
    dialer.mine->write({&one, 1});
    const auto before = listener.received.size();
    BOOST_TEST(world.run_until([&] { return listener.received.size() > before; }, 1h));
    const auto took = world.elapsed() - began;
    BOOST_TEST(((took - 10ms) % 200ms == 0ns));
    delayed += took > 10ms ? 1 : 0;
  }
  BOOST_TEST((listener.received == content));
  // 1000 draws with p = 0.2: mean 200, sigma 12.6; six sigma to both sides.
  BOOST_TEST(delayed > 124);
  BOOST_TEST(delayed < 276);
}

BOOST_AUTO_TEST_CASE(a_path_that_loses_everything_breaks_the_stream_after_a_minute) {
  connect();
  link_profile dead;
  dead.loss = 1;
  world.set_link(a, b, dead);
  dialer.mine->write(pattern(1));
  world.run_for(59s);
  BOOST_TEST(!dialer.closed.has_value());
  world.run_for(3s);
  BOOST_REQUIRE(dialer.closed.has_value());
  BOOST_TEST((*dialer.closed == std::errc::timed_out));
  BOOST_TEST(listener.received.empty());
}

BOOST_AUTO_TEST_CASE(a_writer_is_held_back_until_the_reader_took_something) {
  connect();
  const auto content = pattern(1'000'000);
  std::size_t sent = dialer.mine->write(content);
  BOOST_TEST(sent > 0u);
  BOOST_TEST(sent < content.size());
  BOOST_TEST(dialer.mine->write(bytes_view{content}.subspan(sent)) == 0u);
  BOOST_TEST(dialer.writable == 0);
  dialer.on_writable = [&] { sent += dialer.mine->write(bytes_view{content}.subspan(sent)); };
  world.run_for(1min);
  BOOST_TEST(sent == content.size());
  BOOST_TEST((listener.received == content));
  BOOST_TEST(dialer.writable >= 3);
}

BOOST_AUTO_TEST_CASE(room_is_announced_even_after_a_small_write_that_fitted) {
  connect();
  listener.mine->pause_reading();
  const auto content = pattern(300'000);
  const auto taken = dialer.mine->write(content);
  BOOST_TEST(taken < content.size());
  BOOST_TEST(dialer.mine->write({}) == 0u);
  world.run_for(1s);
  BOOST_TEST(dialer.writable == 0);
  listener.mine->resume_reading();
  world.run_for(1s);
  BOOST_TEST(dialer.writable == 1);
}

BOOST_AUTO_TEST_CASE(a_writer_that_was_never_held_back_hears_nothing_of_room) {
  connect();
  dialer.mine->write(pattern(1'000));
  world.run_for(1s);
  BOOST_TEST(dialer.writable == 0);
}

BOOST_AUTO_TEST_CASE(a_paused_reader_gets_nothing_and_holds_the_writer_back) {
  connect();
  listener.mine->pause_reading();
  const auto content = pattern(1'000'000);
  std::size_t sent = dialer.mine->write(content);
  dialer.on_writable = [&] { sent += dialer.mine->write(bytes_view{content}.subspan(sent)); };
  world.run_for(1h);
  BOOST_TEST(listener.received.empty());
  BOOST_TEST(sent == std::size_t{256 * 1024});
  BOOST_TEST(!dialer.closed.has_value());
  listener.mine->resume_reading();
  world.run_for(1min);
  BOOST_TEST((listener.received == content));
}

BOOST_AUTO_TEST_CASE(a_reader_may_pause_inside_stream_bytes) {
  connect();
  listener.on_bytes = [&] { listener.mine->pause_reading(); };
  dialer.mine->write(pattern(10));
  dialer.mine->write(pattern(10));
  world.run_for(1s);
  BOOST_TEST(listener.received.size() == 10u);
  listener.mine->resume_reading();
  world.run_for(1s);
  BOOST_TEST(listener.received.size() == 20u);
}

BOOST_AUTO_TEST_CASE(bytes_wait_for_a_reader_that_has_not_started) {
  door at{b, {ip_address{}, port}};
  caller call{a, {b.address(), port}};
  world.run_for(1s);
  dialer.own(std::move(call.outgoing));
  dialer.mine->write(pattern(10));
  world.run_for(1min);
  listener.own(std::move(at.incoming[0]));
  BOOST_TEST(listener.received.empty());  // Not from inside the call.
  world.settle();
  world.run_for(0s);
  BOOST_TEST((listener.received == pattern(10)));
}

BOOST_AUTO_TEST_CASE(a_closed_stream_ends_in_order_after_its_last_byte) {
  connect();
  const auto content = pattern(200'000);
  const auto began = world.elapsed();
  dialer.mine->write(content);
  dialer.mine.reset();
  world.run_for(1s);
  BOOST_TEST((listener.received == content));
  BOOST_REQUIRE(listener.closed.has_value());
  BOOST_TEST(!*listener.closed);
  BOOST_TEST((listener.closed_at - began == 10ms));
  BOOST_TEST(!dialer.closed.has_value());  // The owner knows.
}

BOOST_AUTO_TEST_CASE(an_aborted_stream_is_silent_and_its_peer_sees_the_end) {
  connect();
  listener.mine->write(pattern(1'000));
  dialer.mine->abort();
  dialer.mine->abort();
  BOOST_TEST(dialer.mine->write(pattern(10)) == 0u);
  world.run_for(1s);
  BOOST_TEST(listener.closed.has_value());
  BOOST_TEST(dialer.received.empty());
  BOOST_TEST(!dialer.closed.has_value());
}

BOOST_AUTO_TEST_CASE(a_stream_reports_the_round_trip_and_what_was_sent_again) {
  world.set_link(a, b, {5ms});
  world.set_link(b, a, {70ms});
  connect();
  dialer.mine->write(pattern(1));
  dialer.mine->write(pattern(1));
  auto quality = dialer.mine->quality();
  BOOST_REQUIRE(quality.smoothed_rtt.has_value());
  BOOST_TEST((*quality.smoothed_rtt == 75ms));
  BOOST_TEST(quality.packets_sent == 2u);
  BOOST_TEST(quality.retransmissions == 0u);
  BOOST_TEST(listener.mine->quality().packets_sent == 0u);
  link_profile lossy{5ms};
  lossy.loss = 0.5;
  world.set_link(a, b, lossy);
  for (int i = 0; i < 100; ++i)
    dialer.mine->write(pattern(1));
  quality = dialer.mine->quality();
  // Each is lost with one half each time: 100 repetitions are to be expected, with a sigma of 14; six of them.
  BOOST_TEST(quality.retransmissions > 15u);
  BOOST_TEST(quality.retransmissions < 185u);
  BOOST_TEST(quality.packets_sent == 102u + quality.retransmissions);
}

BOOST_AUTO_TEST_CASE(a_paused_reader_learns_of_the_end_when_it_resumes) {
  connect();
  listener.mine->pause_reading();
  dialer.mine->write(pattern(10));
  dialer.mine.reset();
  world.run_for(1s);
  BOOST_TEST(!listener.closed.has_value());
  listener.mine->resume_reading();
  world.run_for(1s);
  BOOST_TEST(listener.received.size() == 10u);
  BOOST_TEST(listener.closed.has_value());
}

BOOST_AUTO_TEST_CASE(writing_to_a_side_whose_owner_is_gone_is_answered_with_a_reset) {
  connect();
  listener.mine.reset();
  dialer.mine->write(pattern(10));  // Sent before the end of the other side arrives.
  dialer.mine->pause_reading();     // So only the reset can tell.
  world.run_for(1s);
  BOOST_REQUIRE(dialer.closed.has_value());
  BOOST_TEST((*dialer.closed == std::errc::connection_reset));
  BOOST_TEST(dialer.mine->write(pattern(10)) == 0u);
}

BOOST_AUTO_TEST_CASE(bytes_that_a_reader_left_unread_reset_the_writer) {
  connect();
  listener.mine->pause_reading();
  dialer.mine->pause_reading();
  dialer.mine->write(pattern(1'000'000));
  world.run_for(1s);
  listener.mine.reset();
  world.run_for(1s);
  BOOST_REQUIRE(dialer.closed.has_value());
  BOOST_TEST((*dialer.closed == std::errc::connection_reset));
}

BOOST_AUTO_TEST_CASE(a_stream_to_the_own_machine_feels_no_network) {
  link_profile slow{1s};
  slow.loss = 0.5;
  world.set_default_link(slow);
  door at{a, {ip_address{}, port}};
  caller call{a, {ip_address::v4_loopback(), port}};
  world.run_for(0s);
  BOOST_TEST((call.outgoing != nullptr));
  BOOST_TEST(call.outgoing->remote().address.is_loopback());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
