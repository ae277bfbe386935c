// SPDX-License-Identifier: MIT
#pragma once

#include "actors/gossip_messages.hpp"
#include "protocols/gossip/gossip_switch.hpp"
#include "protocols/gossip/peer_scores.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace librats::actors {

// Between the node, its `gossip_router` and its `gossip_topic`s. Nobody outside sends them.

/// Who decides about publications; of the last three at most one is set.
struct topic_validator {
  caf::actor validator;
  std::shared_ptr<const topic_judge> judge;
  bool lost = false;  ///< It ended: everything is ignored.

  [[nodiscard]] bool set() const noexcept { return lost || validator || judge; }
};

/// By topic; the empty one is for all others. An immutable value.
using topic_validators = std::shared_ptr<const std::map<std::string, topic_validator>>;

/// What a new router must know: the node's memory.
struct gossip_state {
  std::set<std::string> joined;
  topic_validators validators;
  std::map<peer_id, std::set<std::string>> subscriptions;  ///< Of the connected peers.
};

/// The node tells the router what it wants to be in.
struct want_topic {
  std::string topic;
  bool joined = true;
};

struct validators_changed {
  topic_validators all;
};

/// A peer announced that it subscribes or no longer does; the node remembers it for the next router.
struct peer_topic_changed {
  peer_id peer;
  std::string topic;
  bool subscribes = true;
};

/// What a topic shall do, in order, with the link of the peer that it is about.
struct topic_inputs {
  struct one {
    protocols::topic_input input;
    caf::actor link;  ///< Null when it is about no peer.
  };
  std::vector<one> inputs;
};

/// The router tells a topic who decides.
struct topic_validator_changed {
  topic_validator now;
};

/// What a topic tells its router: conduct of peers, ids that it offered, and whom the router shall prune for it, for
/// the router knows others that they can turn to.
struct topic_report {
  std::string topic;
  std::vector<protocols::conduct_note> notes;
  std::vector<std::vector<protocols::message_id>> offered;
  std::vector<protocols::topic_mesh::farewell> farewells;
};

/// The router, and after it the node, passes on whom a peer named that has no place for us in its mesh. Whether and
/// whom of them to dial is up to `peer_exchange`.
struct peers_introduced {
  peer_id from;
  std::vector<protocols::pex_entry> peers;
};

/// A topic that is not joined has nothing left to do.
struct topic_finished {
  std::string topic;
};

/// A topic hands publications to the node, which knows whom they are for, and what they had of an earlier actor of this
/// topic: one actor hands over nothing twice.
struct topic_deliveries {
  std::string topic;
  std::vector<protocols::gossip_delivery> messages;
};

} // namespace librats::actors
