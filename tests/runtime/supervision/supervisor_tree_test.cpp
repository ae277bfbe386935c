// SPDX-License-Identifier: MIT
#include "tests/runtime/log/log_fixture.hpp"
#include "tests/runtime/supervision/supervision_fixture.hpp"

#include <algorithm>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

struct logged_fixture : log_fixture, supervision_fixture {
  logged_fixture() { require_configured(to_file()); }

  [[nodiscard]] long lines_with(const std::string& text) const {
    const auto all = log_fixture::lines();
    return std::count_if(all.begin(), all.end(),
      [&](const auto& line) { return line.find(text) != std::string::npos; });
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(supervisor_tree_tests, supervision_fixture)

BOOST_AUTO_TEST_CASE(the_tree_is_data) {
  start({}, {"a", "b"});
  world.run_for(3s);
  crash("b");
  world.run_for(1s);
  const auto tree = tree_of(boss);
  BOOST_TEST(tree.kind == "test_supervisor");
  BOOST_TEST(tree.state == "running");
  BOOST_TEST((tree.handle == boss));
  BOOST_REQUIRE(tree.children.size() == 2u);
  BOOST_TEST(tree.children[0].name == "a");
  BOOST_TEST(tree.children[0].kind == "worker");
  BOOST_TEST(tree.children[0].state == "running");
  BOOST_TEST(tree.children[0].restarts == 0u);
  BOOST_TEST((tree.children[0].handle == child("a")));
  BOOST_TEST(tree.children[1].name == "b");
  BOOST_TEST(tree.children[1].restarts == 1u);
  BOOST_TEST((tree.children[1].since - tree.children[0].since == 3s + 10ms));
}

BOOST_AUTO_TEST_CASE(a_child_that_is_down_shows_as_restarting) {
  start({}, {"a"});
  crash("a");
  const auto tree = tree_of(boss);
  BOOST_TEST(tree.children[0].name == "a");
  BOOST_TEST(tree.children[0].state == "restarting");
  BOOST_TEST((tree.children[0].handle == nullptr));
}

BOOST_AUTO_TEST_CASE(a_child_that_does_not_answer_shows_as_busy_when_patience_ends) {
  start({}, {"a", "silent"});
  inside<worker>(child("silent"), [](worker& x) {
    x.become(caf::behavior{[&x](const get_tree&) { x.make_response_promise(); }});
  });
  world.settle();
  const auto before = world.now();
  const auto tree = tree_of(boss, 700ms);
  BOOST_TEST((world.now() - before == 700ms));
  BOOST_TEST(tree.children[0].state == "running");
  BOOST_TEST(tree.children[1].name == "silent");
  BOOST_TEST(tree.children[1].state == "busy");
  BOOST_TEST((tree.children[1].handle == child("silent")));
}

BOOST_AUTO_TEST_CASE(a_silent_grandchild_does_not_hide_its_sub_tree) {
  caf::actor silent;
  start({}, [&](auto& x) {
    child_spec area;
    area.name = "area";
    area.start = [&] {
      return spawn_supervisor({}, [&](auto& inner) {
        inner.add_child(spec("a"));
        inner.add_child(spec("silent"));
        silent = inner.child("silent");
      });
    };
    x.add_child(area);
  });
  inside<worker>(silent, [](worker& x) {
    x.become(caf::behavior{[&x](const get_tree&) { x.make_response_promise(); }});
  });
  world.settle();
  const auto tree = tree_of(boss);
  BOOST_TEST(tree.children[0].name == "area");
  BOOST_TEST(tree.children[0].kind == "test_supervisor");
  BOOST_TEST(tree.children[0].state == "running");
  BOOST_REQUIRE(tree.children[0].children.size() == 2u);
  BOOST_TEST(tree.children[0].children[0].state == "running");
  BOOST_TEST(tree.children[0].children[1].state == "busy");
}

BOOST_AUTO_TEST_CASE(a_supervisor_that_waits_for_a_child_to_end_shows_as_stopping) {
  start({}, [this](auto& x) { x.add_child(spec("deaf", restart_kind::permanent, true)); });
  stop();
  BOOST_TEST(tree_of(boss).state == "stopping");
}

BOOST_AUTO_TEST_CASE(children_that_waited_are_counted_in_the_mailbox) {
  start({}, {"a"});
  BOOST_TEST(tree_of(boss).mailbox == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(supervisor_log_tests, logged_fixture)

BOOST_AUTO_TEST_CASE(the_cause_of_a_crash_is_logged_once) {
  start({}, {"a"});
  crash("a", "the dog ate it");
  world.run_for(1s);
  BOOST_TEST(lines_with("the dog ate it") == 1);
  BOOST_TEST(lines_with("test_supervisor restarts a in 10 ms: the dog ate it") == 1);
}

BOOST_AUTO_TEST_CASE(the_cause_of_the_last_crash_is_logged_once_through_an_escalation) {
  supervision_options strict;
  strict.limits.restarts_max = 0;
  start({}, [this, strict](auto& x) {
    child_spec area;
    area.name = "area";
    area.start = [this, strict] {
      return spawn_supervisor(strict, [this](auto& inner) { inner.add_child(spec("a")); });
    };
    x.add_child(area);
  });
  caf::anon_send(behind<test_supervisor>(child("area")).child("a"), inject_crash{"the dog ate it"});
  world.run_for(1s);
  BOOST_TEST(lines_with("the dog ate it") == 1);
  BOOST_TEST(lines_with("restarts area in 10 ms: restart budget spent on a") == 1);
}

BOOST_AUTO_TEST_CASE(the_crash_of_a_temporary_child_is_logged_and_its_orderly_end_is_not) {
  start({}, [this](auto& x) {
    x.add_child(spec("a", restart_kind::temporary));
    x.add_child(spec("b", restart_kind::temporary));
  });
  crash("a", "the dog ate it");
  finish("b");
  BOOST_TEST(lines_with("lost a: the dog ate it") == 1);
  BOOST_TEST(lines_with(" b") == 0);
}

BOOST_AUTO_TEST_CASE(a_crash_during_the_stop_is_logged_too) {
  start({}, [this](auto& x) { x.add_child(spec("deaf", restart_kind::permanent, true)); });
  const auto deaf = child("deaf");
  stop();
  caf::anon_send(deaf, inject_crash{"the dog ate it"});
  world.settle();
  BOOST_TEST(lines_with("the dog ate it") == 1);
}

BOOST_AUTO_TEST_CASE(an_ordered_stop_logs_nothing) {
  start({}, {"a", "b"});
  stop();
  BOOST_TEST(lines_with("") == 0);
}

BOOST_AUTO_TEST_CASE(a_kill_at_the_deadline_is_logged) {
  start({}, [this](auto& x) { x.add_child(spec("deaf", restart_kind::permanent, true)); });
  stop();
  world.run_for(5s);
  BOOST_TEST(lines_with("kills deaf, which did not stop in time") == 1);
  BOOST_TEST(lines_with("") == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
