// SPDX-License-Identifier: MIT
#include "protocols/dht/secure_node_id.hpp"
#include "tests/bench/dht/suites.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/protocols/support/dht_churn.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace librats;
using namespace librats::bench;
using namespace librats::protocols;
using librats::test::dht_churn;
using librats::test::dht_world;

namespace {

void hour(std::size_t nodes, double liars) {
  dht_churn::config cfg;
  cfg.nodes = nodes;
  cfg.liars = liars;
  const auto cpu = cpu_seconds();
  dht_churn network{cfg};
  const auto seen = network.run();
  std::printf("%5.0f %% %6zu %6zu %7.2f %6.2f %8.1f %6.1f %7.2f %7.2f %7.0f %7.0f %7zu %9.1f %8.1f\n", 100 * liars,
    seen.announces, seen.searches, 100 * seen.success(), seen.hops, seen.queries, seen.peers, seen.seconds_median,
    seen.seconds_worst, seen.idle_bytes, seen.idle_bytes_worst, seen.misled, 100 * seen.gone / seen.confirmed,
    cpu_seconds() - cpu);
}

/// An id near `target` that fits an address, and how many addresses had to be tried for one.
node_contact forged_fitting(dht_world& world, const node_id& target, std::size_t bits, std::size_t& tried) {
  while (true) {
    ++tried;
    const auto& random = world.random_id().raw;
    const auto address =
      ip_address::v4(static_cast<std::uint8_t>(20 + random[0] % 70), random[1], random[2], random[3]);
    for (std::uint8_t i = 0; i < 8; ++i) {
      auto choice = target.raw;
      choice.back() = i;
      const auto id = make_secure_node_id(address, choice);
      if (common_prefix_bits(id, target) >= bits)
        return {id, {address, 6881}};
    }
  }
}

/// Nodes that sit around a key, take what is announced and know only each other.
void eclipse(std::size_t nodes, std::size_t unfit, std::size_t fitting) {
  constexpr int rounds = 100;
  constexpr std::size_t bits = 14; // Nearer than anybody else among a few thousand.
  dht_world::options cfg;
  cfg.spread = true;
  dht_world world{cfg};
  world.grow(nodes, std::chrono::milliseconds{50});
  const auto key = world.random_id();
  std::vector<node_contact> gang;
  std::size_t tried = 0;
  for (std::size_t i = 0; i < unfit; ++i) {
    auto id = world.random_id();
    std::copy_n(key.raw.begin(), 10, id.raw.begin());
    gang.push_back({id, {world.new_address(), 6881}});
  }
  for (std::size_t i = 0; i < fitting; ++i)
    gang.push_back(forged_fitting(world, key, bits, tried));
  for (const auto& x : gang) {
    auto node = world.node_config(x.at.address);
    node.follow_address = false;
    node.id = x.id;
    const auto index = world.add(x.at, node);
    world.nodes[index].lie = [&](const krpc::request& query, const endpoint&) -> std::optional<dht_world::lie> {
      if (std::holds_alternative<krpc::ping>(query.what))
        return std::nullopt;
      krpc::response out;
      out.token = {1};
      for (int k = 0; k < 8; ++k)
        out.nodes.push_back(gang[world.random().below(gang.size())]);
      return out;
    };
  }
  world.run_for(std::chrono::minutes{10});
  int found = 0;
  double sent = 0;
  for (int i = 0; i < rounds; ++i) {
    const auto from = world.random().below(nodes);
    const auto port = static_cast<std::uint16_t>(1000 + i);
    world.announce(from, key, port);
    const auto x = world.get_peers(world.random().below(nodes), key);
    found += std::count(x.peers.begin(), x.peers.end(), endpoint{world.nodes[from].at.address, port}) != 0 ? 1 : 0;
    sent += x.counted.sent;
  }
  std::printf("%3zu unfit and %2zu fitting ids around a key among %zu (%zu addresses tried): found %d of %d, "
              "%.1f queries a walk\n",
    unfit, fitting, nodes, tried, found, rounds, sent / rounds);
}

} // namespace

void librats::bench::measure_dht_churn(std::size_t nodes) {
  std::printf(
    "%zu nodes for an hour; 30 %% of them leave, as many come. 1 %% loss, round trips 200 ms in the median and "
    "470 ms in the worst tenth,\nthree of ten ids unfit. 100 keys, each announced by one node every ten "
    "minutes; a search every 3 s, a hit when it finds that one.\nLiars, of all nodes: say everything "
    "wrongly. log2(n) is %.1f. B/s: of an honest idle node, mean and 99th percentile.\nPeers: of one search, "
    "of which one is true. Misled: hold a false address for theirs. Gone: of the nodes in a table.\n\n",
    nodes, std::log2(static_cast<double>(nodes)));
  std::printf("%7s %6s %6s %7s %6s %8s %6s %7s %7s %7s %7s %7s %9s %8s\n", "liars", "annou.", "search", "hit %", "hops",
    "queries", "peers", "s med.", "s 99 %", "B/s", "B/s 99", "misled", "gone %", "CPU s");
  for (const double liars : {0.0, 0.1})
    hour(nodes, liars);
  std::printf("\n");
  eclipse(nodes, 64, 0);
  eclipse(nodes, 64, 4);
  eclipse(nodes, 64, 8);
}
