// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "runtime/caf/message_types.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace librats::runtime {

/// Asks an actor for itself and, of a supervisor, for everything below it. Answered with `tree_node` by every actor of
/// ours. A supervisor waits at most `patience` for a child and reports a silent one as `busy`.
struct get_tree {
  duration patience = std::chrono::seconds{1};
};

/// One actor of the live tree.
struct tree_node {
  std::string name;       ///< Unique among its siblings.
  std::string kind;       ///< The class of the actor, for instance `peer_connection`.
  std::string state;      ///< `running`, `busy`, `restarting` or `stopping`.
  std::uint32_t restarts = 0;
  std::size_t mailbox = 0;  ///< Messages waiting when the actor answered.
  time_point since{};       ///< When this incarnation started.
  caf::actor handle;        ///< Null while the child is down.
  std::vector<tree_node> children;
};

/// Makes the receiver fail as if a handler had thrown. For chaos runs and for the tests of supervision.
struct inject_crash {
  std::string reason;
};

} // namespace librats::runtime
