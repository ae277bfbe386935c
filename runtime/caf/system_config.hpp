// SPDX-License-Identifier: MIT
#pragma once

#include <caf/actor_system_config.hpp>

#include <cstddef>

namespace librats::runtime {

/// Settings of CAF that a program with nodes in it should use: a worker pool that sleeps when there is nothing to do.
/// The default policy's idle workers poll, which costs CPU and about 100 microseconds per wake-up.
class system_config : public caf::actor_system_config {
public:
  /// `workers`: threads of CAF's pool, at least one.
  explicit system_config(std::size_t workers = 1);
};

/// Settings for the simulated world: one thread and virtual time.
class simulation_config : public caf::actor_system_config {
public:
  simulation_config();
};

} // namespace librats::runtime
