// SPDX-License-Identifier: MIT
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>

// The one list of message types. Messages never leave the process, so CAF is told to pass them as they are: no type
// gets a serializer, which would cost compile time in every file that sends one. A type that is missing here does not
// compile as a message. Only names stand here, no definitions, so nothing below actors/ learns more of them.
#define LIBRATS_MESSAGE(name_space, name)                                                                              \
  namespace name_space {                                                                                               \
  struct name;                                                                                                         \
  }                                                                                                                    \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(name_space::name)

// Every actor (runtime/actor/common_messages.hpp).
LIBRATS_MESSAGE(librats::runtime, get_tree)
LIBRATS_MESSAGE(librats::runtime, tree_node)
LIBRATS_MESSAGE(librats::runtime, inject_crash)

// io_broker (runtime/io/io_broker.hpp).
LIBRATS_MESSAGE(librats::runtime, open_listener)
LIBRATS_MESSAGE(librats::runtime, listener_opened)
LIBRATS_MESSAGE(librats::runtime, stream_accepted)
LIBRATS_MESSAGE(librats::runtime, drop_stream)
LIBRATS_MESSAGE(librats::runtime, stream_handover)
LIBRATS_MESSAGE(librats::runtime, dial_stream)
LIBRATS_MESSAGE(librats::runtime, cancel_dial)
LIBRATS_MESSAGE(librats::runtime, stream_dialed)
LIBRATS_MESSAGE(librats::runtime, resolve_name)
LIBRATS_MESSAGE(librats::runtime, name_resolved)
LIBRATS_MESSAGE(librats::runtime, list_interfaces)
LIBRATS_MESSAGE(librats::runtime, interface_list)
LIBRATS_MESSAGE(librats::runtime, watch_network)
LIBRATS_MESSAGE(librats::runtime, network_changed)

// disk_worker (runtime/disk/disk_worker.hpp).
LIBRATS_MESSAGE(librats::runtime, read_whole_file)
LIBRATS_MESSAGE(librats::runtime, file_content)
LIBRATS_MESSAGE(librats::runtime, write_whole_file)
LIBRATS_MESSAGE(librats::runtime, file_written)

// Frames (actors/frames.hpp).
LIBRATS_MESSAGE(librats::actors, send_frames)
LIBRATS_MESSAGE(librats::actors, offer_frames)
LIBRATS_MESSAGE(librats::actors, broadcast_frames)
LIBRATS_MESSAGE(librats::actors, send_report)
LIBRATS_MESSAGE(librats::actors, frames_received)

// datagram_mux (actors/datagram_messages.hpp).
LIBRATS_MESSAGE(librats::actors, open_datagrams)
LIBRATS_MESSAGE(librats::actors, datagrams_opened)
LIBRATS_MESSAGE(librats::actors, dial_datagram_stream)
LIBRATS_MESSAGE(librats::actors, register_datagrams)
LIBRATS_MESSAGE(librats::actors, foreign_datagram)
LIBRATS_MESSAGE(librats::actors, send_datagram)
LIBRATS_MESSAGE(librats::actors, get_datagram_report)
LIBRATS_MESSAGE(librats::actors, datagram_report)

// The public face of the node (actors/node_messages.hpp).
LIBRATS_MESSAGE(librats::actors, connect_to)
LIBRATS_MESSAGE(librats::actors, connected_to)
LIBRATS_MESSAGE(librats::actors, disconnect_peer)
LIBRATS_MESSAGE(librats::actors, await_listening)
LIBRATS_MESSAGE(librats::actors, listening_on)
LIBRATS_MESSAGE(librats::actors, set_session)
LIBRATS_MESSAGE(librats::actors, register_channel)
LIBRATS_MESSAGE(librats::actors, channel_registered)
LIBRATS_MESSAGE(librats::actors, unregister_channel)
LIBRATS_MESSAGE(librats::actors, register_messages)
LIBRATS_MESSAGE(librats::actors, register_typed)
LIBRATS_MESSAGE(librats::actors, unregister_typed)
LIBRATS_MESSAGE(librats::actors, typed_received)
LIBRATS_MESSAGE(librats::actors, watch_events)
LIBRATS_MESSAGE(librats::actors, unwatch_events)
LIBRATS_MESSAGE(librats::actors, peer_connected)
LIBRATS_MESSAGE(librats::actors, peer_link_changed)
LIBRATS_MESSAGE(librats::actors, peer_identified)
LIBRATS_MESSAGE(librats::actors, peer_disconnected)
LIBRATS_MESSAGE(librats::actors, peer_congested)
LIBRATS_MESSAGE(librats::actors, peer_writable)
LIBRATS_MESSAGE(librats::actors, peer_rtt_measured)
LIBRATS_MESSAGE(librats::actors, get_status)
LIBRATS_MESSAGE(librats::actors, node_status)
LIBRATS_MESSAGE(librats::actors, get_peers)
LIBRATS_MESSAGE(librats::actors, peer_list)

// Between the actors of a node (actors/link_messages.hpp).
LIBRATS_MESSAGE(librats::actors, services_changed)
LIBRATS_MESSAGE(librats::actors, locate_service)
LIBRATS_MESSAGE(librats::actors, service_located)
LIBRATS_MESSAGE(librats::actors, link_established)
LIBRATS_MESSAGE(librats::actors, link_verdict)
LIBRATS_MESSAGE(librats::actors, link_admitted)
LIBRATS_MESSAGE(librats::actors, link_closed)
LIBRATS_MESSAGE(librats::actors, link_identified)
LIBRATS_MESSAGE(librats::actors, close_link)
LIBRATS_MESSAGE(librats::actors, cancel_handshake)
LIBRATS_MESSAGE(librats::actors, retire_link)
LIBRATS_MESSAGE(librats::actors, routes_changed)
LIBRATS_MESSAGE(librats::actors, local_identity_changed)
LIBRATS_MESSAGE(librats::actors, get_link_report)
LIBRATS_MESSAGE(librats::actors, link_report)
LIBRATS_MESSAGE(librats::actors, link_settled)
LIBRATS_MESSAGE(librats::actors, adopt_link)
LIBRATS_MESSAGE(librats::actors, dial_peer)
LIBRATS_MESSAGE(librats::actors, dial_opened)
LIBRATS_MESSAGE(librats::actors, attempt_failed)
LIBRATS_MESSAGE(librats::actors, dial_won)
LIBRATS_MESSAGE(librats::actors, dial_failed)
LIBRATS_MESSAGE(librats::actors, transports_known)
LIBRATS_MESSAGE(librats::actors, get_connection_counters)
LIBRATS_MESSAGE(librats::actors, connection_counters)
LIBRATS_MESSAGE(librats::actors, typed_registrations)

// A mesh that keeps itself (actors/mesh_messages.hpp).
LIBRATS_MESSAGE(librats::actors, configure_reconnect)
LIBRATS_MESSAGE(librats::actors, clear_reconnect_queue)
LIBRATS_MESSAGE(librats::actors, get_reconnect_status)
LIBRATS_MESSAGE(librats::actors, reconnect_status)
LIBRATS_MESSAGE(librats::actors, get_address_book)
LIBRATS_MESSAGE(librats::actors, address_book_report)
LIBRATS_MESSAGE(librats::actors, get_exchange_status)
LIBRATS_MESSAGE(librats::actors, exchange_status)
