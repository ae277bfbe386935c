// SPDX-License-Identifier: MIT
//
// bench_gossip [networks [NODES]] [churn [NODES]] [degradation [NODES]] [hubs [NODES]] [attacks [NODES]]
// [evaluation [NODES]] - how GossipSub does in networks of thousands of nodes, on bad links, and under attack. Without
// arguments: all of it, three hours of CPU time and 5 GB.
// All figures but CPU time and memory come from virtual time and are the same on every machine (README.md).
#include "tests/bench/gossip/suites.hpp"
#include "tests/bench/support/arguments.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string_view>

using namespace librats::bench;

namespace {

constexpr const char* suites[] = {"networks", "churn", "degradation", "hubs", "attacks", "evaluation"};
constexpr std::size_t nodes_min = 100;

} // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ); // Each line when it is known, into files as well.
  for (int i = 1; i < argc || argc == 1; ++i) {
    const std::string_view what = argc == 1 ? "all" : argv[i];
    const auto nodes = argc == 1 ? 0 : number(argv[i + 1], nodes_min);
    i += nodes != 0 ? 1 : 0;
    const bool all = what == "all";
    if (!all && std::find(std::begin(suites), std::end(suites), what) == std::end(suites)) {
      std::fprintf(stderr,
        "usage: bench_gossip [networks [NODES]] [churn [NODES]] [degradation [NODES]] [hubs [NODES]] "
        "[attacks [NODES]] [evaluation [NODES]]\n");
      return 2;
    }
    if (all || what == "networks")
      measure_gossip_networks(nodes != 0 ? std::vector<std::size_t>{nodes} : std::vector<std::size_t>{10000, 1000});
    if (all || what == "churn")
      measure_gossip_churn(nodes != 0 ? nodes : 1000);
    if (all || what == "degradation")
      measure_gossip_degradation(nodes != 0 ? nodes : 1000);
    if (all || what == "hubs")
      measure_gossip_hubs(nodes != 0 ? nodes : 1000);
    if (all || what == "attacks")
      measure_gossip_attacks(nodes != 0 ? nodes : 1000);
    if (all || what == "evaluation")
      measure_gossip_evaluation(nodes != 0 ? nodes : 1000);
    if (all)
      break;
  }
}
