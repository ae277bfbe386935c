// SPDX-License-Identifier: MIT
// How many whole nodes fit into one process on virtual time, and how fast it passes: nodes, links, messages, simulated
// and real seconds, memory, and the event hash, which must be the same in both runs.
#include "runtime/log/log_setup.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/sim/city.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

struct measured_run {
  librats::test::city_result city;
  double build_seconds = 0;
  double talk_seconds = 0;
  double node_kib = 0;
};

measured_run run_once(std::size_t nodes) {
  measured_run out;
  const auto before = librats::bench::resident_bytes(::getpid());
  const auto began = librats::bench::seconds();
  librats::test::city_options options;
  options.nodes = nodes;
  out.city = librats::test::run_city(options, [&] {
    out.build_seconds = librats::bench::seconds() - began;
    const auto grown = librats::bench::resident_bytes(::getpid()) - before;
    out.node_kib = static_cast<double>(grown) / 1024 / static_cast<double>(nodes);
  });
  out.talk_seconds = librats::bench::seconds() - began - out.build_seconds;
  return out;
}

void print(int number, const measured_run& x) {
  const auto simulated = std::chrono::duration<double>(x.city.simulated).count();
  const auto real = x.build_seconds + x.talk_seconds;
  std::printf("run %d: %zu nodes, %zu links, %llu messages sent, %llu delivered, %zu disconnects\n", number,
    x.city.nodes, x.city.links, static_cast<unsigned long long>(x.city.sent),
    static_cast<unsigned long long>(x.city.delivered), x.city.disconnects);
  std::printf("       %.1f s simulated in %.2f s (%.2f s to connect, %.2f s to talk): %.1f times real time\n",
    simulated, real, x.build_seconds, x.talk_seconds, simulated / real);
  std::printf("       %.1f KiB resident per node and its links; %llu network events, hash %016llx\n", x.node_kib,
    static_cast<unsigned long long>(x.city.events), static_cast<unsigned long long>(x.city.event_hash));
}

} // namespace

int main(int argc, char** argv) {
  const std::size_t nodes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000;
  librats::runtime::log_options quiet;
  quiet.console = false;
  static_cast<void>(librats::runtime::configure_logging(quiet));
  const auto first = run_once(nodes);
  print(1, first);
  const auto second = run_once(nodes);  // Its memory is what the first one left behind, so it tells little.
  print(2, second);
  const bool same = first.city.event_hash == second.city.event_hash;
  std::printf("the two runs were %s\n", same ? "the same" : "DIFFERENT");
  return same && first.city.delivered == first.city.sent ? 0 : 1;
}
