// SPDX-License-Identifier: MIT
#include "actors/gossip_memory.hpp"

#include "protocols/gossip/gossip_codec.hpp"

#include <algorithm>
#include <utility>

namespace librats::actors {

gossip_memory::gossip_memory(const gossip_options& options, std::uint64_t seed)
  : seen_(options.mesh.seen), topics_max_(options.router.own_topics_max), seed_(seed),
    validators_(std::make_shared<const std::map<std::string, topic_validator>>()) {
  for (const auto& topic : options.topics)
    if (!refusal(topic))
      join({topic, nullptr, false});
}

// -- topics -----------------------------------------------------------------------------------------------------------

std::optional<std::string> gossip_memory::refusal(const std::string& topic) const {
  if (topic.empty())
    return "a topic needs a name";
  if (topic.size() > protocols::gossip_topic_max)
    return "a topic's name has at most " + std::to_string(protocols::gossip_topic_max) + " bytes, this one has "
           + std::to_string(topic.size());
  if (topics_.size() >= topics_max_ && !joined(topic))
    return "this node is in " + std::to_string(topics_max_) + " topics already, and no more are allowed";
  return std::nullopt;
}

bool gossip_memory::join(const join_topic& x) {
  const auto [place, fresh] = topics_.try_emplace(x.topic);
  auto& entry = place->second;
  if (!x.handler) {
    entry.lasting = true;
    return fresh;
  }
  const auto found
    = std::find_if(entry.handlers.begin(), entry.handlers.end(), [&](const auto& y) { return y.who == x.handler; });
  if (found != entry.handlers.end())
    found->watches_peers = x.watch_peers;
  else
    entry.handlers.push_back({x.handler, x.watch_peers, {}});
  return fresh;
}

bool gossip_memory::leave(const std::string& topic, const caf::actor_addr& who) {
  const auto place = topics_.find(topic);
  if (place == topics_.end())
    return false;
  auto& entry = place->second;
  const auto before = entry.handlers.size() + (entry.lasting ? 1 : 0);
  if (!who)
    entry.lasting = false;
  entry.handlers.erase(std::remove_if(entry.handlers.begin(), entry.handlers.end(),
                         [&](const auto& x) { return x.who.address() == who; }),
    entry.handlers.end());
  const auto after = entry.handlers.size() + (entry.lasting ? 1 : 0);
  if (after == 0)
    topics_.erase(place);
  return after != before;
}

std::vector<gossip_memory::handler>* gossip_memory::handlers_of(const std::string& topic) {
  const auto place = topics_.find(topic);
  return place != topics_.end() ? &place->second.handlers : nullptr;
}

// -- validators -------------------------------------------------------------------------------------------------------

void gossip_memory::set_validator(const set_topic_validator& x) {
  auto next = *validators_;
  if (x.validator || x.judge)
    next[x.topic] = {x.validator, x.validator ? nullptr : x.judge, false};
  else
    next.erase(x.topic);
  validators_ = std::make_shared<const std::map<std::string, topic_validator>>(std::move(next));
}

gossip_memory::farewell gossip_memory::forget(const caf::actor_addr& who) {
  farewell out;
  std::vector<std::string> topics;
  for (const auto& [topic, entry] : topics_)
    topics.push_back(topic);
  for (const auto& topic : topics)
    if (leave(topic, who) && !joined(topic))
      out.topics_left.push_back(topic);
  auto next = *validators_;
  for (auto& [topic, one] : next)
    if (one.validator && one.validator.address() == who) {
      one = {nullptr, nullptr, true};
      out.validators_changed = true;
    }
  if (out.validators_changed)
    validators_ = std::make_shared<const std::map<std::string, topic_validator>>(std::move(next));
  return out;
}

// -- peers ------------------------------------------------------------------------------------------------------------

bool gossip_memory::note_subscription(const peer_topic_changed& x) {
  if (x.subscribes)
    return subscriptions_[x.peer].insert(x.topic).second;
  const auto found = subscriptions_.find(x.peer);
  if (found == subscriptions_.end() || found->second.erase(x.topic) == 0)
    return false;
  if (found->second.empty())
    subscriptions_.erase(found);
  return true;
}

std::set<std::string> gossip_memory::forget_peer(const peer_id& peer) {
  const auto found = subscriptions_.find(peer);
  if (found == subscriptions_.end())
    return {};
  auto out = std::move(found->second);
  subscriptions_.erase(found);
  return out;
}

std::vector<peer_id> gossip_memory::subscribers_of(const std::string& topic) const {
  std::vector<peer_id> out;
  for (const auto& [peer, topics] : subscriptions_)
    if (topics.count(topic) != 0)
      out.push_back(peer);
  return out;
}

// -- publications -----------------------------------------------------------------------------------------------------

std::vector<protocols::gossip_delivery> gossip_memory::fresh(time_point now, const topic_deliveries& x,
  caf::actor_id source) {
  std::vector<protocols::gossip_delivery> out;
  const auto place = topics_.find(x.topic);
  if (place == topics_.end() || place->second.handlers.empty())
    return out;  // Nobody to hear them.
  auto& entry = place->second;
  auto& delivered = entry.delivered;
  while (!delivered.empty() && now - delivered.front().first >= seen_.lifetime)
    delivered.pop_front();
  if (const auto before = std::exchange(entry.source, source); before != 0 && before != source) {
    entry.known = std::make_unique<protocols::seen_cache>(seen_, seed_);
    entry.known_until = now + seen_.lifetime;
    for (const auto& [when, id] : delivered)
      entry.known->insert(when, id);
  } else if (entry.known && now >= entry.known_until) {
    entry.known.reset();
  }
  out.reserve(x.messages.size());
  for (const auto& one : x.messages) {
    if (entry.known && !entry.known->insert(now, one.id))
      continue;
    out.push_back(one);
    delivered.emplace_back(now, one.id);
    if (delivered.size() > seen_.capacity)
      delivered.pop_front();
  }
  return out;
}

gossip_state gossip_memory::state() const {
  gossip_state out;
  for (const auto& [topic, entry] : topics_)
    out.joined.insert(topic);
  out.validators = validators_;
  out.subscriptions = subscriptions_;
  return out;
}

void gossip_memory::clear() {
  topics_.clear();
  subscriptions_.clear();
  validators_ = std::make_shared<const std::map<std::string, topic_validator>>();
}

} // namespace librats::actors
