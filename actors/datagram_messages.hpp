// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/datagram/datagram_stream.hpp"
#include "runtime/io/io_broker.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <cstdint>

namespace librats::actors {

// What `datagram_mux` understands.

/// Binds the UDP socket of the node; answered with `datagrams_opened`, or with an error. A socket that is open already
/// is closed first, with all its streams.
struct open_datagrams {
  runtime::listen_options local;  ///< The backlog means nothing here.
  caf::actor receiver;            ///< Gets a `stream_accepted` for each stream that comes in; null: none may.
};

struct datagrams_opened {
  endpoint local;
};

/// Opens a stream; answered with `stream_dialed` or an error, and called off with `cancel_dial`.
struct dial_datagram_stream {
  runtime::dial_stream dial;
  protocols::dial_profile profile = protocols::dial_profile::normal;
};

/// From now on `handler` gets every datagram on the node's port that is no packet of ours, as `foreign_datagram`: STUN
/// and its relatives. Ends with the handler.
struct register_datagrams {
  caf::actor handler;
};

struct foreign_datagram {
  endpoint from;
  byte_slice payload;
};

/// Sends one datagram from the node's port, as is; lost when there is no room.
struct send_datagram {
  endpoint to;
  byte_slice payload;
};

/// Answered with `datagram_report`.
struct get_datagram_report {};

struct datagram_report {
  std::size_t streams = 0;            ///< With those that linger.
  std::uint64_t accepted = 0;
  std::uint64_t dialed = 0;
  std::uint64_t dropped = 0;          ///< Datagrams that were nothing to us: no stream, over a budget, not decodable.
  std::uint64_t stateless_replies = 0;  ///< Retry and Reset for streams that are not there.
  std::uint64_t foreign = 0;
};

} // namespace librats::actors
