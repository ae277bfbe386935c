// SPDX-License-Identifier: MIT
#pragma once

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <map>
#include <utility>

namespace librats::runtime {

/// The pinned actors of one loop, from their first message to their end. Holding them here means that such an actor
/// ends by its own will or by a message, on its own thread, and never because somebody elsewhere dropped the last
/// handle: its sockets and timers belong to the loop. Loop-confined.
class resident_actors {
public:
  void add(caf::strong_actor_ptr who) {
    const auto id = who->id();
    living_.emplace(id, std::move(who));
  }
  void remove(caf::actor_id who) { living_.erase(who); }

  /// Sends a kill to each; they end when they are resumed. False when there is nobody.
  bool kill_all() {
    for (const auto& [id, who] : living_)
      caf::anon_send_exit(who, caf::exit_reason::kill);
    return !living_.empty();
  }

private:
  std::map<caf::actor_id, caf::strong_actor_ptr> living_;  // By age: a simulation must not depend on addresses.
};

} // namespace librats::runtime
