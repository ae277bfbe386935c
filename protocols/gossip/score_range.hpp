// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/peer_id.hpp"

#include <map>

namespace librats::protocols {

/// How the scores of many peers lie; all zero for nobody.
struct score_range {
  double min = 0;
  double mean = 0;
  double max = 0;
};

/// Linear in the number of peers.
[[nodiscard]] score_range range_of(const std::map<peer_id, double>& scores);

} // namespace librats::protocols
