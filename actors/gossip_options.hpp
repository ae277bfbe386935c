// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/gossip/gossip_switch.hpp"
#include "protocols/gossip/mesh_config.hpp"

#include <string>
#include <vector>

namespace librats::actors {

/// How a node takes part in publish and subscribe.
struct gossip_options {
  bool enabled = true;              ///< Off: gossip is ignored, and peers see that we subscribe to nothing.
  std::vector<std::string> topics;  ///< Joined from the start, to pass on what others publish.
  bool sign = false;                ///< Sign what this node publishes (signed_publication.hpp).
  protocols::mesh_config mesh;      ///< Of every topic. The node sets `validate` and `signing_key`.
  protocols::gossip_switch::config router;
};

} // namespace librats::actors
