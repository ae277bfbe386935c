// SPDX-License-Identifier: MIT
#include "protocols/gossip/score_range.hpp"

#include <algorithm>

namespace librats::protocols {

score_range range_of(const std::map<peer_id, double>& scores) {
  if (scores.empty())
    return {};
  const auto first = scores.begin()->second;
  score_range out{first, 0, first};
  const auto share = 1 / static_cast<double>(scores.size());
  for (const auto& [id, score] : scores) {
    out.min = std::min(out.min, score);
    out.max = std::max(out.max, score);
    out.mean += score * share;
  }
  return out;
}

} // namespace librats::protocols
