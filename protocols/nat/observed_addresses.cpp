// SPDX-License-Identifier: MIT
#include "protocols/nat/observed_addresses.hpp"

#include "protocols/core/address_scope.hpp"

#include <algorithm>
#include <tuple>

namespace librats::protocols {

const char* to_string(nat_mapping x) noexcept {
  switch (x) {
  case nat_mapping::unknown: return "unknown";
  case nat_mapping::open: return "open";
  case nat_mapping::endpoint_independent: return "endpoint-independent";
  case nat_mapping::endpoint_dependent: return "endpoint-dependent";
  }
  return "unknown";
}

// -- inputs -----------------------------------------------------------------------------------------------------------

void observed_addresses::set_own(const std::vector<ip_address>& interfaces, std::uint16_t listen_port) {
  std::set<ip_address> now{interfaces.begin(), interfaces.end()};
  if (now != interfaces_ && !interfaces_.empty()) {
    observations_.clear();
    external_.clear();
  }
  interfaces_ = std::move(now);
  listen_port_ = listen_port;
}

void observed_addresses::observe(time_point now, const peer_id& who, const ip_address& from, transport by,
  const endpoint& seen) {
  const auto scope = scope_of(seen.address);
  if (scope == address_scope::none || scope < scope_of(from))
    return;
  if (observations_.count(who) == 0 && observations_.size() >= observers_max) {
    const auto victim = std::min_element(observations_.begin(), observations_.end(),
      [](const auto& a, const auto& b) { return a.second.when < b.second.when; });
    observations_.erase(victim);
  }
  observation x;
  x.when = now;
  x.network = voting_network(from);
  x.public_observer = scope_of(from) == address_scope::everywhere;
  x.seen = seen.address;
  if (by == transport::udp && seen.port != 0)
    x.datagram = seen;
  observations_[who] = x;
  external_[seen.address] = now;
  drop_old(now);
}

void observed_addresses::forget_observer(time_point now, const peer_id& who) {
  const auto found = observations_.find(who);
  if (found == observations_.end())
    return;
  external_[found->second.seen] = now;  // It held until now.
  observations_.erase(found);
  drop_old(now);
}

void observed_addresses::handle_timeout(time_point now) { drop_old(now); }

void observed_addresses::drop_old(time_point now) {
  for (auto i = external_.begin(); i != external_.end();) {
    const bool old = now - i->second >= external_kept && votes_for(i->first) == 0;
    i = old ? external_.erase(i) : std::next(i);
  }
  while (external_.size() > external_max) {  // What a peer merely used to say gives way before what one says.
    const auto worth = [&](const auto& x) { return std::make_pair(votes_for(x.first) != 0, x.second); };
    external_.erase(std::min_element(external_.begin(), external_.end(),
      [&](const auto& a, const auto& b) { return worth(a) < worth(b); }));
  }
}

// -- outputs ----------------------------------------------------------------------------------------------------------

std::optional<time_point> observed_addresses::poll_timeout() const {
  std::optional<time_point> out;
  for (const auto& [address, confirmed] : external_)
    if (votes_for(address) == 0 && (!out || confirmed + external_kept < *out))
      out = confirmed + external_kept;
  return out;
}

std::vector<endpoint> observed_addresses::external() const {
  if (listen_port_ == 0)
    return {};
  std::vector<std::tuple<std::size_t, time_point, endpoint>> all;
  for (const auto& [address, confirmed] : external_)
    all.emplace_back(votes_for(address), confirmed, endpoint{address, listen_port_});
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return b < a; });
  std::vector<endpoint> out;
  for (const auto& one : all)
    out.push_back(std::get<endpoint>(one));
  return out;
}

std::vector<endpoint> observed_addresses::worth_advertising() const {
  std::vector<endpoint> out;
  const bool any = std::any_of(external_.begin(), external_.end(),
    [&](const auto& x) { return scope_of(x.first) == address_scope::everywhere && interfaces_.count(x.first) == 0; });
  if (listen_port_ == 0 || !any)
    return out;
  const auto add = [&](const endpoint& x) {
    if (scope_of(x.address) == address_scope::everywhere && interfaces_.count(x.address) == 0
        && std::find(out.begin(), out.end(), x) == out.end())
      out.push_back(x);
  };
  for (const bool v6 : {false, true})
    if (mapping(v6) == nat_mapping::endpoint_independent)
      for (const auto& [where, votes] : count_datagrams(v6).foreign)
        if (votes >= votes_min)
          add(where);
  for (const auto& x : external())
    if (votes_for(x.address) >= votes_min)
      add(x);
  return out;
}

std::vector<endpoint> observed_addresses::datagram_endpoints() const {
  std::vector<const observation*> latest;
  for (const auto& [who, x] : observations_)
    if (x.datagram)
      latest.push_back(&x);
  std::stable_sort(latest.begin(), latest.end(), [](const auto* a, const auto* b) { return a->when > b->when; });
  std::vector<endpoint> out;
  for (const auto* x : latest)
    if (std::find(out.begin(), out.end(), *x->datagram) == out.end())
      out.push_back(*x->datagram);
  return out;
}

// -- votes ------------------------------------------------------------------------------------------------------------

bool observed_addresses::is_own(const endpoint& x) const {
  return x.port == listen_port_ && interfaces_.count(x.address) != 0;
}

std::size_t observed_addresses::votes_for(const ip_address& x) const {
  std::set<ip_address> networks;
  for (const auto& [who, one] : observations_)
    if (one.seen == x)
      networks.insert(one.network);
  return networks.size();
}

observed_addresses::tally observed_addresses::count_datagrams(bool v6) const {
  std::map<ip_address, const observation*> of_network;  // The latest word of each.
  for (const auto& [who, one] : observations_) {
    if (!one.datagram || one.datagram->address.is_v6() != v6)
      continue;
    auto& latest = of_network[one.network];
    if (latest == nullptr || latest->when < one.when)
      latest = &one;
  }
  tally out;
  for (const auto& [network, one] : of_network) {
    if (is_own(*one->datagram)) {
      ++out.own;
      out.own_from_public += one->public_observer ? 1 : 0;
    } else {
      ++out.foreign[*one->datagram];
      ++out.foreign_total;
    }
  }
  return out;
}

nat_mapping observed_addresses::mapping(bool v6) const {
  const auto votes = count_datagrams(v6);
  // Peers in our own network see us as we are, NAT or not; what those outside see decides.
  if (votes.foreign_total == 0)
    return votes.own != 0 ? nat_mapping::open : nat_mapping::unknown;
  if (votes.own_from_public > votes.foreign_total)
    return nat_mapping::open;
  if (votes.foreign_total < votes_min)
    return nat_mapping::unknown;
  const auto most = std::max_element(votes.foreign.begin(), votes.foreign.end(),
    [](const auto& a, const auto& b) { return a.second < b.second; });
  return most->second * 2 > votes.foreign_total ? nat_mapping::endpoint_independent : nat_mapping::endpoint_dependent;
}

} // namespace librats::protocols
