// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/caf/actor_core.hpp"
#include "runtime/io/event_loop.hpp"

#include <caf/actor_system.hpp>

#include <array>
#include <cstdint>
#include <memory>

namespace librats::runtime {

/// Base of actors that live on one event loop: messages and socket events both run on the loop's thread, never at the
/// same time, so an event calls the actor's method directly (through `guarded`) without a thread switch. The simulated
/// world gives the same classes a virtual loop. Such an actor lives until it quits, fails, is told to end or loses its
/// loop, whether or not somebody holds a handle to it.
class pinned_actor : public actor_core, private timer_target, private turn_task {
public:
  pinned_actor(caf::actor_config& config, std::shared_ptr<event_loop> loop);
  ~pinned_actor() override;

  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override;
  void enqueue(caf::strong_actor_ptr source, caf::message_id id, caf::message content,
    caf::execution_unit* unit) override;

protected:
  /// How many timers one actor can have; slots are numbered from 0.
  static constexpr std::uint32_t timer_slots = 4;

  /// A timer of this actor is due.
  virtual void timer_fired(std::uint32_t slot);
  /// The turn in which `call_at_turn_end` was called is over.
  virtual void turn_ended();

  [[nodiscard]] event_loop& loop() noexcept { return *loop_; }
  [[nodiscard]] const std::shared_ptr<event_loop>& shared_loop() const noexcept { return loop_; }
  [[nodiscard]] time_point now() const noexcept { return loop_->now(); }

  /// Arms, or moves, the timer in `slot`. Virtual time in the simulated world.
  void arm_timer(std::uint32_t slot, time_point due);
  void cancel_timer(std::uint32_t slot);
  [[nodiscard]] bool timer_armed(std::uint32_t slot) const noexcept { return timers_[slot].sequence != 0; }

  void call_at_turn_end() { loop_->call_at_turn_end(*this); }

  /// Runs what a socket or timer event asks of this actor. An exception ends the actor as one in a message handler
  /// does, and nothing else; a call that comes after the actor's end does nothing. All event entry points pass through
  /// here.
  template <class F>
  void guarded(F&& call) {
    const caf::strong_actor_ptr alive{ctrl()};
    if (!begin_event())
      return;
    try {
      call();
    } catch (...) {
      quit(crash_error(std::current_exception()));
    }
    end_event();
  }

private:
  void entered() final;
  void timer_due(std::uint32_t slot) final;
  void run_at_turn_end() final;
  bool begin_event();
  void end_event();
  bool cleanup(caf::error&& reason, caf::execution_unit* host) final;

  std::shared_ptr<event_loop> loop_;
  std::array<timer_handle, timer_slots> timers_{};
  bool resident_ = false;
};

/// Starts an actor on `loop`; callable from any thread.
template <class Actor, class... Ts>
caf::actor spawn_pinned(caf::actor_system& system, const std::shared_ptr<event_loop>& loop, Ts&&... xs) {
  caf::actor_config config{loop->unit()};
  return system.spawn_class<Actor, caf::no_spawn_options>(config, loop, std::forward<Ts>(xs)...);
}

} // namespace librats::runtime
