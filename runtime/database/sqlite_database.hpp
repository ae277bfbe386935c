// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/database/key_value_database.hpp"

#include <cstdint>
#include <memory>

namespace librats::runtime {

/// Opens or makes a database in a file of SQLite's, with a write-ahead log beside it (`-wal`). `unix_time` names
/// what has to be set aside. Durability `full` waits for the disk at each commit (`synchronous = FULL`), `relaxed`
/// only when the log is folded into the file (`NORMAL`): see sqlite.org/pragma.html#pragma_synchronous.
result<std::unique_ptr<key_value_database>, database_error> open_sqlite_database(
  const database_options& what, std::int64_t unix_time);

} // namespace librats::runtime
