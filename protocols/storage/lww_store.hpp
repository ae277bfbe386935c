// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/storage/digest_tree.hpp"
#include "protocols/storage/hybrid_clock.hpp"
#include "protocols/storage/storage_entry.hpp"
#include "protocols/storage/storage_value.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace librats::protocols {

/// What a write or a merge did.
enum class storage_outcome : std::uint8_t {
  stored,    ///< The entry is in the store now, and others should hear of it.
  older,     ///< What is there wins, or is the same.
  absent,    ///< Nothing to remove.
  bad_key,   ///< Empty, or longer than `storage_key_max`.
  too_large, ///< A value that would not get through (`storage_value_max`, `storage_entry_max`).
  full,      ///< The store has no room for more.
  exhausted, ///< The key was stamped at the end of time: nothing can win over it.
};

/// A key has another value. `before` is what was there, empty when nothing was.
struct storage_change {
  std::string key;
  std::optional<storage_record> before;
  storage_record after;
  bool remote = false; ///< It came from another node.
};

/// A map whose copies converge, whatever the order in which they hear of writes: the later writer wins, tombstones
/// included. In memory, in the order of its keys.
class lww_store {
public:
  struct config {
    std::size_t value_max = storage_value_max;    ///< Bytes of a value that we write ourselves.
    std::size_t entries_max = 4'000'000;          ///< With tombstones.
    std::size_t bytes_max = std::size_t{1} << 30; ///< Of keys and data together.
    /// Tombstones this old may be compacted, and are not taken back from others. Far above any partition: a node that
    /// was away for longer brings deleted keys back.
    std::uint64_t tombstone_age_ms = std::uint64_t{30} * 24 * 3600 * 1000;
  };
  struct figures {
    std::size_t entries = 0; ///< Without tombstones.
    std::size_t tombstones = 0;
    std::size_t data_bytes = 0; ///< Of values.
    std::size_t key_bytes = 0;
    std::uint64_t written = 0;  ///< By ourselves.
    std::uint64_t merged = 0;   ///< From others, that won.
    std::uint64_t outdated = 0; ///< From others, that did not.
    std::uint64_t refused = 0;  ///< For want of room, or tombstones that nobody needs.
    std::uint64_t compacted = 0;
  };

  /// `self` is the origin of our own writes; empty before the node has a name.
  lww_store(const config& cfg, std::optional<peer_id> self) : cfg_(cfg), self_(self) {}
  // The tree points at the keys of the map.
  lww_store(const lww_store&) = delete;
  lww_store& operator=(const lww_store&) = delete;

  // -- writes; `wall_ms` is Unix time. `change` may be null.
  storage_outcome put(
    std::uint64_t wall_ms, std::string_view key, const storage_value& value, storage_change* change = nullptr);
  /// Leaves a tombstone. `absent` when there is nothing, or a tombstone already.
  storage_outcome remove(std::uint64_t wall_ms, std::string_view key, storage_change* change = nullptr);
  /// Takes what came from another node, or from disk. The entry must be admitted (storage_codec.hpp). Of `stored`,
  /// `older` and `full`.
  storage_outcome merge(std::uint64_t wall_ms, const storage_entry& entry, storage_change* change = nullptr);
  /// Forgets tombstones that are older than `age_ms`, by their stamps, and says how many. What others still have of
  /// those keys comes back with the next synchronisation, so ages below the configured one are for the daring.
  /// Their keys are added to `forgotten`, unless it is null.
  std::size_t compact(std::uint64_t wall_ms, std::uint64_t age_ms, std::vector<std::string>* forgotten = nullptr);
  std::size_t compact(std::uint64_t wall_ms) { return compact(wall_ms, cfg_.tombstone_age_ms); }

  // -- reads
  /// Null when it is not there; a tombstone is there. Valid until the next write.
  [[nodiscard]] const storage_record* find(std::string_view key) const;
  /// Null for a tombstone as well.
  [[nodiscard]] const storage_record* get(std::string_view key) const;
  /// Keys that begin with `prefix`, in byte order, without tombstones: at most `count_max`, behind `after` (empty: from
  /// the first one on).
  [[nodiscard]] std::vector<std::string> keys(
    std::string_view prefix = {}, std::size_t count_max = ~std::size_t{0}, std::string_view after = {}) const;
  /// Calls `f(key, record)` for everything, tombstones included, in byte order of the keys.
  template <class Function>
  void for_each(Function f) const {
    for (const auto& [key, x] : map_)
      f(std::string_view{key}, x);
  }

  [[nodiscard]] std::size_t size() const noexcept { return figures_.entries; }
  [[nodiscard]] const figures& counted() const noexcept { return figures_; }
  [[nodiscard]] const digest_tree& digests() const noexcept { return tree_; }
  [[nodiscard]] const std::optional<peer_id>& self() const noexcept { return self_; }

private:
  using map_type = std::map<std::string, storage_record, std::less<>>;

  storage_outcome write(
    std::uint64_t wall_ms, std::string_view key, const storage_value& value, bool deleted, storage_change* change);
  [[nodiscard]] bool has_room(map_type::const_iterator at, std::string_view key, const storage_record& x) const;
  void assign(map_type::iterator at, std::string_view key, storage_record x, storage_change* change, bool remote);
  void count(std::string_view key, const storage_record& x, bool added) noexcept;

  config cfg_;
  std::optional<peer_id> self_;
  hybrid_clock clock_;
  map_type map_;
  digest_tree tree_;
  figures figures_;
};

} // namespace librats::protocols
