// SPDX-License-Identifier: MIT
//
// What the replicated store costs with real nodes, files and loopback links, Noise on: puts and gets on one node beside
// bare SQLite with batches of the same size, puts until five peers have them on disk as well, a store into an empty
// node, and two large stores that differ in ten keys, in time and in bytes on the wire.
#include "actors/storage_messages.hpp"
#include "runtime/database/sqlite_database.hpp"
#include "runtime/log/log_setup.hpp"
#include "tests/bench/storage/stores.hpp"
#include "tests/bench/support/arguments.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/bench/support/temporary_folder.hpp"

#include <cstdio>
#include <cstdlib>
#include <list>
#include <string>
#include <vector>

using namespace librats;
using namespace librats::bench;
using runtime::database_durability;

namespace {

constexpr std::size_t value_size = 100;

const char* name_of(database_durability x) {
  return x == database_durability::full ? "full" : "relaxed";
}

/// Rows per second into one file of SQLite's, without anything of ours above the database.
double bare_sqlite(database_durability durability, std::size_t count, std::size_t batch_size) {
  const temporary_folder folder;
  auto opened = runtime::open_sqlite_database({folder.path() + "/bare.db", durability, "bench"}, 0);
  if (!opened)
    return 0;
  const bytes value(value_size, 'v');
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i)
    keys.push_back(bench_key(i));
  const auto start = seconds();
  for (std::size_t i = 0; i < count;) {
    std::vector<runtime::database_write> batch;
    for (std::size_t k = 0; k < batch_size && i < count; ++k, ++i)
      batch.push_back({keys[i], value, false});
    if ((*opened)->commit(batch))
      return 0;
  }
  return static_cast<double>(count) / (seconds() - start);
}

void one_node(database_durability durability, std::size_t count, std::size_t window) {
  const temporary_folder folder;
  runtime::system_config config;
  caf::actor_system system{config};
  store_node node{system, folder.path(), durability, false};
  const auto cpu = cpu_seconds();
  const auto took = node.put(0, count, value_size, window);
  const auto used = cpu_seconds() - cpu;
  const auto x = node.status();
  const auto batch = static_cast<double>(x.committed) / static_cast<double>(x.commits);
  const auto bare = bare_sqlite(durability, count, static_cast<std::size_t>(batch + 0.5));
  std::printf("puts of %zu B, durability %s, %zu in flight: %.0f/s, CPU %.1f us each, %.1f in a commit; bare SQLite, "
              "the same batches, one thread: %.0f/s\n",
    value_size, name_of(durability), window, static_cast<double>(count) / took, used / static_cast<double>(count) * 1e6,
    batch, bare);
  if (durability == database_durability::full)
    return;
  const auto got = node.get(count, window);
  std::printf("gets, %zu in flight: %.0f/s\n", window, static_cast<double>(count) / got);
}

void five_peers(std::size_t count, std::size_t window) {
  std::list<temporary_folder> folders;
  runtime::system_config config;
  caf::actor_system system{config};
  std::list<store_node> peers;  // Gone before the system, which waits for their actors.
  store_node writer{system, folders.emplace_back().path(), database_durability::relaxed, true};
  for (int i = 0; i < 5; ++i)
    peers.emplace_back(system, folders.emplace_back().path(), database_durability::relaxed, true)
      .connect(writer.port());
  const auto cpu = cpu_seconds();
  const auto start = seconds();
  writer.put(0, count, value_size, window);
  const auto acknowledged = seconds() - start;
  for (auto& one : peers)
    one.await_entries(count);
  const auto everywhere = seconds() - start;
  std::printf("puts that five peers get, %zu in flight: %.0f/s acknowledged, %.0f/s on all six disks, CPU %.1f us each "
              "(six nodes)\n",
    window, static_cast<double>(count) / acknowledged, static_cast<double>(count) / everywhere,
    (cpu_seconds() - cpu) / static_cast<double>(count) * 1e6);
}

/// A store into an empty node, then ten differences.
void synchronise(std::size_t count, bool on_disk) {
  const temporary_folder left_folder;
  const temporary_folder right_folder;
  const auto at = [&](const temporary_folder& x) { return on_disk ? x.path() : std::string{}; };
  runtime::system_config config;
  caf::actor_system system{config};
  store_node left{system, at(left_folder), database_durability::relaxed, true};
  store_node right{system, at(right_folder), database_durability::relaxed, true};
  left.put(0, count, value_size, 512);
  auto before = left.bytes_said() + right.bytes_said();
  auto start = seconds();
  right.connect(left.port());
  right.await_entries(count);
  auto took = seconds() - start;
  const auto payload = static_cast<double>(count * (value_size + bench_key(0).size()));
  std::printf(
    "%zu keys of %zu B into an empty node, %s: %.2f s, %.0f keys/s, %.2f bytes said for each of key and value\n", count,
    value_size, on_disk ? "on disk" : "in memory", took, static_cast<double>(count) / took,
    static_cast<double>(left.bytes_said() + right.bytes_said() - before) / payload);
  right.disconnect(left);
  left.put(count, 5, value_size, 5);
  right.put(count + 5, 5, value_size, 5);
  before = left.bytes_said() + right.bytes_said();
  start = seconds();
  right.connect(left.port());
  right.await_entries(count + 10);
  left.await_entries(count + 10);
  took = seconds() - start;
  std::printf("two stores of %zu keys that differ in 10, %s: %.0f ms with dial and handshake, %llu bytes said\n", count,
    on_disk ? "on disk" : "in memory", took * 1e3,
    static_cast<unsigned long long>(left.bytes_said() + right.bytes_said() - before));
}

} // namespace

int main(int argc, char** argv) {
  runtime::log_options quiet;
  quiet.level = runtime::log_level::warn;
  (void)runtime::configure_logging(quiet);
  const std::string mode = argc > 1 ? argv[1] : "";
  const auto wanted = [&](const char* name) { return mode.empty() || mode == name; };
  const auto large = argc > 2 ? number(argv[2], 1000) : std::size_t{1'000'000};
  if (large == 0 || (!mode.empty() && mode != "puts" && mode != "peers" && mode != "sync" && mode != "large")) {
    std::fprintf(stderr, "usage: %s [puts|peers|sync|large [KEYS]]\n", argv[0]);
    return 2;
  }
  if (wanted("puts")) {
    one_node(database_durability::relaxed, 5'000, 1);
    one_node(database_durability::relaxed, 100'000, 512);
    one_node(database_durability::full, 500, 1);
    one_node(database_durability::full, 20'000, 512);
  }
  if (wanted("peers"))
    five_peers(50'000, 512);
  if (wanted("sync"))
    synchronise(100'000, true);
  if (wanted("large"))
    synchronise(large, false);
  return 0;
}
