// SPDX-License-Identifier: MIT
#include "protocols/gossip/topic_list.hpp"

namespace librats::protocols {

bool topic_list::add(const peer_id& peer, std::string_view topic) {
  if (topic.empty() || topic.size() > cfg_.bytes_per_peer_max || entries_ >= cfg_.entries_max)
    return false;
  if (const auto known = peers_.find(peer); known != peers_.end()) {
    const auto& x = known->second;
    if (x.topics.size() >= cfg_.topics_per_peer_max || x.name_bytes + topic.size() > cfg_.bytes_per_peer_max)
      return false;
  }
  auto place = topics_.find(topic);
  if (place == topics_.end())
    place = topics_.emplace(std::string{topic}, std::set<peer_id>{}).first;
  if (!place->second.insert(peer).second)
    return false;
  auto& mine = peers_[peer];
  mine.topics.insert(place->first);
  mine.name_bytes += topic.size();
  ++entries_;
  return true;
}

bool topic_list::remove(const peer_id& peer, std::string_view topic) {
  const auto place = topics_.find(topic);
  if (place == topics_.end() || place->second.erase(peer) == 0)
    return false;
  --entries_;
  const auto owner = peers_.find(peer);
  owner->second.topics.erase(place->first);
  owner->second.name_bytes -= topic.size();
  if (owner->second.topics.empty())
    peers_.erase(owner);
  if (place->second.empty())
    topics_.erase(place);
  return true;
}

std::vector<std::string> topic_list::remove_peer(const peer_id& peer) {
  std::vector<std::string> out;
  if (const auto owner = peers_.find(peer); owner != peers_.end())
    out.assign(owner->second.topics.begin(), owner->second.topics.end());
  for (const auto& topic : out)
    remove(peer, topic);
  return out;
}

bool topic_list::contains(const peer_id& peer, std::string_view topic) const {
  const auto place = topics_.find(topic);
  return place != topics_.end() && place->second.count(peer) != 0;
}

std::vector<peer_id> topic_list::peers_of(std::string_view topic) const {
  const auto place = topics_.find(topic);
  if (place == topics_.end())
    return {};
  return {place->second.begin(), place->second.end()};
}

} // namespace librats::protocols
