// SPDX-License-Identifier: MIT
#include "protocols/gossip/message_cache.hpp"

#include <algorithm>

namespace librats::protocols {

message_cache::message_cache(const config& cfg, std::uint64_t seed) : cfg_(cfg), messages_(seed), windows_{0} {}

void message_cache::put(const message_id& id, byte_slice payload) {
  const auto size = payload.size();
  if (size > cfg_.bytes_max || messages_.push(id, {std::move(payload), {}}) == nullptr)
    return;
  bytes_ += size;
  while (messages_.size() > cfg_.messages_max || bytes_ > cfg_.bytes_max)
    forget_oldest();
}

message_cache::answer message_cache::take(
  const message_id& id, const peer_id& peer, std::size_t budget, byte_slice& out) {
  auto* found = messages_.find(id);
  if (found == nullptr)
    return answer::unknown;
  auto& answers = found->answers;
  auto mine = std::find_if(answers.begin(), answers.end(), [&](const auto& x) { return x.first == peer; });
  if (mine != answers.end() && mine->second >= cfg_.answers_max)
    return answer::answered;
  if (found->payload.size() > budget)
    return answer::over_budget;
  if (mine == answers.end())
    mine = answers.insert(answers.end(), {peer, std::uint8_t{0}});
  ++mine->second;
  out = found->payload;
  return answer::given;
}

std::vector<message_id> message_cache::advertised(std::size_t max, small_random& random) const {
  std::vector<message_id> out;
  const auto oldest = std::min(cfg_.gossiped, windows_.size());
  if (oldest == 0)
    return out;
  for (auto at = std::max(windows_[oldest - 1], messages_.first()); at < messages_.end(); ++at)
    out.push_back(messages_.at(at).id);
  if (out.size() > max) {
    random.shuffle_front(out, max);
    out.resize(max);
  }
  return out;
}

void message_cache::shift() {
  windows_.push_front(messages_.end());
  while (windows_.size() > std::max<std::size_t>(cfg_.windows, 1))
    windows_.pop_back();
  while (!messages_.empty() && messages_.first() < windows_.back())
    forget_oldest();
}

void message_cache::forget_oldest() {
  bytes_ -= messages_.front().value.payload.size();
  messages_.pop_front();
}

} // namespace librats::protocols
