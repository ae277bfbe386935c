// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "runtime/caf/system_config.hpp"

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <cstddef>
#include <optional>

namespace librats::runtime {

/// An actor system whose actors all run on the calling thread, one message at a time and in virtual time, when and in
/// the order in which the owner says so. Thin cover of CAF's testing scheduler.
class sim_scheduler {
public:
  sim_scheduler();
  ~sim_scheduler();

  caf::actor_system& system() noexcept { return system_; }
  caf::execution_unit& unit() noexcept { return unit_; }

  /// Actors that have something to do.
  [[nodiscard]] std::size_t jobs() const noexcept { return coordinator_->jobs.size(); }
  /// Lets one of them handle one message; `index` is below `jobs()`.
  void run_job(std::size_t index);

  [[nodiscard]] time_point now() const noexcept { return coordinator_->clock().current_time; }
  /// When CAF's clock has something to deliver; empty when it has nothing.
  [[nodiscard]] std::optional<time_point> next_timeout() const;
  /// Moves virtual time forward and delivers what is due.
  void advance_to(time_point when);
  /// Moves virtual time, be it back, and delivers nothing: for worlds whose hosts are not all at the same time.
  void set_time(time_point when) noexcept { coordinator_->clock().current_time = when; }

private:
  /// Where pinned actors and socket events of the simulated world put actors that became ready.
  class sim_unit final : public caf::execution_unit {
  public:
    sim_unit(caf::actor_system& system, caf::scheduler::test_coordinator& coordinator)
      : caf::execution_unit(&system), coordinator_(coordinator) {}
    void exec_later(caf::resumable* job) override { coordinator_.jobs.push_back(job); }

  private:
    caf::scheduler::test_coordinator& coordinator_;
  };

  simulation_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator* coordinator_;
  sim_unit unit_;
};

} // namespace librats::runtime
