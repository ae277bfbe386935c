// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace librats::runtime {

/// The largest UDP payload that fits into an IPv4 packet: 65535 bytes less 20 of IP header and 8 of UDP header.
constexpr std::size_t datagram_size_max = 65'507;
/// Datagrams of one wake-up of a socket. The loop's other sockets get their turn before the next ones.
constexpr std::size_t datagrams_per_event = 4'096;
/// What a socket asks the kernel to buffer in each direction, in bytes; the system may grant less.
constexpr int datagram_kernel_buffer = 4 * 1024 * 1024;

/// What happens to a datagram socket. All calls come on the loop's thread, never from inside a call to the socket.
class datagram_events {
public:
  /// One datagram, in the loop's own buffer: it may be changed in place and is gone when the call returns.
  virtual void datagram_received(const endpoint& from, mutable_bytes_view in) = 0;
  /// Everything that was ready has been handed over: the time to answer it all together.
  virtual void datagrams_drained() = 0;
  /// There is room again, after `prepare` gave nothing.
  virtual void datagrams_writable() = 0;
  /// The network said that `to` cannot be reached, or that nobody listens there (ICMP). Anybody on the way can say so:
  /// a hint, not a proof.
  virtual void datagram_refused(const endpoint& to, std::error_code why) = 0;

protected:
  ~datagram_events() = default;
};

/// A UDP socket. What is committed to it leaves in batches, which spares system calls and, where the kernel can, trips
/// through its network stack. Destroying it sends what is queued, as far as the kernel takes it, and closes it. Errors
/// of single datagrams are not errors of the socket.
class datagram_socket {
public:
  virtual ~datagram_socket() = default;

  /// Memory for one datagram of up to `size` bytes, valid until the next call to the socket. Never empty (0 bytes get
  /// one) unless there is no room, then `datagrams_writable` follows, or `size` is above `datagram_size_max`, then
  /// nothing does.
  virtual mutable_bytes_view prepare(std::size_t size) = 0;
  /// Queues the first `size` bytes of what `prepare` gave. They leave with the others at the end of the loop's turn, or
  /// earlier when the batch is full.
  virtual void commit(const endpoint& to, std::size_t size) = 0;
  /// `prepare`, copy and `commit`; false when there is no room. One that is too large is lost, as in a network.
  bool send(const endpoint& to, bytes_view datagram) {
    if (datagram.size() > datagram_size_max)
      return true;
    const auto room = prepare(datagram.size());
    if (room.empty())
      return false;
    std::copy(datagram.begin(), datagram.end(), room.begin());
    commit(to, datagram.size());
    return true;
  }
  /// Sends what is queued now.
  virtual void flush() = 0;

  [[nodiscard]] virtual endpoint local() const = 0;
  /// Datagrams that the system refused to take since the beginning, for reports.
  [[nodiscard]] virtual std::uint64_t dropped() const noexcept = 0;
};

} // namespace librats::runtime
