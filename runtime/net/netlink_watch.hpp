// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "runtime/net/network.hpp"

#include <memory>

namespace librats::runtime {

class io_loop;

/// What a batch of routing messages (rtnetlink(7)) says.
struct route_news {
  bool addresses = false;  ///< An address came, went, or merely got a new lifetime, as router advertisements do.
  bool certain = false;    ///< A link or a route changed.

  friend bool operator==(const route_news& a, const route_news& b) noexcept {
    return a.addresses == b.addresses && a.certain == b.certain;
  }
};

/// Reads messages as the kernel sends them; what it does not understand says nothing.
route_news read_route_messages(bytes_view in) noexcept;

/// Watches by a routing socket. Linux alone; null when the system grants none.
std::unique_ptr<network_watch> make_netlink_watch(io_loop& loop, network_change_events& events);

} // namespace librats::runtime
