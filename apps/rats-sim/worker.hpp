// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/sim_options.hpp"

#include <ostream>
#include <string>

namespace librats::apps {

/// `rats-sim --worker`: listens at `given.listen` and `given.port` and runs what it is asked to, `given.jobs` at once,
/// each run in a process of its own, until a signal comes. Prints where it listens and each run to `out`. Blocks.
/// Returns the exit code.
[[nodiscard]] int run_worker(
  const sim_options_given& given, const std::string& program, std::ostream& out, std::ostream& err);

} // namespace librats::apps
