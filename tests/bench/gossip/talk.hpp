// SPDX-License-Identifier: MIT
#pragma once

#include "tests/protocols/support/gossip_world.hpp"

#include <cstddef>
#include <functional>
#include <string>

namespace librats::bench {

/// Who says how much in a world of bench_gossip.
struct talk_options {
  std::size_t publishers = 100; ///< The first nodes of the world.
  double per_second = 1;        ///< Of each, evenly spread.
  std::size_t payload = 2048;   ///< Bytes of data.
};

/// Lets the publishers of `world` talk for so long on virtual time.
void talk(test::gossip_world& world, const talk_options& options, std::chrono::seconds span);

/// The links that the GossipSub v1.1 evaluation had: 25 ms each way, jitter 10 %, 20 links per node.
test::gossip_world_options evaluation_links(std::size_t nodes);
/// Links across the world: 10 to 120 ms each way, jitter 10 %, 20 links per node.
test::gossip_world_options wide_links(std::size_t nodes);

/// "delivered", "p50", "p99" and so on, for `print_deliveries`.
void print_delivery_header(const char* first);
/// One line: how many deliveries were owed and made, how long they took, over how many hops.
void print_deliveries(const std::string& first, const test::gossip_world& world);

/// Does it in a process of its own, so that none lives in the memory that another one left.
void run_apart(const std::function<void()>& what);

} // namespace librats::bench
