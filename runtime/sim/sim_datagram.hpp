// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/sim/sim_network.hpp"

#include <memory>

namespace librats::runtime {

/// A bound simulated UDP port.
struct sim_datagram_core {
  sim_network& net;
  datagram_events* events;
  endpoint local;
};

std::unique_ptr<datagram_socket> make_sim_datagram_socket(std::shared_ptr<sim_datagram_core> core);

} // namespace librats::runtime
