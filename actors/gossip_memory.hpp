// SPDX-License-Identifier: MIT
#pragma once

#include "actors/gossip_options.hpp"
#include "actors/topic_backlog.hpp"
#include "actors/topic_messages.hpp"
#include "protocols/core/time.hpp"
#include "protocols/gossip/seen_cache.hpp"

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace librats::actors {

/// What a node remembers of publish and subscribe, so that it outlives the router and its topics: who handles what, who
/// validates, what the connected peers subscribe to, and what was delivered.
class gossip_memory {
public:
  struct handler {
    caf::actor who;
    bool watches_peers = false;
    topic_backlog backlog;
  };

  /// `seed` is random and secret.
  gossip_memory(const gossip_options& options, std::uint64_t seed);

  // -- topics

  /// A sentence when it cannot be joined.
  [[nodiscard]] std::optional<std::string> refusal(const std::string& topic) const;
  /// True when the topic was not joined before. Joining again only changes whether the handler watches peers.
  bool join(const join_topic& x);
  /// True when the handler had joined.
  bool leave(const std::string& topic, const caf::actor_addr& who);
  [[nodiscard]] bool joined(const std::string& topic) const { return topics_.count(topic) != 0; }
  /// Null when it is not joined.
  [[nodiscard]] std::vector<handler>* handlers_of(const std::string& topic);

  // -- validators

  void set_validator(const set_topic_validator& x);
  [[nodiscard]] const topic_validators& validators() const noexcept { return validators_; }

  /// What an actor that ended had to do with this.
  struct farewell {
    std::vector<std::string> topics_left;
    bool validators_changed = false;
  };
  farewell forget(const caf::actor_addr& who);

  // -- peers

  /// False when that is known.
  bool note_subscription(const peer_topic_changed& x);
  /// What it subscribed to.
  std::set<std::string> forget_peer(const peer_id& peer);
  [[nodiscard]] std::vector<peer_id> subscribers_of(const std::string& topic) const;

  // -- publications

  /// Those of them that were not delivered before, in the last minutes. `source` is the actor that hands them over,
  /// which does so once; only what comes from its successors is compared with what was there before.
  [[nodiscard]] std::vector<protocols::gossip_delivery> fresh(time_point now, const topic_deliveries& x,
    caf::actor_id source);

  /// For a new router.
  [[nodiscard]] gossip_state state() const;
  void clear();

private:
  struct topic_entry {
    std::vector<handler> handlers;
    bool lasting = false;  ///< Joined by configuration, or without a handler.
    caf::actor_id source = 0;
    /// What was delivered, the oldest first: no more than is written down, as long as nobody has to look.
    std::deque<std::pair<time_point, protocols::message_id>> delivered;
    /// The same to look up; there for some minutes after the topic's actor was replaced.
    std::unique_ptr<protocols::seen_cache> known;
    time_point known_until{};
  };

  protocols::seen_cache::config seen_;
  std::size_t topics_max_;
  std::uint64_t seed_;
  std::map<std::string, topic_entry> topics_;
  topic_validators validators_;
  std::map<peer_id, std::set<std::string>> subscriptions_;
};

} // namespace librats::actors
