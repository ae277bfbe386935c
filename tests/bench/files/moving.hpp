// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/transport.hpp"

#include <cstddef>
#include <string>

namespace librats::bench {

struct moving_figures {
  double seconds = 0; ///< From the offer until the sender knows that all is in place.
  double cpu_seconds = 0;
  std::size_t memory = 0; ///< Bytes that both nodes together had above what they have when idle, at most.
  std::string error;      ///< Why it did not arrive.
};

/// Moves a file or directory from one of two new nodes to the other, over loopback. `folder` takes the partial files.
moving_figures move_files(const std::string& from, const std::string& to, const std::string& folder, transport over);

} // namespace librats::bench
