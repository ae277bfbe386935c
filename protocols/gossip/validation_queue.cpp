// SPDX-License-Identifier: MIT
#include "protocols/gossip/validation_queue.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

validation_queue::validation_queue(const config& cfg, std::uint64_t seed)
  : cfg_(cfg), tickets_(0, keyed_id_hash{seed}) {}

std::optional<std::uint64_t> validation_queue::add(time_point now, const gossip_delivery& message, byte_slice payload) {
  const auto share = shares_.find(message.from);
  const auto size = payload.size();
  if (waiting_.size() >= cfg_.messages_max || size > cfg_.bytes_max - bytes_
    || (share != shares_.end() && share->second >= cfg_.messages_per_peer_max)
    || !tickets_.try_emplace(message.id, last_ticket_ + 1).second)
    return std::nullopt;
  ++shares_[message.from];
  bytes_ += size;
  waiting_.emplace(++last_ticket_, pending{message, std::move(payload), {message.from}, now + cfg_.patience});
  return last_ticket_;
}

bool validation_queue::add_carrier(const message_id& id, const peer_id& peer) {
  const auto found = tickets_.find(id);
  if (found == tickets_.end())
    return false;
  auto& carriers = waiting_.at(found->second).carriers;
  if (carriers.size() >= carriers_max || std::find(carriers.begin(), carriers.end(), peer) != carriers.end())
    return false;
  carriers.push_back(peer);
  return true;
}

std::optional<validation_queue::pending> validation_queue::take(std::uint64_t ticket) {
  const auto found = waiting_.find(ticket);
  if (found == waiting_.end())
    return std::nullopt;
  auto out = std::move(found->second);
  waiting_.erase(found);
  tickets_.erase(out.message.id);
  bytes_ -= out.payload.size();
  const auto share = shares_.find(out.message.from);
  if (--share->second == 0)
    shares_.erase(share);
  return out;
}

std::optional<validation_queue::pending> validation_queue::take_expired(time_point now) {
  if (waiting_.empty() || now < waiting_.begin()->second.deadline)
    return std::nullopt;
  return take(waiting_.begin()->first);
}

std::optional<time_point> validation_queue::poll_timeout() const {
  if (waiting_.empty())
    return std::nullopt;
  return waiting_.begin()->second.deadline;
}

} // namespace librats::protocols
