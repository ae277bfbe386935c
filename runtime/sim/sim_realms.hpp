// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"
#include "runtime/sim/sim_nat.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>

namespace librats::runtime {

/// Who is behind which box that translates addresses, and what becomes of addresses on the way. Hosts are known by
/// their numbers; a box is a host, too, whose address is the one outside. A realm is what lies behind one box, or the
/// open network.
class sim_realms {
public:
  /// The open network.
  static constexpr std::size_t open = std::numeric_limits<std::size_t>::max();

  void add_box(std::size_t box, const ip_address& outside, const nat_profile& how, std::uint64_t seed);
  /// Moves a host, or a box, behind a box.
  void put_behind(std::size_t host, std::size_t box) { realm_of_[host] = box; }

  [[nodiscard]] bool any() const noexcept { return !boxes_.empty(); }
  [[nodiscard]] std::size_t realm_of(std::size_t host) const;
  /// Null for who is no box.
  [[nodiscard]] sim_nat* box(std::size_t host);

  /// Where something is after the boxes on its way out: in the realm of its target, as whose.
  struct departure {
    endpoint from;
    std::size_t target; ///< A host, which may be a box.
  };
  /// `owner` says which host has an address, if any. Empty when the target is nowhere that the sender can reach.
  template <class Owner>
  std::optional<departure> leave(
    time_point now, nat_protocol protocol, std::size_t host, endpoint from, const endpoint& to, Owner owner) {
    for (auto realm = realm_of(host);; ) {
      const std::optional<std::size_t> target = owner(to.address);
      if (target && realm_of(*target) == realm)
        return departure{from, *target};
      if (realm == open)
        return std::nullopt;
      auto& its = boxes_.at(realm);
      const auto outside = its.send(now, protocol, from, to);
      if (!outside)
        return std::nullopt;
      from = *outside;
      if (to.address == its.outside())  // Back in, if the box can do that.
        return its.profile().hairpin ? std::optional{departure{from, realm}} : std::nullopt;
      realm = realm_of(realm);
    }
  }

  /// Where something is after the boxes on its way in; `host` is whom `leave` named.
  struct arrival {
    std::size_t host; ///< No box.
    endpoint to;
  };
  template <class Owner>
  std::optional<arrival> enter(
    time_point now, nat_protocol protocol, std::size_t host, const endpoint& from, endpoint to, Owner owner) {
    for (auto* its = box(host); its != nullptr; its = box(host)) {
      const auto inside = its->receive(now, protocol, from, to.port);
      if (!inside)
        return std::nullopt;
      to = *inside;
      const std::optional<std::size_t> next = owner(to.address);
      if (!next || realm_of(*next) != host)
        return std::nullopt;
      host = *next;
    }
    return arrival{host, to};
  }

private:
  std::map<std::size_t, sim_nat> boxes_;
  std::map<std::size_t, std::size_t> realm_of_;
};

} // namespace librats::runtime
