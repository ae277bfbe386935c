// SPDX-License-Identifier: MIT
#include "protocols/gossip/peer_scores.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace librats::protocols {

namespace {

constexpr std::size_t subscriber_bytes = 8; ///< A /64 is what one IPv6 customer has.
constexpr double square(double x) noexcept {
  return x * x;
}

/// Whom an address belongs to; empty for loopback, where any number of nodes may live.
std::optional<ip_address> source_of(const std::optional<ip_address>& remote) {
  if (!remote || remote->is_loopback() || remote->is_unspecified())
    return std::nullopt;
  if (remote->is_v4())
    return remote;
  std::array<std::uint8_t, 16> raw{};
  std::copy_n(remote->raw().begin(), subscriber_bytes, raw.begin());
  return ip_address::from_bytes(raw);
}

void fade(double& counter, double kept) noexcept {
  counter *= kept;
  if (counter < peer_scores::counter_zero)
    counter = 0;
}

} // namespace

peer_scores::peer_scores(const config& cfg, time_point now) : cfg_(cfg), decayed_at_(now) {}

// -- inputs -----------------------------------------------------------------------------------------------------------

void peer_scores::drop_topic(std::uint32_t topic) {
  topics_.erase(topic);
  for (auto& [id, x] : peers_)
    x.topics.erase(topic);
}

void peer_scores::peer_connected(time_point now, const peer_id& peer, const std::optional<ip_address>& remote) {
  forget_departed(now);
  auto& x = peers_[peer];
  if (x.left_at) {
    departures_.erase({*x.left_at, peer});
    x.left_at.reset();
  }
  leave_source(x); // A link that replaces another one may come from elsewhere.
  x.source = source_of(remote);
  if (x.source)
    ++sources_[*x.source];
}

void peer_scores::peer_disconnected(time_point now, const peer_id& peer) {
  const auto found = peers_.find(peer);
  if (found == peers_.end() || found->second.left_at)
    return;
  auto& x = found->second;
  for (auto& [number, topic] : x.topics) {
    const auto& w = weights_of(number);
    topic.mesh_failures += square(deficit(now, w, topic));
    topic.in_mesh_since.reset();
    topic.first_deliveries = 0; // What was earned does not outlive the link, what was spoilt does.
    topic.mesh_deliveries = 0;
  }
  leave_source(x);
  if (score_of(now, x) >= 0) {
    peers_.erase(found);
    return;
  }
  x.left_at = now;
  departures_.emplace(now, peer);
  while (departures_.size() > cfg_.remembered_max) {
    peers_.erase(departures_.begin()->second);
    departures_.erase(departures_.begin());
  }
}

void peer_scores::note(time_point now, std::uint32_t topic, const conduct_note& note) {
  const auto found = peers_.find(note.peer);
  if (found == peers_.end())
    return;
  auto& x = found->second;
  if (note.what == peer_conduct::misbehaved) {
    x.misbehaviour += note.count;
    return;
  }
  const auto& w = weights_of(topic);
  auto& mine = x.topics[topic];
  switch (note.what) {
  case peer_conduct::grafted:
    mine.in_mesh_since = now;
    mine.mesh_deliveries = 0;
    break;
  case peer_conduct::pruned:
    mine.mesh_failures += square(deficit(now, w, mine));
    mine.in_mesh_since.reset();
    break;
  case peer_conduct::first_delivery:
    mine.first_deliveries = std::min(mine.first_deliveries + note.count, w.first_deliveries_cap);
    if (mine.in_mesh_since)
      mine.mesh_deliveries = std::min(mine.mesh_deliveries + note.count, w.mesh_cap);
    break;
  case peer_conduct::mesh_delivery:
    if (mine.in_mesh_since)
      mine.mesh_deliveries = std::min(mine.mesh_deliveries + note.count, w.mesh_cap);
    break;
  case peer_conduct::invalid_message: mine.invalid_messages += note.count; break;
  case peer_conduct::misbehaved: break;
  }
}

void peer_scores::set_application_score(const peer_id& peer, double score) {
  if (const auto found = peers_.find(peer); found != peers_.end() && std::isfinite(score))
    found->second.application = score;
}

void peer_scores::handle_timeout(time_point now) {
  // A process that slept for an hour need not decay 3,600 times: after some rounds of any decay nothing is left.
  constexpr int rounds_max = 1200;
  for (int i = 0; now - decayed_at_ >= cfg_.decay_interval && i < rounds_max; ++i) {
    decayed_at_ += cfg_.decay_interval;
    for (auto& [id, x] : peers_)
      decay(x);
  }
  if (now - decayed_at_ >= cfg_.decay_interval)
    decayed_at_ = now;
  forget_departed(now);
}

// -- outputs ----------------------------------------------------------------------------------------------------------

double peer_scores::score(time_point now, const peer_id& peer) const {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? 0 : score_of(now, found->second);
}

std::vector<std::pair<peer_id, double>> peer_scores::all(time_point now) const {
  std::vector<std::pair<peer_id, double>> out;
  for (const auto& [id, x] : peers_)
    if (!x.left_at)
      out.emplace_back(id, score_of(now, x));
  return out;
}

// -- arithmetic -------------------------------------------------------------------------------------------------------

const topic_score_config& peer_scores::weights_of(std::uint32_t topic) const {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? cfg_.topic : found->second;
}

double peer_scores::deficit(time_point now, const topic_score_config& w, const topic_record& x) const {
  if (!x.in_mesh_since || now - *x.in_mesh_since < w.mesh_activation)
    return 0;
  return std::max(w.mesh_threshold - x.mesh_deliveries, 0.0);
}

double peer_scores::topic_score(time_point now, const topic_score_config& w, const topic_record& x) const {
  double out = 0;
  if (x.in_mesh_since && now > *x.in_mesh_since) {
    const auto quanta =
      std::chrono::duration<double>(now - *x.in_mesh_since) / std::chrono::duration<double>(w.time_in_mesh_quantum);
    out += w.time_in_mesh * std::min(quanta, w.time_in_mesh_cap);
  }
  out += w.first_deliveries * x.first_deliveries;
  out += w.mesh_deficit * square(deficit(now, w, x));
  out += w.mesh_failure * x.mesh_failures;
  out += w.invalid_messages * square(x.invalid_messages);
  return out * w.weight;
}

double peer_scores::score_of(time_point now, const record& x) const {
  double out = 0;
  for (const auto& [number, topic] : x.topics)
    out += topic_score(now, weights_of(number), topic);
  out = std::min(out, cfg_.topics_cap);
  out += cfg_.application * x.application;
  if (x.source) {
    const auto together = sources_.find(*x.source);
    if (together != sources_.end() && together->second > cfg_.colocation_max)
      out += cfg_.colocation * square(static_cast<double>(together->second - cfg_.colocation_max));
  }
  out += cfg_.misbehaviour * square(std::max(x.misbehaviour - cfg_.misbehaviour_tolerated, 0.0));
  return out;
}

/// What an interval leaves of a counter of which 1 % shall be left after `to_one_percent`.
double peer_scores::kept_after(duration to_one_percent) const {
  if (to_one_percent <= cfg_.decay_interval)
    return counter_zero;
  return std::pow(
    counter_zero, std::chrono::duration<double>(cfg_.decay_interval) / std::chrono::duration<double>(to_one_percent));
}

void peer_scores::decay(record& x) {
  if (x.misbehaviour > 0)
    fade(x.misbehaviour, kept_after(cfg_.misbehaviour_decay));
  for (auto at = x.topics.begin(); at != x.topics.end();) {
    const auto& w = weights_of(at->first);
    auto& mine = at->second;
    if (mine.first_deliveries > 0)
      fade(mine.first_deliveries, kept_after(w.first_deliveries_decay));
    if (mine.mesh_deliveries > 0)
      fade(mine.mesh_deliveries, kept_after(w.mesh_decay));
    if (mine.mesh_failures > 0)
      fade(mine.mesh_failures, kept_after(w.mesh_failure_decay));
    if (mine.invalid_messages > 0)
      fade(mine.invalid_messages, kept_after(w.invalid_messages_decay));
    const auto blank = !mine.in_mesh_since && mine.first_deliveries + mine.mesh_failures + mine.invalid_messages == 0;
    at = blank ? x.topics.erase(at) : std::next(at);
  }
}

void peer_scores::leave_source(record& x) {
  if (!x.source)
    return;
  const auto found = sources_.find(*x.source);
  if (found != sources_.end() && --found->second == 0)
    sources_.erase(found);
  x.source.reset();
}

void peer_scores::forget_departed(time_point now) {
  while (!departures_.empty() && now - departures_.begin()->first >= cfg_.remembered) {
    peers_.erase(departures_.begin()->second);
    departures_.erase(departures_.begin());
  }
}

} // namespace librats::protocols
