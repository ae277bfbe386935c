// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace librats::bench {

/// A number of things on the command line, at least `least`; 0 when `text` is null or no positive number.
std::size_t number(const char* text, std::size_t least);

} // namespace librats::bench
