// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace librats::apps {

/// The whole of `rats-sim` but its signals. `program` is how it was called, for the commands that it prints, and what
/// it starts for each of many seeds. Returns the exit code.
int run_rats_sim(const std::string& program, const std::vector<std::string>& arguments,
  const std::function<bool()>& interrupted, std::ostream& out, std::ostream& err);

} // namespace librats::apps
