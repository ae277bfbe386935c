// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

namespace librats {

/// A point on the monotonic clock, handed to every protocol object as an argument. Protocols never read a clock; in the
/// simulated world the same type carries virtual time.
using time_point = std::chrono::steady_clock::time_point;

/// A span of time in nanoseconds.
using duration = std::chrono::nanoseconds;

} // namespace librats
