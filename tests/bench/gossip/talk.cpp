// SPDX-License-Identifier: MIT
#include "tests/bench/gossip/talk.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

using namespace librats;
using namespace librats::test;

void librats::bench::talk(gossip_world& world, const talk_options& options, std::chrono::seconds span) {
  const std::string data(options.payload, 'x');
  const auto pause = std::chrono::duration_cast<duration>(
    std::chrono::duration<double>{1 / (options.per_second * static_cast<double>(options.publishers))});
  const auto end = world.now() + span;
  for (std::size_t i = 0; world.now() < end; ++i) {
    world.publish(i % options.publishers, data);
    world.run_for(pause);
  }
}

gossip_world_options librats::bench::evaluation_links(std::size_t nodes) {
  gossip_world_options out;
  out.nodes = nodes;
  out.links_per_node = 10;
  out.latency_min = out.latency_max = std::chrono::milliseconds{25};
  out.jitter = 0.1;
  return out;
}

gossip_world_options librats::bench::wide_links(std::size_t nodes) {
  auto out = evaluation_links(nodes);
  out.latency_min = std::chrono::milliseconds{10};
  out.latency_max = std::chrono::milliseconds{120};
  return out;
}

void librats::bench::print_delivery_header(const char* first) {
  std::printf("%-34s %10s %10s %6s %6s %6s %6s %5s %5s\n", first, "owed", "got %", "p50 ms", "p99", "p99.9", "max",
    "hops", "p99");
}

void librats::bench::print_deliveries(const std::string& first, const gossip_world& world) {
  const auto& took = world.latencies_ms();
  std::printf("%-34s %10llu %10.4f %6zu %6zu %6zu %6zu %5zu %5zu\n", first.c_str(),
    static_cast<unsigned long long>(world.deliveries_owed()), 100 * world.delivered(), took.quantile(0.5),
    took.quantile(0.99), took.quantile(0.999), took.max(), world.hops().quantile(0.5), world.hops().quantile(0.99));
}

void librats::bench::run_apart(const std::function<void()>& what) {
  std::fflush(stdout);
  const auto child = ::fork();
  if (child == 0) {
    what();
    std::fflush(stdout);
    ::_exit(0);
  }
  if (child > 0)
    ::waitpid(child, nullptr, 0);
}
