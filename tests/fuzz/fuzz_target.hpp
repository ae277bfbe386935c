// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// What libFuzzer calls, and what replay.cpp calls with the files of the corpus. A target throws nothing and returns 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace librats::test {

/// Ends the process where an invariant is broken, in every kind of build.
inline void require(bool invariant) {
  if (!invariant)
    std::abort();
}

} // namespace librats::test
