// SPDX-License-Identifier: MIT
//
// How many messages a second two nodes exchange, and how long each takes, with 512 in flight: through librats.h, whose
// handlers run on a thread of their own, and between pinned actors inside a CAF program; beside what writing and
// reading the JSON costs alone on one thread, and what the bare machine sends of such messages, sealed, in frames of 16
// KiB. All in one process over loopback, Noise on. Each figure is the best of the rounds, with the median behind it,
// because other work on the machine only ever takes away. What it does not say: anything about a real network, or about
// documents of another size. A full window of 512 waits in queues, which is most of the latency.
#include "runtime/log/log_setup.hpp"
#include "tests/bench/messaging/suites.hpp"
#include "tests/bench/support/bare.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/bench/transport/flow.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

using namespace librats;
using namespace librats::bench;

namespace {

constexpr std::size_t window = 512;

void row(const char* what, std::size_t count, int rounds, const std::function<message_figures()>& run) {
  std::vector<message_figures> all;
  for (int i = 0; i < rounds; ++i)
    all.push_back(run());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
  const auto& best = all.front();
  const auto rate = [&](const message_figures& x) { return static_cast<double>(count) / x.seconds / 1e3; };
  std::printf("%-52s %8.0f k/s %8.0f k/s %7.2f us %9.0f us %9.0f us\n", what, rate(best), rate(all[all.size() / 2]),
    best.cpu_seconds / static_cast<double>(count) * 1e6, best.p50 * 1e6, best.p99 * 1e6);
  std::fflush(stdout);
}

void bare(const char* name, document which, std::size_t count, int rounds) {
  const std::string text = std::string{"bare: make, write and read JSON, "} + name;
  row(text.c_str(), count, rounds, [&] {
    const auto spent = bare_json(which, count);
    return message_figures{spent, spent, 0, 0};
  });
  const std::string wire = std::string{"bare: TCP and AEAD of those bytes, "} + name;
  row(wire.c_str(), count, rounds, [&] {
    const auto total = count * (message_size(which) + 8);
    const auto figures = bare_bulk(total, 16 * 1024);
    const auto megabytes = static_cast<double>(total) / 1e6;
    return message_figures{
      megabytes / figures.megabytes_per_second, figures.cpu_seconds_per_gigabyte * megabytes / 1e3, 0, 0};
  });
}

void typed(const char* name, document which, std::size_t count, int rounds) {
  bare(name, which, count, rounds);
  for (const bool batched : {false, true}) {
    runtime::system_config config;
    caf::actor_system system{config};
    bench_pair pair{system, transport::tcp};
    const auto text = std::string{"typed JSON, pinned actors, "} + (batched ? "frames, " : "sorted by type, ") + name;
    row(text.c_str(), count, rounds, [&] { return run_embedded(pair, which, count, window, batched); });
  }
  const auto text = std::string{"typed JSON, librats.h, "} + name;
  row(text.c_str(), count, rounds, [&] { return run_clients(which, count, window); });
}

} // namespace

int main(int argc, char** argv) {
  runtime::log_options quiet;
  quiet.level = runtime::log_level::warn;
  (void)runtime::configure_logging(quiet);
  const std::string mode = argc > 1 ? argv[1] : "all";
  const std::size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 200'000;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 5;
  const bool all = mode == "all";
  if ((!all && mode != "app" && mode != "number" && mode != "chat" && mode != "clients" && mode != "embedded"
        && mode != "requests")
    || count == 0 || rounds <= 0) {
    std::fprintf(stderr, "usage: %s [all|app|number|chat|clients|embedded|requests] [messages] [rounds]\n", argv[0]);
    return 2;
  }
  std::printf("%-52s %12s %12s %10s %12s %12s\n", "512 in flight", "best", "median", "CPU each", "p50", "p99");
  if (all || mode == "app") {
    runtime::system_config config;
    caf::actor_system system{config};
    bench_pair pair{system, transport::tcp};
    row("256-byte App messages, pinned actors", count, rounds, [&] {
      const auto x = run_flow(pair, count, 256, window);
      return message_figures{x.seconds, x.cpu_seconds, 0, 0};
    });
  }
  if (all || mode == "number")
    typed("number", document::number, count, rounds);
  if (all || mode == "chat")
    typed("chat", document::chat, count, rounds);
  if (mode == "clients")
    row("typed JSON, librats.h, number", count, rounds, [&] { return run_clients(document::number, count, window); });
  if (mode == "embedded") {
    runtime::system_config config;
    caf::actor_system system{config};
    bench_pair pair{system, transport::tcp};
    row("typed JSON, pinned actors, sorted by type, number", count, rounds,
      [&] { return run_embedded(pair, document::number, count, window, false); });
  }
  if (all || mode == "requests")
    row("requests, librats.h, number", count / 10, rounds, [&] { return run_requests(count / 10, window); });
  return 0;
}
