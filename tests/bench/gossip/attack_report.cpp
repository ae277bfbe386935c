// SPDX-License-Identifier: MIT
#include "tests/bench/gossip/attack_report.hpp"

#include "tests/bench/gossip/talk.hpp"
#include "tests/bench/support/process.hpp"

#include <chrono>
#include <cstdio>

using namespace librats;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

double percent(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

void print_watched(const char* way, double delivered, const delivery_histogram& took) {
  std::printf("    %-30s %10s %10.4f %6zu %6zu %6zu %6zu\n", way, "", 100 * delivered, took.quantile(0.5),
    took.quantile(0.99), took.quantile(0.999), took.max());
}

} // namespace

void librats::bench::print_opinions(const char* when, const gossip_world& world) {
  const auto x = world.ask_honest();
  std::printf(
    "    %5s: honest %6.1f (1 %% below %.1f; in the mesh %.1f), attackers %8.1f (in the mesh %.1f); graylisted "
    "%3.0f %%, mesh places %4.1f %%, without an honest one %zu; links %4.1f %%, of our choice %zu\n",
    when, x.honest_median, x.honest_low, x.honest_mesh_median, x.sybil_median, x.sybil_mesh_median,
    100 * x.sybils_graylisted, percent(x.mesh_places_of_sybils, x.mesh_places), x.nodes_without_honest_mesh,
    percent(x.links_to_sybils, x.links), x.sybils_dialed);
}

void librats::bench::print_attack(const std::string& name, const gossip_world& world, double began) {
  print_deliveries(name, world);
  if (world.latencies_to_watched_ms().count() != 0) {
    print_watched("to targets", world.delivered_to_watched(), world.latencies_to_watched_ms());
    print_watched("from targets", world.delivered_from_watched(), world.latencies_from_watched_ms());
  }
  std::printf("    attackers sent %.1f messages for each of honest nodes; CPU %.0f s; trace %016llx\n",
    static_cast<double>(world.sent_by_sybils()) / static_cast<double>(world.sent_by_honest().messages),
    cpu_seconds() - began, static_cast<unsigned long long>(world.trace_hash()));
}

void librats::bench::expect_deliveries(gossip_world_options& x) {
  x.mesh.count_mesh_deliveries = true;
  x.mesh.mesh_delivery_window = 1s;
  auto& scores = x.router.scores.topic;
  scores.mesh_deficit = -1;
  scores.mesh_failure = -1;
  scores.mesh_threshold = 3;
  scores.mesh_activation = 20s;
}
