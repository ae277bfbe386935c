// SPDX-License-Identifier: MIT
#include "protocols/dht/address_votes.hpp"

#include "protocols/core/address_scope.hpp"
#include "protocols/dht/networks.hpp"

#include <algorithm>

namespace librats::protocols {

namespace {

/// Wider than `voting_network` of core: there voters are peers with keys, here they are addresses, which data centres
/// rent out by the /24.
ip_address network_of(const ip_address& x) noexcept {
  return scope_of(x) == address_scope::everywhere ? wide_network(x) : x;
}

} // namespace

std::optional<ip_address> address_votes::add(time_point now, const ip_address& from, const ip_address& seen) {
  if (scope_of(seen) != address_scope::everywhere || from.is_v4() != seen.is_v4())
    return std::nullopt;
  for (auto i = votes_.begin(); i != votes_.end();)
    i = now - i->second.when >= vote_kept ? votes_.erase(i) : std::next(i);
  const auto network = network_of(from);
  if (votes_.size() >= voters_max && votes_.count(network) == 0)
    votes_.erase(std::min_element(
      votes_.begin(), votes_.end(), [](const auto& a, const auto& b) { return a.second.when < b.second.when; }));
  votes_.insert_or_assign(network, vote{seen, now});
  if (current_ == seen)
    return std::nullopt;
  std::map<ip_address, std::size_t> tally;
  for (const auto& [who, one] : votes_)
    ++tally[one.seen];
  const auto votes = tally[seen];
  const bool most = std::all_of(
    tally.begin(), tally.end(), [&](const auto& other) { return other.first == seen || other.second < votes; });
  if (votes < votes_min || !most)
    return std::nullopt;
  current_ = seen;
  return current_;
}

bool address_votes::set(const ip_address& known) {
  if (current_ == known)
    return false;
  current_ = known;
  return true;
}

void address_votes::forget() {
  votes_.clear();
  current_.reset();
}

} // namespace librats::protocols
