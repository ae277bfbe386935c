// SPDX-License-Identifier: MIT
#pragma once

#include <caf/execution_unit.hpp>

namespace librats::runtime {

/// Whoever lets actors run: a loop, in place of a worker of CAF's pool. CAF 1.x has renamed and reshaped it.
using actor_resumer = caf::execution_unit;

} // namespace librats::runtime
