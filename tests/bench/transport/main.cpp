// SPDX-License-Identifier: MIT
//
// What a link costs over either transport, beside what the bare machine can do in the same run. Two nodes in one
// process, each with a loop of its own, Noise on, over loopback; consumers are pinned actors. What it does not say:
// anything about a real network, which is slower than all of this.
#include "runtime/log/log_setup.hpp"
#include "tests/bench/support/bare.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/bench/transport/crowd.hpp"
#include "tests/bench/transport/flow.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace librats;
using namespace librats::bench;

namespace {

constexpr std::array<transport, 2> both{transport::tcp, transport::udp};

/// A figure of ours for each transport, in the order of `both`.
using figures = std::array<std::string, 2>;

void row(const char* what, const figures& ours, const std::string& bare, const std::string& note) {
  std::printf("%-44s %14s %14s %14s  %s\n", what, ours[0].c_str(), ours[1].c_str(), bare.c_str(), note.c_str());
  std::fflush(stdout);
}

std::string number(double x, int digits, const char* unit) {
  char out[64];
  std::snprintf(out, sizeof(out), "%.*f %s", digits, x, unit);
  return out;
}

void bulk() {
  constexpr std::size_t frame_size = 16 * 1024;
  constexpr std::size_t total = std::size_t{512} << 20;
  const auto bare = bare_bulk(total, frame_size);
  const auto moved = static_cast<double>(total);
  figures speed;
  figures share;
  figures cost;
  for (std::size_t i = 0; i < both.size(); ++i) {
    runtime::system_config config;
    caf::actor_system system{config};
    bench_pair pair{system, both[i]};
    run_flow(pair, 1024, frame_size, 64);  // Warm-up.
    const auto ours = run_flow(pair, total / frame_size, frame_size, 64);
    speed[i] = number(moved / 1e6 / ours.seconds, 0, "MB/s");
    share[i] = number(moved / 1e6 / ours.seconds / bare.megabytes_per_second, 2, "");
    cost[i] = number(ours.cpu_seconds / (moved / 1e9), 2, "s");
  }
  row("bulk, 512 MiB in 16 KiB frames", speed, number(bare.megabytes_per_second, 0, "MB/s"), "bare: TCP and AEAD");
  row("the same as a share of the bare machine", share, "1", "");
  row("CPU per GB, both ends", cost, number(bare.cpu_seconds_per_gigabyte, 2, "s"), "");
}

void small() {
  constexpr std::size_t count = 2'000'000;
  figures rate;
  figures cost;
  for (std::size_t i = 0; i < both.size(); ++i) {
    runtime::system_config config;
    caf::actor_system system{config};
    bench_pair pair{system, both[i]};
    run_flow(pair, 50'000, 256, 512);
    const auto ours = run_flow(pair, count, 256, 512);
    rate[i] = number(count / ours.seconds / 1e6, 3, "M/s");
    cost[i] = number(ours.cpu_seconds / count * 1e6, 2, "us");
  }
  row("256-byte messages, 512 in flight", rate, "", "");
  row("CPU of each, both ends", cost, "", "");
}

void round_trip() {
  constexpr int turns = 100'000;
  const auto bare = bare_round_trip(turns, 64);
  figures time;
  for (std::size_t i = 0; i < both.size(); ++i) {
    runtime::system_config config;
    caf::actor_system system{config};
    bench_pair pair{system, both[i]};
    run_ping_pong(pair, 2'000, 64);
    time[i] = number(run_ping_pong(pair, turns, 64) / turns * 1e6, 2, "us");
  }
  row("64-byte round trip", time, number(bare, 2, "us"), "bare: TCP, no cryptography");
}

void crowd(const std::string& program) {
  const auto alone = measure_bare_node(program);
  row("bare node: private memory", {number(static_cast<double>(alone.private_bytes) / 1e6, 2, "MB"), ""}, "",
    number(static_cast<double>(alone.resident_bytes) / 1e6, 1, "MB resident"));
  row("bare node: threads", {std::to_string(alone.threads), ""}, "", "1 loop, 1 worker");
  figures dial;
  figures connect;
  figures memory;
  figures idle;
  figures host;
  figures host_memory;
  for (std::size_t i = 0; i < both.size(); ++i) {
    dial[i] = number(measure_dial(200, both[i]), 2, "ms");
    const auto many = measure_crowd(program, 400, 1, both[i]);
    connect[i] = number(many.connect_seconds, 2, "s");
    memory[i] = number(static_cast<double>(many.private_bytes) / 1e3, 1, "KB");
    const auto all = measure_crowd(program, 2'000, 1, both[i]);
    host[i] = number(all.connect_seconds, 2, "s");
    host_memory[i] = number(static_cast<double>(all.private_bytes) / 1e3, 1, "KB");
    idle[i] = number(measure_crowd(program, 32, 20, both[i]).idle_cpu_share * 100, 3, "%");
  }
  row("dial to connected", dial, number(bare_dial(200), 2, "ms"), "bare: TCP, no cryptography");
  row("400 peers connect to one node", connect, "", "their start included");
  row("private memory per idle peer, at the server", memory, "", "");
  row("2,000 peers connect to one node", host, "", "400 at a time");
  row("private memory per idle peer of 2,000", host_memory, "", "");
  row("idle CPU with 32 peers, of one core", idle, "", "over 20 s, pings included");
}

} // namespace

int main(int argc, char** argv) {
  runtime::log_options quiet;
  quiet.level = runtime::log_level::warn;
  (void)runtime::configure_logging(quiet);
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "--clients" && argc == 5)
    return run_clients(std::atoi(argv[2]), std::atoi(argv[3]),
      std::string{argv[4]} == "udp" ? transport::udp : transport::tcp);
  if (mode == "--bare-node")
    return run_bare_node();
  if (!mode.empty() && mode != "bulk" && mode != "small" && mode != "rtt" && mode != "crowd") {
    std::fprintf(stderr, "usage: %s [bulk|small|rtt|crowd]\nFor `rtt`, pin it to one CPU: taskset -c 0 %s rtt\n",
      argv[0], argv[0]);
    return 2;
  }
  std::printf("%-44s %14s %14s %14s\n", "Noise, loopback", "TCP", "UDP", "bare machine");
  if (mode.empty() || mode == "bulk")
    bulk();
  if (mode.empty() || mode == "small")
    small();
  if (mode.empty() || mode == "rtt")
    round_trip();
  if (mode.empty() || mode == "crowd")
    crowd(argv[0]);
  return 0;
}
