// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/net/network.hpp"

#include <vector>

namespace librats::runtime {

/// Asks the system for every address of every interface that is up; empty when it does not say.
std::vector<interface_address> system_interfaces();

} // namespace librats::runtime
