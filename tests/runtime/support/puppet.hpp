// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/caf/pinned_actor.hpp"
#include "tests/runtime/caf/test_messages.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <functional>
#include <utility>

namespace librats::runtime {

/// A pinned actor that does what the test tells it to.
class puppet final : public pinned_actor {
public:
  struct strings {
    std::function<void(puppet&)> started;
    std::function<void(puppet&)> stopped;
    std::function<void(puppet&)> turn_ended;
    std::function<void(puppet&, std::uint32_t)> timer_fired;
    std::function<void(puppet&, const numbered&)> numbered;
  };

  puppet(caf::actor_config& config, std::shared_ptr<event_loop> loop, strings pulled = {})
    : pinned_actor(config, std::move(loop)), strings_(std::move(pulled)) {}

  [[nodiscard]] const char* kind() const noexcept override { return "puppet"; }

  using pinned_actor::arm_timer;
  using pinned_actor::ask;
  using pinned_actor::call_at_turn_end;
  using pinned_actor::cancel_timer;
  using pinned_actor::guarded;
  using pinned_actor::loop;
  using pinned_actor::now;
  using pinned_actor::tell;
  using pinned_actor::timer_armed;

  strings strings_;

protected:
  caf::behavior handlers() override {
    return {
      [this](const call_inside& x) { x.what(*this); },
      [this](const numbered& x) {
        if (strings_.numbered)
          strings_.numbered(*this, x);
      },
    };
  }
  void started() override { pull(strings_.started); }
  void stopped() override { pull(strings_.stopped); }
  void turn_ended() override { pull(strings_.turn_ended); }
  void timer_fired(std::uint32_t slot) override {
    if (strings_.timer_fired)
      strings_.timer_fired(*this, slot);
  }

private:
  void pull(const std::function<void(puppet&)>& string) {
    if (string)
      string(*this);
  }
};

/// The object behind a handle. In the simulated world everything runs on the thread of the test.
template <class Actor = puppet>
Actor& behind(const caf::actor& handle) {
  return *static_cast<Actor*>(caf::actor_cast<caf::abstract_actor*>(handle));
}

/// Runs `what` inside the actor, as a message.
template <class Actor = puppet, class F>
void inside(const caf::actor& handle, F what) {
  caf::anon_send(handle, call_inside{[what = std::move(what)](actor_core& self) { what(static_cast<Actor&>(self)); }});
}

} // namespace librats::runtime
