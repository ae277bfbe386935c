// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_options.hpp"
#include "actors/gossip_options.hpp"
#include "actors/node_messages.hpp"
#include "actors/storage_options.hpp"
#include "actors/transfer_messages.hpp"
#include "actors/transfer_options.hpp"
#include "librats.h"
#include "protocols/address_book/peer_history.hpp"
#include "protocols/crypto/identity.hpp"
#include "protocols/reconnect/reconnect_schedule.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace librats::apps {

/// What the program decides about its client.
struct client_settings {
  int listen_port = 0;
  int max_peers = 10;
  std::string bind_address;
  std::string protocol_name = "rats";
  std::string protocol_version = "1.0";
  bool encryption = true;
  std::shared_ptr<const protocols::key_pair> key;  ///< Never null.
  std::string own_name;                            ///< A `peer_id` from config.json that is no id of a key; or empty.
  std::string data_directory = ".";
  ReconnectConfig reconnect;
  bool sign_publications = false;
  SignaturePolicy signatures = SignaturePolicy::IGNORE_SIGNATURES;
  FileTransferConfig files;
  StorageConfig storage;
  bool wants_storage = false;  ///< It is opened at the start; else when it is first used.
  std::optional<std::vector<protocols::dial_target>> dht_bootstrap;  ///< Empty: the public DHT.
  bool meets_peers = true;                                           ///< In the DHT.
  // What the program said itself; config.json does not change it.
  bool name_chosen = false;
  bool version_chosen = false;
  bool encryption_chosen = false;
  bool key_chosen = false;
  bool config_known = false;  ///< config.json in the data directory was read or written by this client.
};

/// What two clients must have in common: the default name and version stand for "librats/1.0".
std::string protocol_string(const client_settings& x);

/// The text whose SHA-1 is the discovery hash.
std::string discovery_key(const std::string& protocol_name, const std::string& protocol_version);

/// How the client takes part in the DHT.
actors::dht_options make_dht(const client_settings& x, std::uint16_t port);

/// The node's terms for it.
protocols::reconnect_config make_reconnect(const ReconnectConfig& x);

/// How the client takes part in publish and subscribe.
actors::gossip_options make_gossip(const client_settings& x);

/// How the client sends and receives files, at its start and from then on.
actors::transfer_options make_transfers(const FileTransferConfig& x);
actors::configure_transfers change_transfers(const FileTransferConfig& x);

/// How the client keeps its part of the store.
actors::storage_options make_storage(const client_settings& x);

/// The session settings that follow from these.
std::shared_ptr<const protocols::session_config> make_session(const client_settings& x);

/// One connected peer. An immutable value: a change makes a new one.
struct peer_entry {
  std::string id;  ///< 64 hex digits.
  socket_t socket = INVALID_SOCKET_VALUE;
  actors::peer_connected link;
  time_point since{};
  duration rtt{};                 ///< Smoothed; zero until measured.
  double loss = 0;                ///< Of the packets to it, from 0 to 1; as it was when the round trip was measured.
  std::uint16_t listen_port = 0;  ///< As the peer claims; 0 until it did.
};

RatsPeer describe(const peer_entry& x, const client_settings& settings);

/// As it is remembered. Empty while nobody knows where to dial it.
std::optional<protocols::known_peer> remember(const peer_entry& x, const client_settings& settings,
  protocols::unix_seconds now);
RatsPeer describe(const protocols::known_peer& x);

/// Everything that a client's getters answer from, and its sends: an immutable picture of one moment.
struct client_view {
  std::shared_ptr<const client_settings> settings;  ///< Never null.
  bool running = false;
  bool gossip = false;  ///< It takes part in publish and subscribe.
  std::uint16_t listening_port = 0;
  std::optional<endpoint> public_address;  ///< As a STUN server last saw us.
  std::vector<std::shared_ptr<const peer_entry>> peers;  ///< By id.
  protocols::unix_seconds taken_at = 0;

  [[nodiscard]] std::string our_id() const;
  [[nodiscard]] std::shared_ptr<const peer_entry> find(const std::string& id) const;
  [[nodiscard]] bool full() const noexcept {
    return settings->max_peers > 0 && peers.size() >= static_cast<std::size_t>(settings->max_peers);
  }
};

/// A view that may be kept as long as `valid` is not expired. The client actor lets go of `valid` before anybody can
/// learn of what changed, so a thread that looks at it each time never acts on the past.
struct view_lease {
  std::shared_ptr<const client_view> view;
  std::weak_ptr<const void> valid;
};

} // namespace librats::apps
