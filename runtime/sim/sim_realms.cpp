// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_realms.hpp"

namespace librats::runtime {

void sim_realms::add_box(std::size_t box, const ip_address& outside, const nat_profile& how, std::uint64_t seed) {
  boxes_.emplace(box, sim_nat{how, outside, seed});
}

std::size_t sim_realms::realm_of(std::size_t host) const {
  const auto found = realm_of_.find(host);
  return found != realm_of_.end() ? found->second : open;
}

sim_nat* sim_realms::box(std::size_t host) {
  const auto found = boxes_.find(host);
  return found != boxes_.end() ? &found->second : nullptr;
}

} // namespace librats::runtime
