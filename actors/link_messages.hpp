// SPDX-License-Identifier: MIT
#pragma once

#include "actors/node_messages.hpp"
#include "runtime/io/io_broker.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace librats::actors {

// Messages between the actors of one node. Nobody outside sends them.

/// Where a node can be dialed, as it tells its peers.
struct local_identity {
  std::uint16_t listen_port = 0;
  std::vector<endpoint> addresses;
  std::uint8_t transports = 0;

  friend bool operator==(const local_identity& a, const local_identity& b) noexcept {
    return a.listen_port == b.listen_port && a.addresses == b.addresses && a.transports == b.transports;
  }
};

using local_identity_ptr = std::shared_ptr<const local_identity>;

/// Who opens sockets, one broker per loop, and who decides about links. Told to the connection supervisor whenever one
/// of them was restarted.
struct services_changed {
  caf::actor directory;
  std::vector<caf::actor> brokers;
  caf::actor mux;  ///< Null when the node uses no datagrams.
};

/// The parts of a node that others look for again after a restart.
enum class service : std::uint8_t { peer_directory, connection_supervisor };

/// A part of the node asks the node for another one; answered with `service_located`, or an error while it is down.
struct locate_service {
  service which = service::peer_directory;
};

struct service_located {
  caf::actor handle;
};

/// A link finished its handshake and asks the directory whether it may stay. The answer is a `link_verdict`: from the
/// directory itself when it is no, by way of the node (`link_admitted`) when it is yes. With `restored`, the link was
/// accepted by an earlier directory and only wants to be known again.
struct link_established {
  peer_connected link;
  std::uint64_t serial = 0;  ///< Order of establishment within this node.
  bool restored = false;
};

struct link_verdict {
  bool accepted = false;
  std::string reason;  ///< Why it was not accepted.
  bool already_connected = false;  ///< Lost against another link to the same peer, which stays.
};

/// The directory tells the node that a link may stay. The node tells the watchers and then the link, so that nobody
/// gets a frame of a peer that it has not heard of.
struct link_admitted {
  peer_connected link;
  bool first = true;  ///< The peer was not connected before; else the link replaces another one.
};

/// A link that the directory knows is over.
struct link_closed {
  peer_id id;
  std::string reason;
};

/// A link got the peer's identify.
struct link_identified {
  peer_id id;
  protocols::identify info;
};

/// Tells a link to close. What the stream does not take at once is lost.
struct close_link {
  std::string reason;
};

/// Tells a link that its dial has been won by another one. What is established already stays: the duplicate rule
/// decides, as the other end may have chosen it.
struct cancel_handshake {};

/// Tells a link that another one took its place. It stays until the peer closes it, at most for a moment: if it closed
/// at once, the peer could see that before it has established the other one, and believe that we are gone. When the
/// peer closes the other one instead, the link comes `back`.
struct retire_link {
  bool back = false;
};

/// The routing table changed; the newest one holds.
struct routes_changed {
  routes table;
};

/// Our own addresses changed.
struct local_identity_changed {
  local_identity_ptr identity;
};

/// Answered with `link_report`.
struct get_link_report {};

struct link_report {
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t frames_dropped = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::size_t queued = 0;
  time_point last_received{};  ///< Now, while the link does not listen.
  runtime::stream_quality quality;
};

/// A link tells its supervisor that the handshake is done and the directory accepted it, or why not.
struct link_settled {
  std::string name;        ///< The link's name among its siblings.
  std::uint64_t dial = 0;  ///< The dial it came from; 0: inbound.
  std::size_t attempt = 0; ///< Which attempt of that dial.
  transport over = transport::tcp;
  bool connected = false;  ///< The peer is connected now, by this link or by another one.
  peer_id id;
  endpoint remote;
  std::string reason;
  bool handshake_failed = false;
};

/// A link that survived its supervisor asks the next one to take it over.
struct adopt_link {
  std::string name;
  caf::actor handle;
  bool settled = false;
  ip_address remote;
};

/// The node tells the supervisor to dial; answered with `connected_to`.
struct dial_peer {
  std::string host;
  std::uint16_t port = 0;
};

/// A dialer tells its supervisor that an attempt has a stream, whose handshake shall begin.
struct dial_opened {
  std::uint64_t dial = 0;
  std::size_t attempt = 0;
  runtime::stream_dialed stream;
};

/// The answers: the handshake of that attempt failed; or one of them has made it, and the dialer is done.
struct attempt_failed {
  std::size_t attempt = 0;
  std::string reason;
};
struct dial_won {};

/// A dialer has nothing left to try.
struct dial_failed {
  std::uint64_t dial = 0;
  std::string reason;
};

/// The node tells the supervisor which transports a peer accepts at an address, as the peer said.
struct transports_known {
  endpoint where;
  std::uint8_t transports = 0;
};

/// Answered with `connection_counters`.
struct get_connection_counters {};

struct connection_counters {
  std::uint64_t links_established = 0;
  std::uint64_t handshakes_failed = 0;
  std::uint64_t links_refused = 0;
  std::size_t half_open = 0;
};

/// The node hands the registrations to a fresh `typed_messaging`.
struct typed_registrations {
  std::vector<register_typed> all;
  std::vector<register_responder> responders;
};

} // namespace librats::actors
