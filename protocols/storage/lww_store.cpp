// SPDX-License-Identifier: MIT
#include "protocols/storage/lww_store.hpp"

#include "protocols/storage/storage_codec.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

storage_outcome lww_store::put(
  std::uint64_t wall_ms, std::string_view key, const storage_value& value, storage_change* change) {
  return write(wall_ms, key, value, false, change);
}

storage_outcome lww_store::remove(std::uint64_t wall_ms, std::string_view key, storage_change* change) {
  const auto* old = get(key);
  if (!old)
    return storage_outcome::absent;
  return write(wall_ms, key, storage_value{old->type, {}}, true, change);
}

storage_outcome lww_store::write(
  std::uint64_t wall_ms, std::string_view key, const storage_value& value, bool deleted, storage_change* change) {
  if (key.empty() || key.size() > storage_key_max)
    return storage_outcome::bad_key;
  const auto at = map_.find(key);
  storage_record x;
  x.type = value.type;
  x.deleted = deleted;
  x.version.origin = self_;
  x.data = value.data;
  if (value.data.size() > cfg_.value_max || 1 + encoded_size(key, x) > storage_entry_max)
    return storage_outcome::too_large;
  if (!has_room(at, key, x))
    return storage_outcome::full;
  const auto stamp = clock_.stamp(wall_ms, at == map_.end() ? 0 : at->second.version.timestamp_ms);
  if (!stamp)
    return storage_outcome::exhausted;
  x.version.timestamp_ms = *stamp;
  assign(at, key, std::move(x), change, false);
  ++figures_.written;
  return storage_outcome::stored;
}

storage_outcome lww_store::merge(std::uint64_t wall_ms, const storage_entry& entry, storage_change* change) {
  const auto& x = entry.record;
  clock_.observe(wall_ms, x.version.timestamp_ms);
  const auto at = map_.find(entry.key);
  if (at != map_.end() && !x.version.wins_over(at->second.version)) {
    ++figures_.outdated;
    return storage_outcome::older;
  }
  // A tombstone of something that we do not have, too old to matter: we would only compact it again.
  const bool useless = at == map_.end() && x.deleted && x.version.timestamp_ms < wall_ms
    && wall_ms - x.version.timestamp_ms > cfg_.tombstone_age_ms;
  if (useless || !has_room(at, entry.key, x)) {
    ++figures_.refused;
    return useless ? storage_outcome::older : storage_outcome::full;
  }
  assign(at, entry.key, x, change, true);
  ++figures_.merged;
  return storage_outcome::stored;
}

std::size_t lww_store::compact(std::uint64_t wall_ms, std::uint64_t age_ms, std::vector<std::string>* forgotten) {
  std::size_t out = 0;
  for (auto at = map_.begin(); at != map_.end();) {
    const auto& [key, x] = *at;
    const auto stamp = x.version.timestamp_ms;
    if (!x.deleted || stamp > wall_ms || wall_ms - stamp < age_ms) {
      ++at;
      continue;
    }
    tree_.erase(key, storage_key_hash(key));
    count(key, x, false);
    if (forgotten)
      forgotten->push_back(key);
    at = map_.erase(at);
    ++out;
  }
  figures_.compacted += out;
  return out;
}

const storage_record* lww_store::find(std::string_view key) const {
  const auto at = map_.find(key);
  return at == map_.end() ? nullptr : &at->second;
}

const storage_record* lww_store::get(std::string_view key) const {
  const auto* out = find(key);
  return out && !out->deleted ? out : nullptr;
}

std::vector<std::string> lww_store::keys(std::string_view prefix, std::size_t count_max, std::string_view after) const {
  std::vector<std::string> out;
  auto at = after < prefix || after.empty() ? map_.lower_bound(prefix) : map_.upper_bound(after);
  for (; at != map_.end() && out.size() < count_max; ++at) {
    if (std::string_view{at->first}.substr(0, prefix.size()) != prefix)
      break;
    if (!at->second.deleted)
      out.push_back(at->first);
  }
  return out;
}

bool lww_store::has_room(map_type::const_iterator at, std::string_view key, const storage_record& x) const {
  if (at != map_.end() && x.data.size() <= at->second.data.size())
    return true;
  const auto freed = at == map_.end() ? 0 : key.size() + at->second.data.size();
  const auto used = figures_.data_bytes + figures_.key_bytes - freed;
  return (at != map_.end() || map_.size() < cfg_.entries_max) && used + key.size() + x.data.size() <= cfg_.bytes_max;
}

void lww_store::assign(
  map_type::iterator at, std::string_view key, storage_record x, storage_change* change, bool remote) {
  if (change)
    *change = {std::string{key}, std::nullopt, x, remote};
  if (at == map_.end()) {
    at = map_.emplace(std::string{key}, std::move(x)).first;
  } else {
    count(key, at->second, false);
    if (change)
      change->before = std::move(at->second);
    at->second = std::move(x);
  }
  count(at->first, at->second, true);
  tree_.insert(at->first, make_range_item(at->first, at->second.version));
}

void lww_store::count(std::string_view key, const storage_record& x, bool added) noexcept {
  const auto step = added ? std::size_t{1} : ~std::size_t{0}; // Minus one, in unsigned arithmetic.
  (x.deleted ? figures_.tombstones : figures_.entries) += step;
  figures_.data_bytes += step * x.data.size();
  figures_.key_bytes += step * key.size();
}

} // namespace librats::protocols
