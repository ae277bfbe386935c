// SPDX-License-Identifier: MIT
#pragma once

#include "actors/frames.hpp"
#include "protocols/control/identify.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/time.hpp"
#include "protocols/nat/observed_addresses.hpp"
#include "protocols/session/session.hpp"
#include "protocols/wire/role.hpp"
#include "runtime/net/stream.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace librats::actors {

// The public messages of `node`: the embedding API. Frames are sent with the messages of frames.hpp. Errors of requests
// carry a sentence (runtime::describe_error).

// -- connecting

/// Dials a host name or address. Answered with `connected_to` once the peer has proved who it is, also when it was
/// connected before; else with an error.
struct connect_to {
  std::string host;
  std::uint16_t port = 0;
};

struct connected_to {
  peer_id id;
  endpoint remote;
};

/// Closes the link to a peer. Unknown ids are ignored.
struct disconnect_peer {
  peer_id id;
};

/// Answered when the node listens (or knows that it will not): with `listening_on`, or with the reason of the failure.
struct await_listening {};

struct listening_on {
  endpoint local;  ///< Port 0 on a dial-only node.
};

/// Replaces key, protocol string or security mode for links that are made from now on.
struct set_session {
  std::shared_ptr<const protocols::session_config> session;
};

// -- receiving

/// Sends all App frames of a channel to `handler`, as `frames_received`; several handlers all get them. Answered with
/// `channel_registered`, or with an error when the channel's 16-bit id is held under another name (wire/01 section 3).
/// Ends with the handler or with `unregister_channel`.
struct register_channel {
  std::string name;
  caf::actor handler;
};

struct channel_registered {
  protocols::channel_id id = 0;
};

struct unregister_channel {
  std::string name;
  caf::actor handler;
};

/// Sends all frames of a message type other than App to `handler`: for subsystems.
struct register_messages {
  protocols::message_type type = protocols::message_type::typed;
  caf::actor handler;
};

// -- typed JSON (wire/03 section 2)

/// Sends all typed messages of a type to `handler`, as `typed_received`, in the order of arrival.
struct register_typed {
  std::string type;
  caf::actor handler;
};

struct unregister_typed {
  std::string type;
  caf::actor handler;
};

/// One typed message. The text is not parsed yet; it may be no JSON at all.
struct typed_received {
  peer_id from;
  std::string type;
  byte_slice json_text;
  delivery_receipt receipt;  ///< Of the frame it came in.
};

// -- questions and answers: an addition of this edition (protocols/typed/request_codec.hpp); other peers do not answer

/// Asks a peer. Answered exactly once: with its `typed_response`, or with an error, whose sentence is the peer's where
/// the peer refused. Other errors: not connected, left before it answered, no answer in time, too many questions of
/// ours wait already (`typed_messaging::asked_max`), data that is no JSON value or larger than a message can be. A
/// question is never repeated, so that a peer answers it at most once; one that is lost with its link runs out of time.
struct request_typed {
  peer_id to;
  std::string type;
  byte_slice json_text;                     ///< One JSON value.
  duration timeout = std::chrono::seconds{30};  ///< At most ten minutes, whatever stands here.
};

/// From now on `responder` answers the questions of a type, in place of whoever did before. It gets `typed_request` as
/// a request and answers, at once or later, with `typed_response` (its `from` is not looked at) or an error, whose
/// sentence the asker gets. Without a responder, or when it ends with questions open, the asker gets an error. Answered
/// with `responder_registered`; what arrives after that reaches the responder. Ends with the responder or with
/// `unregister_responder`, after which open questions may still be answered.
struct register_responder {
  std::string type;
  caf::actor responder;
};

struct responder_registered {};

struct unregister_responder {
  std::string type;
  caf::actor responder;
};

/// A question of a peer. The text is not parsed yet; it may be no JSON at all.
struct typed_request {
  peer_id from;
  std::string type;
  byte_slice json_text;
};

struct typed_response {
  peer_id from;
  byte_slice json_text;  ///< As above.
};

// -- watching

/// From now on `watcher` gets the events below. It first gets a `peer_connected` for every peer that is connected
/// already. Ends with the watcher or with `unwatch_events`.
struct watch_events {
  caf::actor watcher;
};

struct unwatch_events {
  caf::actor watcher;
};

/// A peer proved its identity and has its one link. Comes before the first `frames_received` of that link.
struct peer_connected {
  peer_id id;
  endpoint remote;  ///< As our socket sees it.
  protocols::role role = protocols::role::initiator;
  protocols::transport transport = protocols::transport::tcp;
  protocols::security_mode security = protocols::security_mode::noise;
  duration handshake{};  ///< From the open stream to the proven identity.
  bytes static_key;      ///< 32 bytes; empty in plaintext mode.
  bytes handshake_hash;  ///< 32 bytes; empty in plaintext mode.
  caf::actor link;       ///< Takes `send_frames` and `offer_frames` directly.
};

/// The peer's link was replaced by another one (wire/00 section 8). Frames that were queued on the old one may be lost.
struct peer_link_changed {
  peer_connected now;
};

/// The peer told its addresses and transports. Claims, not facts.
struct peer_identified {
  peer_id id;
  protocols::identify info;
};

/// The peer's last link is gone.
struct peer_disconnected {
  peer_id id;
  std::string reason;
};

/// More than a quarter of the send limit waits for this peer: hold back until `peer_writable`. Also sent to every actor
/// that has frames in the queue.
struct peer_congested {
  peer_id id;
};

struct peer_writable {
  peer_id id;
};

/// A round trip was measured.
struct peer_rtt_measured {
  peer_id id;
  duration latest{};
  duration smoothed{};  ///< RFC 6298.
};

// -- asking

/// Answered with `node_status`.
struct get_status {};

struct node_status {
  peer_id id;
  std::string protocol;
  protocols::security_mode security = protocols::security_mode::noise;
  std::optional<endpoint> listening;
  std::vector<endpoint> addresses;           ///< Where we can be dialed, as far as we know.
  std::vector<endpoint> observed_addresses;  ///< How peers see us, with our listen port; the most votes first.
  protocols::nat_mapping mapping_v4 = protocols::nat_mapping::unknown;  ///< How our datagram socket looks from outside.
  protocols::nat_mapping mapping_v6 = protocols::nat_mapping::unknown;
  std::size_t peers = 0;
  std::uint64_t links_established = 0;  ///< Since the start.
  std::uint64_t handshakes_failed = 0;
  std::uint64_t links_refused = 0;      ///< Over a limit, before any handshake.
  duration uptime{};
};

/// Answered with `peer_list`.
struct get_peers {};

/// What is known about one connected peer.
struct peer_report {
  peer_connected link;
  std::optional<protocols::identify> identify;
  std::vector<endpoint> addresses;  ///< Where it may be dialed, the likeliest first; at most 32.
  time_point since{};
  std::optional<duration> rtt;      ///< Smoothed; of the pings, else of the stream below.
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t frames_dropped = 0;  ///< Droppable ones for which the peer was too far behind.
  std::uint64_t bytes_sent = 0;      ///< On the stream, blocks and all.
  std::uint64_t bytes_received = 0;
  std::size_t queued = 0;            ///< Bytes that wait for the peer.
  runtime::stream_quality quality;   ///< Of the stream below; zeros where it does not say.
};

struct peer_list {
  std::vector<peer_report> peers;  ///< By PeerId.
};

} // namespace librats::actors
