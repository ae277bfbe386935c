// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "protocols/crypto/identity.hpp"
#include "protocols/gossip/message_cache.hpp"
#include "protocols/gossip/seen_cache.hpp"
#include "protocols/gossip/signed_publication.hpp"
#include "protocols/gossip/validation_queue.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace librats::protocols {

/// What a topic does with the envelopes of signed_publication.hpp.
enum class signature_policy : std::uint8_t {
  ignore,  ///< They are part of the data, as upstream sees it.
  check,   ///< A broken one is refused; messages without one come in as claimed.
  require, ///< Nothing comes in without one.
};

/// Scores (peer_scores.hpp) from which on a peer loses something. All are negative; below zero it loses its place in
/// the mesh.
struct score_thresholds {
  double gossip = -20;   ///< Below: neither IHAVE nor IWANT, in either direction.
  double publish = -40;  ///< Below: gets none of our own publications either.
  double graylist = -80; ///< Below: whatever it sends is dropped unread.
};

/// How a topic's mesh is kept. The degrees are those of wire/04 section 3; the rest is GossipSub v1.1's unless it says
/// otherwise.
struct mesh_config {
  // -- degrees; 0 < d_out < d_low <= d <= d_high <= 32
  std::size_t d = 6;
  std::size_t d_low = 4;
  std::size_t d_high = 12;
  std::size_t d_out = 2;  ///< So many are to be peers that we dialed: nobody can talk himself into being one.
  std::size_t fanout = 6; ///< Targets of publications to a topic that we do not subscribe to.
  duration fanout_life = std::chrono::seconds{60}; ///< After the last publication.
  /// Subscribers outside the mesh that get our own publications too: flood publishing with a bound, so that a mesh full
  /// of mutes cannot silence us and no work grows with the number of peers.
  std::size_t publish_extra = 4;
  bool deliver_own = true; ///< Our own publications are delivered to us while we subscribe.

  // -- rhythm
  duration heartbeat = std::chrono::seconds{1};
  /// While there is nothing to tell and the mesh is complete. Ours: a thousand quiet topics shall cost nothing.
  duration heartbeat_idle = std::chrono::seconds{15};
  duration prune_backoff = std::chrono::seconds{60};
  duration foreign_backoff = std::chrono::seconds{10}; ///< After a PRUNE that names none, as upstream's.
  duration backoff_max = std::chrono::minutes{10};     ///< The longest that we let others impose.
  /// v1.1 takes a minute, and its evaluation 10 s: a mesh that mutes have filled heals in so many steps.
  duration opportunistic_every = std::chrono::seconds{10};
  double opportunistic_below = 1; ///< Graft better peers when the median score of the mesh is below.
  std::size_t opportunistic_grafts = 2;

  // -- gossip
  std::size_t d_lazy = 6;     ///< Subscribers outside the mesh that get an IHAVE per heartbeat, at least...
  double gossip_share = 0.25; ///< ...and this share of them when there are many, up to `gossip_targets_max`.
  std::size_t gossip_targets_max = 64;
  std::size_t ids_per_ihave = 5000;             ///< More in one message are not read.
  std::size_t ihaves_per_heartbeat = 10;        ///< Of one peer; more are not read.
  std::size_t ids_asked_per_heartbeat = 5000;   ///< Of one peer.
  std::size_t asked_max = 32768;                ///< Ids that are asked for and have not come.
  duration ask_again = std::chrono::seconds{1}; ///< An id is not asked of a second peer sooner.
  std::size_t asks_max = 3;                     ///< Peers that one id is asked of.
  /// For so long after a promise that was not kept in time, or until it brings something, we wait for nothing that a
  /// peer offers if somebody else has it: else who offers everything and sends nothing uses up `asks_max` of every id.
  duration doubt = std::chrono::seconds{30};
  duration promise_patience =
    std::chrono::seconds{3}; ///< Who offers an id and does not send it for so long misbehaves.
  std::size_t answer_bytes_per_heartbeat = std::size_t{8} << 20; ///< To one peer; one message is always allowed.

  // -- conduct
  /// GRAFTs within a back-off that one peer may send per heartbeat. Upstream knows no back-off and tries at every
  /// heartbeat and at every SUBSCRIBE that it hears.
  std::size_t grafts_tolerated = 10;
  std::size_t backoffs_max = 4096;
  /// Whom a full mesh turns away is told of others in the topic (`topic_mesh::poll_farewell`).
  bool introduce = false;
  bool count_mesh_deliveries = false; ///< For P3 of the scores.
  duration mesh_delivery_window = std::chrono::milliseconds{100};
  score_thresholds thresholds;

  // -- content
  bool validate = false; ///< Ask the application about every publication of others; `topic_mesh::set_validate`.
  signature_policy signatures = signature_policy::ignore;
  std::shared_ptr<const key_pair> signing_key; ///< Of this node; null: publications are not signed.

  seen_cache::config seen;
  message_cache::config cache;
  validation_queue::config validation;
  replay_guard::config replay;
};

} // namespace librats::protocols
