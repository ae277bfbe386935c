// SPDX-License-Identifier: MIT
//
// bench_gossip [networks [NODES]] [churn [NODES]] [attacks [NODES]] [evaluation [NODES]] - how GossipSub does in
// networks of thousands of nodes, and under attack. Without arguments: all of it, half an hour of CPU time and 4 GB.
// All figures but CPU time and memory come from virtual time and are the same on every machine (README.md).
#include "tests/bench/gossip/suites.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>

using namespace librats::bench;

namespace {

std::size_t number(const char* text) {
  const auto out = text == nullptr ? 0 : std::strtol(text, nullptr, 10);
  return out <= 0 ? 0 : static_cast<std::size_t>(out < 100 ? 100 : out);
}

} // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ); // Each line when it is known, into files as well.
  for (int i = 1; i < argc || argc == 1; ++i) {
    const std::string_view what = argc == 1 ? "all" : argv[i];
    const auto nodes = argc == 1 ? 0 : number(argv[i + 1]);
    i += nodes != 0 ? 1 : 0;
    const bool all = what == "all";
    if (!all && what != "networks" && what != "churn" && what != "attacks" && what != "evaluation") {
      std::fprintf(
        stderr, "usage: bench_gossip [networks [NODES]] [churn [NODES]] [attacks [NODES]] [evaluation [NODES]]\n");
      return 2;
    }
    if (all || what == "networks")
      measure_gossip_networks(nodes != 0 ? std::vector<std::size_t>{nodes} : std::vector<std::size_t>{10000, 1000});
    if (all || what == "churn")
      measure_gossip_churn(nodes != 0 ? nodes : 1000);
    if (all || what == "attacks")
      measure_gossip_attacks(nodes != 0 ? nodes : 500);
    if (all || what == "evaluation")
      measure_gossip_evaluation(nodes != 0 ? nodes : 250);
    if (all)
      break;
  }
}
