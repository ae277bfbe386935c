// SPDX-License-Identifier: MIT
#include "actors/advertised_addresses.hpp"

#include "protocols/control/identify.hpp"

#include <algorithm>

namespace librats::actors {

std::vector<endpoint> advertised_addresses(const std::vector<endpoint>& own, const ip_address& remote) {
  std::vector<endpoint> out;
  for (const auto& one : own) {
    if (out.size() == protocols::identify_addresses_max)
      break;
    if (one.address.is_link_local() || (one.address.is_loopback() && !remote.is_loopback()))
      continue;
    out.push_back(one);
  }
  return out;
}

std::vector<endpoint> believable_addresses(const std::vector<endpoint>& claimed, const ip_address& remote,
  std::uint16_t listen_port) {
  const bool from_here = remote.is_loopback();
  const bool from_public = !from_here && !remote.is_private() && !remote.is_link_local();
  std::vector<endpoint> out;
  const auto add = [&](const endpoint& x) {
    if (out.size() < protocols::identify_addresses_max && std::find(out.begin(), out.end(), x) == out.end())
      out.push_back(x);
  };
  if (listen_port != 0 && !remote.is_unspecified())
    add({remote, listen_port});
  for (const auto& one : claimed) {
    const auto& address = one.address;
    if (one.port == 0 || address.is_unspecified() || address.is_multicast() || address.is_link_local())
      continue;
    if ((address.is_loopback() && !from_here) || (address.is_private() && from_public))
      continue;
    add(one);
  }
  return out;
}

std::vector<endpoint> dialable_addresses(std::vector<endpoint> believed, const endpoint& remote, bool dialed) {
  if (!dialed)
    return believed;
  believed.erase(std::remove(believed.begin(), believed.end(), remote), believed.end());
  believed.insert(believed.begin(), remote);
  return believed;
}

} // namespace librats::actors
