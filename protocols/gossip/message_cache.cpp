// SPDX-License-Identifier: MIT
#include "protocols/gossip/message_cache.hpp"

#include <algorithm>

namespace librats::protocols {

message_cache::message_cache(const config& cfg, std::uint64_t seed)
  : cfg_(cfg), messages_(0, keyed_id_hash{seed}), windows_(1) {
  messages_.max_load_factor(0.5F);
}

void message_cache::put(const message_id& id, byte_slice payload) {
  const auto size = payload.size();
  if (size > cfg_.bytes_max || !messages_.try_emplace(id, entry{std::move(payload), {}}).second)
    return;
  bytes_ += size;
  windows_.front().push_back(id);
  while (messages_.size() > cfg_.messages_max || bytes_ > cfg_.bytes_max)
    forget_oldest();
}

message_cache::answer message_cache::take(
  const message_id& id, const peer_id& peer, std::size_t budget, byte_slice& out) {
  const auto found = messages_.find(id);
  if (found == messages_.end())
    return answer::unknown;
  auto& answers = found->second.answers;
  auto mine = std::find_if(answers.begin(), answers.end(), [&](const auto& x) { return x.first == peer; });
  if (mine != answers.end() && mine->second >= cfg_.answers_max)
    return answer::answered;
  if (found->second.payload.size() > budget)
    return answer::over_budget;
  if (mine == answers.end())
    mine = answers.insert(answers.end(), {peer, std::uint8_t{0}});
  ++mine->second;
  out = found->second.payload;
  return answer::given;
}

std::vector<message_id> message_cache::advertised(std::size_t max, small_random& random) const {
  std::vector<message_id> out;
  for (std::size_t i = 0; i < std::min(cfg_.gossiped, windows_.size()); ++i)
    out.insert(out.end(), windows_[i].begin(), windows_[i].end());
  if (out.size() > max) {
    random.shuffle_front(out, max);
    out.resize(max);
  }
  return out;
}

void message_cache::shift() {
  windows_.emplace_front();
  while (windows_.size() > std::max<std::size_t>(cfg_.windows, 1)) {
    for (const auto& id : windows_.back())
      forget(id);
    windows_.pop_back();
  }
}

void message_cache::forget(const message_id& id) {
  const auto found = messages_.find(id);
  bytes_ -= found->second.payload.size();
  messages_.erase(found);
}

void message_cache::forget_oldest() {
  while (windows_.back().empty())
    windows_.pop_back();
  forget(windows_.back().front());
  windows_.back().pop_front();
  if (windows_.back().empty() && windows_.size() > 1)
    windows_.pop_back();
}

} // namespace librats::protocols
