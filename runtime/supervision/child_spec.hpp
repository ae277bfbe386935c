// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "runtime/supervision/restart_policy.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace librats::runtime {

/// When a child that ended is started again; names and meanings are Erlang/OTP's.
enum class restart_kind : std::uint8_t {
  permanent,  ///< Always.
  transient,  ///< After a failure, not after an orderly end.
  temporary,  ///< Never; the child is forgotten.
};

/// Who is restarted when one child fails.
enum class supervision_strategy : std::uint8_t {
  one_for_one,   ///< That child.
  one_for_all,   ///< All children.
  rest_for_one,  ///< That child and those started after it.
};

/// What happens to a child when its supervisor itself dies by exception.
enum class orphan_rule : std::uint8_t {
  dies,      ///< It is linked to the supervisor: the usual thing.
  survives,  ///< It looks for the next incarnation and asks to be adopted (`supervisor::adopt`).
};

/// How one child is started, restarted and stopped.
struct child_spec {
  std::string name;                                  ///< Unique within the supervisor.
  restart_kind restart = restart_kind::permanent;
  duration shutdown_deadline = std::chrono::seconds{5};  ///< After that the child is killed.
  std::function<caf::actor()> start;                 ///< Runs on the supervisor's thread, at each (re)start.
  orphan_rule orphan = orphan_rule::dies;
};

/// How a supervisor treats its children.
struct supervision_options {
  supervision_strategy strategy = supervision_strategy::one_for_one;
  restart_limits limits;
};

} // namespace librats::runtime
