// SPDX-License-Identifier: MIT
#include "runtime/caf/pinned_actor.hpp"

#include <caf/mailbox_element.hpp>

#include <utility>

namespace librats::runtime {

pinned_actor::pinned_actor(caf::actor_config& config, std::shared_ptr<event_loop> loop)
  : actor_core(config), loop_(std::move(loop)) {}

pinned_actor::~pinned_actor() = default;

void pinned_actor::enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) {
  caf::scheduled_actor::enqueue(std::move(element), loop_->unit());
}

void pinned_actor::enqueue(caf::strong_actor_ptr source, caf::message_id id, caf::message content,
  caf::execution_unit* unit) {
  enqueue(caf::make_mailbox_element(std::move(source), id, {}, std::move(content)), unit);
}

void pinned_actor::timer_fired(std::uint32_t) {}

void pinned_actor::turn_ended() {}

void pinned_actor::arm_timer(std::uint32_t slot, time_point due) {
  if (timer_armed(slot) && timers_[slot].due == due)
    return;  // Who asks after every message most often asks for the same.
  cancel_timer(slot);
  timers_[slot] = loop_->arm_timer(due, *this, slot);
}

void pinned_actor::cancel_timer(std::uint32_t slot) {
  if (!timer_armed(slot))
    return;
  loop_->cancel_timer(timers_[slot]);
  timers_[slot] = {};
}

void pinned_actor::entered() {
  resident_ = true;
  loop_->residents().add(caf::strong_actor_ptr{ctrl()});
}

void pinned_actor::timer_due(std::uint32_t slot) {
  timers_[slot] = {};
  guarded([&] { timer_fired(slot); });
}

void pinned_actor::run_at_turn_end() {
  guarded([&] { turn_ended(); });
}

bool pinned_actor::begin_event() { return activate(loop_->unit()); }

void pinned_actor::end_event() { finalize(); }

bool pinned_actor::cleanup(caf::error&& reason, caf::execution_unit* host) {
  for (std::uint32_t slot = 0; slot < timer_slots; ++slot)
    cancel_timer(slot);
  loop_->withdraw(*this);
  if (std::exchange(resident_, false))
    loop_->residents().remove(id());
  return actor_core::cleanup(std::move(reason), host);
}

} // namespace librats::runtime
