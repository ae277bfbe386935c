// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_nat.hpp"

#include <algorithm>

namespace librats::runtime {

namespace {

/// RFC 5382 section 5: an established connection is kept for no less than 2 hours and 4 minutes.
constexpr auto tcp_timeout = std::chrono::minutes{124};
/// Ports that a box gives away: the well-known ones are spared.
constexpr std::uint32_t first_port = 1024;
constexpr std::uint32_t port_count = 65536 - first_port;
/// Who was written to longer ago than a mapping lasts is swept out when so many are remembered.
constexpr std::size_t permits_before_sweep = 64;

} // namespace

duration sim_nat::lifetime(nat_protocol protocol) const noexcept {
  return protocol == nat_protocol::udp ? how_.udp_timeout : duration{tcp_timeout};
}

endpoint sim_nat::permit_for(const endpoint& remote) const noexcept {
  switch (how_.kind) {
  case nat_kind::full_cone: return {};
  case nat_kind::address_restricted: return {remote.address, 0};
  case nat_kind::port_restricted:
  case nat_kind::symmetric: break;
  }
  return remote;
}

bool sim_nat::is_free(time_point now, const outer_port& port) const {
  const auto found = mappings_.find(port);
  return found == mappings_.end() || now - found->second.used >= lifetime(port.first);
}

std::optional<std::uint16_t> sim_nat::free_port(time_point now, nat_protocol protocol, std::uint16_t wanted) {
  if (how_.kind != nat_kind::symmetric && wanted >= first_port && is_free(now, {protocol, wanted}))
    return wanted;
  const auto begin = static_cast<std::uint32_t>(random_.below(port_count));
  for (std::uint32_t i = 0; i < port_count; ++i) {
    const auto port = static_cast<std::uint16_t>(first_port + (begin + i) % port_count);
    if (is_free(now, {protocol, port}))
      return port;
  }
  return std::nullopt;
}

void sim_nat::forget(const outer_port& port) {
  const auto found = mappings_.find(port);
  if (found == mappings_.end())
    return;
  port_of_.erase(found->second.of);
  mappings_.erase(found);
}

std::optional<endpoint> sim_nat::send(
  time_point now, nat_protocol protocol, const endpoint& inside, const endpoint& to) {
  const origin of{protocol, inside, how_.kind == nat_kind::symmetric ? to : endpoint{}};
  auto known = port_of_.find(of);
  if (known != port_of_.end() && is_free(now, {protocol, known->second})) {
    forget({protocol, known->second}); // Expired: what comes now is new.
    known = port_of_.end();
  }
  if (known == port_of_.end()) {
    const auto port = free_port(now, protocol, inside.port);
    if (!port)
      return std::nullopt;
    forget({protocol, *port}); // Of an expired mapping of somebody else.
    known = port_of_.emplace(of, *port).first;
    mappings_.emplace(outer_port{protocol, *port}, mapping{of, now});
  }
  auto& its = mappings_.at({protocol, known->second});
  its.used = now;
  its.permitted[permit_for(to)] = now;
  if (its.permitted.size() > permits_before_sweep)
    for (auto one = its.permitted.begin(); one != its.permitted.end();)
      one = now - one->second >= lifetime(protocol) ? its.permitted.erase(one) : std::next(one);
  return endpoint{outside_, known->second};
}

std::optional<endpoint> sim_nat::receive(
  time_point now, nat_protocol protocol, const endpoint& from, std::uint16_t to) const {
  const auto found = mappings_.find({protocol, to});
  if (found == mappings_.end() || now - found->second.used >= lifetime(protocol))
    return std::nullopt;
  const auto permit = found->second.permitted.find(permit_for(from));
  if (permit == found->second.permitted.end() || now - permit->second >= lifetime(protocol))
    return std::nullopt;
  return found->second.of.inside;
}

std::size_t sim_nat::mapping_count(time_point now) const {
  return static_cast<std::size_t>(std::count_if(mappings_.begin(), mappings_.end(),
    [&](const auto& one) { return now - one.second.used < lifetime(one.first.first); }));
}

void sim_nat::restart() noexcept {
  mappings_.clear();
  port_of_.clear();
}

} // namespace librats::runtime
