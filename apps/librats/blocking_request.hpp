// SPDX-License-Identifier: MIT
#pragma once

#include <caf/actor_system.hpp>
#include <caf/duration.hpp>
#include <caf/error.hpp>
#include <caf/scoped_actor.hpp>

#include <optional>
#include <utility>

namespace librats::apps {

/// Asks an actor and blocks the calling thread, which must not be a loop's, until the answer is here. Empty when the
/// actor is gone, answers with an error or needs longer than `timeout`; `failure`, if given, tells which.
template <class Reply, class Message, class Timeout = caf::infinite_t>
std::optional<Reply> ask_blocking(caf::actor_system& system, const caf::actor& to, Message&& message,
  const Timeout& timeout = caf::infinite, caf::error* failure = nullptr) {
  std::optional<Reply> out;
  caf::scoped_actor self{system, true};
  self->request(to, timeout, std::forward<Message>(message))
    .receive([&](const Reply& x) { out = x; },
      [&](caf::error& why) {
        if (failure != nullptr)
          *failure = std::move(why);
      });
  return out;
}

} // namespace librats::apps
