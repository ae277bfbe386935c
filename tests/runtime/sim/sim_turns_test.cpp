// SPDX-License-Identifier: MIT
#include "tests/runtime/sim/sim_fixture.hpp"
#include "tests/runtime/support/puppet.hpp"

#include "runtime/sim/event_queue.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <utility>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t hosts = 12;
constexpr std::uint16_t port = 9000;

/// What each host lived through: times, kinds and contents.
struct diaries final : sim_world::event_observer {
  explicit diaries(sim_world& x) : world(x) { world.set_observer(this); }
  void observe(sim_world::event_kind kind, std::size_t host, bytes_view content) override {
    auto line = std::to_string(world.elapsed().count()) + " " + std::to_string(static_cast<int>(kind)) + " ";
    line.append(content.begin(), content.end());
    BOOST_TEST_REQUIRE(host < hosts);  // Nothing happens at a box itself.
    of[host].push_back(std::move(line));
  }
  sim_world& world;
  std::array<std::vector<std::string>, hosts> of;
};

/// Sends to random others by timers, answers what it gets, and keeps a stream to its neighbour busy.
struct talker final : datagram_events, acceptor_events, dial_events, stream_events {
  void begin(sim_host& at) {
    host = &at;
    socket = std::move(*at.net().open_datagrams({ip_address{}, port}, true, *this));
    entrance = std::move(*at.net().listen({{ip_address{}, port}}, *this));
    puppet::strings strings;
    strings.started = [this](puppet& x) {
      call = host->net().dial({sim_host::address_of((host->index() + 1) % hosts), port}, 1, *this);
      speak(x);
    };
    strings.timer_fired = [this](puppet& x, std::uint32_t) { speak(x); };
    actor = spawn_pinned<puppet>(at.system(), at.loop(0), strings);
    at.own(actor);
  }
  void speak(puppet& self) {
    bytes content(1 + host->random().below(40));
    host->random().fill(content);
    socket->send({sim_host::address_of(host->random().below(hosts)), port}, content);
    if (outgoing)
      outgoing->write(content);
    self.arm_timer(0, self.now() + duration{static_cast<std::int64_t>(1 + host->random().below(20'000'000))});
  }
  void datagram_received(const endpoint& from, mutable_bytes_view in) override {
    behind(actor).guarded([&] {
      if (in.size() > 20)
        socket->send(from, in.first(in.size() / 2));
      behind(actor).arm_timer(1, behind(actor).now() + 3ms);
    });
  }
  void datagrams_drained() override {}
  void datagrams_writable() override {}
  void datagram_refused(const endpoint&, std::error_code) override {}
  void accepted(std::unique_ptr<stream> x) override {
    incoming = std::move(x);
    incoming->start(*this);
  }
  void accept_failed(std::error_code) override {}
  void dialed(std::uint64_t, std::unique_ptr<stream> x) override {
    outgoing = std::move(x);
    outgoing->start(*this);
  }
  void dial_failed(std::uint64_t, std::error_code) override {}
  void stream_bytes(mutable_bytes_view in) override {
    if (incoming && in.size() > 30)
      incoming->write(in.first(5));
  }
  void stream_writable() override {}
  void stream_closed(std::error_code) override {}

  sim_host* host = nullptr;
  caf::actor actor;
  std::unique_ptr<datagram_socket> socket;
  std::unique_ptr<acceptor> entrance;
  std::unique_ptr<pending_operation> call;
  std::unique_ptr<stream> outgoing;
  std::unique_ptr<stream> incoming;
};

std::array<std::vector<std::string>, hosts> live(bool by_turns, std::uint64_t& hash, bool with_box = false) {
  sim_options options;
  options.by_turns = by_turns;
  options.link.latency = 30ms;
  sim_world world{options};
  diaries seen{world};
  std::array<talker, hosts> all;
  for (std::size_t i = 0; i < hosts; ++i)
    world.add_host();
  if (with_box) {
    auto& nat = world.add_nat({nat_kind::full_cone, false, 2min});
    for (std::size_t i = 0; i < hosts; i += 3)
      world.put_behind(world.host(i), nat);
  }
  // Each way takes a time of its own, so that nothing from two sides comes at once; the world's draws are not used.
  for (std::size_t a = 0; a < world.host_count(); ++a)
    for (std::size_t b = 0; b < world.host_count(); ++b)
      world.set_link(world.host(a), world.host(b),
        {5ms + duration{static_cast<std::int64_t>((a * hosts + b) * 137'000 + (b * 7 + a) * 11)}});
  for (std::size_t i = 0; i < hosts; ++i)
    all[i].begin(world.host(i));
  int rounds = 0;
  for (int i = 1; i <= 20; ++i)
    world.at(world.now() + i * 100ms, [&] { ++rounds; });
  world.run_for(1500ms);
  BOOST_TEST(rounds == 15);
  BOOST_TEST((world.elapsed() == 1500ms));
  hash = world.event_hash();
  world.set_observer(nullptr);
  for (auto& one : seen.of)  // A datagram and a piece of a stream may come at one time, in either order.
    std::sort(one.begin(), one.end());
  return std::move(seen.of);
}

} // namespace

BOOST_AUTO_TEST_SUITE(sim_turns_tests)

BOOST_AUTO_TEST_CASE(a_host_lives_through_the_same_by_turns_and_in_step) {
  std::uint64_t hash = 0;
  const auto in_step = live(false, hash);
  const auto by_turns = live(true, hash);
  for (std::size_t i = 0; i < hosts; ++i) {
    BOOST_TEST(in_step[i].size() > 200u);
    BOOST_TEST(in_step[i] == by_turns[i], boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(hosts_behind_a_box_live_through_the_same_by_turns_and_in_step) {
  std::uint64_t hash = 0;
  const auto in_step = live(false, hash, true);
  const auto by_turns = live(true, hash, true);
  for (std::size_t i = 0; i < hosts; ++i) {
    BOOST_TEST(in_step[i].size() > 20u);
    BOOST_TEST(in_step[i] == by_turns[i], boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(the_same_seed_by_turns_gives_the_same_hash) {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  live(true, first);
  live(true, second);
  BOOST_TEST(first == second);
  BOOST_TEST(first != 0u);
}

BOOST_AUTO_TEST_CASE(by_turns_nobody_goes_beyond_what_concerns_the_world) {
  sim_options options;
  options.by_turns = true;
  options.link.latency = 1s;
  sim_world world{options};
  std::vector<std::string> order;
  for (int i = 0; i < 3; ++i) {
    auto& host = world.add_host();
    for (const auto when : {100ms, 300ms})
      world.at_host(host.index(), world.now() + when, [&, when] { order.push_back(std::to_string(when.count())); });
  }
  world.at(world.now() + 200ms, [&] {
    order.push_back("world");
    BOOST_TEST((world.elapsed() == 200ms));
  });
  world.run_for(10s);
  const std::vector<std::string> expected{"100", "100", "100", "world", "300", "300", "300"};
  BOOST_TEST(order == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_any_latency_hosts_still_keep_their_times) {
  sim_options options;
  options.by_turns = true;
  options.link.latency = 0ms;
  sim_world world{options};
  auto& a = world.add_host();
  auto& b = world.add_host();
  datagram_recorder at_a{a, {ip_address{}, port}};
  datagram_recorder at_b{b, {ip_address{}, port}};
  at_a.socket->send({b.address(), port}, bytes(10));
  world.at_host(b.index(), world.now() + 1ms, [&] { at_b.socket->send({a.address(), port}, bytes(20)); });
  world.run_for(1s);
  BOOST_TEST_REQUIRE(at_a.received.size() == 1u);
  BOOST_TEST_REQUIRE(at_b.received.size() == 1u);
  BOOST_TEST((at_a.received[0].at == 1ms));
  BOOST_TEST((at_b.received[0].at == 0ms));
}

BOOST_AUTO_TEST_CASE(events_happen_in_the_order_of_their_times_and_then_of_asking) {
  event_queue uut;
  std::multimap<int, int> model;
  std::vector<int> happened;
  std::uint32_t state = 1;
  for (int i = 0; i < 5'000; ++i) {
    state = state * 1664525u + 1013904223u;
    const auto when = static_cast<int>(state >> 8) % 1000;
    if ((state >> 4) % 3 != 0) {
      model.emplace(when, i);
      const std::string large(static_cast<std::size_t>(i % 60), 'x');  // Some fit into a task, some do not.
      if (i % 2 == 0)
        uut.add(time_point{when * 1ms}, [&happened, i] { happened.push_back(i); });
      else
        uut.add(time_point{when * 1ms}, [&happened, i, large, larger = large] {
          if (large == larger)
            happened.push_back(i);
        });
    } else if (!model.empty()) {
      BOOST_REQUIRE((*uut.next_due() == time_point{model.begin()->first * 1ms}));
      uut.take()();
      BOOST_REQUIRE(happened.back() == model.begin()->second);
      model.erase(model.begin());
    }
  }
  BOOST_TEST(happened.size() > 1000u);
  BOOST_TEST(!model.empty());  // What waits still is thrown away with the queue.
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
