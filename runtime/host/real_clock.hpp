// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <chrono>

namespace librats::runtime {

/// The clock of real loops, for code that belongs to no loop and is never simulated. Any thread.
[[nodiscard]] inline time_point real_now() noexcept { return std::chrono::steady_clock::now(); }

} // namespace librats::runtime
