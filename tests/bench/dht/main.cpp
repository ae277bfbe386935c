// SPDX-License-Identifier: MIT
//
// bench_dht [networks [NODES]] [churn [NODES]] [handling] [serving] - what a node of the DHT costs, and how well walks
// find their keys. Without arguments: all of it, about ten minutes of CPU time. Figures of networks and churn come from
// virtual time and, but for CPU and memory, are the same on every machine. What they do not say: how the public network
// behaves, whose nodes keep other tables and ask for more.
#include "tests/bench/dht/suites.hpp"
#include "tests/bench/support/arguments.hpp"

#include <cstdio>
#include <string_view>

using namespace librats::bench;

namespace {

constexpr std::size_t nodes_min = 8;

} // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ); // Each line when it is known, into files as well.
  for (int i = 1; i < argc || argc == 1; ++i) {
    const std::string_view what = argc == 1 ? "all" : argv[i];
    const auto nodes = argc == 1 ? 0 : number(argv[i + 1], nodes_min);
    i += nodes != 0 ? 1 : 0;
    const bool all = what == "all";
    if (!all && what != "networks" && what != "churn" && what != "handling" && what != "serving") {
      std::fprintf(stderr, "usage: bench_dht [networks [NODES]] [churn [NODES]] [handling] [serving]\n");
      return 2;
    }
    if (all || what == "serving") // First, because it starts other processes.
      measure_dht_serving();
    if (all || what == "handling")
      measure_dht_handling();
    if (all || what == "networks")
      measure_dht_networks(
        nodes != 0 ? std::vector<std::size_t>{nodes} : std::vector<std::size_t>{2000, 1000, 300, 50});
    if (all || what == "churn")
      measure_dht_churn(nodes != 0 ? nodes : 2000);
    if (all)
      break;
  }
}
