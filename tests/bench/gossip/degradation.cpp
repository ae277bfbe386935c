// SPDX-License-Identifier: MIT
//
// Networks without attackers on bad links: loss, and uplinks that have little to spare.
#include "tests/bench/gossip/suites.hpp"
#include "tests/bench/gossip/talk.hpp"
#include "tests/bench/support/process.hpp"

#include <chrono>
#include <cstdio>
#include <string>

using namespace librats;
using namespace librats::bench;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

constexpr talk_options said{100, 1.2, 2048};

struct condition {
  const char* name;
  double loss;
  double uplink; ///< Bytes a second.
  double slow_share;
  double slow_uplink;
};

constexpr condition conditions[] = {
  {"nothing is wrong", 0, 0, 0, 0},
  {"loss 2 %", 0.02, 0, 0, 0},
  {"loss 10 %", 0.1, 0, 0, 0},
  {"uplinks of 24 Mbit/s", 0, 3e6, 0, 0},
  {"uplinks of 16 Mbit/s", 0, 2e6, 0, 0},
  {"a fifth has 4 Mbit/s, the rest 24", 0, 3e6, 0.2, 5e5},
  {"the same, and loss 2 %", 0.02, 3e6, 0.2, 5e5},
};

void run(const condition& x, std::size_t nodes) {
  const auto began = cpu_seconds();
  auto options = wide_links(nodes);
  options.loss = x.loss;
  options.uplink = x.uplink;
  options.slow_share = x.slow_share;
  options.slow_uplink = x.slow_uplink;
  gossip_world world{options};
  world.join_all();
  world.run_for(20s);
  const auto before = world.sent_by_honest().wire_bytes;
  talk(world, said, 60s);
  const auto sent = world.sent_by_honest().wire_bytes - before;
  world.run_for(12s);
  print_deliveries(x.name, world);
  std::printf("    bytes on the wire per node and second %.0f, publications dropped at uplinks %.2f %%; CPU %.0f s; "
              "trace %016llx\n",
    static_cast<double>(sent) / 60 / static_cast<double>(nodes),
    100 * static_cast<double>(world.dropped_at_uplinks()) / static_cast<double>(world.sent_by_honest().messages),
    cpu_seconds() - began, static_cast<unsigned long long>(world.trace_hash()));
}

} // namespace

void librats::bench::measure_gossip_degradation(std::size_t nodes) {
  std::printf(
    "\nBad links: 100 publishers, 120 messages of 2,048 bytes a second together for a minute, wide links, seed "
    "1.\nLoss is of every message; an uplink sends one message after the other, and drops a publication that "
    "would wait for a second.\n");
  print_delivery_header("condition");
  for (const auto& one : conditions)
    run_apart([&] { run(one, nodes); });
}
