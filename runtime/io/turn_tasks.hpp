// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/io/event_loop.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace librats::runtime {

/// The tasks of one turn, in the order of asking.
class turn_tasks {
public:
  void add(turn_task& task) {
    if (!std::exchange(task.queued_, true))
      tasks_.push_back(&task);
  }

  void remove(turn_task& task) noexcept {
    if (!std::exchange(task.queued_, false))
      return;
    for (auto* list : {&tasks_, &running_})
      std::replace(list->begin(), list->end(), &task, static_cast<turn_task*>(nullptr));
  }

  [[nodiscard]] bool empty() const noexcept { return tasks_.empty(); }

  /// Runs what was asked for until now; what these calls ask for waits for the next turn. False when nothing ran.
  bool run() {
    if (tasks_.empty())
      return false;
    running_.swap(tasks_);
    // By index: a task may withdraw another one of the same turn, which sits in `running_` now.
    for (std::size_t i = 0; i < running_.size(); ++i) {
      auto* task = running_[i];
      if (task == nullptr)
        continue;
      task->queued_ = false;
      running_[i] = nullptr;
      task->run_at_turn_end();
    }
    running_.clear();
    return true;
  }

private:
  std::vector<turn_task*> tasks_;
  std::vector<turn_task*> running_;
};

} // namespace librats::runtime
