// SPDX-License-Identifier: MIT
#include "protocols/dht/peer_store.hpp"

#include "protocols/core/address_element.hpp"

#include <algorithm>
#include <iterator>

namespace librats::protocols {

namespace {

constexpr auto older = [](const auto& a, const auto& b) { return a->announced < b->announced; };

} // namespace

void peer_store::erase(record_list::iterator x) {
  const auto place = swarms_.find(x->hash);
  auto& peers = place->second.peers;
  const auto entry = std::find(peers.begin(), peers.end(), x);
  *entry = peers.back();
  peers.pop_back();
  if (peers.empty()) {
    recency_.erase(place->second.recency);
    swarms_.erase(place);
  }
  quota_.give_back(x->at.address);
  records_.erase(x);
}

/// Where a source has its handful in a swarm, the next one of it takes the place of the oldest, as if a program behind
/// a NAT had started anew.
void peer_store::displace_kin(const info_hash& hash, const ip_address& from) {
  const auto place = swarms_.find(hash);
  if (place == swarms_.end() || (cfg_.loopback_exempt && from.is_loopback()))
    return;
  const auto source = subscriber_of(from);
  std::vector<record_list::iterator> kin;
  for (const auto& x : place->second.peers)
    if (subscriber_of(x->at.address) == source)
      kin.push_back(x);
  if (!kin.empty() && kin.size() >= cfg_.swarm_per_source_max)
    erase(*std::min_element(kin.begin(), kin.end(), older));
}

/// Sees to it that one more peer finds a place in that swarm, which may be a new one.
void peer_store::make_room(const info_hash& hash) {
  const auto place = swarms_.find(hash);
  if (place == swarms_.end() && !swarms_.empty() && swarms_.size() >= cfg_.hashes_max) {
    const auto forgotten =
      swarms_.find(recency_.front())->second.peers; // A copy: the swarm ends with the last of them.
    for (const auto& x : forgotten)
      erase(x);
  } else if (place != swarms_.end() && place->second.peers.size() >= cfg_.peers_per_hash_max) {
    const auto& peers = place->second.peers;
    erase(*std::min_element(peers.begin(), peers.end(), older));
  }
  if (!records_.empty() && records_.size() >= cfg_.peers_max)
    erase(records_.begin());
}

bool peer_store::announce(const info_hash& hash, const endpoint& peer, time_point now) {
  if (!is_dialable(peer))
    return false;
  expire(now);
  if (const auto place = swarms_.find(hash); place != swarms_.end()) {
    const auto& peers = place->second.peers;
    const auto known = std::find_if(peers.begin(), peers.end(), [&](record_list::iterator x) { return x->at == peer; });
    if (known != peers.end()) {
      (*known)->announced = now;
      records_.splice(records_.end(), records_, *known);
      recency_.splice(recency_.end(), recency_, place->second.recency);
      return true;
    }
  }
  displace_kin(hash, peer.address);
  if (!quota_.take(peer.address))
    return false;
  make_room(hash);
  const auto added = records_.insert(records_.end(), record{hash, peer, now});
  const auto [place, is_new] = swarms_.try_emplace(hash);
  if (is_new)
    place->second.recency = recency_.insert(recency_.end(), hash);
  else
    recency_.splice(recency_.end(), recency_, place->second.recency);
  place->second.peers.push_back(added);
  return true;
}

std::vector<endpoint> peer_store::sample(const info_hash& hash, std::size_t count, time_point now) {
  expire(now);
  std::vector<endpoint> out;
  const auto place = swarms_.find(hash);
  if (place == swarms_.end())
    return out;
  auto chosen = place->second.peers;
  random_.shuffle_front(chosen, count);
  chosen.resize(std::min(chosen.size(), count));
  out.reserve(chosen.size());
  for (const auto& x : chosen)
    out.push_back(x->at);
  return out;
}

void peer_store::draw_samples(time_point now) {
  std::vector<const info_hash*> all;
  all.reserve(swarms_.size());
  for (const auto& [hash, members] : swarms_)
    all.push_back(&hash);
  random_.shuffle_front(all, krpc::samples_max);
  all.resize(std::min(all.size(), krpc::samples_max));
  drawn_.clear();
  for (const auto* hash : all)
    drawn_.push_back(*hash);
  drawn_at_ = now;
}

krpc::sample_report peer_store::sample_hashes(time_point now) {
  expire(now);
  krpc::sample_report out;
  out.stored = static_cast<std::int64_t>(swarms_.size());
  if (swarms_.size() <= krpc::samples_max) {
    for (const auto& [hash, members] : swarms_)
      out.samples.push_back(hash);
    return out;
  }
  out.interval = cfg_.sample_interval;
  if (!drawn_at_ || now >= *drawn_at_ + cfg_.sample_interval)
    draw_samples(now);
  for (const auto& hash : drawn_)
    if (swarms_.count(hash) != 0)
      out.samples.push_back(hash);
  return out;
}

void peer_store::expire(time_point now) {
  while (!records_.empty() && now >= records_.front().announced + cfg_.ttl)
    erase(records_.begin());
}

std::optional<time_point> peer_store::next_expiry() const noexcept {
  return records_.empty() ? std::nullopt : std::optional{records_.front().announced + cfg_.ttl};
}

} // namespace librats::protocols
