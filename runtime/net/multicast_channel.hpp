// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/result.hpp"
#include "runtime/net/datagram.hpp"
#include "runtime/net/multicast.hpp"

#include <cstdint>
#include <memory>
#include <system_error>

namespace librats::runtime {

class io_loop;

/// Joins a group on `loop`; see `network::open_multicast`.
///
/// The port is bound for all addresses, because a socket that is bound to one address hears no group, and one that is
/// bound to the group hears nothing else. So it also hears groups that others joined, and ours on other interfaces:
/// where the system tells how a datagram came in (IP_PKTINFO, IPV6_RECVPKTINFO), what does not belong here is dropped.
/// Elsewhere (Windows, FreeBSD) a socket gets only what came in where it joined, and is told nothing more.
///
/// Not used: binding to the interface (SO_BINDTODEVICE), which needs a privilege on older kernels and loses what comes
/// in elsewhere for an address of ours; and IP_MULTICAST_ALL = 0, which leaves a datagram one receiver: Linux 6.18 then
/// takes a short cut and gives it to any socket that shares the port by SO_REUSEPORT, mostly a wrong one (measured).
result<std::unique_ptr<datagram_socket>, std::error_code> make_multicast_socket(io_loop& loop,
  const multicast_options& options, std::uint64_t token, multicast_events& events);

} // namespace librats::runtime
