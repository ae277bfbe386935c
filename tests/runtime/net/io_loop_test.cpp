// SPDX-License-Identifier: MIT
#include "tests/runtime/net/net_fixture.hpp"

#include "tests/runtime/support/ending.hpp"

#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <thread>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

} // namespace

BOOST_FIXTURE_TEST_SUITE(io_loop_tests, net_fixture)

BOOST_AUTO_TEST_CASE(messages_of_many_threads_arrive_in_the_order_of_each) {
  constexpr int senders = 4;
  constexpr int each = 20'000;
  std::vector<int> next(senders, 0);
  int wrong = 0;
  int total = 0;
  signal_once all;
  puppet::strings strings;
  strings.numbered = [&](puppet&, const numbered& x) {
    wrong += x.number != next[static_cast<std::size_t>(x.sender)]++ ? 1 : 0;
    if (++total == senders * each)
      all();
  };
  const auto receiver = spawn(0, strings);
  std::vector<std::thread> threads;
  for (int sender = 0; sender < senders; ++sender)
    threads.emplace_back([&, sender] {
      caf::scoped_actor self{system};
      for (int i = 0; i < each; ++i)
        self->send(receiver, numbered{sender, i});
    });
  for (auto& one : threads)
    one.join();
  all.wait();
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(every_message_and_event_of_an_actor_runs_on_the_thread_of_its_loop) {
  const auto of_loop = on_loop([](puppet&) { return std::this_thread::get_id(); });
  BOOST_TEST((of_loop != std::this_thread::get_id()));
  signal_once done;
  std::vector<std::thread::id> seen;
  auto see = [&](puppet&) { seen.push_back(std::this_thread::get_id()); };
  {
    puppet::strings strings;
    strings.started = see;
    strings.turn_ended = see;
    strings.timer_fired = [&](puppet& x, std::uint32_t) {
      see(x);
      x.quit();
    };
    strings.stopped = [&](puppet& x) {
      see(x);
      done();
    };
    const auto one = spawn(0, strings);
    inside(one, [](puppet& x) {
      x.call_at_turn_end();
      x.arm_timer(0, x.now() + 1ms);
    });
  }  // Nobody holds it now; it must not end on this thread.
  done.wait();
  BOOST_TEST(seen.size() == 4u);
  BOOST_TEST((std::count(seen.begin(), seen.end(), of_loop) == 4));
}

BOOST_AUTO_TEST_CASE(timers_fire_in_order_and_never_early) {
  std::vector<std::uint32_t> fired;
  int early = 0;
  std::array<time_point, 4> due{};
  signal_once all;
  puppet::strings strings;
  strings.timer_fired = [&](puppet& x, std::uint32_t slot) {
    fired.push_back(slot);
    early += x.now() < due[slot] ? 1 : 0;
    if (fired.size() == 4)
      all();
  };
  const auto one = spawn(0, strings);
  inside(one, [&](puppet& x) {
    const auto now = x.now();
    due = {now + 30ms, now + 10ms, now + 40ms, now + 20ms};
    for (std::uint32_t slot = 0; slot < 4; ++slot)
      x.arm_timer(slot, due[slot]);
  });
  all.wait();
  BOOST_TEST((fired == std::vector<std::uint32_t>{1, 3, 0, 2}));
  BOOST_TEST(early == 0);
}

BOOST_AUTO_TEST_CASE(an_earlier_timer_overtakes_one_that_the_loop_waits_for) {
  signal_once fired;
  puppet::strings strings;
  strings.timer_fired = [&](puppet&, std::uint32_t slot) {
    if (slot == 1)
      fired();
  };
  const auto one = spawn(0, strings);
  inside(one, [](puppet& x) { x.arm_timer(0, x.now() + 1h); });
  inside(one, [](puppet& x) { x.arm_timer(1, x.now() + 1ms); });
  fired.wait();
}

BOOST_AUTO_TEST_CASE(many_timers_of_many_actors_all_fire) {
  constexpr int actors = 500;
  int fired = 0;
  signal_once all;
  for (int i = 0; i < actors; ++i) {
    puppet::strings strings;
    strings.started = [i](puppet& x) {
      for (std::uint32_t slot = 0; slot < 4; ++slot)
        x.arm_timer(slot, x.now() + std::chrono::microseconds{(i * 37 + static_cast<int>(slot) * 1'001) % 20'000});
    };
    strings.timer_fired = [&](puppet&, std::uint32_t) {
      if (++fired == 4 * actors)
        all();
    };
    spawn(0, strings);
  }
  all.wait();
}

BOOST_AUTO_TEST_CASE(an_actor_that_never_rests_keeps_nobody_waiting) {
  signal_once fired;
  puppet::strings strings;
  strings.numbered = [](puppet& x, const numbered& m) { x.send(&x, m); };
  const auto restless = spawn(0, strings);
  caf::anon_send(restless, numbered{});
  caf::anon_send(restless, numbered{});
  puppet::strings patient;
  patient.timer_fired = [&](puppet&, std::uint32_t) { fired(); };
  const auto other = spawn(0, patient);
  inside(other, [](puppet& x) { x.arm_timer(0, x.now() + 1ms); });
  fired.wait();
}  // And the loop ends although the actor does not rest.

BOOST_AUTO_TEST_CASE(a_turn_task_that_asks_again_keeps_nobody_waiting) {
  signal_once fired;
  puppet::strings strings;
  strings.turn_ended = [](puppet& x) { x.call_at_turn_end(); };
  strings.timer_fired = [&](puppet& x, std::uint32_t) {
    fired();
    x.quit();
  };
  const auto one = spawn(0, strings);
  inside(one, [](puppet& x) {
    x.call_at_turn_end();
    x.arm_timer(0, x.now() + 1ms);
  });
  fired.wait();
}

BOOST_AUTO_TEST_CASE(a_crash_in_each_kind_of_event_leaves_the_loop_alive) {
  const std::function<void(puppet&)> crash = [](puppet&) { throw std::runtime_error("planted"); };
  for (int kind = 0; kind < 4; ++kind) {
    signal_once stopped;
    puppet::strings strings;
    strings.stopped = [&](puppet&) { stopped(); };
    strings.turn_ended = crash;
    strings.timer_fired = [&](puppet& x, std::uint32_t) { crash(x); };
    if (kind == 0)
      strings.started = crash;
    const auto one = spawn(0, strings);
    if (kind == 1)
      inside(one, crash);
    if (kind == 2)
      inside(one, [](puppet& x) { x.call_at_turn_end(); });
    if (kind == 3)
      inside(one, [](puppet& x) { x.arm_timer(0, x.now()); });
    stopped.wait();
    BOOST_TEST(on_loop([](puppet&) { return true; }));
  }
}

BOOST_AUTO_TEST_CASE(a_loop_that_stops_ends_its_actors_on_its_own_thread) {
  const auto of_loop = on_loop([](puppet&) { return std::this_thread::get_id(); });
  std::vector<std::thread::id> ended;
  std::vector<caf::actor> actors;
  for (int i = 0; i < 100; ++i) {
    puppet::strings strings;
    strings.started = [](puppet& x) { x.arm_timer(0, x.now() + 1h); };
    strings.stopped = [&](puppet& x) {
      ended.push_back(std::this_thread::get_id());
      x.arm_timer(1, x.now() + 1h);
      x.call_at_turn_end();
    };
    actors.push_back(spawn(0, strings));
  }
  on_loop([](puppet&) {});  // All of them have started.
  host.reset();
  BOOST_TEST(ended.size() == 100u);
  BOOST_TEST((std::count(ended.begin(), ended.end(), of_loop) == 100));
  caf::anon_send(actors[0], numbered{});  // To the dead; goes nowhere.
}

BOOST_AUTO_TEST_CASE(a_loop_that_stops_closes_open_and_unclaimed_streams) {
  auto pair = std::make_unique<connected_pair>(*this, v4());
  puppet::strings strings;
  auto held = std::make_shared<std::unique_ptr<stream>>();
  strings.stopped = [held](puppet&) { held->reset(); };
  const auto owner = spawn(0, strings);
  on_loop([&](puppet& x) {
    *held = std::move(pair->dialer_stream);
    x.loop().streams().put(std::move(pair->listener_stream), x.now());
  });
  pair.reset();
  host.reset();
  BOOST_TEST((*held == nullptr));
}

BOOST_AUTO_TEST_CASE(loops_start_and_stop_many_times) {
  for (int i = 0; i < 50; ++i) {
    real_host other{system, 2};
    const auto one = spawn_pinned<puppet>(system, other.loop(1));
    std::promise<void> ran;
    auto future = ran.get_future();
    inside(one, [&](puppet&) { ran.set_value(); });
    BOOST_TEST((future.wait_for(patience) == std::future_status::ready));
  }
}

BOOST_AUTO_TEST_CASE(the_interfaces_include_loopback) {
  const auto all = on_loop([](puppet& x) { return x.loop().net().interfaces(); });
  BOOST_TEST(std::any_of(all.begin(), all.end(), [](const auto& x) { return x.address == ip_address::v4_loopback(); }));
  for (const auto& one : all)
    BOOST_TEST(!one.interface.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(two_loop_tests, two_loops)

BOOST_AUTO_TEST_CASE(two_loops_run_at_the_same_time) {
  // Each waits for the other inside a handler, which can only end when both run.
  std::promise<void> met[2];
  std::shared_future<void> seen[2] = {met[0].get_future().share(), met[1].get_future().share()};
  std::promise<bool> result[2];
  for (std::size_t i = 0; i < 2; ++i)
    inside(hands[i], [&, i](puppet&) {
      met[i].set_value();
      result[i].set_value(seen[1 - i].wait_for(patience) == std::future_status::ready);
    });
  for (auto& one : result) {
    auto future = one.get_future();
    BOOST_TEST(wait_for(future));
  }
}

BOOST_AUTO_TEST_CASE(loops_have_numbers_and_threads_of_their_own) {
  BOOST_TEST(host->loop(0)->index() == 0u);
  BOOST_TEST(host->loop(1)->index() == 1u);
  const auto first = on_loop([](puppet&) { return std::this_thread::get_id(); }, 0);
  const auto second = on_loop([](puppet&) { return std::this_thread::get_id(); }, 1);
  BOOST_TEST((first != second));
}

BOOST_AUTO_TEST_CASE(actors_of_two_loops_pass_a_ball_many_times) {
  constexpr int passes = 20'000;
  signal_once done;
  caf::actor players[2];
  for (std::size_t i = 0; i < 2; ++i)
    players[i] = spawn(i);
  for (std::size_t i = 0; i < 2; ++i)
    on_loop([&, i](puppet&) {
      behind(players[i]).strings_.numbered = [&, i, other = players[1 - i]](puppet& x, const numbered& ball) {
        if (ball.number < passes)
          x.tell(other, numbered{0, ball.number + 1});
        else if (i == 0)
          done();
      };
    }, i);
  caf::anon_send(players[0], numbered{});  // Even numbers arrive at player 0.
  done.wait();
  for (std::size_t i = 0; i < 2; ++i)
    on_loop([&, i](puppet&) { behind(players[i]).strings_.numbered = nullptr; }, i);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
