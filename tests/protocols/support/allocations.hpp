// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace librats::test {

/// Bytes that this process holds through operator new right now. The whole test program counts; it has one thread.
std::size_t allocated_bytes() noexcept;

/// The most that was held at one time since `reset_peak`.
std::size_t peak_bytes() noexcept;
void reset_peak() noexcept;

} // namespace librats::test
