// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/time.hpp"
#include "runtime/caf/actor_resumer.hpp"
#include "runtime/io/resident_actors.hpp"
#include "runtime/io/stream_table.hpp"
#include "runtime/io/timer_queue.hpp"

#include <cstddef>
#include <cstdint>

namespace librats::runtime {

class network;

/// Work that waits for the end of the loop's turn, so that everything that was queued during the turn leaves in one
/// gathered write. Belongs to whoever asked for it, who must withdraw it before it goes.
class turn_task {
public:
  virtual void run_at_turn_end() = 0;

protected:
  virtual ~turn_task() = default;

private:
  friend class turn_tasks;
  bool queued_ = false;
};

/// What a pinned actor stands on: one thread (or, in the simulated world, the one thread of all) that resumes actors,
/// calls them when a socket is ready, and keeps their timers. Everything here must be called on the loop's own thread,
/// except `unit().exec_later`.
class event_loop {
public:
  virtual ~event_loop() = default;

  /// Where the actors of this loop are resumed.
  virtual actor_resumer* unit() noexcept = 0;
  /// Monotonic time; virtual in the simulated world.
  [[nodiscard]] virtual time_point now() const noexcept = 0;
  /// Which loop of its host this is, from 0.
  [[nodiscard]] virtual std::uint32_t index() const noexcept = 0;

  virtual timer_handle arm_timer(time_point due, timer_target& target, std::uint32_t slot) = 0;
  virtual void cancel_timer(const timer_handle& handle) = 0;

  /// Asks for one call of `task` at the end of the current turn; repeated asking is one call.
  virtual void call_at_turn_end(turn_task& task) = 0;
  virtual void withdraw(turn_task& task) noexcept = 0;

  /// Sockets, names and interfaces as this loop sees them.
  virtual network& net() noexcept = 0;
  /// Streams that were opened and wait for the actor that will own them.
  virtual stream_table& streams() noexcept = 0;

  /// Memory that every connection of the loop seals its outgoing blocks into, so that an idle connection owns no
  /// buffer. Valid until the caller returns to the loop.
  virtual mutable_bytes_view write_scratch() noexcept = 0;

  /// Who lives here; kept by `pinned_actor`.
  [[nodiscard]] resident_actors& residents() noexcept { return residents_; }

private:
  resident_actors residents_;
};

} // namespace librats::runtime
