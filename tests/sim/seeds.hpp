// SPDX-License-Identifier: MIT
#pragma once

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace librats::test {

struct seed_range {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};

/// 1 to `count`, unless RATS_SIM_SEEDS=first-last searches elsewhere, or replays one.
inline seed_range seeds_to_try(std::uint64_t count) {
  seed_range out{1, count};
  if (const auto* wanted = std::getenv("RATS_SIM_SEEDS"))
    static_cast<void>(std::sscanf(wanted, "%" SCNu64 "-%" SCNu64, &out.first, &out.last));
  return out;
}

} // namespace librats::test
