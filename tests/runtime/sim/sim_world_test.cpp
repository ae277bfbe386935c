// SPDX-License-Identifier: MIT
#include "tests/runtime/sim/sim_fixture.hpp"
#include "tests/runtime/support/puppet.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

struct outcome {
  std::uint64_t hash;
  std::uint64_t events;
  std::array<int, 8> received;
};

/// Eight machines whose actors send datagrams to random neighbours over bad links and answer what they get.
outcome run_chatter(std::uint64_t seed, bool shuffle) {
  sim_options options;
  options.seed = seed;
  options.shuffle = shuffle;
  options.link.jitter = 15ms;
  options.link.loss = 0.05;
  options.link.duplication = 0.02;
  options.link.reordering = 0.1;
  sim_world world{options};
  outcome out{};
  struct chatter final : datagram_events {
    sim_host* host = nullptr;
    int* received = nullptr;
    caf::actor actor;
    caf::actor next;
    std::unique_ptr<datagram_socket> socket;

    void speak(puppet& self) {
      const auto to = host->random().below(8);
      bytes content(host->random().below(200));
      host->random().fill(content);
      socket->send({sim_host::address_of(to), 9000}, content);
      self.arm_timer(0, self.now() + duration{static_cast<std::int64_t>(1 + host->random().below(20'000'000))});
    }
    void datagram_received(const endpoint& from, mutable_bytes_view in) override {
      behind(actor).guarded([&] {
        ++*received;
        if (in.size() > 150)
          socket->send(from, in.first(10));
        // A message between actors, so that the order in which they run matters.
        behind(actor).tell(next, numbered{0, static_cast<int>(in.size())});
      });
    }
    void datagrams_drained() override {}
    void datagrams_writable() override {}
    void datagram_refused(const endpoint&, std::error_code) override {}
  };
  std::array<chatter, 8> all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto& one = all[i];
    one.host = &world.add_host();
    one.received = &out.received[i];
    one.socket = std::move(*one.host->net().open_datagrams({ip_address{}, 9000}, true, one));
    puppet::strings strings;
    strings.started = [&one](puppet& x) { one.speak(x); };
    strings.timer_fired = [&one](puppet& x, std::uint32_t) { one.speak(x); };
    strings.numbered = [&one](puppet&, const numbered& x) {
      const bytes content(static_cast<std::size_t>(x.number % 100), 1);
      one.socket->send({sim_host::address_of(0), 9000}, content);
    };
    one.actor = spawn_pinned<puppet>(world.system(), one.host->loop(0), strings);
    one.host->own(one.actor);
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i].next = all[(i + 1) % all.size()].actor;
  world.run_for(2s);
  out.hash = world.event_hash();
  out.events = world.event_count();
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(sim_world_tests)

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_runs) {
  for (const bool shuffle : {false, true}) {
    const auto first = run_chatter(1, shuffle);
    const auto second = run_chatter(1, shuffle);
    BOOST_TEST(first.events > 1'000u);
    BOOST_TEST(first.hash == second.hash);
    BOOST_TEST(first.events == second.events);
    BOOST_TEST(first.received == second.received, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(another_seed_gives_another_run) {
  for (const bool shuffle : {false, true})
    BOOST_TEST(run_chatter(1, shuffle).hash != run_chatter(2, shuffle).hash);
}

BOOST_AUTO_TEST_CASE(shuffling_gives_another_run_of_the_same_seed) {
  BOOST_TEST(run_chatter(1, true).hash != run_chatter(1, false).hash);
}

BOOST_AUTO_TEST_CASE(a_run_does_not_depend_on_what_the_process_did_before) {
  const auto first = run_chatter(3, true).hash;
  const auto garbage = std::make_unique<std::array<int, 100'000>>();
  run_chatter(4, false);
  sim_world other;  // Lives meanwhile, and its actors have ids of their own.
  const auto idle = spawn_pinned<puppet>(other.system(), other.add_host().loop(0));
  BOOST_TEST(run_chatter(3, true).hash == first);
}

BOOST_AUTO_TEST_CASE(a_simulated_hour_takes_no_hour) {
  const auto began = std::chrono::steady_clock::now();
  sim_world world;
  world.run_for(1h);
  BOOST_TEST((world.elapsed() == 1h));
  BOOST_TEST((std::chrono::steady_clock::now() - began < 1min));
}

BOOST_AUTO_TEST_CASE(time_stands_still_while_the_world_settles) {
  sim_world world;
  auto& host = world.add_host();
  const auto one = spawn_pinned<puppet>(world.system(), host.loop(0));
  int calls = 0;
  inside(one, [&](puppet&) { ++calls; });
  world.settle();
  BOOST_TEST(calls == 1);
  BOOST_TEST((world.elapsed() == 0s));
}

BOOST_AUTO_TEST_CASE(run_until_stops_at_the_event_that_fulfils_the_wish) {
  sim_world world;
  int fired = 0;
  for (int i = 1; i <= 10; ++i)
    world.at(world.now() + i * 1s, [&] { ++fired; });
  BOOST_TEST(world.run_until([&] { return fired == 3; }, 1h));
  BOOST_TEST((world.elapsed() == 3s));
  BOOST_TEST(!world.run_until([&] { return fired == 100; }, 4s));
  BOOST_TEST(fired == 7);
}

BOOST_AUTO_TEST_CASE(events_of_the_same_time_happen_in_the_order_of_planning) {
  sim_world world;
  std::vector<int> seen;
  for (int i = 0; i < 100; ++i)
    world.at(world.now() + 1s, [&seen, i] { seen.push_back(i); });
  world.run_for(1s);
  BOOST_REQUIRE(seen.size() == 100u);
  BOOST_TEST(std::is_sorted(seen.begin(), seen.end()));
}

BOOST_AUTO_TEST_CASE(the_clock_of_caf_is_virtual_too) {
  sim_world world;
  auto& host = world.add_host();
  const auto one = spawn_pinned<puppet>(world.system(), host.loop(0));
  std::vector<duration> at;
  for (auto wait : {3s, 0s, 1s})
    inside(one, [&at, &world, wait](puppet& x) {
      x.delayed_send(&x, wait, call_inside{[&at, &world](actor_core&) { at.push_back(world.elapsed()); }});
    });
  world.run_for(0s);
  BOOST_TEST(at.size() == 1u);
  world.run_for(1h);
  BOOST_TEST((at == std::vector<duration>{0s, 1s, 3s}));
}

BOOST_AUTO_TEST_CASE(a_request_without_an_answer_fails_at_its_timeout) {
  sim_world world;
  auto& host = world.add_host();
  const auto mute = spawn_pinned<puppet>(world.system(), host.loop(0));
  const auto asker = spawn_pinned<puppet>(world.system(), host.loop(0));
  std::optional<duration> failed;
  std::string why;
  inside(asker, [&](puppet& x) {
    x.ask(mute, 3s, call_inside{[](actor_core& self) { static_cast<puppet&>(self).make_response_promise(); }},
      [](caf::unit_t) {},
      [&](caf::error& e) {
        failed = world.elapsed();
        why = describe_error(e);
      });
  });
  world.run_for(1h);
  BOOST_REQUIRE(failed.has_value());
  BOOST_TEST((*failed == 3s));
  BOOST_TEST(why == "no answer in time");
}

BOOST_AUTO_TEST_CASE(each_host_draws_from_a_stream_of_its_own) {
  sim_world one{{5, {}, true}};
  sim_world two{{5, {}, true}};
  auto& a = one.add_host();
  auto& b = one.add_host();
  auto& c = two.add_host();
  const auto first = a.random().u64();
  BOOST_TEST(first != b.random().u64());
  BOOST_TEST(first == c.random().u64());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
