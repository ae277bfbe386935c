// SPDX-License-Identifier: MIT
#include "tests/runtime/supervision/supervision_fixture.hpp"

#include <algorithm>
#include <stdexcept>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

} // namespace

BOOST_FIXTURE_TEST_SUITE(supervisor_stop_tests, supervision_fixture)

BOOST_AUTO_TEST_CASE(children_stop_one_after_the_other_in_reverse_order) {
  start({}, {"a", "b", "c"});
  const ending end{boss};
  take();
  stop();
  RATS_TEST_LINES(take(), {"stop c", "gone c", "stop b", "gone b", "stop a", "gone a", "all stopped"});
  BOOST_REQUIRE(end.seen());
  BOOST_TEST((end.reason() == caf::exit_reason::user_shutdown));
}

BOOST_AUTO_TEST_CASE(a_child_that_ignores_the_exit_is_killed_at_its_deadline) {
  start({}, [this](auto& x) {
    x.add_child(spec("a"));
    auto deaf = spec("deaf", restart_kind::permanent, true);
    deaf.shutdown_deadline = 2s;
    x.add_child(deaf);
  });
  const ending end{boss};
  take();
  stop();
  world.run_for(2s - 1ns);
  BOOST_TEST(take().empty());
  world.run_for(1ns);
  RATS_TEST_LINES(take(), {"stop deaf", "gone deaf", "stop a", "gone a", "all stopped"});
  BOOST_TEST(end.seen());
}

BOOST_AUTO_TEST_CASE(each_child_has_a_deadline_of_its_own) {
  start({}, [this](auto& x) {
    for (const auto* name : {"a", "b"}) {
      auto deaf = spec(name, restart_kind::permanent, true);
      deaf.shutdown_deadline = 2s;
      x.add_child(deaf);
    }
  });
  take();
  stop();
  world.run_for(4s - 1ns);
  RATS_TEST_LINES(take(), {"stop b", "gone b"});
  world.run_for(1ns);
  RATS_TEST_LINES(take(), {"stop a", "gone a", "all stopped"});
}

BOOST_AUTO_TEST_CASE(temporary_neighbours_stop_together) {
  start({}, [this](auto& x) {
    x.add_child(spec("a"));
    for (const auto* name : {"t1", "t2", "t3"}) {
      auto guest = spec(name, restart_kind::temporary, true);
      guest.shutdown_deadline = 2s;
      x.add_child(guest);
    }
    x.add_child(spec("z"));
  });
  take();
  stop();
  RATS_TEST_LINES(take(), {"stop z", "gone z"});
  world.run_for(2s - 1ns);
  BOOST_TEST(journal.empty());
  world.run_for(1ns);  // One deadline for the three.
  BOOST_TEST(journal.size() == 9u);
  BOOST_TEST(journal.back() == "all stopped");
  BOOST_TEST(journal[6] == "stop a");
}

BOOST_AUTO_TEST_CASE(a_second_exit_message_changes_nothing) {
  start({}, {"a", "b"});
  const ending end{boss};
  take();
  caf::anon_send_exit(boss, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(boss, caf::exit_reason::unhandled_exception);
  world.settle();
  RATS_TEST_LINES(take(), {"stop b", "gone b", "stop a", "gone a", "all stopped"});
  BOOST_TEST((end.reason() == caf::exit_reason::user_shutdown));
}

BOOST_AUTO_TEST_CASE(a_child_that_waits_for_its_restart_is_not_started_by_a_stopping_supervisor) {
  start({}, {"a", "b"});
  take();
  crash("a");
  stop();
  world.run_for(1h);
  RATS_TEST_LINES(take(), {"stop a", "gone a", "stop b", "gone b", "all stopped"});
}

BOOST_AUTO_TEST_CASE(a_supervisor_that_stops_while_it_restarts_siblings_stops_each_once) {
  start(strategy(supervision_strategy::one_for_all), [this](auto& x) {
    x.add_child(spec("a"));
    auto deaf = spec("deaf", restart_kind::permanent, true);
    deaf.shutdown_deadline = 2s;
    x.add_child(deaf);
    x.add_child(spec("z"));
  });
  take();
  crash("z");  // Waits for `deaf` now.
  world.run_for(1s);
  stop();
  world.run_for(1h);
  RATS_TEST_LINES(take(), {"stop z", "gone z", "stop deaf", "gone deaf", "stop a", "gone a", "all stopped"});
}

BOOST_AUTO_TEST_CASE(a_removed_child_is_stopped_and_forgotten) {
  start({}, {"a", "b"});
  take();
  top().remove_child("a");
  top().remove_child("nobody");
  world.run_for(1h);
  RATS_TEST_LINES(take(), {"stop a", "gone a"});
  BOOST_TEST(top().child_count() == 1u);
  BOOST_TEST(top().add_child(spec("a")));
}

BOOST_AUTO_TEST_CASE(removing_a_child_twice_removes_it_once) {
  start({}, {"a", "b"});
  take();
  top().remove_child("a");
  top().remove_child("a");
  world.run_for(1h);
  RATS_TEST_LINES(take(), {"stop a", "gone a"});
}

BOOST_AUTO_TEST_CASE(a_child_that_waits_for_its_restart_can_be_removed) {
  start({}, {"a", "b"});
  crash("a");
  take();
  top().remove_child("a");
  world.run_for(1h);
  RATS_TEST_LINES(take(), {"gone a"});
}

BOOST_AUTO_TEST_CASE(the_slow_stop_of_a_removed_child_delays_no_restart) {
  start({}, [this](auto& x) {
    x.add_child(spec("a"));
    x.add_child(spec("deaf", restart_kind::permanent, true));
  });
  take();
  top().remove_child("deaf");
  crash("a");
  world.run_for(10ms);
  RATS_TEST_LINES(take(), {"stop a", "start a"});
  world.run_for(5s);
  RATS_TEST_LINES(take(), {"stop deaf", "gone deaf"});
}

BOOST_AUTO_TEST_CASE(child_gone_may_remove_another_child) {
  start({}, {"a", "b", "c"});
  top().on_gone = [this](const std::string& name) {
    if (name == "a")
      top().remove_child("b");
  };
  crash("a");
  crash("b");
  take();
  stop();  // Both wait for their restart, so both are forgotten in one go.
  RATS_TEST_LINES(take(), {"gone a", "gone b", "stop c", "gone c", "all stopped"});
}

BOOST_AUTO_TEST_CASE(a_crashed_supervisor_takes_its_children_along_and_leaves_the_survivors) {
  start({}, [this](auto& x) {
    x.add_child(spec("a"));
    auto survivor = spec("survivor");
    survivor.orphan = orphan_rule::survives;
    x.add_child(survivor);
    x.add_child(spec("b"));
  });
  const ending survivor{child("survivor")};
  const ending end{boss};
  take();
  caf::anon_send(boss, inject_crash{"planted"});
  world.settle();
  auto stopped = take();
  std::sort(stopped.begin(), stopped.end());
  RATS_TEST_LINES(stopped, {"stop a", "stop b"});
  BOOST_TEST(end.seen());
  BOOST_TEST(!survivor.seen());
}

BOOST_AUTO_TEST_CASE(a_killed_supervisor_takes_its_children_along) {
  start({}, {"a", "b"});
  take();
  caf::anon_send_exit(boss, caf::exit_reason::kill);
  world.settle();
  auto stopped = take();
  std::sort(stopped.begin(), stopped.end());
  RATS_TEST_LINES(stopped, {"stop a", "stop b"});
}

BOOST_AUTO_TEST_CASE(a_supervisor_whose_start_throws_leaves_nobody_behind) {
  start({}, [this](auto& x) {
    x.add_child(spec("a"));
    throw std::runtime_error("planted");
  });
  BOOST_TEST(std::count(journal.begin(), journal.end(), "stop a") == 1);
}

BOOST_AUTO_TEST_CASE(an_adopted_child_is_treated_like_a_started_one) {
  start_empty();
  const auto foundling = spawn_worker("a");
  world.settle();
  BOOST_TEST(top().adopt(spec("a"), foundling));
  BOOST_TEST(!top().adopt(spec("a"), foundling));
  BOOST_TEST((child("a") == foundling));
  crash("a");
  world.run_for(10ms);
  RATS_TEST_LINES(take(), {"start a", "stop a", "start a"});
  BOOST_TEST((child("a") != foundling));
  stop();
  RATS_TEST_LINES(take(), {"stop a", "gone a", "all stopped"});
}

BOOST_AUTO_TEST_CASE(an_adopted_child_that_is_dead_already_is_restarted) {
  start_empty();
  const auto foundling = spawn_worker("a");
  caf::anon_send_exit(foundling, caf::exit_reason::kill);
  world.settle();
  take();
  BOOST_TEST(top().adopt(spec("a"), foundling));
  world.run_for(10ms);
  RATS_TEST_LINES(take(), {"start a"});
}

BOOST_AUTO_TEST_CASE(a_stopping_supervisor_takes_nobody_in) {
  start({}, [this](auto& x) { x.add_child(spec("deaf", restart_kind::permanent, true)); });
  stop();
  BOOST_TEST(!top().add_child(spec("late")));
  const auto foundling = spawn_worker("foundling");
  machine.own(foundling);
  BOOST_TEST(!top().adopt(spec("foundling"), foundling));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
