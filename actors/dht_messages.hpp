// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_messages.hpp"
#include "actors/link_messages.hpp"
#include "protocols/dht/krpc.hpp"
#include "protocols/dht/lookup.hpp"
#include "protocols/dht/sampler.hpp"

#include <memory>

namespace librats::actors {

// Between the actors of discovery. Nobody outside sends them.

/// What a lookup shall do. `receiver` gets `peers_seen`; the request is answered with `lookup_ended`.
struct run_lookup {
  protocols::lookup::purpose what = protocols::lookup::purpose::get_peers;
  protocols::node_id target;
  std::optional<protocols::lookup::announcement> announce;
  std::optional<protocols::lookup::item_to_store> store;
  bytes salt;
  caf::actor receiver;
};

struct lookup_ended {
  std::vector<endpoint> peers;
  std::optional<protocols::dht_item> item;
  protocols::lookup::figures counted;
};

/// A lookup or the spider asks its node to send a query; `handle` comes back with what becomes of it.
struct dht_request {
  std::uint32_t handle = 0;
  endpoint to;
  std::optional<protocols::node_id> id;
  std::shared_ptr<const protocols::krpc::query> what;
};

struct dht_answer {
  std::uint32_t handle = 0;
  std::shared_ptr<const protocols::krpc::response> what;
};

/// It takes longer than most; an answer or a failure will still come.
struct dht_delay {
  std::uint32_t handle = 0;
};

struct dht_failure {
  std::uint32_t handle = 0;
};

/// The spider asks its node for nodes near a place. Answered with `known_nodes`.
struct get_known_nodes {
  protocols::node_id target;
};

struct known_nodes {
  protocols::node_id self;
  std::vector<protocols::node_contact> nodes;  ///< None while it knows nobody.
};

/// What the spider found since the last report, and how much it did since it was started.
struct spider_report {
  hashes_sampled found;
  protocols::sampler::figures counted;
};

/// A node of the DHT is ready, or it is not; told by it to its supervisor.
struct dht_opened {
  bool v6 = false;
  std::optional<endpoint> local;
  std::string trouble;
};

/// The first node of the DHT is known: what was announced before was announced to nobody.
struct dht_ready {
  bool v6 = false;
};

/// Nodes that one family's node knows, for the other one to tell to who asks for them (BEP 32).
struct dht_neighbours {
  bool v6 = false;
  std::vector<protocols::node_contact> nodes;
};

/// Addresses where there may be peers of our application, for `peer_finder`.
struct peers_suspected {
  std::vector<endpoint> peers;
};

/// The DHT nodes that run now, for `peer_finder`; null where there is none.
struct dht_nodes_changed {
  caf::actor v4;
  caf::actor v6;
};

/// How much `peer_finder` did.
struct get_finder_report {};

struct finder_report {
  std::uint64_t announces = 0;
  std::uint64_t searches = 0;
};

} // namespace librats::actors
