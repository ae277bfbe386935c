// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/sim_options.hpp"

#include <cstdint>
#include <map>
#include <ostream>
#include <string>

namespace librats::apps {

/// What became of one of many seeds.
struct seed_result {
  int code = -1;    ///< The exit code of its run.
  std::string said; ///< What the run printed.
};

/// What became of all of them.
struct seed_results {
  std::map<std::uint64_t, seed_result> done;
  bool interrupted = false;
  std::string mistake; ///< Why some were not run; empty when they were, or when that was wished.
};

/// "3 of 10 seeds, 1 failed (7)": after each of them.
[[nodiscard]] std::string progress_text(const seed_results& so_far, const sim_options_given& given, std::uint64_t seed);

/// Prints what is broken with the command that replays it, and a summary; writes the summary to `given.report`. Returns
/// the exit code: 0 when all seeds held, else 1.
[[nodiscard]] int conclude_seeds(const seed_results& results, const sim_options_given& given,
  const std::string& program, std::ostream& out, std::ostream& err);

} // namespace librats::apps
