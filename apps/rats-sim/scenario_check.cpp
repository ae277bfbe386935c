// SPDX-License-Identifier: MIT
#include "apps/rats-sim/scenario_check.hpp"

#include "runtime/log/log.hpp"

#include <algorithm>

namespace librats::apps {

namespace {

using runtime::concat;

/// The shortest time in which anything gets from one host to another.
duration least_latency(const scenario& in) {
  auto out = in.link.latency;
  for (const auto& one : in.regions)
    out = std::min(out, one.inside.latency);
  for (const auto& one : in.paths)
    out = std::min(out, one.profile.latency);
  return out;
}

/// Whether the expectation is about this workload, by name or because it names none.
bool is_about(const scenario& in, const scenario::expectation& what, std::size_t workload, scenario::work kind) {
  return in.workloads[workload].kind == kind && (what.workload == scenario::none || what.workload == workload);
}

bool has_any(const scenario& in, const scenario::expectation& what, scenario::work kind) {
  for (std::size_t i = 0; i < in.workloads.size(); ++i)
    if (is_about(in, what, i, kind))
      return true;
  return false;
}

void check_files(const scenario& in, const scenario::expectation& what, std::vector<contradiction>& out) {
  const auto* key = what.completed_min ? "transfers_completed_min"
    : what.given_up_max                ? "transfers_given_up_max"
    : what.intact                      ? "transfers_intact"
                                       : nullptr;
  if (key != nullptr && !has_any(in, what, scenario::work::transfer))
    out.push_back({key, "cannot be met: there is no [workload NAME] with kind = transfer that it could be about"});
}

void check_links(const scenario& in, const scenario::expectation& what, std::vector<contradiction>& out) {
  if (!what.links_min && !what.links_max) {
    if (what.with != scenario::none)
      out.push_back({"with", "goes with links_min and links_max alone"});
    return;
  }
  if (what.with == scenario::none || what.group == scenario::none) {
    out.push_back({what.with == scenario::none ? "with" : "group", "names nobody; links are between group and with"});
    return;
  }
  if (what.links_min && what.links_max && *what.links_min > *what.links_max)
    out.push_back({"links_max", "is below links_min"});
  const auto a = static_cast<std::int64_t>(in.groups[what.group].count);
  const auto b = static_cast<std::int64_t>(in.groups[what.with].count);
  const auto most = what.group == what.with ? a * (a - 1) / 2 : a * b;
  if (what.links_min && *what.links_min > most)
    out.push_back({"links_min", concat("cannot be met: there are ", most, " pairs to be linked")});
}

void check_stores(const scenario& in, const scenario::expectation& what, std::vector<contradiction>& out) {
  if (what.converged) {
    std::int64_t stores = 0;
    for (std::size_t i = 0; i < in.groups.size(); ++i)
      if ((what.group == scenario::none || what.group == i) && in.groups[i].node.storage.enabled)
        stores += static_cast<std::int64_t>(in.groups[i].count);
    if (stores < 2)
      out.push_back(
        {"stores_converged", concat("cannot be judged: there are ", stores, " nodes with storage.enabled")});
  }
  if (!what.kept)
    return;
  if (!has_any(in, what, scenario::work::write))
    out.push_back(
      {"acknowledged_kept", "cannot be met: there is no [workload NAME] with kind = write that it could be about"});
  for (std::size_t i = 0; i < in.workloads.size(); ++i) {
    if (!is_about(in, what, i, scenario::work::write) || in.workloads[i].from == scenario::none)
      continue;
    const auto& group = in.groups[in.workloads[i].from];
    if (group.churn != 0 && group.lose_power && !group.node.storage.full_durability)
      out.push_back({"acknowledged_kept",
        concat("cannot be promised: machines of group ", group.name,
          " lose their power, which storage.durability = relaxed does not survive; set it to full")});
  }
}

} // namespace

std::vector<contradiction> find_contradictions(const scenario& in, const scenario::expectation& what) {
  std::vector<contradiction> out;
  const bool about_messages =
    what.delivered_min || what.latency_p50_max || what.latency_p99_max || what.latency_max || what.duplicates_max;
  const bool about_nodes = what.restarts_max || what.components_max || what.peers_min || what.peers_max || what.up_min
    || what.links_min || what.links_max;
  const bool about_files = what.completed_min || what.given_up_max || what.intact;
  const bool about_stores = what.converged || what.kept;
  check_links(in, what, out);
  check_files(in, what, out);
  check_stores(in, what, out);
  if (!about_messages && !about_nodes && !about_files && !about_stores)
    out.push_back({"workload", "nothing is expected; set a threshold, such as delivered_min or peers_min"});
  if (about_messages && what.workload == scenario::none)
    out.push_back({"workload", "delivered, latency and duplicates are those of a workload; write workload = NAME"});
  if (!about_messages && !about_files && !what.kept && what.workload != scenario::none)
    out.push_back({"workload", "goes with delivered, latency, duplicates, transfers and acknowledged_kept alone"});
  if (what.from >= what.until)
    out.push_back({"until", "is not after from"});
  if (what.until > in.length)
    out.push_back({"until", "is later than the end of the run"});
  const auto nodes =
    static_cast<std::int64_t>(what.group == scenario::none ? in.node_count() : in.groups[what.group].count);
  if (what.peers_min && *what.peers_min >= static_cast<std::int64_t>(in.node_count()))
    out.push_back({"peers_min", concat("cannot be met: there are ", in.node_count(), " nodes in all")});
  if (what.peers_min && what.peers_max && *what.peers_min > *what.peers_max)
    out.push_back({"peers_max", "is below peers_min"});
  if (what.up_min && *what.up_min > nodes)
    out.push_back({"up_min", concat("cannot be met: there are ", nodes, " nodes to be up")});
  const auto least = least_latency(in);
  // A write is acknowledged by the own disk.
  const bool travels = what.workload == scenario::none || in.workloads[what.workload].kind != scenario::work::write;
  const auto check_latency = [&](const char* key, const std::optional<duration>& limit) {
    if (limit && travels && *limit < least)
      out.push_back({key,
        concat("cannot be met: no path is shorter than ",
          std::chrono::duration_cast<std::chrono::milliseconds>(least).count(), " ms")});
  };
  check_latency("latency_p50_max", what.latency_p50_max);
  check_latency("latency_p99_max", what.latency_p99_max);
  check_latency("latency_max", what.latency_max);
  if (what.workload != scenario::none && what.duplicates_max
    && (in.workloads[what.workload].kind == scenario::work::lookup
      || in.workloads[what.workload].kind == scenario::work::address
      || in.workloads[what.workload].kind == scenario::work::write))
    out.push_back({"duplicates_max", "is about messages and files; whoever asks or writes has one answer"});
  return out;
}

} // namespace librats::apps
