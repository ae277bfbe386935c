// SPDX-License-Identifier: MIT
#include "tests/bench/support/arguments.hpp"

#include <algorithm>
#include <cstdlib>

std::size_t librats::bench::number(const char* text, std::size_t least) {
  const auto out = text == nullptr ? 0 : std::strtol(text, nullptr, 10);
  return out <= 0 ? 0 : std::max(static_cast<std::size_t>(out), least);
}
