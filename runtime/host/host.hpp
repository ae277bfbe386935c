// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/database/key_value_database.hpp"
#include "runtime/disk/disk.hpp"
#include "runtime/io/event_loop.hpp"
#include "runtime/random/random_source.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

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
  /// Opens a database, or makes one. Blocks, from any thread.
  virtual result<std::unique_ptr<key_value_database>, database_error> open_database(const database_options& what) = 0;
  /// Seconds since 1970 in UTC, for what outlives the process; everything else goes by the loop's clock. May jump.
  [[nodiscard]] virtual std::int64_t unix_time() const = 0;
  /// The same in milliseconds.
  [[nodiscard]] virtual std::int64_t unix_time_ms() const = 0;
  /// What the machine is called, without a domain; may be empty.
  [[nodiscard]] virtual std::string machine_name() const = 0;
  /// True when all actors share one thread, so that work that blocks can have no thread of its own.
  [[nodiscard]] virtual bool single_threaded() const noexcept = 0;
};

} // namespace librats::runtime
