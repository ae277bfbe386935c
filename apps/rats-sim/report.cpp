// SPDX-License-Identifier: MIT
#include "apps/rats-sim/report.hpp"

#include "runtime/log/log.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace librats::apps {

namespace {

using nlohmann::json;
using runtime::concat;

double seconds(duration x) {
  return std::chrono::duration<double>(x).count();
}
double milliseconds(duration x) {
  return std::chrono::duration<double, std::milli>(x).count();
}

const char* kind_of(scenario::work x) noexcept {
  switch (x) {
  case scenario::work::topic: return "topic";
  case scenario::work::message: return "message";
  case scenario::work::lookup: return "lookup";
  case scenario::work::write: return "write";
  case scenario::work::transfer: return "transfer";
  case scenario::work::address: return "address";
  }
  return "";
}

template <class... Ts>
std::string format(const char* how, Ts... xs) {
  char out[256];
  std::snprintf(out, sizeof(out), how, xs...);
  return out;
}

/// What the members of one group have in common.
struct group_figures {
  std::size_t up = 0;
  std::size_t lives = 0;
  std::size_t peers_least = 0;
  std::size_t peers_most = 0;
  double peers_mean = 0;
  std::uint64_t restarts = 0;
};

group_figures figures_of(const simulation& of, std::size_t group) {
  group_figures out;
  std::size_t peers = 0;
  for (const auto& one : of.members()) {
    if (one.group != group)
      continue;
    out.lives += one.lives;
    out.restarts += one.restarts + one.restarts_before;
    if (!one.up)
      continue;
    out.peers_least = out.up == 0 ? one.peers.size() : std::min(out.peers_least, one.peers.size());
    out.peers_most = std::max(out.peers_most, one.peers.size());
    peers += one.peers.size();
    ++out.up;
  }
  out.peers_mean = out.up == 0 ? 0 : static_cast<double>(peers) / static_cast<double>(out.up);
  return out;
}

double share(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

json to_json(const breach& x) {
  return {{"expectation", x.expectation}, {"threshold", x.threshold}, {"at_seconds", seconds(x.at)},
    {"found", x.sentence}, {"nodes", x.nodes}};
}

json series_of(const std::vector<sample>& samples) {
  json out = json::object();
  for (const auto* name : {"seconds", "up", "links", "sent", "arrivals", "bytes", "events", "crashes", "restarts",
         "latency_p50_ms", "latency_p99_ms"})
    out[name] = json::array();
  const auto or_null = [](const std::optional<duration>& x) { return x ? json(milliseconds(*x)) : json(); };
  for (const auto& one : samples) {
    out["seconds"].push_back(seconds(one.at));
    out["up"].push_back(one.up);
    out["links"].push_back(one.links);
    out["sent"].push_back(one.sent);
    out["arrivals"].push_back(one.arrivals);
    out["bytes"].push_back(one.bytes);
    out["events"].push_back(one.events);
    out["crashes"].push_back(one.crashes);
    out["restarts"].push_back(one.restarts);
    out["latency_p50_ms"].push_back(or_null(one.latency_p50));
    out["latency_p99_ms"].push_back(or_null(one.latency_p99));
  }
  return out;
}

json files_of(const simulation& of, std::size_t workload) {
  const auto x = of.transfers().count(workload);
  const auto& how = of.what().workloads[workload];
  const auto lasts = seconds(std::max(of.now() - how.begin, duration{1}));
  return {{"begun", x.begun}, {"refused", x.refused}, {"arrived", x.arrived}, {"damaged", x.damaged},
    {"interrupted", x.interrupted}, {"bytes_arrived", x.bytes_arrived},
    {"bytes_per_second", static_cast<double>(x.bytes_arrived) / lasts}};
}

std::string attackers_text(const simulation& of) {
  std::string out;
  if (!of.strangers().empty())
    out = "\nattackers            machines    dials  accepted  thrown out  open at the end  messages\n";
  for (const auto& one : of.strangers()) {
    const auto x = one->count();
    out += format("%-20s %8zu %8llu %9llu %11llu %16zu %9llu\n", one->what().name.c_str(), one->what().count,
      static_cast<unsigned long long>(x.dials), static_cast<unsigned long long>(x.established),
      static_cast<unsigned long long>(x.ended), x.open, static_cast<unsigned long long>(x.messages));
  }
  return out;
}

json attackers_of(const simulation& of) {
  json out = json::array();
  for (const auto& one : of.strangers()) {
    const auto x = one->count();
    out.push_back({{"name", one->what().name}, {"machines", one->what().count}, {"dials", x.dials},
      {"established", x.established}, {"ended", x.ended}, {"open", x.open}, {"messages", x.messages}});
  }
  return out;
}

} // namespace

const char* to_string(outcome x) noexcept {
  switch (x) {
  case outcome::held: return "held";
  case outcome::broken: return "broken";
  case outcome::interrupted: return "interrupted";
  case outcome::stopped: return "stopped";
  }
  return "";
}

std::string hash_text(std::uint64_t hash) {
  return format("%016llx", static_cast<unsigned long long>(hash));
}

std::string breach_text(const breach& what, const run_record& run) {
  auto out = concat("broken: ", what.expectation, ".", what.threshold, ": ", what.sentence, "\n  at ", seconds(what.at),
    " s of virtual time");
  if (!what.nodes.empty()) {
    out += "; nodes concerned:";
    for (const auto& one : what.nodes)
      out += " " + one;
  }
  return out + "\n  replay: " + run.replay + "\n";
}

std::string summary_text(simulation& of, const run_record& run) {
  std::ostringstream out;
  const auto& what = of.what();
  out << "group                  count     up  lives  peers least/mean/most  restarts\n";
  for (std::size_t i = 0; i < what.groups.size(); ++i) {
    const auto x = figures_of(of, i);
    out << format("%-20s %7zu %6zu %6zu %10zu/%5.1f/%-5zu %8llu\n", what.groups[i].name.c_str(), what.groups[i].count,
      x.up, x.lives, x.peers_least, x.peers_mean, x.peers_most, static_cast<unsigned long long>(x.restarts));
  }
  if (!of.ledgers().empty())
    out << "\nworkload             kind        sent       owed  delivered    twice  p50, p99, most in ms\n";
  for (const auto& books : of.ledgers()) {
    const auto& x = books.counted();
    out << format("%-20s %-8s %7llu %10llu %9.4f%% %8llu  %.0f, %.0f, %.0f\n", books.what().name.c_str(),
      kind_of(books.what().kind), static_cast<unsigned long long>(x.sent), static_cast<unsigned long long>(x.owed),
      100 * share(x.delivered, x.owed), static_cast<unsigned long long>(x.duplicates),
      milliseconds(books.times().quantile(0.5)), milliseconds(books.times().quantile(0.99)),
      milliseconds(books.times().most()));
  }
  out << attackers_text(of);
  if (!run.judged.findings.empty())
    out << '\n';
  for (const auto& x : run.judged.findings)
    out << (x.held ? "held    " : "BROKEN  ") << x.expectation << '.' << x.threshold << ": " << x.found << " (expected "
        << x.expected << ")\n";
  out << format("\n%zu nodes, %.3f s of virtual time in %.2f s of this machine, %llu events, %llu crashes, seed %llu\n",
    of.members().size(), seconds(of.now()), run.cpu_seconds, static_cast<unsigned long long>(of.world().event_count()),
    static_cast<unsigned long long>(of.crashes() + of.part_crashes()), static_cast<unsigned long long>(what.seed));
  out << to_string(run.end) << "; event hash " << hash_text(of.world().event_hash()) << '\n';
  return out.str();
}

json report_json(simulation& of, const run_record& run) {
  const auto& what = of.what();
  json groups = json::array();
  for (std::size_t i = 0; i < what.groups.size(); ++i) {
    const auto x = figures_of(of, i);
    groups.push_back({{"name", what.groups[i].name}, {"count", what.groups[i].count}, {"up", x.up}, {"lives", x.lives},
      {"restarts", x.restarts}, {"peers", {{"least", x.peers_least}, {"mean", x.peers_mean}, {"most", x.peers_most}}}});
  }
  json workloads = json::array();
  for (std::size_t i = 0; i < of.ledgers().size(); ++i) {
    const auto& books = of.ledgers()[i];
    const auto& x = books.counted();
    workloads.push_back({{"name", books.what().name}, {"kind", kind_of(books.what().kind)}, {"sent", x.sent},
      {"not_sent", x.not_sent}, {"owed", x.owed}, {"delivered", x.delivered},
      {"delivered_share", share(x.delivered, x.owed)}, {"arrivals", x.arrivals}, {"late", x.late},
      {"duplicates", x.duplicates}, {"corrupted", x.corrupted}, {"unknown", x.unknown},
      {"latency_ms",
        {{"p50", milliseconds(books.times().quantile(0.5))}, {"p90", milliseconds(books.times().quantile(0.9))},
          {"p99", milliseconds(books.times().quantile(0.99))}, {"most", milliseconds(books.times().most())}}}});
    if (books.what().kind == scenario::work::transfer)
      workloads.back()["files"] = files_of(of, i);
  }
  json findings = json::array();
  for (const auto& x : run.judged.findings)
    findings.push_back({{"expectation", x.expectation}, {"threshold", x.threshold}, {"expected", x.expected},
      {"found", x.found}, {"held", x.held}});
  json breaches = json::array();
  for (const auto& x : run.judged.breaches)
    breaches.push_back(to_json(x));
  return {{"scenario", run.file}, {"title", what.title}, {"seed", what.seed}, {"outcome", to_string(run.end)},
    {"virtual_seconds", seconds(of.now())}, {"event_hash", hash_text(of.world().event_hash())},
    {"events", of.world().event_count()}, {"nodes", of.members().size()}, {"up", of.up_count()},
    {"links", of.link_count()}, {"components", find_components(of, scenario::none).size()}, {"crashes", of.crashes()},
    {"part_crashes", of.part_crashes()}, {"groups", groups}, {"workloads", workloads}, {"attackers", attackers_of(of)},
    {"findings", findings}, {"breaches", breaches}, {"replay", run.replay}, {"series", series_of(run.samples)},
    {"machine", {{"cpu_seconds", run.cpu_seconds}, {"memory_peak_bytes", run.memory_peak}}}};
}

} // namespace librats::apps
