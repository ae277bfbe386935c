// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/pex/pex_policy.hpp"
#include "protocols/reconnect/reconnect_schedule.hpp"

#include <string>
#include <vector>

namespace librats::actors {

/// How a node keeps its peers and finds more of them. All of it is off unless asked for.
struct mesh_options {
  mesh_options() { reconnect.enabled = false; }

  protocols::reconnect_config reconnect;
  std::vector<protocols::dial_target> targets;  ///< Shall always be connected.
  std::string book_path;  ///< The file of addresses (upstream's `peers.json`); empty: nothing is kept.

  bool exchange = false;  ///< Peers tell each other about peers (wire/02 section 3).
  protocols::pex_policy::config pex;

  /// Whether there is anything for a `reconnector` to do from the start.
  [[nodiscard]] bool needs_reconnector() const noexcept {
    return reconnect.enabled || !targets.empty() || !book_path.empty();
  }
};

} // namespace librats::actors
