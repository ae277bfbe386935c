// SPDX-License-Identifier: MIT
#include "protocols/gossip/seen_cache.hpp"

namespace librats::protocols {

bool seen_cache::insert(time_point now, const message_id& id, std::uint32_t carriers) {
  if (known_.push(id, {now, carriers}) == nullptr)
    return false;
  if (known_.size() > cfg_.capacity)
    known_.pop_front();
  return true;
}

void seen_cache::expire(time_point now) {
  while (!known_.empty() && now - known_.front().value.first >= cfg_.lifetime)
    known_.pop_front();
}

} // namespace librats::protocols
