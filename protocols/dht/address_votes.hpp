// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"

#include <cstddef>
#include <map>
#include <optional>

namespace librats::protocols {

/// Finds out our own external address from what nodes say that answer us (`ip` of BEP 42), because our id has to fit
/// it. Nobody proves anything, so networks vote, not nodes: whoever holds a /16 of IPv4 or a /32 of IPv6 has one vote,
/// the latest; wire/08 counts addresses, of which an attacker has many. Votes expire, which is how a change of the
/// address is noticed without asking a STUN server.
///
/// Only answers to queries of ours may be fed in: their senders cannot be faked by who does not see our queries.
class address_votes {
public:
  static constexpr std::size_t votes_min = 5;   ///< wire/08 section 1.
  static constexpr std::size_t voters_max = 64; ///< The one whose vote is oldest gives way.
  static constexpr duration vote_kept = std::chrono::minutes{20};

  /// `from` answered and saw our query come from `seen`. The new address, when this vote made it ours: at least five
  /// networks say so, more than name any other. Addresses that are not public are nobody's external address.
  std::optional<ip_address> add(time_point now, const ip_address& from, const ip_address& seen);
  /// The address is known by other means (port mapping, STUN); true when that is news. Five votes may still change it.
  bool set(const ip_address& known);
  /// Another network: nothing that was said holds any longer.
  void forget();

  [[nodiscard]] const std::optional<ip_address>& current() const noexcept { return current_; }
  [[nodiscard]] std::size_t voters() const noexcept { return votes_.size(); }

private:
  struct vote {
    ip_address seen;
    time_point when;
  };

  std::map<ip_address, vote> votes_; ///< By the network that votes.
  std::optional<ip_address> current_;
};

} // namespace librats::protocols
