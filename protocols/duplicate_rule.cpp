// SPDX-License-Identifier: MIT
#include "protocols/duplicate_rule.hpp"

namespace librats::protocols {

bool new_link_survives(
  const peer_id& self, const peer_id& remote, link_traits existing, link_traits incoming) noexcept {
  if (existing.role != incoming.role) {
    const bool we_dialed_it = incoming.role == role::initiator;
    return we_dialed_it ? self < remote : remote < self;
  }
  if (existing.transport != incoming.transport)
    return incoming.transport == transport::udp;
  return true;
}

} // namespace librats::protocols
