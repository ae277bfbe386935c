// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_multicast.hpp"

namespace librats::runtime {

sim_multicast_core::sim_multicast_core(sim_network& net, const multicast_options& options, std::uint64_t token,
  multicast_events& events)
  : sim_datagram_core(net, {options.group.is_v6() ? ip_address::v6_any() : ip_address{}, options.port}, false, *this),
    options_(options), token_(token), listener_(events) {}

bool sim_multicast_core::hears(const endpoint& group, bool inside) const noexcept {
  return is_open() && inside == on_loopback() && group == endpoint{options_.group, options_.port};
}

void sim_multicast_core::hand_over(const train& x, bytes& content) {
  multicast_arrival how;
  how.from = x.from;
  how.to = x.to.address;
  how.interface = x.inside ? sim_loopback_index : sim_cable_index;
  how.hops = x.hops;
  listener_.multicast_received(token_, how, content);
}

std::optional<ip_address> sim_multicast_core::source_for(const endpoint& to) const {
  const auto& mine = options_.interface.address;
  // A machine that lost its multicast sends to single addresses all the same.
  const bool possible = net().usable(mine) && mine.is_v6() == to.address.is_v6()
                        && (!to.address.is_multicast() || on_loopback() || net().multicast());
  return possible ? std::optional{mine} : std::nullopt;
}

std::vector<sim_network*> sim_multicast_core::audience() const {
  return on_loopback() ? std::vector<sim_network*>{&net()} : net().on_link(options_.loopback);
}

} // namespace librats::runtime
