// SPDX-License-Identifier: MIT
#include "apps/rats-sim/machine.hpp"

#include "apps/rats-sim/ledger.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <fstream>
#include <string>

namespace librats::apps {

namespace {

using runtime::concat;

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
/// The process before it has any node.
constexpr std::uint64_t process_bytes = 24 * mib;
constexpr std::uint64_t node_bytes = 56 * kib;
constexpr std::uint64_t link_end_bytes = 11 * kib;
constexpr std::uint64_t dht_bytes = 60 * kib;
/// What a node keeps of each publication that it can still be asked for, apart from the payload that all share.
constexpr std::uint64_t known_message_bytes = 160;
/// What an entry of the store takes apart from its value, with its place in the tree of digests.
constexpr std::uint64_t stored_entry_bytes = 300;

/// A line of a file of the system's: `MemAvailable:   1234 kB`.
std::uint64_t kilobytes_in(const char* path, const std::string& name) {
  std::ifstream in{path};
  for (std::string word; in >> word;) {
    if (word != name)
      continue;
    std::uint64_t out = 0;
    in >> out;
    return in ? out * kib : 0;
  }
  return 0;
}

} // namespace

std::uint64_t memory_available() {
  return kilobytes_in("/proc/meminfo", "MemAvailable:");
}
std::uint64_t memory_peak() {
  return kilobytes_in("/proc/self/status", "VmHWM:");
}

std::uint64_t estimate_memory(const scenario& what) {
  auto out = process_bytes + what.node_count() * node_bytes + 2 * what.links_wanted() * link_end_bytes;
  for (const auto& one : what.groups)
    out += one.node.dht.enabled ? one.count * dht_bytes : 0;
  for (const auto& one : what.attacks)
    out += std::uint64_t{one.count} * one.links * 2 * link_end_bytes;
  for (const auto& one : what.workloads) {
    const auto every = std::max<std::int64_t>(one.every.count(), 1);
    const auto rate = static_cast<double>(one.senders) * 1e9 / static_cast<double>(every);
    const auto seconds_of = [](duration x) { return std::chrono::duration<double>(x).count(); };
    const auto lasts = seconds_of(one.end - one.begin);
    // A bit for each member and message; and in each node the ids of two minutes.
    const auto remembered = std::min(lasts, seconds_of(one.grace + ledger::remembered));
    if (one.kind == scenario::work::transfer) // The file, its copy, and what of it is on its way.
      out += static_cast<std::uint64_t>(rate * lasts * 1.25 * static_cast<double>(one.size + one.size_max));
    if (one.kind == scenario::work::write) {
      const auto keys = std::min(static_cast<double>(one.keys), rate * lasts);
      std::size_t stores = 0;
      for (const auto& group : what.groups)
        stores += group.node.storage.enabled ? group.count : 0;
      // In memory and on the simulated disk.
      out += static_cast<std::uint64_t>(keys * static_cast<double>(stores)
        * static_cast<double>(one.size + one.size_max + 2 * stored_entry_bytes));
    }
    if (one.kind == scenario::work::topic)
      out += static_cast<std::uint64_t>(rate * remembered * static_cast<double>(what.node_count()) / 8
        + rate * std::min(lasts, 120.0) * static_cast<double>(what.node_count())
          * static_cast<double>(known_message_bytes));
  }
  return out;
}

std::string refuse_for_memory(const scenario& what, std::uint64_t available) {
  const auto limit = what.memory_max != 0 ? what.memory_max : available;
  const auto needed = estimate_memory(what);
  if (limit == 0 || needed <= limit)
    return {};
  return concat("the scenario needs about ", needed / mib, " MiB for its ", what.node_count(), " nodes, and ",
    what.memory_max != 0 ? "scenario.memory_max allows " : "this machine has ", limit / mib,
    " MiB; take fewer nodes, as with --set group.", what.groups.empty() ? "NAME" : what.groups.front().name,
    ".count=", std::max<std::uint64_t>(1, what.groups.empty() ? 1 : what.groups.front().count * limit / needed),
    ", or set scenario.memory_max");
}

} // namespace librats::apps
