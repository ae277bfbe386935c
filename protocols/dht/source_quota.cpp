// SPDX-License-Identifier: MIT
#include "protocols/dht/source_quota.hpp"

#include <cassert>

namespace librats::protocols {

bool source_quota::take(const ip_address& x) {
  const auto source = subscriber_of(x);
  const auto place = held_.find(source);
  if (place == held_.end()) {
    if (entries_max_ == 0)
      return false;
    held_.emplace(source, 1);
    return true;
  }
  if (place->second >= entries_max_ && !(loopback_exempt_ && x.is_loopback()))
    return false;
  ++place->second;
  return true;
}

void source_quota::give_back(const ip_address& x) {
  const auto place = held_.find(subscriber_of(x));
  assert(place != held_.end() && "only what was taken is given back");
  if (place != held_.end() && --place->second == 0)
    held_.erase(place);
}

} // namespace librats::protocols
