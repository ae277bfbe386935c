// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/scenario.hpp"

#include <string>
#include <vector>

namespace librats::apps {

/// Something that an expectation cannot mean.
struct contradiction {
  const char* key;
  std::string sentence;
};

/// What is wrong with an expectation that stands in this scenario, found before anything runs: thresholds that nothing
/// can meet, and thresholds about nothing.
[[nodiscard]] std::vector<contradiction> find_contradictions(const scenario& in, const scenario::expectation& what);

} // namespace librats::apps
