// SPDX-License-Identifier: MIT
#include "protocols/datagram/congestion_control.hpp"

#include "protocols/datagram/bbr.hpp"
#include "protocols/datagram/reno.hpp"

namespace librats::protocols {

std::unique_ptr<congestion_control> make_congestion_control(congestion_algorithm which, std::uint64_t seed) {
  if (which == congestion_algorithm::reno)
    return std::make_unique<reno>();
  return std::make_unique<bbr>(seed);
}

} // namespace librats::protocols
