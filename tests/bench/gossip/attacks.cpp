// SPDX-License-Identifier: MIT
//
// Networks in which a share of the nodes attacks from the first second on, while honest nodes talk to each other.
#include "tests/bench/gossip/attack_report.hpp"
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

constexpr attack attacks[] = {{sybil_kind::mute, "mute"}, {sybil_kind::spam, "spam"}, {sybil_kind::promise, "promise"},
  {sybil_kind::lure, "lure"}, {sybil_kind::graft_flood, "graft flood"}, {sybil_kind::flood, "flood"}};

constexpr talk_options said{10, 1, 2048};
constexpr std::size_t many = 2000; ///< Nodes; with more, half a minute has to do.

void run(const std::string& name, const gossip_world_options& options) {
  run_apart([&] {
    const auto began = cpu_seconds();
    gossip_world world{options};
    world.join_all();
    talk(world, said, 5s);
    print_opinions("5 s", world);
    talk(world, said, 10s);
    print_opinions("15 s", world);
    talk(world, said, 15s);
    print_opinions("30 s", world);
    if (options.nodes + options.sybils <= many) {
      talk(world, said, 30s);
      print_opinions("60 s", world);
    }
    world.run_for(12s);
    print_attack(name, world, began);
  });
}

} // namespace

void librats::bench::measure_gossip_attacks(std::size_t nodes) {
  std::printf("\nAttacks: 10 honest publishers, a publication of 2,048 bytes each and second for %d s, even links, "
              "seed 1.\nOwed from the first second on: honest nodes and attackers start together.\n",
    nodes > many ? 30 : 60);
  print_delivery_header("attackers");
  for (const auto& one : attacks)
    for (const auto share : {0.2, 0.4}) {
      auto options = evaluation_links(nodes);
      options.sybils = static_cast<std::size_t>(share * static_cast<double>(nodes));
      options.nodes = nodes - options.sybils;
      options.attack = one.kind;
      options.settled = 0s;
      options.mesh.validate = true;
      if (one.kind == sybil_kind::lure) { // At first they earn what makes us believe them.
        options.sybils_turn = 15s;
        options.mesh.introduce = true;
        options.links_wanted = 64;
      }
      const auto name = std::to_string(options.sybils) + " of " + std::to_string(nodes) + ": " + one.name;
      run(name, options);
      if (one.kind != sybil_kind::mute || nodes > many)
        continue;
      expect_deliveries(options);
      run(name + ", rate known", options);
    }
}
