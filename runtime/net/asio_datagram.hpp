// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/result.hpp"
#include "runtime/net/datagram.hpp"

#include <memory>
#include <system_error>

namespace librats::runtime {

class io_loop;

/// Opens a UDP socket on `loop`; see `network::open_datagrams`. Works on every system, one system call per datagram. Of
/// unreachable destinations it knows only what the call that sends says itself.
result<std::unique_ptr<datagram_socket>, std::error_code> make_asio_datagram_socket(io_loop& loop,
  const endpoint& local, bool dual_stack, datagram_events& events);

} // namespace librats::runtime
