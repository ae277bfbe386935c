// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/gossip/gossip_event.hpp"
#include "protocols/gossip/topic_mesh.hpp"
#include "protocols/gossip/validation_queue.hpp"
#include "runtime/caf/message_types.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace librats::actors {

// Publish and subscribe (wire/04), as `node` understands it: the embedding API. Errors of requests carry a sentence.

// -- topics

/// Joins a topic: from now on `handler` gets its publications as `topic_messages`, those of this node among them. Many
/// handlers of one topic all get all; a null one only makes the node take part. Answered with `joined_topic`, or with
/// an error for a topic that is empty, longer than 65,535 bytes or one too many. Ends with the handler or with
/// `leave_topic`; the node leaves the topic with the last one.
struct join_topic {
  std::string topic;
  caf::actor handler;
  /// The handler gets `topic_peers_changed` too, first with all who subscribe already.
  bool watch_peers = false;
};

struct joined_topic {};

/// Takes a `join_topic` back. Answered with `left_topic`.
struct leave_topic {
  std::string topic;
  caf::actor handler;
};

struct left_topic {
  bool was_joined = false;
};

/// Publications, in the order in which they came in, each once. A handler with more than 64 MiB of them in its mailbox
/// gets no more until it has caught up with half of that: a mesh cannot wait for its slowest reader.
struct topic_messages {
  std::string topic;
  std::vector<protocols::gossip_delivery> messages;
  std::uint64_t missed = 0;  ///< Publications that this handler should have got before these, and was too slow for.
  std::shared_ptr<const void> receipt;  ///< Counts as long as it is held.
};

/// Peers that began or ceased to subscribe.
struct topic_peers_changed {
  std::string topic;
  std::vector<peer_id> joined;
  std::vector<peer_id> left;
};

// -- publishing

/// Publishes each of these, whether or not this node has joined the topic. All or none: answered with `published`, or
/// with an error when one is too large (8,387,515 bytes less the topic) or the topic cannot be. As a plain message
/// without an answer it does the same.
struct publish_to_topic {
  std::string topic;
  std::vector<byte_slice> data;
};

struct published {
  std::vector<protocols::message_id> ids;
  /// Most of those that it goes to are behind by more than a quarter of the send limit. Who goes on publishing loses
  /// messages to them; who sends `await_topic_room` does not.
  bool congested = false;
};

/// Answered with `topic_has_room` as soon as a publication would not find the topic congested.
struct await_topic_room {
  std::string topic;
};

struct topic_has_room {};

// -- validators

/// Decides about publications of others before they are delivered and passed on. Runs on the topic's own actor, so it
/// must neither block nor keep state. An exception counts as `ignore`.
class topic_judge {
public:
  virtual ~topic_judge() = default;
  [[nodiscard]] virtual protocols::verdict judge(const std::string& topic,
    const protocols::gossip_delivery& message) const
    = 0;
};

/// Sets the validator of a topic; with an empty topic that of all topics that have none of their own. An actor gets
/// `validate_messages` and answers when it likes, within 10 s; a `judge` answers at once. With neither the validator is
/// taken back. When a validating actor ends without that, everything is ignored until another one is set: nothing gets
/// past a validator because it crashed. Not answered.
struct set_topic_validator {
  std::string topic;
  caf::actor validator;
  std::shared_ptr<const topic_judge> judge;
};

/// To a validating actor. It answers the sender with `judge_messages`, at once or later, for some or for all.
struct validate_messages {
  std::string topic;
  std::vector<protocols::gossip_validate> messages;
};

struct judge_messages {
  std::vector<std::pair<std::uint64_t, protocols::verdict>> verdicts;  ///< By ticket.
};

/// What the application thinks of a peer: P5 of its score (peer_scores.hpp). Any finite number; below zero it loses its
/// place in our meshes. Not answered.
struct set_peer_score {
  peer_id peer;
  double score = 0;
};

// -- asking

/// Answered with `topic_status`; of an unknown topic it is empty.
struct get_topic_status {
  std::string topic;
};

struct topic_status {
  std::string topic;
  bool joined = false;
  std::vector<peer_id> subscribers;  ///< By id.
  std::vector<peer_id> mesh;
  std::vector<peer_id> fanout;
  std::size_t waiting = 0;           ///< Publications without a verdict.
  std::size_t cached = 0;            ///< Publications that are kept for others.
  protocols::topic_mesh::figures counted;
};

/// Answered with `gossip_status`.
struct get_gossip_status {};

struct gossip_status {
  bool running = false;
  std::vector<topic_status> topics;      ///< Those that this node has joined or published to, by name.
  std::size_t topics_known = 0;          ///< Those that peers subscribe to.
  std::map<peer_id, double> scores;      ///< Of the connected peers.
  std::uint64_t malformed = 0;           ///< Messages that say nothing.
  std::uint64_t graylisted = 0;          ///< Dropped unread, for the score of their sender.
  std::uint64_t announcements_refused = 0;
  std::uint64_t ids_unknown = 0;         ///< Asked for by IWANT, and nobody had offered them.
  std::uint64_t introductions_sent = 0;  ///< PRUNEs that named others in the topic.
  std::uint64_t introductions_taken = 0;    ///< PRUNEs of which some others may be dialed.
  std::uint64_t introductions_refused = 0;  ///< For the score of the sender, or because there were too many.
};

} // namespace librats::actors
