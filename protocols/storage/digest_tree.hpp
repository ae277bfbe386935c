// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/storage/storage_entry.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace librats::protocols {

/// 128 bits of SHA-256.
using range_digest = std::array<std::uint8_t, 16>;

/// The first 64 bits of the SHA-256 of a key: where it stands in the tree.
std::uint64_t storage_key_hash(std::string_view key);

/// All key hashes that begin with the same `depth` hexadecimal digits; depth 0 is everything.
struct hash_range {
  static constexpr std::uint8_t depth_max = 16;

  std::uint64_t prefix = 0; ///< The digits, at the high end; all other bits are 0.
  std::uint8_t depth = 0;

  [[nodiscard]] std::uint64_t last() const noexcept {
    return depth == 0 ? ~std::uint64_t{0} : prefix | (depth == depth_max ? 0 : ~std::uint64_t{0} >> (4 * depth));
  }
  [[nodiscard]] bool contains(std::uint64_t hash) const noexcept { return hash >= prefix && hash <= last(); }
  /// The one of 16 parts whose next digit is `digit`; the depth must be below `depth_max`.
  [[nodiscard]] hash_range child(unsigned digit) const noexcept {
    return {prefix | std::uint64_t{digit} << (60 - 4 * depth), static_cast<std::uint8_t>(depth + 1)};
  }
  /// Whether no bit stands where none may; for what others send.
  [[nodiscard]] bool valid() const noexcept {
    return depth == depth_max || (depth < depth_max && (prefix & (~std::uint64_t{0} >> (4 * depth))) == 0);
  }

  friend bool operator<(const hash_range& a, const hash_range& b) noexcept {
    return a.depth != b.depth ? a.depth < b.depth : a.prefix < b.prefix;
  }
  friend bool operator==(const hash_range& a, const hash_range& b) noexcept {
    return a.depth == b.depth && a.prefix == b.prefix;
  }
};

/// What two nodes compare of an entry: its key, when it was written, and by whom. Not the data: of two entries that
/// differ in nothing else neither wins, so a difference would be found again and again.
struct range_item {
  std::uint64_t hash = 0; ///< Of the key.
  std::uint64_t timestamp_ms = 0;
  std::uint64_t tag = 0; ///< 64 bits of the SHA-256 of key, timestamp and origin.

  friend bool operator==(const range_item& a, const range_item& b) noexcept {
    return a.hash == b.hash && a.timestamp_ms == b.timestamp_ms && a.tag == b.tag;
  }
  friend bool operator<(const range_item& a, const range_item& b) noexcept {
    if (a.hash != b.hash)
      return a.hash < b.hash;
    return a.timestamp_ms != b.timestamp_ms ? a.timestamp_ms < b.timestamp_ms : a.tag < b.tag;
  }
};

range_item make_range_item(std::string_view key, const storage_version& version);

/// Digests of sets of entries by ranges of key hashes: a Merkle tree (R. Merkle, 1987) with 16 branches. A range with
/// more than `leaf_max` entries is a node over its 16 parts, another one a leaf; both depend on nothing but what is in
/// the range, so two nodes with equal entries have equal digests, in whatever order these came. A change costs one
/// ordered insertion; the digests above it are computed when somebody asks. Costs about 80 bytes per entry.
class digest_tree {
public:
  static constexpr std::size_t leaf_max = 16;

  /// `key` must stay where it is until it is erased.
  void insert(std::string_view key, const range_item& item);
  void erase(std::string_view key, std::uint64_t hash);

  [[nodiscard]] range_digest digest(const hash_range& range) const;
  /// Whether the range has at most `leaf_max` entries; always at the greatest depth.
  [[nodiscard]] bool is_leaf(const hash_range& range) const;
  /// At most `count_max` items of the range, in order.
  [[nodiscard]] std::vector<range_item> items(const hash_range& range, std::size_t count_max) const;

  struct place {
    std::uint64_t hash = 0;
    std::string_view key;
  };
  /// At most `count_max` keys of the range, from (`hash`, `key`) on.
  [[nodiscard]] std::vector<place> keys_from(
    const hash_range& range, std::uint64_t hash, std::string_view key, std::size_t count_max) const;

  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }

private:
  using key_type = std::pair<std::uint64_t, std::string_view>;

  void forget(std::uint64_t hash);

  std::map<key_type, std::pair<std::uint64_t, std::uint64_t>> items_; ///< To timestamp and tag.
  mutable std::map<hash_range, range_digest> known_;                  ///< Of ranges that are no leaves.
  mutable std::uint8_t deepest_ = 0;                                  ///< No deeper one is known.
};

} // namespace librats::protocols
