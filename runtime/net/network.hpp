// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/result.hpp"
#include "runtime/net/datagram.hpp"
#include "runtime/net/multicast.hpp"
#include "runtime/net/stream.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace librats::runtime {

/// A socket that accepts streams. Destroying it closes the port.
class acceptor {
public:
  virtual ~acceptor() = default;
  /// Where it really listens: the port is the kernel's choice when 0 was asked for.
  [[nodiscard]] virtual endpoint local() const = 0;
};

class acceptor_events {
public:
  virtual void accepted(std::unique_ptr<stream> incoming) = 0;
  /// Accepting failed and pauses for `acceptor_pause`, for instance because no file descriptor is left.
  virtual void accept_failed(std::error_code why) = 0;

protected:
  ~acceptor_events() = default;
};

/// A connection attempt or a name lookup that is under way. Destroying it cancels it; no event follows.
class pending_operation {
public:
  virtual ~pending_operation() = default;
};

class dial_events {
public:
  virtual void dialed(std::uint64_t token, std::unique_ptr<stream> outgoing) = 0;
  virtual void dial_failed(std::uint64_t token, std::error_code why) = 0;

protected:
  ~dial_events() = default;
};

class resolve_events {
public:
  /// `addresses` in the resolver's order of preference; empty exactly when `why` is set.
  virtual void resolved(std::uint64_t token, std::vector<ip_address> addresses, std::error_code why) = 0;

protected:
  ~resolve_events() = default;
};

/// Where to listen. The unspecified IPv6 address with `dual_stack` also takes IPv4.
struct listen_options {
  endpoint local{ip_address::v6_any(), 0};
  bool dual_stack = true;
  /// Connections that wait to be accepted. Beyond it the system forgets Syns, which come again a second later: with
  /// upstream's 128 (wire/00 section 5), 400 peers at once take that second.
  int backlog = 1024;
};

/// True when both lists name the same addresses on the same interfaces, in whatever order. An interface that was
/// removed and made again under its old name is another one.
bool same_interfaces(std::vector<interface_address> a, std::vector<interface_address> b);

class network_change_events {
public:
  /// Interfaces, addresses or routes of this machine changed, and the storm of changes is over. What they are now,
  /// `network::interfaces()` says; old connections may be dead without knowing it.
  virtual void network_changed() = 0;

protected:
  ~network_change_events() = default;
};

/// Watches the machine's own network. Destroying it ends the watch; no event follows.
class network_watch {
public:
  virtual ~network_watch() = default;
};

/// Sockets, names and interfaces of one loop. The real one stands on Boost.Asio, the simulated one on virtual links.
/// No callback comes from inside the call that asked for it. Objects that it gives out must not outlive the loop.
class network {
public:
  virtual ~network() = default;

  virtual result<std::unique_ptr<acceptor>, std::error_code> listen(const listen_options& options,
    acceptor_events& events) = 0;

  /// Opens a stream to `remote`; the deadline is the caller's business.
  virtual std::unique_ptr<pending_operation> dial(const endpoint& remote, std::uint64_t token, dial_events& events) = 0;

  /// Puts a stream that another loop of the same host detached under this one. Null when it is broken.
  virtual std::unique_ptr<stream> attach(std::unique_ptr<detached_stream> wanderer) = 0;

  /// Opens a UDP socket; the unspecified IPv6 address with `dual_stack` also takes IPv4.
  virtual result<std::unique_ptr<datagram_socket>, std::error_code> open_datagrams(const endpoint& local,
    bool dual_stack, datagram_events& events) = 0;

  /// Joins a group on one interface. The socket also sends to single addresses, through that interface and from its
  /// address. The membership lasts while the interface does: after `network_changed`, open those of new interfaces.
  /// What finds no room is lost, and so is what the system refuses; `datagram_socket::dropped` counts the latter.
  /// Errors: `invalid_argument` (no group, no interface, mixed families, no hops), `address_in_use` (a program that
  /// does not share holds the port), `operation_not_supported` or what else the system says where it has no multicast.
  virtual result<std::unique_ptr<datagram_socket>, std::error_code> open_multicast(const multicast_options& options,
    std::uint64_t token, multicast_events& events) = 0;

  /// Looks up a host name off the loop; a literal address resolves to itself.
  virtual std::unique_ptr<pending_operation> resolve(const std::string& host, std::uint64_t token,
    resolve_events& events) = 0;

  /// Every address of every interface that is up, loopback included.
  virtual std::vector<interface_address> interfaces() = 0;

  /// Tells when the interfaces, their addresses or the routes change: once per storm of changes, soon after it where
  /// the system tells (Linux), else within ten seconds.
  virtual std::unique_ptr<network_watch> watch(network_change_events& events) = 0;
};

} // namespace librats::runtime
