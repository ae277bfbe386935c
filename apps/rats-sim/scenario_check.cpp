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

} // namespace

std::vector<contradiction> find_contradictions(const scenario& in, const scenario::expectation& what) {
  std::vector<contradiction> out;
  const bool about_messages =
    what.delivered_min || what.latency_p50_max || what.latency_p99_max || what.latency_max || what.duplicates_max;
  const bool about_nodes = what.restarts_max || what.components_max || what.peers_min || what.peers_max || what.up_min;
  if (!about_messages && !about_nodes)
    out.push_back({"workload", "nothing is expected; set a threshold, such as delivered_min or peers_min"});
  if (about_messages && what.workload == scenario::none)
    out.push_back({"workload", "delivered, latency and duplicates are those of a workload; write workload = NAME"});
  if (!about_messages && what.workload != scenario::none)
    out.push_back({"workload", "goes with delivered, latency and duplicates alone"});
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
  const auto check_latency = [&](const char* key, const std::optional<duration>& limit) {
    if (limit && *limit < least)
      out.push_back({key,
        concat("cannot be met: no path is shorter than ",
          std::chrono::duration_cast<std::chrono::milliseconds>(least).count(), " ms")});
  };
  check_latency("latency_p50_max", what.latency_p50_max);
  check_latency("latency_p99_max", what.latency_p99_max);
  check_latency("latency_max", what.latency_max);
  if (what.workload != scenario::none && what.duplicates_max
    && in.workloads[what.workload].kind == scenario::work::lookup)
    out.push_back({"duplicates_max", "a lookup has no duplicates"});
  return out;
}

} // namespace librats::apps
