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
/// bound to the group hears nobody else. So the socket would also hear groups that others joined, and our own group on
/// other interfaces: where the system tells how a datagram came in (IP_PKTINFO, IPV6_RECVPKTINFO), what does not belong
/// here is dropped, and Linux is told not to hand it over at all (IP_MULTICAST_ALL). Binding to the interface
/// (SO_BINDTODEVICE) would do it too, but needs a privilege on older kernels. Windows hands over only what came in
/// where the socket joined, and tells nothing more.
result<std::unique_ptr<datagram_socket>, std::error_code> make_multicast_socket(io_loop& loop,
  const multicast_options& options, std::uint64_t token, multicast_events& events);

} // namespace librats::runtime
