// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/config/config_schema.hpp"

#include <cstddef>
#include <string>

namespace librats::runtime {

/// [storage]: the replicated key-value store.
struct storage_section {
  bool enabled = false;
  std::string directory; ///< Of the databases; empty: `storage` in `data_dir`, and in memory without one.
  std::size_t shards = 4;
  bool full_durability = false; ///< Acknowledged writes survive a loss of power.
  bool sync = true;
  std::size_t value_max = std::size_t{8} << 20; ///< Bytes.
  std::size_t entries_max = 4'000'000;
  std::size_t bytes_max = std::size_t{1} << 30;
  unsigned tombstone_days = 30;
};

void declare_storage(config_schema& out, const storage_section& defaults);
[[nodiscard]] storage_section to_storage_section(const config_values& values);

} // namespace librats::runtime
