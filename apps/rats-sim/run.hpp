// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/report.hpp"
#include "apps/rats-sim/sim_options.hpp"

#include <functional>
#include <ostream>
#include <string>

namespace librats::apps {

/// Exit codes of `rats-sim`.
constexpr int sim_held = 0;
constexpr int sim_broken = 1; ///< Also of a run that was interrupted or could not write its files.
constexpr int sim_mistaken = 2;

/// Runs one seed of a scenario that has no mistakes and writes what was asked for: breaches, table and event hash to
/// `out`, progress and mistakes to `err`. Ends early, with a partial report, when `interrupted` says so.
[[nodiscard]] int run_seed(const scenario& what, const sim_options_given& given, const std::string& program,
  const std::function<bool()>& interrupted, std::ostream& out, std::ostream& err);

} // namespace librats::apps
