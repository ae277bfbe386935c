// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/simulation.hpp"
#include "protocols/core/time.hpp"

#include <string>
#include <vector>

namespace librats::apps {

/// A threshold that did not hold.
struct breach {
  std::string expectation;
  std::string threshold; ///< Its key: `delivered_min`.
  duration at{};
  std::string sentence;           ///< What was found and what was expected.
  std::vector<std::string> nodes; ///< Those concerned, the first few.
};

/// What became of one threshold.
struct finding {
  std::string expectation;
  std::string threshold;
  std::string expected;
  std::string found;
  bool held = true;
};

/// What must hold all along, judged now. Empty when it does.
[[nodiscard]] std::vector<breach> judge_on_the_way(const simulation& of);

/// Everything, judged at the end; each threshold gives a finding.
struct verdict {
  std::vector<finding> findings;
  std::vector<breach> breaches;
};
[[nodiscard]] verdict judge_at_the_end(const simulation& of);

/// The parts of a network whose members reach each other over links that both ends know: the largest first. Of one
/// group, or with `none` of all; who is down is in no part.
[[nodiscard]] std::vector<std::vector<std::size_t>> find_components(const simulation& of, std::size_t group);

} // namespace librats::apps
