// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/result.hpp"
#include "runtime/net/datagram.hpp"

#include <cstddef>
#include <memory>
#include <system_error>

namespace librats::runtime {

class io_loop;

/// What a Linux socket tries; what the kernel cannot, it does without.
struct linux_datagram_options {
  bool coalesce = true;  ///< Let the kernel hand over trains of equal datagrams in one piece (UDP_GRO, Linux 5.0).
  /// Datagrams that leave in one piece (UDP_SEGMENT, Linux 4.18), at most 64 before Linux 6.9. 1: none.
  std::size_t segments_max = 64;
};

/// Opens a UDP socket on `loop`; see `network::open_datagrams`. Reads and sends many datagrams with one system call,
/// and learns from the kernel's error queue (IP_RECVERR, ip(7)) which destination an ICMP error is about.
result<std::unique_ptr<datagram_socket>, std::error_code> make_linux_datagram_socket(io_loop& loop,
  const endpoint& local, bool dual_stack, datagram_events& events, const linux_datagram_options& options = {});

} // namespace librats::runtime
