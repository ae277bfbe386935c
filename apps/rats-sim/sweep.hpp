// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/scenario.hpp"
#include "apps/rats-sim/sim_options.hpp"

#include <ostream>
#include <string>

namespace librats::apps {

/// Runs `given.seeds`, each in a process of its own, `given.jobs` at once. Prints what is broken with the command that
/// replays it, and a summary; writes the summary to `given.report`. Returns the exit code: 0 when all seeds held, else
/// 1, also when one could not be run or was interrupted.
[[nodiscard]] int run_seeds(const scenario& what, const sim_options_given& given, const std::string& program,
  std::ostream& out, std::ostream& err);

} // namespace librats::apps
