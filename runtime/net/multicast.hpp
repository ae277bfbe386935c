// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

namespace librats::runtime {

/// An address of a local interface.
struct interface_address {
  std::string interface;           ///< As the system names it, for instance `eth0`.
  ip_address address;
  std::uint32_t index = 0;         ///< As the system numbers the interface; the zone of its link-local addresses.
  std::uint8_t prefix_length = 0;  ///< Leading bits that all addresses of its network share; 0 when it is not known.
  bool multicast = false;          ///< The interface takes part in multicast.
  bool loopback = false;
  bool running = false;            ///< It is plugged in; without this flag nothing comes in or leaves.
};

/// A group on one link: what `network::open_multicast` joins. One socket per interface and address family.
struct multicast_options {
  ip_address group;             ///< For instance 224.0.0.251 or ff02::fb.
  std::uint16_t port = 0;       ///< Bound for all addresses of the group's family, and shared with other programs.
  interface_address interface;  ///< One of `network::interfaces()`, with an address of the group's family.
  /// TTL or hop limit of what is sent, to the group and to others alike. 255 proves to who receives it that no router
  /// forwarded it (RFC 6762 section 11).
  std::uint8_t hops = 255;
  /// Sockets of this machine, this one included, hear what is sent to the group. On the loopback interface they always
  /// do.
  bool loopback = true;
};

/// What is wrong with `options` on any system: `invalid_argument`, or nothing.
std::error_code check_multicast_options(const multicast_options& options) noexcept;

/// How a datagram came to a multicast socket.
struct multicast_arrival {
  endpoint from;
  /// The group, or the address of ours that it was sent to alone; empty where the system does not tell.
  std::optional<ip_address> to;
  std::uint32_t interface = 0;       ///< Index of the interface that it came in on.
  std::optional<std::uint8_t> hops;  ///< TTL or hop limit that was left; empty where the system does not tell.
};

/// What happens to multicast sockets. All calls come on the loop's thread, never from inside a call to a socket.
class multicast_events {
public:
  /// One datagram, in the loop's own buffer: it may be changed in place and is gone when the call returns. `token` is
  /// that of the socket, which may be destroyed here.
  ///
  /// What was sent to the group came in on the socket's own interface. What was sent to one of our addresses may have
  /// come in on another one: the system hands it to any one of the sockets that share the port, be it of this program
  /// or not, so `how.interface` counts and not the token.
  virtual void multicast_received(std::uint64_t token, const multicast_arrival& how, mutable_bytes_view in) = 0;

protected:
  ~multicast_events() = default;
};

} // namespace librats::runtime
