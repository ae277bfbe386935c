// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/net/stream.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>

namespace librats::runtime {

class io_loop;

/// Wraps a connected TCP socket of `loop`.
std::unique_ptr<stream> make_asio_stream(io_loop& loop, boost::asio::ip::tcp::socket socket);

/// Puts a detached TCP socket under `loop`; null when the system refuses.
std::unique_ptr<stream> attach_asio_stream(io_loop& loop, std::unique_ptr<detached_stream> wanderer);

} // namespace librats::runtime
