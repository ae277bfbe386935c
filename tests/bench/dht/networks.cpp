// SPDX-License-Identifier: MIT
//
// Whole networks in this process on virtual time, 1 % loss, 10 to 120 ms each way, three of ten ids unfit.
#include "tests/bench/dht/suites.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/protocols/support/dht_world.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace librats;
using namespace librats::bench;
using namespace librats::protocols;
using librats::test::dht_world;

namespace {

constexpr int walks = 100;
constexpr auto watched = std::chrono::minutes{30};
constexpr double header_bytes = 28;

double traffic(const dht_core::figures& x) {
  const auto datagrams = x.queries_in + x.queries_out + x.replies_in + x.replies_out;
  return static_cast<double>(x.bytes_in + x.bytes_out) + header_bytes * static_cast<double>(datagrams);
}

double per(double sum, std::size_t count) {
  return sum / static_cast<double>(count);
}

/// The first network of a process alone tells its memory: later ones live in what it left.
void network(std::size_t count, bool first) {
  const auto memory = private_bytes(::getpid());
  dht_world world{{}};
  world.grow(count);
  const auto grown = private_bytes(::getpid());
  double close = 0;
  double hops = 0;
  double sent = 0;
  double took = 0;
  for (int i = 0; i < walks; ++i) {
    const auto target = world.random_id();
    const auto found = world.get_peers(world.random().below(count), target);
    close += static_cast<double>(world.truly_closest(target, found.closest));
    hops += found.counted.hops;
    sent += found.counted.sent;
    took += std::chrono::duration<double>{found.counted.took}.count();
  }
  std::vector<double> before;
  double table = 0;
  for (const auto& x : world.nodes) {
    before.push_back(traffic(x.core->counted()));
    table += static_cast<double>(x.core->table().memory());
  }
  const auto cpu = cpu_seconds();
  world.run_for(watched);
  const auto spent = cpu_seconds() - cpu;
  double sum = 0;
  double most = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto bytes = traffic(world.nodes[i].core->counted()) - before[i];
    const auto rate = bytes / std::chrono::duration<double>{watched}.count();
    sum += rate;
    most = std::max(most, rate);
  }
  const auto whole = first ? per(static_cast<double>(grown - std::min(grown, memory)), count) / 1000 : 0;
  std::printf("%6zu %7.2f %6.2f %8.1f %8.2f %9.0f %8.0f %9.1f %9.1f %12.2f\n", count, close / walks, hops / walks,
    sent / walks, took / walks, per(sum, count), most, per(table, count) / 1000, whole,
    per(1e6 * spent, count) / std::chrono::duration<double>{watched}.count());
}

/// A share of nodes answers every walk with nodes that do not exist.
void invented_nodes(double share) {
  constexpr std::size_t count = 300;
  dht_world world{{}};
  world.grow(count, std::chrono::milliseconds{100}, std::chrono::seconds{30});
  for (auto& x : world.nodes)
    if (world.random().share() < share)
      x.lie = [&world](const krpc::request& query, const endpoint&) -> std::optional<dht_world::lie> {
        const auto* asked = std::get_if<krpc::get_peers>(&query.what);
        if (asked == nullptr)
          return std::nullopt;
        krpc::response out;
        out.token = {1};
        for (int i = 0; i < 8; ++i) {
          auto id = world.random_id();
          std::copy_n(asked->target.raw.begin(), 6, id.raw.begin());
          out.nodes.push_back({id, {world.new_address(), 6881}});
        }
        return out;
      };
  world.run_for(std::chrono::minutes{20});
  const auto honest = [&world] {
    std::size_t out = 0;
    do
      out = world.random().below(count);
    while (world.nodes[out].lie);
    return out;
  };
  int found = 0;
  double sent = 0;
  double took = 0;
  for (int i = 0; i < walks; ++i) {
    const auto key = world.random_id();
    world.announce(honest(), key, 1000);
    const auto x = world.get_peers(honest(), key);
    found += x.peers.empty() ? 0 : 1;
    sent += x.counted.sent;
    took += std::chrono::duration<double>{x.counted.took}.count();
  }
  std::printf("%3.0f %% of %zu name only invented nodes: %d of %d keys found, %.1f queries, %.2f s a walk\n",
    100 * share, count, found, walks, sent / walks, took / walks);
}

} // namespace

void librats::bench::measure_dht_networks(const std::vector<std::size_t>& sizes) {
  std::printf(
    "closest: of the eight truly closest nodes found. B/s: of an idle node, in and out, with IP and UDP "
    "headers.\nKB: of heap, its table and altogether with what is under way (0: not measured). CPU: microseconds of a "
    "node a simulated second.\n\n");
  std::printf("%6s %7s %6s %8s %8s %9s %8s %9s %9s %12s\n", "nodes", "closest", "hops", "queries", "seconds",
    "B/s mean", "B/s max", "KB table", "KB node", "CPU us/s");
  for (const auto count : sizes)
    network(count, count == sizes.front());
  std::printf("\n");
  for (const double share : {0.0, 0.1, 0.3})
    invented_nodes(share);
}
