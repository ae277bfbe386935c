// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_options.hpp"
#include "actors/gossip_options.hpp"
#include "actors/mesh_options.hpp"
#include "actors/storage_options.hpp"
#include "actors/transfer_options.hpp"
#include "protocols/core/token_bucket.hpp"
#include "protocols/ping/liveness_monitor.hpp"
#include "protocols/session/session.hpp"
#include "runtime/net/network.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace librats::runtime {
struct node_settings;
}

namespace librats::actors {

/// What a connection may cost before and after its peer has proved who it is (wire/00 section 6).
struct connection_limits {
  duration establish_timeout = std::chrono::seconds{15};  ///< From the open stream to the end of the handshake.
  duration dial_timeout = std::chrono::seconds{15};       ///< Name lookup and connecting together.
  std::size_t send_queue_max = 8 * 1024 * 1024;           ///< Bytes; a peer that lets more pile up is dropped.
  std::size_t receive_window = 16 * 1024 * 1024;          ///< Bytes received that nobody has finished with; then wait.
  std::size_t half_open_max = 512;                        ///< Inbound streams without identity.
  std::size_t half_open_per_address_max = 64;             ///< The same from one IP address; loopback is exempt.
  token_rate accepts{/*rate=*/512, /*burst=*/2048};            ///< TCP connections, all sources; loopback is exempt.
  token_rate accepts_per_source{/*rate=*/64, /*burst=*/256};   ///< The same from one IPv4 address or IPv6 /64.
  std::size_t peers_max = 0;                              ///< Guards inbound peers only; 0: no limit.
};

/// Which transports a node uses, and how its dials race them (wire/07 section 12).
struct transport_options {
  bool tcp = true;  ///< For dials; a listening node accepts TCP in any case, as its port is named by TCP.
  bool udp = true;  ///< Dials and accepts streams on datagrams.
  transport preferred = transport::udp;
  duration fallback_delay = std::chrono::milliseconds{1200};  ///< Zero: only the preferred one is dialed.
};

/// Everything that a node is told when it is spawned.
struct node_options {
  std::shared_ptr<const protocols::session_config> session;  ///< Key, protocol string, security mode. Never null.
  bool allow_plaintext_remote = false;  ///< In plaintext mode: also talk to peers that are not on this machine.
  bool listen = true;
  runtime::listen_options listener;
  std::uint16_t port_attempts = 5;
  connection_limits limits;
  transport_options transports;
  bool liveness = true;  ///< Whether pings are sent; they are answered in any case.
  protocols::liveness_monitor::config ping;
  mesh_options mesh;
  discovery_options discovery;
  gossip_options gossip;
  storage_options storage;
  transfer_options transfers;
};

/// Options of a node from its INI file or command line. The error is a sentence, for instance about a `bind_address`
/// that is no IP literal.
result<node_options, std::string> make_node_options(const runtime::node_settings& settings,
  const protocols::key_pair& identity);

/// The bind rule of wire/00 section 5: empty or `::` listens on IPv4 and IPv6, another IPv6 literal on IPv6 alone, an
/// IPv4 literal on IPv4. Empty when the text is no literal.
std::optional<runtime::listen_options> parse_bind_address(const std::string& text, std::uint16_t port);

} // namespace librats::actors
