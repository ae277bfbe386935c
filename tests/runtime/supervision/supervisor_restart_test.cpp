// SPDX-License-Identifier: MIT
#include "tests/runtime/supervision/supervision_fixture.hpp"

#include <algorithm>
#include <stdexcept>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;
using strategy_kind = supervision_strategy;

} // namespace

BOOST_FIXTURE_TEST_SUITE(supervisor_restart_tests, supervision_fixture)

BOOST_AUTO_TEST_CASE(children_start_in_the_order_they_were_added) {
  start({}, {"a", "b", "c"});
  // With shuffled actors their first messages come in any order; their ids tell the order of starting.
  BOOST_TEST(top().child_count() == 3u);
  BOOST_TEST((child("a").id() < child("b").id() && child("b").id() < child("c").id()));
  BOOST_TEST(journal.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_name_is_taken_once) {
  start({}, {"a"});
  BOOST_TEST(!top().add_child(spec("a")));
  BOOST_TEST(top().child_count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_crashed_child_is_restarted_when_its_wait_is_over_and_not_before) {
  start({}, {"a"});
  take();
  crash("a");
  world.run_for(10ms - 1ns);
  RATS_TEST_LINES(take(), {"stop a"});
  BOOST_TEST(!child("a"));
  world.run_for(1ns);
  RATS_TEST_LINES(take(), {"start a"});
  BOOST_TEST((child("a") != nullptr));
}

BOOST_AUTO_TEST_CASE(the_wait_doubles_with_each_crash) {
  start({}, {"a"});
  for (auto wait : {10ms, 20ms, 40ms, 80ms}) {
    crash("a");
    take();
    world.run_for(wait - 1ns);
    BOOST_TEST(journal.empty());
    world.run_for(1ns);
    RATS_TEST_LINES(take(), {"start a"});
  }
}

BOOST_AUTO_TEST_CASE(a_permanent_child_is_restarted_however_it_ended) {
  start({}, {"a"});
  take();
  finish("a");
  world.run_for(1s);
  RATS_TEST_LINES(take(), {"stop a", "start a"});
  kill("a");
  world.run_for(1s);
  RATS_TEST_LINES(take(), {"stop a", "start a"});
  crash("a");
  world.run_for(1s);
  RATS_TEST_LINES(take(), {"stop a", "start a"});
}

BOOST_AUTO_TEST_CASE(a_transient_child_is_restarted_after_a_failure_only) {
  start({}, [this](auto& x) { x.add_child(spec("a", restart_kind::transient)); });
  take();
  crash("a");
  world.run_for(1s);
  RATS_TEST_LINES(take(), {"stop a", "start a"});
  kill("a");
  world.run_for(1s);
  RATS_TEST_LINES(take(), {"stop a", "start a"});
  finish("a");
  world.run_for(1h);
  RATS_TEST_LINES(take(), {"stop a", "gone a"});
  BOOST_TEST(top().child_count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_transient_child_that_was_told_to_stop_is_done) {
  start({}, [this](auto& x) { x.add_child(spec("a", restart_kind::transient)); });
  take();
  finish("a", caf::exit_reason::user_shutdown);
  world.run_for(1h);
  RATS_TEST_LINES(take(), {"stop a", "gone a"});
}

BOOST_AUTO_TEST_CASE(a_temporary_child_is_never_restarted) {
  start({}, [this](auto& x) {
    for (const auto* name : {"a", "b", "c"})
      x.add_child(spec(name, restart_kind::temporary));
  });
  take();
  finish("a");
  crash("b");
  kill("c");
  world.run_for(1h);
  RATS_TEST_LINES(take(), {"stop a", "gone a", "stop b", "gone b", "stop c", "gone c"});
  BOOST_TEST(top().child_count() == 0u);
}

BOOST_AUTO_TEST_CASE(one_for_one_leaves_the_siblings_alone) {
  start(strategy(strategy_kind::one_for_one), {"a", "b", "c"});
  take();
  crash("b");
  world.run_for(1s);
  RATS_TEST_LINES(take(), {"stop b", "start b"});
}

BOOST_AUTO_TEST_CASE(one_for_all_stops_in_reverse_order_and_starts_in_order) {
  start(strategy(strategy_kind::one_for_all), {"a", "b", "c", "d"});
  take();
  crash("b");
  RATS_TEST_LINES(take(), {"stop b", "stop d", "stop c", "stop a"});
  world.run_for(10ms - 1ns);
  BOOST_TEST(journal.empty());
  world.run_for(1ns);
  auto started = take();
  std::sort(started.begin(), started.end());
  RATS_TEST_LINES(started, {"start a", "start b", "start c", "start d"});
  BOOST_TEST((child("a").id() < child("b").id() && child("b").id() < child("c").id()));
  BOOST_TEST((child("c").id() < child("d").id()));
}

BOOST_AUTO_TEST_CASE(rest_for_one_takes_those_along_that_were_started_later) {
  start(strategy(strategy_kind::rest_for_one), {"a", "b", "c", "d"});
  take();
  const auto first = child("a");
  crash("b");
  RATS_TEST_LINES(take(), {"stop b", "stop d", "stop c"});
  world.run_for(10ms);
  BOOST_TEST(journal.size() == 3u);
  BOOST_TEST((child("a") == first));
  BOOST_TEST((child("b").id() < child("c").id() && child("c").id() < child("d").id()));
}

BOOST_AUTO_TEST_CASE(nobody_starts_before_the_slowest_sibling_is_down) {
  start(strategy(strategy_kind::one_for_all), [this](auto& x) {
    x.add_child(spec("a"));
    auto slow = spec("slow", restart_kind::permanent, true);
    slow.shutdown_deadline = 3s;
    x.add_child(slow);
  });
  take();
  crash("a");
  world.run_for(3s - 1ns);
  RATS_TEST_LINES(take(), {"stop a"});
  world.run_for(1ns);
  RATS_TEST_LINES(lines(journal.begin(), journal.begin() + 1), {"stop slow"});
  world.run_for(1ms);
  BOOST_TEST(journal.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_temporary_sibling_is_stopped_with_the_others_and_forgotten) {
  start(strategy(strategy_kind::one_for_all), [this](auto& x) {
    x.add_child(spec("a"));
    x.add_child(spec("guest", restart_kind::temporary));
  });
  take();
  crash("a");
  world.run_for(1h);
  RATS_TEST_LINES(take(), {"stop a", "stop guest", "gone guest", "start a"});
}

BOOST_AUTO_TEST_CASE(a_sibling_that_crashes_while_it_is_stopped_costs_no_budget) {
  auto options = strategy(strategy_kind::one_for_all);
  options.limits.restarts_max = 1;
  start(options, {"a", "b", "c"});
  take();
  caf::anon_send(child("b"), inject_crash{"both"});
  caf::anon_send(child("a"), inject_crash{"both"});
  caf::anon_send(child("c"), inject_crash{"both"});
  // The first DOWN makes the supervisor stop the other two, which crash before they get to it.
  world.run_for(1h);
  BOOST_TEST((boss != nullptr));
  BOOST_TEST((child("a") != nullptr));
  BOOST_TEST((child("b") != nullptr));
  BOOST_TEST((child("c") != nullptr));
}

BOOST_AUTO_TEST_CASE(a_spent_budget_ends_the_supervisor_after_an_ordered_stop) {
  supervision_options options;
  options.limits.restarts_max = 2;
  start(options, {"a", "b", "c"});
  const ending end{boss};
  for (int i = 0; i < 2; ++i) {
    crash("b");
    world.run_for(1s);
  }
  BOOST_TEST(!end.seen());
  take();
  crash("b", "the last straw");
  world.settle();
  RATS_TEST_LINES(take(), {"stop b", "gone b", "stop c", "gone c", "stop a", "gone a", "all stopped"});
  BOOST_REQUIRE(end.seen());
  BOOST_TEST(!is_orderly_exit(end.reason()));
  BOOST_TEST(describe_error(end.reason()) == "restart budget spent on b");
}

BOOST_AUTO_TEST_CASE(the_parent_restarts_the_whole_sub_tree_after_an_escalation) {
  supervision_options strict;
  strict.limits.restarts_max = 0;
  start({}, [this, strict](auto& x) {
    child_spec area;
    area.name = "area";
    area.start = [this, strict] {
      return spawn_supervisor(strict, [this](auto& inner) {
        inner.add_child(spec("a"));
        inner.add_child(spec("b"));
      });
    };
    x.add_child(area);
    x.add_child(spec("other"));
  });
  const auto former = child("area");
  take();
  caf::anon_send(behind<test_supervisor>(former).child("a"), inject_crash{"planted"});
  world.settle();
  RATS_TEST_LINES(take(), {"stop a", "gone a", "stop b", "gone b", "all stopped"});
  world.run_for(10ms);
  auto started = take();
  std::sort(started.begin(), started.end());
  RATS_TEST_LINES(started, {"start a", "start b"});
  BOOST_TEST((child("area") != former));
  BOOST_TEST(tree_of(boss).children[0].restarts == 1u);
}

BOOST_AUTO_TEST_CASE(a_child_whose_restart_throws_is_tried_again_by_the_same_rules) {
  int starts = 0;
  start({}, [&](auto& x) {
    x.add_child(spec("sound"));
    auto broken = spec("broken");
    broken.start = [&, start = broken.start] {
      if (++starts == 2 || starts == 3)
        throw std::runtime_error("no file descriptor left");
      return start();
    };
    x.add_child(broken);
  });
  take();
  const auto sound = child("sound");
  crash("broken");
  world.run_for(10ms + 20ms + 40ms - 1ns);
  BOOST_TEST(starts == 3);
  RATS_TEST_LINES(take(), {"stop broken"});
  world.run_for(1ns);
  RATS_TEST_LINES(take(), {"start broken"});
  BOOST_TEST((child("sound") == sound));
  BOOST_TEST(tree_of(boss).children[1].restarts == 3u);
}

BOOST_AUTO_TEST_CASE(a_child_that_cannot_start_at_all_escalates_in_the_end) {
  start({}, [&](auto& x) {
    x.add_child(spec("sound"));
    auto broken = spec("broken");
    broken.start = []() -> caf::actor { throw std::runtime_error("no such database"); };
    x.add_child(broken);
  });
  const ending end{boss};
  BOOST_TEST(!end.seen());
  BOOST_TEST((child("sound") != nullptr));
  BOOST_TEST((child("broken") == nullptr));
  world.run_for(1min);
  BOOST_REQUIRE(end.seen());
  BOOST_TEST(describe_error(end.reason()) == "restart budget spent on broken");
}

BOOST_AUTO_TEST_CASE(a_temporary_child_that_cannot_start_is_refused) {
  start_empty();
  auto broken = spec("broken", restart_kind::temporary);
  broken.start = []() -> caf::actor { throw std::runtime_error("no memory"); };
  BOOST_TEST(!top().add_child(broken));
  BOOST_TEST(top().child_count() == 0u);
  BOOST_TEST(take().empty());
}

BOOST_AUTO_TEST_CASE(a_start_function_that_gives_no_actor_counts_as_a_failure) {
  start_empty();
  auto empty = spec("empty");
  empty.start = [] { return caf::actor{}; };
  top().add_child(empty);
  BOOST_TEST(top().child_count() == 1u);
  BOOST_TEST(tree_of(boss).children[0].state == "restarting");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
