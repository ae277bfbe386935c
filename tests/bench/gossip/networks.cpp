// SPDX-License-Identifier: MIT
#include "tests/bench/gossip/suites.hpp"
#include "tests/bench/gossip/talk.hpp"
#include "tests/bench/support/process.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

using namespace librats;
using namespace librats::bench;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

struct scenario {
  const char* links;
  gossip_world_options world;
  talk_options talk;
  std::chrono::seconds span;
};

double per(double sum, double count) {
  return count == 0 ? 0 : sum / count;
}

void run(const scenario& x) {
  const auto began = cpu_seconds();
  const auto bare = private_bytes(::getpid());
  gossip_world world{x.world};
  world.join_all();
  world.run_for(20s);
  const auto idle = private_bytes(::getpid());
  const auto sent = world.sent_by_honest();
  const auto before = world.counted();
  talk(world, x.talk, x.span);
  const auto talked = world.sent_by_honest();
  const auto full = private_bytes(::getpid());
  world.run_for(12s);
  const auto after = world.counted();
  const auto nodes = static_cast<double>(x.world.nodes);
  const auto node_seconds = nodes * static_cast<double>(x.span.count());
  const auto grown = [&](std::size_t now) { return per(static_cast<double>(now - std::min(now, bare)), nodes) / 1000; };
  print_deliveries(
    std::to_string(x.world.nodes) + " " + x.links + ", " + std::to_string(x.talk.publishers) + " talk", world);
  std::printf("    duplicates per delivery %.2f, bytes per node and second %.0f (%.0f on the wire), messages %.1f;\n"
              "    KB per node %.1f idle, %.1f after %lld s of talk; CPU %.0f s, %.1f M events; trace %016llx\n",
    per(static_cast<double>(after.duplicates - before.duplicates),
      static_cast<double>(after.delivered - before.delivered)),
    per(static_cast<double>(talked.bytes - sent.bytes), node_seconds),
    per(static_cast<double>(talked.wire_bytes - sent.wire_bytes), node_seconds),
    per(static_cast<double>(talked.messages - sent.messages), node_seconds), grown(idle), grown(full),
    static_cast<long long>(x.span.count()), cpu_seconds() - began, static_cast<double>(world.events()) / 1e6,
    static_cast<unsigned long long>(world.trace_hash()));
}

} // namespace

void librats::bench::measure_gossip_networks(const std::vector<std::size_t>& sizes) {
  std::printf("No faults. Publications of 2,048 bytes, one per publisher and second. Seed 1.\n");
  print_delivery_header("nodes, links, publishers");
  for (const auto nodes : sizes) {
    const auto many = nodes > 2000;
    if (!many) {
      run_apart([&] { run({"even", evaluation_links(nodes), {1, 1, 2048}, 60s}); });
      run_apart([&] { run({"even", evaluation_links(nodes), {100, 1, 2048}, 30s}); });
    }
    run_apart([&] { run({"wide", wide_links(nodes), {1, 1, 2048}, 60s}); });
    run_apart([&] { run({"wide", wide_links(nodes), {100, 1, 2048}, many ? 10s : 30s}); });
  }
}

void librats::bench::measure_gossip_churn(std::size_t nodes) {
  const auto many = nodes > 2000;
  const talk_options said{many ? std::size_t{10} : std::size_t{20}, 1, 2048};
  const std::chrono::seconds span = many ? 60s : 120s;
  std::printf("\nOf the nodes 10 %% leave without a word in a minute, which their neighbours notice after up to 10 s, "
              "and as many come; 2 %% of\nall messages are lost. %zu publishers, that stay, one publication of 2,048 "
              "bytes a second each for %lld s.\nOwed to nodes that are there 10 s before and after. Wide links.\n",
    said.publishers, static_cast<long long>(span.count()));
  print_delivery_header("churn and loss");
  for (const std::uint64_t seed : {1, 2}) {
    const auto began = cpu_seconds();
    auto options = wide_links(nodes);
    options.seed = seed;
    options.loss = 0.02;
    options.churn_per_minute = 0.1;
    options.permanent = 20;
    gossip_world world{options};
    world.join_all();
    world.run_for(20s);
    talk(world, said, span);
    world.run_for(20s);
    print_deliveries(std::to_string(nodes) + " nodes, seed " + std::to_string(seed), world);
    std::printf("    CPU %.0f s, %.1f M events; trace %016llx\n", cpu_seconds() - began,
      static_cast<double>(world.events()) / 1e6, static_cast<unsigned long long>(world.trace_hash()));
  }
}

void librats::bench::measure_gossip_hubs(std::size_t nodes) {
  std::printf(
    "\nCold start from ten hubs, of which each other node dials three and knows nobody else; 10 publishers, one "
    "publication of\n2,048 bytes a second each, wide links, seed 1. Each line is what was published in half a "
    "minute, 12 s of silence apart.\n");
  print_delivery_header("peer exchange");
  for (const bool introduce : {false, true}) {
    run_apart([&] {
      auto options = wide_links(nodes);
      options.hubs = 10;
      options.links_per_node = 3;
      options.links_wanted = 32; // As `[pex] target_peers` has it.
      options.mesh.introduce = introduce;
      options.settled = 0s;
      gossip_world world{options};
      world.join_all();
      for (const auto* when : {"1st", "2nd", "3rd", "4th"}) {
        world.count_from_now();
        talk(world, {10, 1, 2048}, 30s);
        world.run_for(12s);
        const auto x = world.ask_honest();
        print_deliveries(std::string{introduce ? "with, " : "without, "} + when, world);
        std::printf("    links of a node %.1f, mesh %.1f\n",
          per(static_cast<double>(x.links), static_cast<double>(nodes)),
          per(static_cast<double>(x.mesh_places), static_cast<double>(nodes)));
      }
    });
  }
}
