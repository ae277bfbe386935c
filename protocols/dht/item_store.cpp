// SPDX-License-Identifier: MIT
#include "protocols/dht/item_store.hpp"

#include <utility>

namespace librats::protocols {

/// Replaces what is stored by a version of it, if the rules of BEP 44 allow; what changes nothing is fine, too.
std::optional<item_errc> item_store::refresh(
  record_list::iterator stored, dht_item x, std::optional<std::int64_t> cas) {
  if (!x.proof || !stored->item.proof) // An immutable item has one version: its target is its hash.
    return std::nullopt;
  const auto seq = stored->item.proof->seq;
  if (cas && *cas != seq)
    return item_errc::cas_mismatch;
  if (stored->item == x)
    return std::nullopt;
  if (x.proof->seq < seq || (x.proof->seq == seq && x.value != stored->item.value))
    return item_errc::seq_too_small;
  if (const auto wrong = check_item_signature(x))
    return wrong;
  if (x.proof->seq > seq)
    stored->item = std::move(x);
  return std::nullopt;
}

void item_store::erase_oldest() {
  quota_.give_back(records_.front().owner);
  by_target_.erase(records_.front().target);
  records_.pop_front();
}

std::optional<item_errc> item_store::put(
  dht_item x, std::optional<std::int64_t> cas, const ip_address& from, time_point now) {
  if (const auto wrong = check_item_form(x))
    return wrong;
  expire(now);
  const auto target = target_of(x);
  if (const auto place = by_target_.find(target); place != by_target_.end()) {
    const auto stored = place->second;
    if (const auto wrong = refresh(stored, std::move(x), cas))
      return wrong;
    stored->refreshed = now;
    records_.splice(records_.end(), records_, stored);
    return std::nullopt;
  }
  if (const auto wrong = check_item_signature(x))
    return wrong;
  if (cfg_.items_max == 0 || !quota_.take(from))
    return item_errc::no_room;
  if (records_.size() >= cfg_.items_max)
    erase_oldest();
  by_target_[target] = records_.insert(records_.end(), record{target, std::move(x), from, now});
  return std::nullopt;
}

const dht_item* item_store::find(const node_id& target, time_point now) const {
  const auto place = by_target_.find(target);
  if (place == by_target_.end() || now >= place->second->refreshed + cfg_.ttl)
    return nullptr;
  return &place->second->item;
}

void item_store::answer(const krpc::get& asked, krpc::response& out, time_point now) const {
  const auto* item = find(asked.target, now);
  if (item == nullptr)
    return;
  if (item->proof) {
    out.seq = item->proof->seq;
    if (asked.seq && *out.seq <= *asked.seq)
      return;
    out.key = item->proof->key;
    out.signature = item->proof->signature;
  }
  out.value = item->value;
}

void item_store::expire(time_point now) {
  while (!records_.empty() && now >= records_.front().refreshed + cfg_.ttl)
    erase_oldest();
}

std::optional<time_point> item_store::next_expiry() const noexcept {
  return records_.empty() ? std::nullopt : std::optional{records_.front().refreshed + cfg_.ttl};
}

} // namespace librats::protocols
