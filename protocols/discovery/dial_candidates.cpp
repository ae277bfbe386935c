// SPDX-License-Identifier: MIT
#include "protocols/discovery/dial_candidates.hpp"

#include <algorithm>

namespace librats::protocols {

bool dial_candidates::dialable(const endpoint& x) const {
  return x.port != 0 && !x.address.is_unspecified() && !x.address.is_multicast() && own_.count(x) == 0
         && ignored_.count(x.address) == 0;
}

std::size_t dial_candidates::offer(time_point now, const std::vector<endpoint>& found) {
  std::size_t fresh = 0;
  for (const auto& one : found) {
    ++figures_.seen;
    if (!dialable(one) || open_.count(one) != 0)
      continue;
    if (const auto known = dialed_.find(one); known != dialed_.end() && now < known->second)
      continue;
    if (dialed_.size() >= cfg_.remembered_max)
      forget_old(now);
    if (waiting_.size() >= cfg_.waiting_max || dialed_.size() >= cfg_.remembered_max)
      continue;
    dialed_[one] = now + cfg_.redial_pause;
    waiting_.push_back(one);
    ++fresh;
  }
  return fresh;
}

void dial_candidates::forget_old(time_point now) {
  for (auto x = dialed_.begin(); x != dialed_.end();)
    x = x->second <= now ? dialed_.erase(x) : std::next(x);
}

void dial_candidates::dial_ended(const endpoint& where, bool reached) {
  open_.erase(where);
  if (!reached)
    ++figures_.dials_failed;
}

std::optional<endpoint> dial_candidates::poll_dial(time_point now) {
  while (wanted() && open_.size() < cfg_.dials_max && !waiting_.empty()) {
    const auto next = waiting_.front();
    waiting_.pop_front();
    if (!dialable(next))  // What is ours may have become known meanwhile.
      continue;
    dialed_[next] = now + cfg_.redial_pause;
    open_.insert(next);
    ++figures_.dials;
    return next;
  }
  if (!wanted()) {
    // Whoever waits is found again when somebody is wanted.
    for (const auto& one : waiting_)
      dialed_.erase(one);
    waiting_.clear();
  }
  return std::nullopt;
}

} // namespace librats::protocols
