// SPDX-License-Identifier: MIT
//
// Networks in which a share of the nodes attacks from the first second on, while honest nodes talk to each other.
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

struct attack {
  sybil_kind kind;
  const char* name;
};

constexpr attack attacks[] = {{sybil_kind::mute, "mute"}, {sybil_kind::flood, "flood"}, {sybil_kind::spam, "spam"},
  {sybil_kind::promise, "promise"}, {sybil_kind::graft_flood, "graft flood"}};

void print_opinions(const char* when, const gossip_world& world) {
  const auto x = world.ask_honest();
  std::printf("    %6s: scores of honest nodes %.1f (1 %% below %.1f), of attackers %.1f, %.0f %% of them graylisted; "
              "%.1f %% of mesh places are theirs, %zu nodes have no honest one\n",
    when, x.honest_median, x.honest_low, x.sybil_median, 100 * x.sybils_graylisted,
    x.mesh_places == 0 ? 0 : 100 * static_cast<double>(x.mesh_places_of_sybils) / static_cast<double>(x.mesh_places),
    x.nodes_without_honest_mesh);
}

void run(const std::string& name, const gossip_world_options& options) {
  const auto began = cpu_seconds();
  gossip_world world{options};
  world.join_all();
  const talk_options said{20, 1, 2048};
  talk(world, said, 5s);
  print_opinions("5 s", world);
  talk(world, said, 10s);
  print_opinions("15 s", world);
  talk(world, said, 15s);
  print_opinions("30 s", world);
  talk(world, said, 30s);
  print_opinions("60 s", world);
  world.run_for(12s);
  print_deliveries(name, world);
  std::printf("    attackers sent %.1f messages for each of honest nodes; CPU %.0f s; trace %016llx\n",
    static_cast<double>(world.sent_by_sybils()) / static_cast<double>(world.sent_by_honest().messages),
    cpu_seconds() - began, static_cast<unsigned long long>(world.trace_hash()));
}

} // namespace

void librats::bench::measure_gossip_attacks(std::size_t nodes) {
  std::printf("\nAttacks: 20 honest publishers, a publication of 2,048 bytes each and second for a minute, even links, "
              "seed 1.\nOwed from the first second on: honest nodes and attackers start together.\n");
  print_delivery_header("attackers");
  for (const auto& one : attacks)
    for (const auto share : {0.2, 0.4}) {
      auto options = evaluation_links(nodes);
      options.sybils = static_cast<std::size_t>(share * static_cast<double>(nodes));
      options.nodes = nodes - options.sybils;
      options.attack = one.kind;
      options.settled = 0s;
      options.mesh.validate = true;
      run(std::to_string(options.sybils) + " of " + std::to_string(nodes) + ": " + one.name, options);
    }
}
