// SPDX-License-Identifier: MIT
//
// Peer exchange in PRUNE (GossipSub v1.1): who has no place for a peer tells it of others in the topic.
#include "protocols/core/address_element.hpp"
#include "protocols/core/address_scope.hpp"
#include "protocols/gossip/gossip_switch.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace librats::protocols {

namespace {

/// A peer that we connect to so soon after it was named is there because it was named. Longer, and naming honest peers
/// would be a way to keep them out of the places for peers of our own choice.
constexpr auto dial_life = std::chrono::minutes{1};
/// Who was introduced is not of our choice when it is dialed again either.
constexpr auto introduced_life = std::chrono::hours{1};

} // namespace

void gossip_switch::set_addresses(const peer_id& peer, std::vector<endpoint> addresses) {
  if (const auto found = peers_.find(peer); found != peers_.end())
    found->second.addresses = std::move(addresses);
}

void gossip_switch::handle_farewell(time_point now, std::string_view topic, const topic_mesh::farewell& x) {
  const auto target = peers_.find(x.to);
  if (target == peers_.end())
    return;
  std::vector<pex_entry> named;
  if (const auto& remote = target->second.remote) {
    auto others = listed_.peers_of(topic);
    random_.shuffle_front(others, others.size());
    for (const auto& one : others) {
      if (named.size() == gossip_prune_peers_max)
        break;
      if (one == x.to || scores_.score(now, one) < 0)
        continue;
      const auto& known = peers_.at(one).addresses;
      const auto fit = std::find_if(known.begin(), known.end(),
        [&](const endpoint& where) { return is_dialable(where) && worth_telling(where.address, *remote); });
      if (fit != known.end())
        named.push_back({*fit, one});
    }
  }
  figures_.introductions_sent += named.empty() ? 0 : 1;
  to_send_.push_back({x.to, byte_slice{encode_prune(topic, x.backoff, named)}});
}

void gossip_switch::hear_of_peers(time_point now, const peer_id& from, link& x, const gossip_prune& prune) {
  if (!joined(prune.topic))
    return;
  if (scores_.score(now, from) < cfg_.accept_peers || introductions_.size() >= introductions_max
    || !x.introductions.take(cfg_.introductions, now)) {
    ++figures_.introductions_refused;
    return;
  }
  auto named = prune.peers.entries();
  named.erase(
    std::remove_if(named.begin(), named.end(), [&](const pex_entry& one) { return peers_.count(one.id) != 0; }),
    named.end());
  if (named.empty())
    return;
  for (const auto& one : named)
    remember_introduced(now, one.id, false);
  ++figures_.introductions_taken;
  introductions_.push_back({from, std::string{prune.topic}, std::move(named)});
}

bool gossip_switch::is_of_our_choice(const peer_id& peer) const {
  const auto found = peers_.find(peer);
  return found != peers_.end() && found->second.outbound;
}

bool gossip_switch::is_introduced(time_point now, const peer_id& peer) const {
  const auto found = introduced_.find(peer);
  return found != introduced_.end() && now < found->second;
}

void gossip_switch::remember_introduced(time_point now, const peer_id& peer, bool was_here) {
  if (introduced_.size() >= introduced_max)
    for (auto at = introduced_.begin(); at != introduced_.end();)
      at = now >= at->second ? introduced_.erase(at) : std::next(at);
  if (introduced_.size() >= introduced_max)
    introduced_.erase(std::min_element(
      introduced_.begin(), introduced_.end(), [](const auto& a, const auto& b) { return a.second < b.second; }));
  auto& until = introduced_[peer];
  until = std::max<time_point>(until, now + (was_here ? introduced_life : dial_life));
}

} // namespace librats::protocols
