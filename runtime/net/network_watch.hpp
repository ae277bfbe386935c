// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/net/network.hpp"

#include <chrono>
#include <memory>

namespace librats::runtime {

class event_loop;

/// How often a system that tells nothing is asked.
constexpr auto interface_poll_interval = std::chrono::seconds{10};

/// Compares `network::interfaces()` of the loop now and then: works on every system, late, and blind for routes.
std::unique_ptr<network_watch> make_polling_watch(event_loop& loop, network_change_events& events);

} // namespace librats::runtime
