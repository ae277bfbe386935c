// SPDX-License-Identifier: MIT
#include "protocols/gossip/seen_cache.hpp"

namespace librats::protocols {

seen_cache::seen_cache(const config& cfg, std::uint64_t seed) : cfg_(cfg), known_(0, keyed_id_hash{seed}) {
  known_.max_load_factor(0.5F); // Most look-ups are for new ids, and find an empty bucket: twice as fast.
}

bool seen_cache::insert(time_point now, const message_id& id, std::uint32_t carriers) {
  const auto [place, fresh] = known_.try_emplace(id, sighting{now, carriers});
  if (!fresh)
    return false;
  ages_.push_back(&*place);
  if (ages_.size() > cfg_.capacity) {
    known_.erase(message_id{ages_.front()->first}); // A copy: the key dies with the element.
    ages_.pop_front();
  }
  return true;
}

seen_cache::sighting* seen_cache::find(const message_id& id) {
  const auto found = known_.find(id);
  return found == known_.end() ? nullptr : &found->second;
}

void seen_cache::expire(time_point now) {
  while (!ages_.empty() && now - ages_.front()->second.first >= cfg_.lifetime) {
    known_.erase(message_id{ages_.front()->first});
    ages_.pop_front();
  }
}

} // namespace librats::protocols
