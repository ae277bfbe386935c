// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_world.hpp"
#include "runtime/supervision/supervisor.hpp"
#include "tests/runtime/caf/test_messages.hpp"
#include "tests/runtime/support/ending.hpp"
#include "tests/runtime/support/puppet.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/exit_reason.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace librats::runtime {

using lines = std::vector<std::string>;

/// A child that writes down its life.
class worker final : public pinned_actor {
public:
  worker(caf::actor_config& config, std::shared_ptr<event_loop> loop, std::string name, lines& journal, bool stubborn)
    : pinned_actor(config, std::move(loop)), name_(std::move(name)), journal_(journal), stubborn_(stubborn) {}

  [[nodiscard]] const char* kind() const noexcept override { return "worker"; }
  using pinned_actor::monitor;

protected:
  void started() override {
    journal_.push_back("start " + name_);
    if (stubborn_)
      set_exit_handler([](caf::exit_msg&) {});
  }
  void stopped() override { journal_.push_back("stop " + name_); }
  caf::behavior handlers() override {
    return {[this](const call_inside& x) { x.what(*this); }};
  }

private:
  std::string name_;
  lines& journal_;
  bool stubborn_;
};

/// A supervisor whose protected side is open to the test.
class test_supervisor final : public supervisor {
public:
  using setup = std::function<void(test_supervisor&)>;

  test_supervisor(caf::actor_config& config, std::shared_ptr<event_loop> loop, const supervision_options& options,
    lines& journal, setup first)
    : supervisor(config, std::move(loop), options), journal_(journal), setup_(std::move(first)) {}

  [[nodiscard]] const char* kind() const noexcept override { return "test_supervisor"; }

  using supervisor::add_child;
  using supervisor::adopt;
  using supervisor::child;
  using supervisor::child_count;
  using supervisor::remove_child;

  std::function<void(const std::string&)> on_gone;

protected:
  void start_children() override { setup_(*this); }
  void child_gone(const std::string& name, const caf::error&) override {
    journal_.push_back("gone " + name);
    if (on_gone)
      on_gone(name);
  }
  void children_stopped() override { journal_.push_back("all stopped"); }
  caf::behavior handlers() override {
    return {[this](const call_inside& x) { x.what(*this); }};
  }

private:
  lines& journal_;
  setup setup_;
};

/// One simulated machine and a supervisor on it.
struct supervision_fixture {
  lines journal;
  sim_world world;
  sim_host& machine = world.add_host();
  caf::actor boss;


  caf::actor spawn_worker(const std::string& name, bool stubborn = false) {
    return spawn_pinned<worker>(world.system(), machine.loop(0), name, journal, stubborn);
  }

  child_spec spec(const std::string& name, restart_kind restart = restart_kind::permanent, bool stubborn = false) {
    child_spec out;
    out.name = name;
    out.restart = restart;
    out.start = [this, name, stubborn] { return spawn_worker(name, stubborn); };
    return out;
  }

  caf::actor spawn_supervisor(const supervision_options& options, test_supervisor::setup first) {
    return spawn_pinned<test_supervisor>(world.system(), machine.loop(0), options, journal, std::move(first));
  }

  /// Starts `boss` with one permanent worker for each name.
  void start(const supervision_options& options, const std::vector<std::string>& names) {
    start(options, [this, names](test_supervisor& x) {
      for (const auto& name : names)
        x.add_child(spec(name));
    });
  }
  void start(const supervision_options& options, test_supervisor::setup first) {
    boss = spawn_supervisor(options, std::move(first));
    machine.own(boss);
    world.settle();
  }

  void start_empty() {
    start({}, [](test_supervisor&) {});
  }

  static supervision_options strategy(supervision_strategy x) {
    supervision_options out;
    out.strategy = x;
    return out;
  }

  test_supervisor& top() { return behind<test_supervisor>(boss); }
  caf::actor child(const std::string& name) { return top().child(name); }
  void crash(const std::string& name, const std::string& why = "planted") {
    caf::anon_send(child(name), inject_crash{why});
    world.settle();
  }
  void kill(const std::string& name) {
    caf::anon_send_exit(child(name), caf::exit_reason::kill);
    world.settle();
  }
  void finish(const std::string& name, caf::exit_reason reason = caf::exit_reason::normal) {
    inside<worker>(child(name), [reason](worker& x) { x.quit(reason); });
    world.settle();
  }
  void stop() {
    caf::anon_send_exit(boss, caf::exit_reason::user_shutdown);
    world.settle();
  }

  lines take() { return std::exchange(journal, {}); }

  /// Asks `who` for its tree and lets the world run until the answer is there.
  tree_node tree_of(const caf::actor& who, duration patience = std::chrono::seconds{1}) {
    auto answer = std::make_shared<std::optional<tree_node>>();
    auto asker = spawn_pinned<puppet>(world.system(), machine.loop(0));
    machine.own(asker);
    inside(asker, [answer, who, patience](puppet& x) {
      x.ask(who, std::chrono::minutes{1}, get_tree{patience}, [answer](const tree_node& tree) { *answer = tree; },
        [](caf::error&) { BOOST_ERROR("no tree"); });
    });
    BOOST_REQUIRE(world.run_until([&] { return answer->has_value(); }, std::chrono::minutes{2}));
    caf::anon_send_exit(asker, caf::exit_reason::user_shutdown);
    world.settle();
    return **answer;
  }
};

} // namespace librats::runtime

/// Compares two lists of lines and shows both when they differ.
#define RATS_TEST_LINES(is, ...)                                                                                       \
  do {                                                                                                                 \
    const ::librats::runtime::lines rats_is_ = (is);                                                                   \
    const ::librats::runtime::lines rats_expected_ __VA_ARGS__;                                                        \
    BOOST_TEST(rats_is_ == rats_expected_, ::boost::test_tools::per_element());                                        \
  } while (false)
