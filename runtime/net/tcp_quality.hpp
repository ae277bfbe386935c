// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/net/stream.hpp"

namespace librats::runtime {

/// What the kernel knows about a TCP connection; nothing when it does not say. Linux alone (`TCP_INFO`, tcp(7)): the
/// system header with the whole structure cannot stand beside those that Asio includes, hence a file of its own.
stream_quality tcp_quality(int socket) noexcept;

} // namespace librats::runtime
