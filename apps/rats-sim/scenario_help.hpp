// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace librats::apps {

/// Every key that a scenario may have, with what it accepts; those of a node's INI file by reference.
[[nodiscard]] std::string scenario_help();

} // namespace librats::apps
