// SPDX-License-Identifier: MIT
#include "runtime/io/event_loop.hpp"
#include "runtime/io/stream_table.hpp"
#include "runtime/io/timer_queue.hpp"
#include "runtime/io/turn_tasks.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <vector>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

struct slots_target final : timer_target {
  void timer_due(std::uint32_t slot) override {
    fired.push_back(slot);
    if (then)
      then();
  }
  std::vector<std::uint32_t> fired;
  std::function<void()> then;
};

struct task final : turn_task {
  explicit task(std::function<void()> x = {}) : what(std::move(x)) {}
  void run_at_turn_end() override {
    ++runs;
    if (what)
      what();
  }
  std::function<void()> what;
  int runs = 0;
};

/// A stream that counts how often one like it was closed.
struct closing_stream final : stream {
  explicit closing_stream(int& x) : closed(x) {}
  ~closing_stream() override { ++closed; }
  void start(stream_events&) override {}
  std::size_t write(bytes_view) override { return 0; }
  void pause_reading() override {}
  void resume_reading() override {}
  void abort() override {}
  std::unique_ptr<detached_stream> detach() override { return nullptr; }
  [[nodiscard]] endpoint remote() const override { return {}; }
  [[nodiscard]] endpoint local() const override { return {}; }
  [[nodiscard]] transport kind() const noexcept override { return transport::tcp; }
  [[nodiscard]] stream_quality quality() const override { return {}; }
  int& closed;
};

} // namespace

BOOST_AUTO_TEST_SUITE(timer_queue_tests)

BOOST_AUTO_TEST_CASE(timers_fire_in_the_order_of_their_due_times) {
  timer_queue queue;
  slots_target target;
  queue.arm(start + 3s, target, 3);
  queue.arm(start + 1s, target, 1);
  queue.arm(start + 2s, target, 2);
  BOOST_TEST((queue.next_due() == start + 1s));
  BOOST_TEST(!queue.fire_one(start + 1s - 1ns));
  while (queue.fire_one(start + 2s)) {
  }
  BOOST_TEST((target.fired == std::vector<std::uint32_t>{1, 2}));
  BOOST_TEST((queue.next_due() == start + 3s));
}

BOOST_AUTO_TEST_CASE(timers_of_one_time_fire_in_the_order_of_arming) {
  timer_queue queue;
  slots_target target;
  for (std::uint32_t slot : {7u, 3u, 9u})
    queue.arm(start, target, slot);
  while (queue.fire_one(start)) {
  }
  BOOST_TEST((target.fired == std::vector<std::uint32_t>{7, 3, 9}));
}

BOOST_AUTO_TEST_CASE(a_cancelled_timer_is_forgotten_and_a_spent_handle_does_no_harm) {
  timer_queue queue;
  slots_target target;
  const auto one = queue.arm(start, target, 1);
  const auto two = queue.arm(start, target, 2);
  queue.cancel(one);
  queue.cancel(one);
  queue.cancel({});
  BOOST_TEST(queue.fire_one(start));
  queue.cancel(two);
  BOOST_TEST((target.fired == std::vector<std::uint32_t>{2}));
  BOOST_TEST(!queue.next_due().has_value());
}

BOOST_AUTO_TEST_CASE(a_timer_may_be_armed_or_cancelled_while_one_fires) {
  timer_queue queue;
  slots_target target;
  timer_handle victim;
  target.then = [&] {
    queue.cancel(victim);
    if (target.fired.size() == 1)
      queue.arm(start, target, 5);
  };
  queue.arm(start, target, 1);
  victim = queue.arm(start, target, 2);
  while (queue.fire_one(start)) {
  }
  BOOST_TEST((target.fired == std::vector<std::uint32_t>{1, 5}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(turn_tasks_tests)

BOOST_AUTO_TEST_CASE(tasks_run_once_in_the_order_of_asking) {
  turn_tasks tasks;
  std::vector<int> order;
  task a{[&] { order.push_back(1); }};
  task b{[&] { order.push_back(2); }};
  tasks.add(b);
  tasks.add(a);
  tasks.add(b);
  BOOST_TEST(tasks.run());
  BOOST_TEST(!tasks.run());
  BOOST_TEST((order == std::vector<int>{2, 1}));
}

BOOST_AUTO_TEST_CASE(a_task_may_withdraw_one_of_the_same_turn) {
  turn_tasks tasks;
  task second;
  task first{[&] { tasks.remove(second); }};
  tasks.add(first);
  tasks.add(second);
  tasks.run();
  BOOST_TEST(first.runs == 1);
  BOOST_TEST(second.runs == 0);
  tasks.add(second);  // It may ask again later.
  tasks.run();
  BOOST_TEST(second.runs == 1);
}

BOOST_AUTO_TEST_CASE(a_task_that_asks_again_waits_for_the_next_turn) {
  turn_tasks tasks;
  task again;
  again.what = [&] { tasks.add(again); };
  tasks.add(again);
  BOOST_TEST(tasks.run());
  BOOST_TEST(again.runs == 1);
  BOOST_TEST(!tasks.empty());
  tasks.remove(again);
  tasks.run();
  BOOST_TEST(again.runs == 1);
}

BOOST_AUTO_TEST_CASE(withdrawing_what_never_asked_does_no_harm) {
  turn_tasks tasks;
  task one;
  tasks.remove(one);
  BOOST_TEST(!tasks.run());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(stream_table_tests)

BOOST_AUTO_TEST_CASE(a_stream_is_claimed_once) {
  int closed = 0;
  stream_table table;
  const auto id = table.put(std::make_unique<closing_stream>(closed), start);
  BOOST_TEST(id != 0u);
  BOOST_TEST((table.claim(id + 1) == nullptr));
  BOOST_TEST((table.claim(0) == nullptr));
  auto mine = table.claim(id);
  BOOST_TEST((mine != nullptr));
  BOOST_TEST((table.claim(id) == nullptr));
  BOOST_TEST(table.size() == 0u);
  BOOST_TEST(closed == 0);
}

BOOST_AUTO_TEST_CASE(old_streams_are_closed_and_younger_ones_stay) {
  int closed = 0;
  stream_table table;
  for (int i = 0; i < 5; ++i)
    table.put(std::make_unique<closing_stream>(closed), start + i * 1s);
  BOOST_TEST((table.oldest() == start));
  BOOST_TEST(table.drop_older(start - 1ns) == 0u);
  BOOST_TEST(table.drop_older(start + 2s) == 3u);
  BOOST_TEST(closed == 3);
  BOOST_TEST((table.oldest() == start + 3s));
  table.clear();
  BOOST_TEST(closed == 5);
  BOOST_TEST(!table.oldest().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
