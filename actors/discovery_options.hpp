// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "protocols/mdns/service_text.hpp"
#include "protocols/reconnect/reconnect_schedule.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace librats::actors {

/// How a node takes part in the Mainline DHT (wire/08 section 1).
struct dht_options {
  bool enabled = false;
  std::uint16_t port = 0;  ///< UDP; 0, or one that is taken, lets the system pick one.
  bool ipv4 = true;        ///< Two networks that know nothing of each other (BEP 32); at least one of them is wanted.
  bool ipv6 = true;
  std::vector<protocols::dial_target> bootstrap;     ///< Where the first nodes are found, beside those of the last run.
  std::vector<protocols::dial_target> stun_servers;  ///< Asked for our own address, one after another.
  bool read_only = false;               ///< Asks, but answers nobody (BEP 43). Implied while the node does not listen.
  bool restrict_addresses = true;  ///< Holds public addresses to one node per network; off in laboratories.
  /// Walks the key space and learns which info-hashes others store (BEP 51); see `watch_hashes`. One query a second.
  bool spider = false;
  std::string state_folder;        ///< Where the routing tables are kept across restarts; empty: nowhere.

  /// The well-known ones of wire/08 section 1.
  static std::vector<protocols::dial_target> public_bootstrap();
  /// The usual ones of wire/08 section 5.
  static std::vector<protocols::dial_target> public_stun();
};

/// How a node makes itself known on its links, and looks for others there (wire/08 section 2).
struct mdns_options {
  bool enabled = false;
  std::string instance;     ///< Empty: `rats-` and eight digits of the PeerId.
  protocols::txt_map txt;   ///< Told to others beside what every node tells.
};

/// How a node finds peers that it knows nothing of.
struct discovery_options {
  dht_options dht;
  mdns_options mdns;
  std::string key;  ///< What nodes meet under in the DHT; empty: the protocol string.
  bool meet = true;  ///< Off: the DHT is there for content alone; see `meet_peers`.
  std::size_t peers_wanted = 32;  ///< With so many connected nobody else is dialed or searched; 0: no limit.

  [[nodiscard]] bool enabled() const noexcept { return dht.enabled || mdns.enabled; }
};

} // namespace librats::actors
