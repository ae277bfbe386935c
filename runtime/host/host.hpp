// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/disk/disk.hpp"
#include "runtime/io/event_loop.hpp"
#include "runtime/random/random_source.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <memory>

namespace librats::runtime {

/// What a node stands on: an actor system, I/O loops, randomness and a disk. The real host is a process on this
/// machine; a simulated one is a machine in a `sim_world`. Must outlive the nodes that run on it.
class host {
public:
  virtual ~host() = default;

  virtual caf::actor_system& system() noexcept = 0;
  [[nodiscard]] virtual std::size_t loop_count() const noexcept = 0;
  /// `index` is below `loop_count()`.
  [[nodiscard]] virtual const std::shared_ptr<event_loop>& loop(std::size_t index) const noexcept = 0;
  virtual random_source& random() noexcept = 0;
  virtual disk& files() noexcept = 0;
};

} // namespace librats::runtime
