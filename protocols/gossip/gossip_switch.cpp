// SPDX-License-Identifier: MIT
#include "protocols/gossip/gossip_switch.hpp"

#include "protocols/core/take_front.hpp"

#include <algorithm>
#include <cmath>

namespace librats::protocols {

namespace {

/// An IWANT is read up to here; v1.1's limit on what one message may ask for.
constexpr std::size_t iwant_ids_max = 5000;

/// After a restart we want to be grafted again soon.
constexpr auto restart_backoff = std::chrono::seconds{1};

} // namespace

gossip_switch::gossip_switch(const config& cfg, time_point now, std::uint64_t seed)
  : cfg_(cfg), listed_(cfg.topics), scores_(cfg.scores, now), random_(seed ^ 0x5065657273u),
    offers_(0, keyed_id_hash{random_.next()}), heartbeat_at_(now + cfg.heartbeat) {}

// -- inputs: what we want ---------------------------------------------------------------------------------------------

bool gossip_switch::join(time_point now, std::string_view topic) {
  if (joined(topic) || joined_count_ >= cfg_.own_topics_max)
    return false;
  const auto place = open_place(now, topic);
  if (place == open_.end())
    return false;
  place->second.joined = true;
  ++joined_count_;
  announce(gossip_op::subscribe, topic);
  tell(topic, topic_joined{});
  return true;
}

bool gossip_switch::leave(time_point, std::string_view topic) {
  if (!joined(topic))
    return false;
  open_.find(topic)->second.joined = false;
  --joined_count_;
  announce(gossip_op::unsubscribe, topic);
  tell(topic, topic_left{});
  return true;
}

bool gossip_switch::open(time_point now, std::string_view topic) {
  return open_.find(topic) == open_.end() && open_place(now, topic) != open_.end();
}

void gossip_switch::close(time_point, std::string_view topic) {
  const auto found = open_.find(topic);
  if (found == open_.end())
    return;
  if (found->second.joined) {
    --joined_count_;
    announce(gossip_op::unsubscribe, topic);
  }
  scores_.drop_topic(found->second.number);
  names_.erase(found->second.number);
  open_.erase(found);
}

void gossip_switch::reopen(time_point, std::string_view topic) {
  const auto place = open_.find(topic);
  if (place == open_.end())
    return;
  scores_.drop_topic(place->second.number); // What was so in the old mesh is not in the new one.
  if (place->second.joined)
    tell(topic, topic_joined{});
  for (const auto& peer : listed_.peers_of(topic)) {
    if (place->second.joined)
      leave_mesh_of(peer, topic);
    tell_of_subscriber(topic, peer, peers_.at(peer));
  }
}

/// End when the topic cannot be opened. Who subscribes to it is told once it is.
gossip_switch::topic_table::iterator gossip_switch::open_place(time_point now, std::string_view topic) {
  if (const auto found = open_.find(topic); found != open_.end())
    return found;
  if (topic.empty() || topic.size() > gossip_topic_max)
    return open_.end();
  const auto place = open_.emplace(std::string{topic}, open_topic{++last_number_, false}).first;
  names_.emplace(last_number_, place->first);
  for (const auto& peer : listed_.peers_of(topic)) {
    auto& x = peers_.at(peer);
    tell_score(peer, x, scores_.score(now, peer));
    tell_of_subscriber(topic, peer, x);
  }
  return place;
}

// -- inputs: peers ----------------------------------------------------------------------------------------------------

void gossip_switch::peer_connected(
  time_point now, const peer_id& peer, bool outbound, const std::optional<ip_address>& remote) {
  if (peers_.empty())
    heartbeat_at_ = now + cfg_.heartbeat;
  const auto [place, fresh] = peers_.try_emplace(peer);
  auto& x = place->second;
  x.introduced = outbound && (x.introduced || is_introduced(now, peer));
  x.outbound = outbound && !x.introduced;
  x.remote = remote;
  scores_.peer_connected(now, peer, remote);
  if (fresh)
    x.told_score = scores_.score(now, peer);
  for (const auto& [topic, place_of_topic] : open_) {
    if (place_of_topic.joined)
      to_send_.push_back({peer, byte_slice{encode_topic_op(gossip_op::subscribe, topic)}});
    if (fresh || !listed_.contains(peer, topic))
      continue;
    tell_of_subscriber(topic, peer, x);
    tell(topic, topic_link_replaced{peer});
  }
}

void gossip_switch::peer_disconnected(time_point now, const peer_id& peer) {
  const auto found = peers_.find(peer);
  if (found == peers_.end())
    return;
  if (found->second.introduced)
    remember_introduced(now, peer, true);
  peers_.erase(found);
  scores_.peer_disconnected(now, peer);
  for (const auto& topic : listed_.remove_peer(peer))
    if (open_.count(topic) != 0)
      tell(topic, topic_subscriber_removed{peer});
}

void gossip_switch::restore(time_point, const peer_id& peer, std::string_view topic) {
  const auto known = peers_.find(peer);
  if (known == peers_.end() || !listed_.add(peer, topic))
    return;
  if (open_.find(topic) == open_.end())
    return;
  if (joined(topic))
    leave_mesh_of(peer, topic);
  tell_of_subscriber(topic, peer, known->second);
}

void gossip_switch::handle_message(time_point now, const peer_id& from, const byte_slice& payload) {
  const auto known = peers_.find(from);
  if (known == peers_.end())
    return;
  if (known->second.told_score < cfg_.thresholds.graylist) {
    ++figures_.graylisted;
    return;
  }
  const auto x = decode_gossip(payload.view());
  if (!x) {
    ++figures_.malformed;
    return;
  }
  if (const auto* iwant = std::get_if<gossip_iwant>(&*x)) {
    route_iwant(from, iwant->ids);
    return;
  }
  if (const auto* one = std::get_if<gossip_subscribe>(&*x)) {
    handle_announcement(now, from, known->second, one->topic, true);
    return;
  }
  if (const auto* one = std::get_if<gossip_unsubscribe>(&*x)) {
    handle_announcement(now, from, known->second, one->topic, false);
    return;
  }
  const auto topic = std::visit(
    [](const auto& m) -> std::string_view {
      if constexpr (std::is_same_v<std::decay_t<decltype(m)>, gossip_iwant>)
        return {};
      else
        return m.topic;
    },
    *x);
  const auto is_graft = std::holds_alternative<gossip_graft>(*x);
  if (open_.find(topic) == open_.end()) {
    ++figures_.unwanted;
    if (is_graft) // Else it would count on us (wire/04 section 6).
      to_send_.push_back({from, byte_slice{encode_topic_op(gossip_op::prune, topic)}});
    return;
  }
  // A peer that grafts subscribes, whether or not its SUBSCRIBE reached us (wire/00 section 8).
  if (is_graft && !listed_.contains(from, topic))
    handle_announcement(now, from, known->second, topic, true);
  if (const auto* prune = std::get_if<gossip_prune>(&*x); prune != nullptr && prune->peers.size() != 0)
    hear_of_peers(now, from, known->second, *prune);
  tell(topic, topic_message_received{from, payload});
}

void gossip_switch::handle_announcement(
  time_point now, const peer_id& from, link& x, std::string_view topic, bool subscribes) {
  if (!x.announcements.take(cfg_.announcements, now)) {
    ++figures_.announcements_refused;
    scores_.note(now, 0, {from, peer_conduct::misbehaved, 0.1});
    return;
  }
  if (subscribes) {
    if (listed_.add(from, topic)) {
      announcements_.push_back({from, std::string{topic}, true});
      if (open_.find(topic) != open_.end())
        tell_of_subscriber(topic, from, x);
    } else if (!listed_.contains(from, topic)) {
      ++figures_.announcements_refused;
    }
  } else if (listed_.remove(from, topic)) {
    announcements_.push_back({from, std::string{topic}, false});
    if (open_.find(topic) != open_.end())
      tell(topic, topic_subscriber_removed{from});
  }
}

void gossip_switch::route_iwant(const peer_id& from, const id_list_view& ids) {
  std::map<std::uint32_t, std::vector<message_id>> sorted;
  for (std::size_t i = 0; i < std::min(ids.size(), iwant_ids_max); ++i) {
    const auto id = ids[i];
    if (const auto offer = offers_.find(id); offer != offers_.end())
      sorted[offer->second].push_back(id);
    else
      ++figures_.iwant_unknown;
  }
  for (auto& [number, wanted] : sorted)
    if (const auto name = names_.find(number); name != names_.end())
      tell(name->second, topic_iwant_received{from, std::move(wanted)});
}

void gossip_switch::handle_notes(time_point now, std::string_view topic, const std::vector<conduct_note>& notes) {
  const auto place = open_.find(topic);
  if (place == open_.end())
    return;
  for (const auto& one : notes) {
    scores_.note(now, place->second.number, one);
    if (one.what != peer_conduct::invalid_message && one.what != peer_conduct::misbehaved)
      continue;
    // Good news can wait for the heartbeat, this cannot: it may be one of very many.
    if (const auto peer = peers_.find(one.peer); peer != peers_.end())
      tell_score(one.peer, peer->second, scores_.score(now, one.peer));
  }
}

void gossip_switch::handle_offered(time_point now, std::string_view topic, std::vector<message_id> ids) {
  const auto place = open_.find(topic);
  if (place == open_.end())
    return;
  // An id is offered at a few heartbeats; it ages from the first one.
  std::vector<message_id> fresh;
  for (const auto& id : ids)
    if (offers_.try_emplace(id, place->second.number).second)
      fresh.push_back(id);
  if (!fresh.empty())
    offer_ages_.emplace_back(now, std::move(fresh));
  while (offers_.size() > cfg_.offers_max) {
    for (const auto& id : offer_ages_.front().second)
      offers_.erase(id);
    offer_ages_.pop_front();
  }
}

void gossip_switch::handle_timeout(time_point now) {
  if (now < heartbeat_at_)
    return;
  heartbeat_at_ = now + cfg_.heartbeat;
  forget_offers(now);
  scores_.handle_timeout(now);
  for (const auto& [peer, score] : scores_.all(now))
    if (const auto x = peers_.find(peer); x != peers_.end())
      tell_score(peer, x->second, score);
}

// -- outputs ----------------------------------------------------------------------------------------------------------

std::optional<gossip_switch::transmit> gossip_switch::poll_transmit() {
  return take_front(to_send_);
}

std::optional<gossip_switch::routed> gossip_switch::poll_input() {
  return take_front(inputs_);
}

std::optional<gossip_switch::announcement> gossip_switch::poll_announcement() {
  return take_front(announcements_);
}

std::optional<gossip_switch::introduction> gossip_switch::poll_introduction() {
  return take_front(introductions_);
}

std::optional<time_point> gossip_switch::poll_timeout() const {
  if (peers_.empty() && offers_.empty())
    return std::nullopt;
  return heartbeat_at_;
}

bool gossip_switch::joined(std::string_view topic) const {
  const auto place = open_.find(topic);
  return place != open_.end() && place->second.joined;
}

std::vector<std::string> gossip_switch::open_topics() const {
  std::vector<std::string> out;
  for (const auto& [topic, x] : open_)
    out.push_back(topic);
  return out;
}

std::vector<std::string> gossip_switch::joined_topics() const {
  std::vector<std::string> out;
  for (const auto& [topic, x] : open_)
    if (x.joined)
      out.push_back(topic);
  return out;
}

// -- small things -----------------------------------------------------------------------------------------------------

void gossip_switch::tell_of_subscriber(std::string_view topic, const peer_id& peer, const link& x) {
  tell(topic, topic_subscriber_added{peer, x.told_score, x.outbound});
}

void gossip_switch::announce(gossip_op op, std::string_view topic) {
  const byte_slice payload{encode_topic_op(op, topic)};
  for (const auto& [peer, x] : peers_)
    to_send_.push_back({peer, payload});
}

/// We may be in its mesh of a time that we do not remember.
void gossip_switch::leave_mesh_of(const peer_id& peer, std::string_view topic) {
  to_send_.push_back({peer, byte_slice{encode_prune(topic, restart_backoff)}});
}

void gossip_switch::tell_score(const peer_id& peer, link& x, double score) {
  const auto crossed = [&](double threshold) { return (x.told_score < threshold) != (score < threshold); };
  if (std::abs(score - x.told_score) < cfg_.score_step && !crossed(0) && !crossed(cfg_.thresholds.gossip)
    && !crossed(cfg_.thresholds.publish) && !crossed(cfg_.thresholds.graylist))
    return;
  x.told_score = score;
  for (const auto& [topic, one] : open_)
    if (listed_.contains(peer, topic))
      tell(topic, topic_score_changed{peer, score});
}

void gossip_switch::forget_offers(time_point now) {
  while (!offer_ages_.empty() && now - offer_ages_.front().first >= cfg_.offer_life) {
    for (const auto& id : offer_ages_.front().second)
      offers_.erase(id);
    offer_ages_.pop_front();
  }
}

} // namespace librats::protocols
