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
  std::printf(
    "    %5s: honest %6.1f (1 %% below %.1f; in the mesh %.1f), attackers %8.1f (in the mesh %.1f); graylisted "
    "%3.0f %%, mesh places %4.1f %%, without an honest one %zu\n",
    when, x.honest_median, x.honest_low, x.honest_mesh_median, x.sybil_median, x.sybil_mesh_median,
    100 * x.sybils_graylisted,
    x.mesh_places == 0 ? 0 : 100 * static_cast<double>(x.mesh_places_of_sybils) / static_cast<double>(x.mesh_places),
    x.nodes_without_honest_mesh);
}

void print_end(const std::string& name, const gossip_world& world, double began) {
  print_deliveries(name, world);
  std::printf("    attackers sent %.1f messages for each of honest nodes; CPU %.0f s; trace %016llx\n",
    static_cast<double>(world.sent_by_sybils()) / static_cast<double>(world.sent_by_honest().messages),
    cpu_seconds() - began, static_cast<unsigned long long>(world.trace_hash()));
}

constexpr talk_options said{10, 1, 2048};

void run(const std::string& name, const gossip_world_options& options) {
  const auto began = cpu_seconds();
  gossip_world world{options};
  world.join_all();
  talk(world, said, 5s);
  print_opinions("5 s", world);
  talk(world, said, 10s);
  print_opinions("15 s", world);
  talk(world, said, 15s);
  print_opinions("30 s", world);
  talk(world, said, 30s);
  print_opinions("60 s", world);
  world.run_for(12s);
  print_end(name, world, began);
}

/// For an application that knows how much its topic says: who brings less than three messages in two minutes pays.
void expect_deliveries(gossip_world_options& x) {
  x.mesh.count_mesh_deliveries = true;
  x.mesh.mesh_delivery_window = 1s;
  auto& scores = x.router.scores.topic;
  scores.mesh_deficit = -1;
  scores.mesh_failure = -1;
  scores.mesh_threshold = 3;
  scores.mesh_activation = 20s;
}

/// Each honest node has 20 links to honest ones and 400 to attackers, which come, or turn, after `calm`.
void run_evaluation(
  const char* name, std::size_t honest, sybil_kind kind, std::chrono::seconds calm, bool rate_known = false) {
  const auto began = cpu_seconds();
  auto options = evaluation_links(honest);
  options.sybils = 4 * honest;
  options.sybil_links = 100;
  options.honest_dial_sybils = false;
  options.attack = kind;
  (kind == sybil_kind::covert ? options.sybils_turn : options.sybils_come) = calm;
  options.settled = 0s;
  if (rate_known)
    expect_deliveries(options);
  gossip_world world{options};
  world.join_all();
  if (calm != 0s) {
    talk(world, said, calm);
    print_opinions("calm", world);
    world.count_from_now();
  }
  talk(world, said, 30s);
  print_opinions("30 s", world);
  talk(world, said, 60s);
  print_opinions("90 s", world);
  world.run_for(12s);
  print_end(name, world, began);
}

} // namespace

void librats::bench::measure_gossip_attacks(std::size_t nodes) {
  std::printf("\nAttacks: 10 honest publishers, a publication of 2,048 bytes each and second for a minute, even links, "
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
      const auto name = std::to_string(options.sybils) + " of " + std::to_string(nodes) + ": " + one.name;
      run(name, options);
      if (one.kind != sybil_kind::mute)
        continue;
      expect_deliveries(options);
      run(name + ", rate known", options);
    }
}

void librats::bench::measure_gossip_evaluation(std::size_t honest) {
  std::printf(
    "\nThe set-up of the GossipSub v1.1 evaluation: %zu honest nodes with 20 links to each other, %zu mutes with "
    "100 links each;\n10 publishers, 2,048 bytes a second each, even links, seed 1. What is published while "
    "all is calm does not count.\n",
    honest, 4 * honest);
  print_delivery_header("attack");
  run_evaluation("of the whole network", honest, sybil_kind::mute, 30s);
  run_evaluation("cold boot", honest, sybil_kind::mute, 0s);
  run_evaluation("covert flash", honest, sybil_kind::covert, 60s);
  run_evaluation("covert flash, rate known", honest, sybil_kind::covert, 60s, true);
}
