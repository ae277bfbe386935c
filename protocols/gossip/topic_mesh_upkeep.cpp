// SPDX-License-Identifier: MIT
#include "protocols/gossip/topic_mesh.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace librats::protocols {

// -- the mesh ---------------------------------------------------------------------------------------------------------

std::vector<topic_mesh::member>::iterator topic_mesh::find_member(const peer_id& peer) {
  return std::find_if(mesh_.begin(), mesh_.end(), [&](const member& x) { return x.id == peer; });
}

bool topic_mesh::in_mesh(const peer_id& peer) const {
  return std::any_of(mesh_.begin(), mesh_.end(), [&](const member& x) { return x.id == peer; });
}

double topic_mesh::score_of(const peer_id& peer) const {
  const auto found = subscribers_.find(peer);
  return found == subscribers_.end() ? 0 : found->second.score;
}

bool topic_mesh::is_outbound(const peer_id& peer) const {
  const auto found = subscribers_.find(peer);
  return found != subscribers_.end() && found->second.outbound;
}

bool topic_mesh::may_graft(time_point now, const peer_id& peer) const {
  const auto held = backoffs_.find(peer);
  return !in_mesh(peer) && score_of(peer) >= 0 && (held == backoffs_.end() || now >= held->second.until);
}

void topic_mesh::add_to_mesh(const peer_id& peer) {
  std::uint32_t taken = 0;
  for (const auto& one : mesh_)
    taken |= std::uint32_t{1} << one.slot;
  std::uint8_t slot = 0;
  while (slot < 31 && (taken >> slot & 1u) != 0)
    ++slot;
  mesh_.push_back({peer, slot});
  note(peer, peer_conduct::grafted);
  events_.emplace_back(mesh_peer_added{peer});
}

void topic_mesh::remove_from_mesh(std::vector<member>::iterator at) {
  const auto peer = at->id;
  mesh_.erase(at);
  note(peer, peer_conduct::pruned);
  events_.emplace_back(mesh_peer_removed{peer});
}

void topic_mesh::graft(const peer_id& peer) {
  add_to_mesh(peer);
  send(peer, byte_slice{encode_topic_op(gossip_op::graft, topic_)});
}

void topic_mesh::prune(time_point now, const peer_id& peer) {
  remove_from_mesh(find_member(peer));
  hold_back(peer, now + cfg_.prune_backoff, true);
  turn_away(peer);
}

void topic_mesh::hold_back(const peer_id& peer, time_point until, bool ours) {
  const auto found = backoffs_.find(peer);
  if (found == backoffs_.end() && backoffs_.size() >= cfg_.backoffs_max)
    return; // Thousands are pruned at once only if they come at once; then a lost back-off is the least worry.
  auto& x = found == backoffs_.end() ? backoffs_[peer] : found->second;
  x.until = std::max(x.until, until);
  x.ours = x.ours || ours;
}

void topic_mesh::fill_mesh(time_point now) {
  if (mesh_.size() >= cfg_.d_low)
    return;
  for (const auto& peer : pick(cfg_.d - mesh_.size(), [&](const peer_id& x) { return may_graft(now, x); }))
    graft(peer);
}

/// Where the mesh is full, prunes the worst of those that we did not dial and whose score is below `bar`. False when
/// there is none.
bool topic_mesh::make_room(time_point now, double bar) {
  if (mesh_.size() < cfg_.d_high)
    return true;
  std::optional<peer_id> worst;
  for (const auto& one : mesh_)
    if (!is_outbound(one.id) && score_of(one.id) < bar && (!worst || score_of(one.id) < score_of(*worst)))
      worst = one.id;
  if (worst)
    prune(now, *worst);
  return worst.has_value();
}

/// Who comes first may not stay for that alone: mutes that fill meshes early would keep all others out for good.
bool topic_mesh::make_room_for(time_point now, const peer_id& peer) {
  if (score_of(peer) < cfg_.opportunistic_below)
    return mesh_.size() < cfg_.d_high;
  return make_room(now, cfg_.opportunistic_below);
}

/// Sees to it that some of the mesh are peers that we dialed; in a full mesh they replace the worst of the others.
void topic_mesh::balance_outbound(time_point now) {
  const auto have = static_cast<std::size_t>(
    std::count_if(mesh_.begin(), mesh_.end(), [&](const member& x) { return is_outbound(x.id); }));
  if (have >= cfg_.d_out || mesh_.size() < cfg_.d_low)
    return;
  const auto chosen = pick(cfg_.d_out - have, [&](const peer_id& x) { return is_outbound(x) && may_graft(now, x); });
  for (const auto& peer : chosen)
    if (make_room(now))
      graft(peer);
}

/// Opportunistic grafting: a mesh that was bought cheaply by many bad peers lifts itself out of it.
void topic_mesh::graft_better(time_point now) {
  if (now < opportunity_at_)
    return;
  opportunity_at_ = now + cfg_.opportunistic_every;
  if (mesh_.size() < 2)
    return;
  std::vector<double> scores;
  for (const auto& one : mesh_)
    scores.push_back(score_of(one.id));
  std::sort(scores.begin(), scores.end());
  const auto median = scores[scores.size() / 2];
  if (median >= cfg_.opportunistic_below)
    return;
  for (const auto& peer :
    pick(cfg_.opportunistic_grafts, [&](const peer_id& x) { return may_graft(now, x) && score_of(x) > median; }))
    if (make_room(now))
      graft(peer);
}

void topic_mesh::tend_mesh(time_point now) {
  for (const auto& peer : mesh())
    if (score_of(peer) < 0)
      prune(now, peer);
  fill_mesh(now);
  balance_outbound(now);
  graft_better(now);
}

// -- the heartbeat ----------------------------------------------------------------------------------------------------

void topic_mesh::handle_timeout(time_point now) {
  while (const auto expired = queue_.take_expired(now))
    judge(now, *expired, verdict::ignore);
  if (now < heartbeat_at_)
    return;
  seen_.expire(now);
  for (auto at = backoffs_.begin(); at != backoffs_.end();)
    at = now >= at->second.until ? backoffs_.erase(at) : std::next(at);
  for (auto at = doubts_.begin(); at != doubts_.end();)
    at = now >= at->second ? doubts_.erase(at) : std::next(at);
  break_promises(now);
  if (subscribed_)
    tend_mesh(now);
  else if (!fanout_.empty() && now - published_at_ >= cfg_.fanout_life)
    fanout_.clear();
  gossip();
  cache_.shift();
  accounts_.clear();
  heartbeat_at_ = now + (busy() ? cfg_.heartbeat : cfg_.heartbeat_idle);
}

/// Who offered ids and sent none of them when asked has taken our time. One fault per peer and heartbeat, because what
/// was lost on the way is often lost together.
void topic_mesh::break_promises(time_point now) {
  std::set<peer_id> faulty;
  for (auto at = asked_.begin(); at != asked_.end();) {
    if (now - at->second.at < cfg_.promise_patience) {
      ++at;
      continue;
    }
    ++figures_.promises_broken;
    faulty.insert(at->second.peer);
    doubts_[at->second.peer] = now + cfg_.doubt;
    at = asked_.erase(at);
  }
  for (const auto& peer : faulty)
    note(peer, peer_conduct::misbehaved);
}

void topic_mesh::gossip() {
  if (cache_.size() == 0)
    return;
  auto ids = cache_.advertised(cfg_.ids_per_ihave, random_);
  if (ids.empty())
    return;
  std::vector<peer_id> targets;
  for (const auto& peer : places_)
    if (score_of(peer) >= cfg_.thresholds.gossip && !in_mesh(peer)
      && std::find(fanout_.begin(), fanout_.end(), peer) == fanout_.end())
      targets.push_back(peer);
  const auto share = static_cast<std::size_t>(cfg_.gossip_share * static_cast<double>(targets.size()));
  const auto count = std::min({targets.size(), std::max(cfg_.d_lazy, share), cfg_.gossip_targets_max});
  if (count == 0)
    return;
  random_.shuffle_front(targets, count);
  const byte_slice payload{encode_ihave(topic_, ids)};
  for (std::size_t i = 0; i < count; ++i)
    send(targets[i], payload);
  offered_.push_back(std::move(ids));
}

bool topic_mesh::busy() const {
  const auto wants_more = subscribed_ && mesh_.size() < cfg_.d_low && places_.size() > mesh_.size();
  return wants_more || cache_.size() != 0 || !asked_.empty() || !accounts_.empty();
}

/// Ends an idle pause.
void topic_mesh::wake(time_point now) noexcept {
  heartbeat_at_ = std::min(heartbeat_at_, now + cfg_.heartbeat);
}

bool topic_mesh::finished() const {
  return !subscribed_ && fanout_.empty() && cache_.size() == 0 && queue_.size() == 0;
}

std::optional<time_point> topic_mesh::poll_timeout() const {
  if (finished())
    return std::nullopt;
  const auto verdict_due = queue_.poll_timeout();
  return verdict_due ? std::min(*verdict_due, heartbeat_at_) : heartbeat_at_;
}

} // namespace librats::protocols
