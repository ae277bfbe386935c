// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"

#include <vector>

namespace librats::actors {

/// Which of our addresses to tell a peer that we see at `remote` (wire/00 section 9, "better than upstream"): loopback
/// ones only to a peer on this machine, link-local ones to nobody, at most 32. Order is kept.
std::vector<endpoint> advertised_addresses(const std::vector<endpoint>& own, const ip_address& remote);

/// Which of a peer's claims to believe: no unspecified, multicast or link-local address, no port 0; loopback only from
/// a peer on this machine, private ones only from a peer that is not on a public address. The address that we see it
/// at, with its listen port, comes first. At most 32, without repetition.
std::vector<endpoint> believable_addresses(const std::vector<endpoint>& claimed, const ip_address& remote,
  std::uint16_t listen_port);

/// Where others can dial a peer that we see at `remote`, of what we believe: if we dialed it there, that comes first,
/// for we got through.
std::vector<endpoint> dialable_addresses(std::vector<endpoint> believed, const endpoint& remote, bool dialed);

} // namespace librats::actors
