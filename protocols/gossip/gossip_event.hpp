// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/gossip/message_id.hpp"

#include <cstdint>
#include <variant>

namespace librats::protocols {

/// How sure it is who wrote a publication. The wire has no signature: `origin` is what the sender wrote (wire/04).
enum class authorship : std::uint8_t {
  claimed, ///< A relay says so.
  link,    ///< The author's own link brought it; the content may be believed as far as the link's handshake.
  proven,  ///< The author signed it (signed_publication.hpp).
};

/// A publication that came in.
struct gossip_delivery {
  message_id id;   ///< Its origin is who is said to have written it.
  peer_id from;    ///< Whose link brought it first; ourselves for our own.
  byte_slice data; ///< Without the envelope of a signature. Shares the memory of the payload.
  authorship author = authorship::claimed;
};

/// The application has a say: answer with `topic_mesh::handle_verdict`.
struct gossip_validate {
  std::uint64_t ticket = 0;
  gossip_delivery message;
};
/// A peer subscribes to the topic, or does so no longer.
struct topic_peer_joined {
  peer_id peer;
};
struct topic_peer_left {
  peer_id peer;
};
/// A peer came into our mesh, or left it.
struct mesh_peer_added {
  peer_id peer;
};
struct mesh_peer_removed {
  peer_id peer;
};

using gossip_event = std::variant<gossip_delivery, gossip_validate, topic_peer_joined, topic_peer_left, mesh_peer_added,
  mesh_peer_removed>;

} // namespace librats::protocols
