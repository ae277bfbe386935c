// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"

#include <system_error>

namespace librats::runtime {

class datagram_events {
public:
  /// One datagram, in the loop's own buffer: gone when the call returns.
  virtual void datagram_received(const endpoint& from, mutable_bytes_view in) = 0;
  /// There is room again, after a `send` that returned false.
  virtual void datagrams_writable() = 0;

protected:
  ~datagram_events() = default;
};

/// A UDP socket. Destroying it closes it. Errors of single datagrams (unreachable peer) are not errors of the socket.
class datagram_socket {
public:
  virtual ~datagram_socket() = default;
  /// False when the kernel has no room; `datagrams_writable` follows. Other errors drop the datagram, as a network may.
  virtual bool send(const endpoint& to, bytes_view datagram) = 0;
  [[nodiscard]] virtual endpoint local() const = 0;
};

} // namespace librats::runtime
