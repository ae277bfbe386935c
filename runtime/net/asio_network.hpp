// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/net/network.hpp"

#include <memory>

namespace librats::runtime {

class io_loop;

/// The real network of one loop, on Boost.Asio. Must not outlive the loop.
std::unique_ptr<network> make_asio_network(io_loop& loop);

} // namespace librats::runtime
