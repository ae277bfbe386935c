// SPDX-License-Identifier: MIT
#include "runtime/caf/sim_scheduler.hpp"

#include <algorithm>
#include <utility>

namespace librats::runtime {

sim_scheduler::sim_scheduler()
  : system_(config_), coordinator_(&dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
    unit_(system_, *coordinator_) {
  system_.await_actors_before_shutdown(false);
}

sim_scheduler::~sim_scheduler() = default;

void sim_scheduler::run_job(std::size_t index) {
  auto& jobs = coordinator_->jobs;
  auto* job = jobs[index];
  jobs.erase(jobs.begin() + static_cast<std::ptrdiff_t>(index));
  switch (job->resume(&unit_, 1)) {
    case caf::resumable::resume_later: jobs.push_back(job); break;
    case caf::resumable::done:
    case caf::resumable::awaiting_message: caf::intrusive_ptr_release(job); break;
    case caf::resumable::shutdown_execution_unit: break;
  }
}

std::optional<time_point> sim_scheduler::next_timeout() const {
  const auto& schedule = coordinator_->clock().schedule();
  return schedule.empty() ? std::nullopt : std::optional{schedule.begin()->first};
}

void sim_scheduler::advance_to(time_point when) {
  // Also when no time passes: CAF's clock delivers what is due at this very moment, such as a message without delay.
  coordinator_->advance_time(std::max(when - now(), duration{0}));
}

} // namespace librats::runtime
