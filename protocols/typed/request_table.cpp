// SPDX-License-Identifier: MIT
#include "protocols/typed/request_table.hpp"

#include <algorithm>

namespace librats::protocols {

request_table::admission request_table::add(const key& which, time_point due, std::size_t size) {
  if (waits(which))
    return admission::known;
  if (entries_.size() >= limits_.in_all)
    return admission::full;
  if (const auto found = loads_.find(which.peer); found != loads_.end()) {
    const auto& theirs = found->second;
    const auto room = limits_.bytes_per_peer - std::min(limits_.bytes_per_peer, theirs.bytes);
    if (theirs.count >= limits_.per_peer || size > room)
      return admission::peer_full;
  } else if (limits_.per_peer == 0) {
    return admission::peer_full;
  }
  entries_.emplace(which, entry{due, size});
  due_.emplace(due, which);
  auto& theirs = loads_[which.peer];
  ++theirs.count;
  theirs.bytes += size;
  return admission::admitted;
}

bool request_table::take(const key& which) {
  const auto found = entries_.find(which);
  if (found == entries_.end())
    return false;
  erase(found);
  return true;
}

std::vector<request_table::key> request_table::take_peer(const peer_id& peer) {
  std::vector<key> out;
  auto next = entries_.lower_bound({peer, 0});
  while (next != entries_.end() && next->first.peer == peer) {
    out.push_back(next->first);
    erase(next++);
  }
  return out;
}

std::vector<request_table::key> request_table::take_due(time_point now) {
  std::vector<key> out;
  while (!due_.empty() && due_.begin()->first <= now) {
    out.push_back(due_.begin()->second);
    erase(entries_.find(out.back()));
  }
  return out;
}

std::optional<time_point> request_table::poll_timeout() const noexcept {
  return due_.empty() ? std::nullopt : std::optional{due_.begin()->first};
}

void request_table::erase(std::map<key, entry>::iterator which) {
  const auto theirs = loads_.find(which->first.peer);
  theirs->second.bytes -= which->second.size;
  if (--theirs->second.count == 0)
    loads_.erase(theirs);
  due_.erase({which->second.due, which->first});
  entries_.erase(which);
}

} // namespace librats::protocols
