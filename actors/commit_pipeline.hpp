// SPDX-License-Identifier: MIT
#pragma once

#include "actors/shard_messages.hpp"
#include "protocols/storage/lww_store.hpp"

#include <caf/error.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace librats::actors {

/// What of a store is not on disk yet. Each shard has one batch on its way, and gathers the next one meanwhile: group
/// commit. Numbers the writes, so that what depends on them can be held until they are on disk.
class commit_pipeline {
public:
  /// Called once: with null when the write is on disk, with an error when that is not known.
  using waiter = std::function<void(const caf::error*)>;
  using batch = std::shared_ptr<const std::vector<shard_write>>;

  explicit commit_pipeline(std::size_t shards) : shards_(shards) {}

  /// What is next on disk for its key. `change` is told when it is there; null when nobody needs to know.
  void add(std::size_t shard, shard_write write, const protocols::storage_change* change, waiter who);
  /// The batch to commit now; null when one is on its way, or there is nothing, or the shard waits for a retry. A batch
  /// that was lost with its shard comes first, as it was.
  batch begin(std::size_t shard);

  /// Whether an answer is about the batch that is on its way. After a crash the same batch may be answered twice.
  [[nodiscard]] bool awaits(std::size_t shard, const batch& which) const {
    return shards_[shard].sent && shards_[shard].flying == which;
  }

  struct finished {
    std::vector<protocols::storage_change> changes; ///< In the order in which they were added.
    std::vector<waiter> waiters;
    std::size_t writes = 0;
  };
  /// The batch is on disk.
  finished committed(std::size_t shard);
  /// Nothing of it is; its writes wait for `retry`, its waiters do not. From now on the shard is failing.
  std::vector<waiter> failed(std::size_t shard, const std::string& trouble);
  /// The shard ended, and nobody knows.
  void lost(std::size_t shard);
  /// A failing shard may try again.
  void retry(std::size_t shard) { shards_[shard].held_back = false; }
  /// Everybody who waits.
  std::vector<waiter> abandon();

  /// Why the shard takes no writes; empty when it does.
  [[nodiscard]] const std::string& trouble(std::size_t shard) const { return shards_[shard].trouble; }
  [[nodiscard]] std::size_t failures(std::size_t shard) const { return shards_[shard].failures; }
  /// The number of the last write; 0 when there was none.
  [[nodiscard]] std::uint64_t last() const noexcept { return last_; }
  /// All writes up to this number are on disk.
  [[nodiscard]] std::uint64_t durable() const noexcept;
  [[nodiscard]] std::size_t uncommitted() const noexcept;

private:
  struct gathering {
    std::map<std::string, std::optional<protocols::storage_record>> writes; ///< Sorted, as the database is.
    std::vector<protocols::storage_change> changes;
    std::vector<waiter> waiters;
    std::uint64_t first = 0; ///< Number of the first write.
    /// Where the change of a key stands. Of a failing shard alone: while the disk takes nothing, changes of a key are
    /// made one, so that they do not pile up.
    std::map<std::string, std::size_t> change_of;

    void add(protocols::storage_change x, bool coalesce);
  };
  struct shard_state {
    gathering next;
    gathering current; ///< Its `writes` are in `flying`.
    batch flying;
    bool sent = false;
    bool held_back = false; ///< Until `retry`.
    std::string trouble;
    std::size_t failures = 0; ///< In a row.
  };

  std::vector<shard_state> shards_;
  std::uint64_t last_ = 0;
};

} // namespace librats::actors
