// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/result.hpp"
#include "runtime/net/datagram.hpp"

#include <memory>

namespace librats::runtime {

class io_loop;

/// Opens a UDP socket on `loop`; see `network::open_datagrams`.
result<std::unique_ptr<datagram_socket>, std::error_code> make_asio_datagram_socket(io_loop& loop,
  const endpoint& local, bool dual_stack, datagram_events& events);

} // namespace librats::runtime
