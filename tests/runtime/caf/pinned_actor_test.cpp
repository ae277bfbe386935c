// SPDX-License-Identifier: MIT
#include "runtime/caf/pinned_actor.hpp"

#include "runtime/net/network.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_world.hpp"
#include "tests/runtime/support/ending.hpp"
#include "tests/runtime/support/puppet.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/exit_reason.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

struct pinned_fixture {
  sim_world world;
  sim_host& machine = world.add_host();

  caf::actor spawn(puppet::strings strings = {}) {
    auto out = spawn_pinned<puppet>(world.system(), machine.loop(0), std::move(strings));
    machine.own(out);
    world.settle();
    return out;
  }

  /// A second actor of the same loop, which must not notice anything.
  caf::actor bystander = spawn();
  ending bystander_end{bystander};

  void expect_crash(const ending& end, const std::string& why) {
    world.settle();
    BOOST_REQUIRE(end.seen());
    BOOST_TEST(describe_error(end.reason()) == why);
    bool answered = false;
    inside(bystander, [&](puppet&) { answered = true; });
    world.settle();
    BOOST_TEST(answered);
    BOOST_TEST(!bystander_end.seen());
  }
};

/// Reads a stream as a pinned actor does: every event passes through the actor's guard.
struct guarded_reader final : stream_events {
  puppet& owner;
  std::unique_ptr<stream> mine;
  std::function<void()> on_bytes;
  int events = 0;

  explicit guarded_reader(puppet& x) : owner(x) {}
  void stream_bytes(mutable_bytes_view) override {
    owner.guarded([&] {
      ++events;
      on_bytes();
    });
  }
  void stream_writable() override {}
  void stream_closed(std::error_code) override {
    owner.guarded([&] { ++events; });
  }
};

/// Accepts and dials on the same machine.
struct stream_pair final : acceptor_events, dial_events {
  std::unique_ptr<acceptor> door;
  std::unique_ptr<pending_operation> call;
  std::unique_ptr<stream> dialer_side;
  std::unique_ptr<stream> acceptor_side;

  explicit stream_pair(pinned_fixture& x) {
    door = std::move(*x.machine.net().listen({{x.machine.address(), 7000}}, *this));
    call = x.machine.net().dial({x.machine.address(), 7000}, 1, *this);
    x.world.run_for(1s);
    BOOST_REQUIRE(dialer_side);
    BOOST_REQUIRE(acceptor_side);
  }
  void accepted(std::unique_ptr<stream> x) override { acceptor_side = std::move(x); }
  void accept_failed(std::error_code) override {}
  void dialed(std::uint64_t, std::unique_ptr<stream> x) override { dialer_side = std::move(x); }
  void dial_failed(std::uint64_t, std::error_code) override {}
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(pinned_actor_tests, pinned_fixture)

BOOST_AUTO_TEST_CASE(an_exception_in_a_message_handler_ends_the_actor_and_nothing_else) {
  const auto victim = spawn();
  const ending end{victim};
  inside(victim, [](puppet&) { throw std::runtime_error("planted"); });
  expect_crash(end, "planted");
}

BOOST_AUTO_TEST_CASE(an_exception_of_a_foreign_type_ends_the_actor_and_nothing_else) {
  const auto victim = spawn();
  const ending end{victim};
  inside(victim, [](puppet&) { throw 42; });
  expect_crash(end, "exception of an unknown type");
}

BOOST_AUTO_TEST_CASE(an_exception_in_a_timer_ends_the_actor_and_nothing_else) {
  const auto victim = spawn({{}, {}, {}, [](puppet&, std::uint32_t) { throw std::runtime_error("late"); }, {}});
  const ending end{victim};
  inside(victim, [](puppet& x) { x.arm_timer(0, x.now() + 1s); });
  world.run_for(1s);
  expect_crash(end, "late");
}

BOOST_AUTO_TEST_CASE(an_exception_at_the_end_of_a_turn_ends_the_actor_and_nothing_else) {
  const auto victim = spawn({{}, {}, [](puppet&) { throw std::runtime_error("turn"); }, {}, {}});
  const ending end{victim};
  inside(victim, [](puppet& x) { x.call_at_turn_end(); });
  expect_crash(end, "turn");
}

BOOST_AUTO_TEST_CASE(an_exception_in_a_socket_event_ends_the_actor_and_nothing_else) {
  stream_pair pair{*this};
  const auto victim = spawn();
  const ending end{victim};
  guarded_reader reader{behind(victim)};
  reader.mine = std::move(pair.acceptor_side);
  reader.mine->start(reader);
  reader.on_bytes = [] { throw std::runtime_error("bad block"); };
  const bytes one(1, 7);
  pair.dialer_side->write(one);
  world.run_for(1s);
  expect_crash(end, "bad block");
}

BOOST_AUTO_TEST_CASE(an_exception_at_the_start_ends_the_actor_and_nothing_else) {
  const auto victim = spawn_pinned<puppet>(world.system(), machine.loop(0),
    puppet::strings{[](puppet&) { throw std::runtime_error("no start"); }, {}, {}, {}, {}});
  const ending end{victim};
  expect_crash(end, "no start");
}

BOOST_AUTO_TEST_CASE(an_exception_in_stopped_does_not_hide_the_reason_of_the_end) {
  for (const bool foreign : {false, true}) {
    const auto victim = spawn({{}, [=](puppet&) { foreign ? throw 42 : throw std::logic_error("worse"); }, {}, {}, {}});
    const ending end{victim};
    inside(victim, [](puppet&) { throw std::runtime_error("first"); });
    expect_crash(end, "first");
  }
}

BOOST_AUTO_TEST_CASE(neither_an_unknown_message_nor_an_error_ends_an_actor) {
  const auto target = spawn();
  const ending end{target};
  std::string why;
  caf::anon_send(target, std::string{"what is this?"});
  caf::anon_send(target, failure("a stray answer"));
  inside(bystander, [&, target](puppet& x) {
    x.ask(target, 1s, std::string{"and this?"}, [](caf::unit_t) {}, [&](caf::error& e) { why = caf::to_string(e); });
  });
  world.run_for(2s);
  BOOST_TEST(!end.seen());
  BOOST_TEST(why.find("unexpected_message") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_actor_that_quits_at_its_start_is_gone) {
  const auto one = spawn({[](puppet& x) { x.quit(failure("not today")); }, {}, {}, {}, {}});
  const ending end{one};
  BOOST_REQUIRE(end.seen());
  BOOST_TEST(describe_error(end.reason()) == "not today");
}

BOOST_AUTO_TEST_CASE(the_asker_of_a_crashed_handler_learns_the_cause) {
  const auto victim = spawn();
  std::string why;
  inside(bystander, [&, victim](puppet& x) {
    x.ask(victim, 1s, inject_crash{"planted"}, [](caf::unit_t) {}, [&](caf::error& e) { why = describe_error(e); });
  });
  world.settle();
  BOOST_TEST(why == "planted");
}

BOOST_AUTO_TEST_CASE(a_timer_fires_at_its_time) {
  std::vector<duration> fired;
  const auto start = world.now();
  const auto one = spawn({{}, {}, {}, [&](puppet& x, std::uint32_t) { fired.push_back(x.now() - start); }, {}});
  inside(one, [](puppet& x) { x.arm_timer(1, x.now() + 5s); });
  world.run_for(5s - 1ns);
  BOOST_TEST(fired.empty());
  world.run_for(1ns);
  BOOST_REQUIRE(fired.size() == 1u);
  BOOST_TEST((fired[0] == 5s));
  BOOST_TEST(!behind(one).timer_armed(1));
}

BOOST_AUTO_TEST_CASE(a_timer_that_is_armed_again_moves) {
  std::vector<duration> fired;
  const auto start = world.now();
  const auto one = spawn({{}, {}, {}, [&](puppet& x, std::uint32_t) { fired.push_back(x.now() - start); }, {}});
  inside(one, [](puppet& x) {
    x.arm_timer(0, x.now() + 1s);
    x.arm_timer(0, x.now() + 3s);
    x.arm_timer(1, x.now() + 9s);
    x.arm_timer(1, x.now() + 2s);
  });
  world.run_for(1h);
  BOOST_REQUIRE(fired.size() == 2u);
  BOOST_TEST((fired[0] == 2s));
  BOOST_TEST((fired[1] == 3s));
}

BOOST_AUTO_TEST_CASE(a_cancelled_timer_does_not_fire) {
  int fired = 0;
  const auto one = spawn({{}, {}, {}, [&](puppet&, std::uint32_t) { ++fired; }, {}});
  inside(one, [](puppet& x) {
    x.arm_timer(0, x.now() + 1s);
    x.cancel_timer(0);
    x.cancel_timer(3);
  });
  world.run_for(1h);
  BOOST_TEST(fired == 0);
}

BOOST_AUTO_TEST_CASE(a_timer_may_arm_itself_again) {
  int fired = 0;
  const auto one = spawn({{}, {}, {},
    [&](puppet& x, std::uint32_t slot) {
      if (++fired < 10)
        x.arm_timer(slot, x.now() + 1s);
    },
    {}});
  inside(one, [](puppet& x) { x.arm_timer(0, x.now() + 1s); });
  world.run_for(10s);
  BOOST_TEST(fired == 10);
}

BOOST_AUTO_TEST_CASE(timers_of_the_same_time_fire_in_the_order_of_arming) {
  std::vector<std::uint32_t> fired;
  const auto one = spawn({{}, {}, {}, [&](puppet&, std::uint32_t slot) { fired.push_back(slot); }, {}});
  inside(one, [](puppet& x) {
    for (std::uint32_t slot : {2u, 0u, 3u, 1u})
      x.arm_timer(slot, x.now() + 1s);
  });
  world.run_for(1s);
  BOOST_TEST((fired == std::vector<std::uint32_t>{2, 0, 3, 1}));
}

BOOST_AUTO_TEST_CASE(nothing_happens_to_an_actor_after_its_end) {
  int late = 0;
  auto count = [&](puppet&) { ++late; };
  const auto one = spawn({{}, {}, count, [&](puppet&, std::uint32_t) { ++late; }, {}});
  inside(one, [](puppet& x) {
    x.arm_timer(0, x.now() + 1s);
    x.call_at_turn_end();
    x.quit();
  });
  inside(one, count);
  world.run_for(1h);
  behind(one).guarded([&] { ++late; });
  BOOST_TEST(late == 0);
}

BOOST_AUTO_TEST_CASE(what_stopped_arms_is_gone_with_the_actor) {
  int late = 0;
  {
    const auto one = spawn_pinned<puppet>(world.system(), machine.loop(0),
      puppet::strings{{},
        [](puppet& x) {
          x.arm_timer(0, x.now() + 1s);
          x.call_at_turn_end();
        },
        [&](puppet&) { ++late; }, [&](puppet&, std::uint32_t) { ++late; }, {}});
    inside(one, [](puppet& x) { x.quit(); });
  }
  world.run_for(1h);
  BOOST_TEST(late == 0);
}

BOOST_AUTO_TEST_CASE(an_actor_may_quit_inside_an_event) {
  const auto one = spawn();
  const ending end{one};
  behind(one).guarded([&] { behind(one).quit(); });
  BOOST_TEST(end.seen());  // At once, not with the next message.
}

BOOST_AUTO_TEST_CASE(an_actor_may_destroy_its_own_stream_inside_stream_bytes) {
  for (const bool crash : {false, true}) {
    stream_pair pair{*this};
    const auto one = spawn();
    guarded_reader reader{behind(one)};
    reader.mine = std::move(pair.acceptor_side);
    reader.mine->start(reader);
    reader.on_bytes = [&] {
      reader.mine.reset();
      if (crash)
        throw std::runtime_error("planted");
    };
    const bytes some(100, 7);
    pair.dialer_side->write(some);
    pair.dialer_side->write(some);
    world.run_for(1s);
    BOOST_TEST(reader.events == 1);
  }
}

BOOST_AUTO_TEST_CASE(an_actor_lives_on_when_nobody_holds_it) {
  int fired = 0;
  {
    const auto one = spawn_pinned<puppet>(world.system(), machine.loop(0),
      puppet::strings{[](puppet& x) { x.arm_timer(0, x.now() + 1s); }, {}, {},
        [&](puppet& x, std::uint32_t) {
          ++fired;
          x.quit();
        },
        {}});
  }
  world.run_for(1s);
  BOOST_TEST(fired == 1);
}

BOOST_AUTO_TEST_CASE(the_end_of_the_world_ends_actors_that_nobody_holds) {
  bool stopped = false;
  {
    sim_world other;
    auto& place = other.add_host();
    spawn_pinned<puppet>(other.system(), place.loop(0),
      puppet::strings{{}, [&](puppet&) { stopped = true; }, {}, {}, {}});
    other.settle();
    BOOST_TEST(!stopped);
  }
  BOOST_TEST(stopped);
}

// -- the end of a turn ------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(asking_twice_in_one_turn_is_one_call) {
  int calls = 0;
  const auto one = spawn({{}, {}, [&](puppet&) { ++calls; }, {}, {}});
  inside(one, [](puppet& x) {
    x.call_at_turn_end();
    x.call_at_turn_end();
  });
  world.settle();
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(one_turn_task_may_withdraw_another) {
  int calls = 0;
  caf::actor actors[2];
  for (int i = 0; i < 2; ++i)
    actors[i] = spawn({{}, {},
      [&, i](puppet&) {
        ++calls;
        behind(actors[1 - i]).guarded([&] { behind(actors[1 - i]).quit(); });
      },
      {}, {}});
  const ending ends[] = {ending{actors[0]}, ending{actors[1]}};
  for (const auto& one : actors)
    inside(one, [](puppet& x) { x.call_at_turn_end(); });
  world.settle();
  BOOST_TEST(calls == 1);  // Whoever came first ended the other.
  BOOST_TEST(ends[0].seen() != ends[1].seen());
}

BOOST_AUTO_TEST_CASE(a_turn_task_that_asks_again_is_called_in_the_next_turn) {
  int calls = 0;
  const auto one = spawn({{}, {},
    [&](puppet& x) {
      if (++calls < 3)
        x.call_at_turn_end();
    },
    {}, {}});
  inside(one, [](puppet& x) { x.call_at_turn_end(); });
  world.settle();
  BOOST_TEST(calls == 3);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
