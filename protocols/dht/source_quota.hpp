// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/address_scope.hpp"
#include "protocols/core/endpoint.hpp"

#include <cstddef>
#include <map>

namespace librats::protocols {

/// One subscriber: an IPv4 address or a /64 of IPv6 (BEP 45: others take a /64 for one, too).
inline ip_address subscriber_of(const ip_address& x) noexcept {
  return prefix_of(x, 4, 8);
}

/// Counts what each subscriber has in a store, so that nobody fills it from one address. It never holds more sources
/// than its store holds entries.
class source_quota {
public:
  /// `loopback_exempt` is for labs in which a whole network lives on 127.0.0.1.
  source_quota(std::size_t entries_max, bool loopback_exempt) noexcept
    : entries_max_(entries_max), loopback_exempt_(loopback_exempt) {}

  /// Takes one place of the source of `x`; false when it has none left.
  bool take(const ip_address& x);
  /// Gives back one that was taken for the same address.
  void give_back(const ip_address& x);

  /// How many sources hold a place.
  [[nodiscard]] std::size_t sources() const noexcept { return held_.size(); }

private:
  std::size_t entries_max_;
  bool loopback_exempt_;
  std::map<ip_address, std::size_t> held_;
};

} // namespace librats::protocols
