// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_options.hpp"
#include "protocols/dht/dht_core.hpp"
#include "protocols/dht/item.hpp"
#include "protocols/dht/sampler.hpp"
#include "protocols/mdns/mdns_engine.hpp"
#include "runtime/caf/message_types.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace librats::actors {

// More of the public messages of `node`: how it finds peers that nobody told it of. What is found is dialed by itself,
// unless a message says otherwise.

// -- the DHT

/// Joins the Mainline DHT, with these options from now on. Answered with `dht_started`, or with an error when no UDP
/// port could be had for any family. Done already: the answer says where.
struct start_dht {
  dht_options options;
};

struct dht_started {
  std::optional<endpoint> v4;  ///< Where its socket is; empty when there is none of that family.
  std::optional<endpoint> v6;
};

/// Leaves it; the routing tables are saved. Not answered.
struct stop_dht {};

/// Whether the node announces itself in the DHT and looks for others of its application there, as it does at first, and
/// under which key from now on; empty: the protocol string. Not answered.
struct meet_peers {
  bool on = true;
  std::string key;
};

/// Looks for who announced themselves under `target`. `receiver`, if any, gets `peers_seen` as they arrive. Answered
/// with `peers_found` at the end, or with an error when the DHT is not running.
struct find_peers {
  protocols::info_hash target;
  caf::actor receiver;
  bool dial = true;
};

struct peers_seen {
  protocols::info_hash target;
  std::vector<endpoint> peers;
};

struct peers_found {
  std::vector<endpoint> peers;  ///< All of them, sorted.
  std::size_t nodes_asked = 0;
  std::size_t nodes_told = 0;  ///< That took our announcement, if there was one.
};

/// Announces us under `target`, once: nodes forget it after half an hour (wire/08 section 1). Port 0 stands for the
/// port that we listen on. Answered with `peers_found`: who else is there is told on the way.
struct announce_peer {
  protocols::info_hash target;
  std::uint16_t port = 0;
};

/// Leaves an item in the DHT (BEP 44). Answered with `item_stored`, or with an error when it is malformed or no node
/// took it. A mutable one must be signed, and is refused when a newer one is found; see `sign_item`.
struct put_item {
  protocols::dht_item item;
  std::optional<std::int64_t> cas;
};

struct item_stored {
  protocols::node_id target;
  std::size_t nodes = 0;  ///< That acknowledged it.
};

/// Looks for an item; for a mutable one `target` is that of its key and `salt`. Answered with `item_got`.
struct get_item {
  protocols::node_id target;
  bytes salt;
};

struct item_got {
  std::optional<protocols::dht_item> item;  ///< The newest one that was found; hash or signature are right.
};

/// Answered with `dht_status`.
struct get_dht_status {};

/// One family's node.
struct dht_family_status {
  bool v6 = false;
  protocols::node_id id;
  std::optional<endpoint> local;
  std::optional<ip_address> external;  ///< As others or a STUN server see us.
  protocols::dht_core::figures counted;
  std::size_t lookups_running = 0;
  std::uint64_t lookups_done = 0;
  std::optional<protocols::sampler::figures> sampled;  ///< Of the spider, since it was started; empty: there is none.
  std::string trouble;  ///< Why it does not work, or does not keep its table; else empty.
};

struct dht_status {
  std::vector<dht_family_status> families;  ///< Empty: it does not run.
  std::uint64_t announces = 0;              ///< Of this node under its own key.
  std::uint64_t searches = 0;
  duration uptime{};  ///< For rates.
};

/// From now on `watcher` gets `hashes_sampled` while the DHT runs with `dht_options::spider`. Not answered.
struct watch_hashes {
  caf::actor watcher;
};

/// Info-hashes that other nodes store (BEP 51) and that were not seen lately. They come again when thousands of others
/// have been seen, after a crash, and from the other address family.
struct hashes_sampled {
  std::vector<protocols::info_hash> hashes;  ///< Never empty.
};

// -- mDNS

/// Advertises and browses on all links, with these options from now on. Answered with `mdns_started`, or with an error
/// when no interface can do multicast.
struct start_mdns {
  mdns_options options;
};

struct mdns_started {
  std::size_t interfaces = 0;
};

/// Says good-bye and stops. Not answered.
struct stop_mdns {};

/// Asks again at once, without waiting for the next query that is due. Not answered.
struct query_mdns {};

/// Answered with `mdns_status`.
struct get_mdns_status {};

struct mdns_status {
  bool running = false;
  std::string instance;  ///< As it is now; it changes when somebody else holds the name.
  std::string host;
  std::vector<std::string> interfaces;
  std::vector<protocols::mdns_found_service> services;  ///< At present; ours is not among them.
  protocols::mdns_engine::figures counted;
  std::string trouble;
};

/// From now on `watcher` gets `service_seen` and `service_gone`, beginning with the services that are known.
struct watch_services {
  caf::actor watcher;
};

/// New, or known before and changed.
struct service_seen {
  protocols::mdns_found_service service;
};

struct service_gone {
  protocols::mdns_found_service service;
};

// -- our own address

/// Asks STUN servers, one after another, how they see the port that peers' datagrams leave from (RFC 8489). Answered
/// with `address_discovered`, or with an error.
struct discover_address {
  std::vector<protocols::dial_target> servers;
  duration timeout = std::chrono::seconds{5};  ///< For all of it, name lookup included.
};

struct address_discovered {
  endpoint mapped;
  endpoint server;
};

/// Never dial this address: it is ours. Not answered.
struct ignore_address {
  ip_address address;
};

} // namespace librats::actors
