// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/caf/actor_core.hpp"

#include <caf/actor_system.hpp>

namespace librats::runtime {

/// Base of actors that run on CAF's worker pool: work that has nothing to do with sockets, or too much of it for a
/// loop.
class pooled_actor : public actor_core {
public:
  using actor_core::actor_core;
};

/// Starts an actor on the worker pool.
template <class Actor, class... Ts>
caf::actor spawn_pooled(caf::actor_system& system, Ts&&... xs) {
  return system.spawn<Actor>(std::forward<Ts>(xs)...);
}

/// Starts an actor on a thread of its own, for code that may block, such as a user's callbacks.
template <class Actor, class... Ts>
caf::actor spawn_detached(caf::actor_system& system, Ts&&... xs) {
  return system.spawn<Actor, caf::detached>(std::forward<Ts>(xs)...);
}

} // namespace librats::runtime
