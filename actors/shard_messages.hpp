// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/storage/storage_entry.hpp"
#include "runtime/caf/message_types.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace librats::actors {

// Messages between `storage` and its shards. Nobody else sends them.

/// What a database found when it was opened.
struct shard_opening {
  std::vector<std::string> set_aside; ///< Files that were damaged, under their new names.
  bool emptied = false;               ///< Something that was in it before may be missing now.
};

/// Asks a shard for its entries behind the key `after`. Opens the database when it is not open. Answered with
/// `shard_page`; an error means that the shard ended.
struct read_shard {
  std::string after;
};

struct shard_page {
  std::vector<protocols::storage_entry> entries; ///< In byte order of the keys.
  std::string last;                              ///< Where the next page begins, behind it.
  bool done = false;
  std::string trouble;     ///< When it could not be read: why. All else is empty then.
  bool in_use = false;     ///< The trouble is that somebody else has it, perhaps a predecessor of this shard.
  std::size_t damaged = 0; ///< Rows that are no entry: left out.
  shard_opening opening;
  std::uint64_t disk_bytes = 0;
};

/// What shall be on disk: an entry, or nothing any more.
struct shard_write {
  std::string key;
  std::optional<protocols::storage_record> record;
};

/// Writes all of it or nothing. Answered with `shard_committed`; an error means that the shard ended, and nobody knows.
/// Doing it twice is the same as once.
struct commit_shard {
  std::shared_ptr<const std::vector<shard_write>> writes;
};

struct shard_committed {
  std::string trouble;   ///< When nothing was written: why.
  shard_opening opening; ///< When it had to be opened again.
  std::uint64_t disk_bytes = 0;
};

/// INTERNAL to `storage`: a long import goes on.
struct continue_import {};

} // namespace librats::actors
