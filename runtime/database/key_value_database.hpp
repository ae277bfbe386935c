// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace librats::runtime {

/// What a finished commit has survived.
enum class database_durability : std::uint8_t {
  relaxed, ///< The end of the process at any moment. A loss of power may take the last commits, the latest first.
  full,    ///< A loss of power as well.
};

enum class database_trouble : std::uint8_t {
  full,      ///< No space on the disk. Nothing of the batch was written; later ones may work.
  read_only, ///< No permission to write there.
  in_use,    ///< Somebody else has it open.
  foreign,   ///< It is a database, but not one of ours, or not of this purpose; it was not touched.
  broken,    ///< The disk, or the file, does not work: open it again.
};

struct database_error {
  database_trouble kind = database_trouble::broken;
  std::string sentence; ///< Names the file and what to do.
};

struct database_options {
  std::string path; ///< The folder must exist.
  database_durability durability = database_durability::relaxed;
  /// What it is for. Written down when it is made; one with another purpose is `foreign`.
  std::string purpose;
};

/// What was found when it was opened.
struct database_opening {
  bool created = false;               ///< There was none, or none that could be read.
  std::vector<std::string> set_aside; ///< The damaged one, under its new name.
  std::size_t salvaged = 0;           ///< Rows that could be read from it and are in the new one.
};

/// One change of a batch. The views are read during the call.
struct database_write {
  std::string_view key;
  bytes_view value;
  bool erase = false;
};

struct database_page {
  std::vector<std::pair<std::string, bytes>> rows; ///< In byte order of the keys.
  bool done = false;                               ///< There is nothing behind them.
};

/// Bytes under byte strings, on disk. Calls block, so they are for a thread that may: never on an I/O loop. Belongs to
/// one thread at a time; to nobody else while it is open.
class key_value_database {
public:
  virtual ~key_value_database() = default;

  [[nodiscard]] virtual const database_opening& opening() const noexcept = 0;

  /// Rows behind `after` (empty: from the first one on), until their bytes exceed `bytes_max`; one at least, if there
  /// is one.
  virtual result<database_page, database_error> read(std::string_view after, std::size_t bytes_max) = 0;

  /// All of them or none, in order; keys are not empty. Survives what the durability says when it returns without an
  /// error.
  virtual std::optional<database_error> commit(const std::vector<database_write>& batch) = 0;

  /// Bytes of all its files.
  [[nodiscard]] virtual std::uint64_t disk_bytes() const = 0;
};

} // namespace librats::runtime
