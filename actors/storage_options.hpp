// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/storage/storage_replica.hpp"
#include "runtime/database/key_value_database.hpp"

#include <cstddef>
#include <string>

namespace librats::actors {

/// How a node keeps its part of the replicated store.
struct storage_options {
  bool enabled = false;
  /// Folder of the databases, made when it is not there; it belongs to one node. Empty: in memory alone, and gone with
  /// the node.
  std::string directory = "storage";
  /// Databases, each with a thread of its own; 1 to 64. A folder keeps the number that it was made with.
  std::size_t shards = 4;
  runtime::database_durability durability = runtime::database_durability::relaxed;
  bool sync = true; ///< Off: peers are neither asked nor answered.
  protocols::storage_replica::config replica;
};

} // namespace librats::actors
