// SPDX-License-Identifier: MIT
#include "protocols/storage/digest_tree.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"
#include "protocols/crypto/hash.hpp"

#include <algorithm>

namespace librats::protocols {

namespace {

// What kind of node was hashed, so that no leaf passes for an inner node.
constexpr std::uint8_t leaf_mark = 0;
constexpr std::uint8_t node_mark = 1;

range_digest digest_of(bytes_view in) {
  const auto full = sha256(in);
  range_digest out{};
  std::copy_n(full.begin(), out.size(), out.begin());
  return out;
}

std::uint64_t first_word(const sha256_digest& x) noexcept {
  return byte_reader{x}.u64();
}

} // namespace

std::uint64_t storage_key_hash(std::string_view key) {
  return first_word(sha256(as_bytes(key)));
}

range_item make_range_item(std::string_view key, const storage_version& version) {
  byte_writer head{8 + 1 + peer_id::size};
  head.u64(version.timestamp_ms).u8(version.origin ? 1 : 0);
  if (version.origin)
    head.raw(version.origin->view());
  const auto head_bytes = head.take();
  return {storage_key_hash(key), version.timestamp_ms, first_word(sha256({head_bytes, as_bytes(key)}))};
}

void digest_tree::insert(std::string_view key, const range_item& item) {
  items_[{item.hash, key}] = {item.timestamp_ms, item.tag};
  forget(item.hash);
}

void digest_tree::erase(std::string_view key, std::uint64_t hash) {
  items_.erase({hash, key});
  forget(hash);
}

void digest_tree::forget(std::uint64_t hash) {
  // All of the path, not only down to the first gap: others may ask for a part without asking for the whole.
  if (known_.empty())
    return;
  for (hash_range x;; x = x.child(static_cast<unsigned>(hash >> (60 - 4 * x.depth) & 15))) {
    known_.erase(x);
    if (x.depth >= deepest_)
      return;
  }
}

bool digest_tree::is_leaf(const hash_range& range) const {
  if (range.depth == hash_range::depth_max || items_.size() <= leaf_max)
    return true;
  auto at = items_.lower_bound({range.prefix, {}});
  for (std::size_t n = 0; n <= leaf_max; ++n, ++at)
    if (at == items_.end() || at->first.first > range.last())
      return true;
  return false;
}

range_digest digest_tree::digest(const hash_range& range) const {
  if (const auto at = known_.find(range); at != known_.end())
    return at->second;
  byte_writer out;
  if (is_leaf(range)) {
    out.u8(leaf_mark);
    for (const auto& x : items(range, items_.size()))
      out.u64(x.hash).u64(x.timestamp_ms).u64(x.tag);
    return digest_of(out.take());
  }
  out.u8(node_mark);
  for (unsigned digit = 0; digit < 16; ++digit)
    out.raw(digest(range.child(digit)));
  deepest_ = std::max(deepest_, range.depth); // Below `depth_max`, where all are leaves.
  return known_[range] = digest_of(out.take());
}

std::vector<range_item> digest_tree::items(const hash_range& range, std::size_t count_max) const {
  std::vector<range_item> out;
  for (auto at = items_.lower_bound({range.prefix, {}});
       at != items_.end() && at->first.first <= range.last() && out.size() < count_max; ++at)
    out.push_back({at->first.first, at->second.first, at->second.second});
  std::sort(out.begin(), out.end()); // Of equal hashes, the keys are in order, and that is not sent.
  return out;
}

std::vector<digest_tree::place> digest_tree::keys_from(
  const hash_range& range, std::uint64_t hash, std::string_view key, std::size_t count_max) const {
  std::vector<place> out;
  for (auto at = hash < range.prefix ? items_.lower_bound({range.prefix, {}}) : items_.lower_bound({hash, key});
       at != items_.end() && at->first.first <= range.last() && out.size() < count_max; ++at)
    out.push_back({at->first.first, at->first.second});
  return out;
}

} // namespace librats::protocols
