// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/sim_options.hpp"

#include <functional>
#include <ostream>
#include <string>

namespace librats::apps {

/// Has `given.seeds` run by `given.workers`, as many at once as each says it can. What a worker had when it died or
/// fell silent goes to another one. Prints and returns what `run_seeds` does. Blocks.
[[nodiscard]] int run_seeds_by_workers(const sim_options_given& given, const std::string& program,
  const std::function<bool()>& interrupted, std::ostream& out, std::ostream& err);

} // namespace librats::apps
