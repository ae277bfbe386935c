// SPDX-License-Identifier: MIT
#include "apps/rats-sim/scenario.hpp"
#include "apps/rats-sim/scenario_attacks.hpp"
#include "apps/rats-sim/scenario_check.hpp"
#include "apps/rats-sim/scenario_faults.hpp"
#include "apps/rats-sim/scenario_mistakes.hpp"
#include "apps/rats-sim/scenario_nat.hpp"

#include "runtime/log/log.hpp"

#include <algorithm>
#include <utility>

namespace librats::apps {

namespace {

using runtime::concat;
using runtime::config_document;
using runtime::config_origin;
using runtime::named_section;

/// Where a listening node listens whose configuration leaves that to the system: others have to know.
constexpr std::uint16_t usual_port = 4000;

class scenario_reader : private scenario_mistakes {
public:
  scenario_reader(const config_document& from, const std::string& name) : scenario_mistakes(name), from_(from) {}

  scenario_load read() {
    auto& out = out_.what;
    const auto& values = from_.values;
    out.title = values.text("scenario", "title");
    out.length = values.span("scenario", "duration");
    out.seed = static_cast<std::uint64_t>(values.integer("scenario", "seed"));
    out.census = values.span("scenario", "census");
    out.memory_max = static_cast<std::uint64_t>(values.integer("scenario", "memory_max"));
    out.link = profile_of("network", values, {});
    out.uplink = uplink_of("network", values, {});
    for (const auto& one : from_.sections)
      if (one.kind == "region")
        out.regions.push_back(
          {one.name, profile_of("region", one.values, out.link), uplink_of("region", one.values, out.uplink)});
    read_nats(*this, from_, out);
    for (const auto& one : from_.sections)
      if (one.kind == "group")
        out.groups.emplace_back().name = one.name;
    read_each("group", &scenario_reader::read_group);
    for (const auto& one : from_.sections)
      if (one.kind == "workload")
        out.workloads.emplace_back().name = one.name;
    read_each("workload", &scenario_reader::read_workload);
    read_each("path", &scenario_reader::read_path);
    read_each("partition", &scenario_reader::read_partition);
    read_each("fault", &scenario_reader::read_fault);
    read_each("attackers", &scenario_reader::read_attack);
    read_each("expect", &scenario_reader::read_expectation);
    if (out.groups.empty())
      errors.push_back({file, 0, {}, "there is no [group NAME], and so nobody to simulate"});
    out_.errors = std::move(errors);
    return std::move(out_);
  }

private:
  using section_reader = void (scenario_reader::*)(const named_section&, std::size_t);

  void read_each(const char* kind, section_reader how) {
    std::size_t number = 0;
    for (const auto& one : from_.sections)
      if (one.kind == kind)
        (this->*how)(one, number++);
  }

  std::size_t find_group(const named_section& x, const char* key) {
    return find(x, key, out_.what.groups, x.values.text(x.kind, key), "group");
  }

  // -- paths

  static runtime::link_profile profile_of(
    const char* section, const runtime::config_values& from, const runtime::link_profile& usual) {
    auto out = usual;
    const auto set = [&](const char* key) { return from.origin(section, key).from != config_origin::source::builtin; };
    const auto share = [&](const char* key, double& to) {
      if (set(key))
        to = static_cast<double>(from.integer(section, key)) / static_cast<double>(runtime::config_share_whole);
    };
    if (set("latency"))
      out.latency = from.span(section, "latency");
    if (set("jitter"))
      out.jitter = from.span(section, "jitter");
    if (set("reordering_delay"))
      out.reordering_delay = from.span(section, "reordering_delay");
    share("loss", out.loss);
    share("duplication", out.duplication);
    share("reordering", out.reordering);
    if (set("datagrams"))
      out.passes_datagrams = from.boolean(section, "datagrams");
    if (set("streams"))
      out.passes_streams = from.boolean(section, "streams");
    return out;
  }

  static runtime::uplink_profile uplink_of(
    const char* section, const runtime::config_values& from, const runtime::uplink_profile& usual) {
    auto out = usual;
    if (from.origin(section, "uplink").from != config_origin::source::builtin)
      out.bytes_per_second = static_cast<std::uint64_t>(from.integer(section, "uplink"));
    if (from.origin(section, "uplink_queue").from != config_origin::source::builtin)
      out.queue_bytes_max = static_cast<std::size_t>(from.integer(section, "uplink_queue"));
    return out;
  }

  void read_path(const named_section& x, std::size_t) {
    scenario::path out;
    for (const auto* key : {"from", "to"})
      if (x.values.text("path", key).empty())
        return complain(x, key, "names no region; write from = REGION and to = REGION");
    out.from = find(x, "from", out_.what.regions, x.values.text("path", "from"), "region");
    out.to = find(x, "to", out_.what.regions, x.values.text("path", "to"), "region");
    if (out.from == out.to && out.from != scenario::none)
      complain(x, "to", "is the region where the path begins; what happens inside of it stands in [region NAME]");
    for (const auto& other : out_.what.paths)
      if ((other.from == out.from && other.to == out.to)
        || (other.from == out.to && other.to == out.from && (other.both_ways || !x.values.boolean("path", "one_way"))))
        complain(x, "to", "another [path NAME] says already how it is between the two");
    out.both_ways = !x.values.boolean("path", "one_way");
    out.profile = profile_of("path", x.values, out_.what.link);
    out_.what.paths.push_back(out);
  }

  // -- nodes

  void read_group(const named_section& x, std::size_t number) {
    auto& out = out_.what.groups[number];
    const auto& v = x.values;
    const auto count = [&](const char* key) { return static_cast<std::size_t>(v.integer("group", key)); };
    out.count = count("count");
    out.region = find(x, "region", out_.what.regions, v.text("group", "region"), "region");
    out.lan = v.text("group", "lan");
    read_nat_of(*this, x, out_.what, out);
    out.start = v.span("group", "start");
    out.spread = v.span("group", "spread");
    out.stop = v.span("group", "stop");
    const auto& dial = v.text("group", "dial");
    out.dial = dial == "ring" ? scenario::topology::ring
      : dial == "chain"       ? scenario::topology::chain
      : dial == "star"        ? scenario::topology::star
      : dial == "random"      ? scenario::topology::random
      : dial == "mesh"        ? scenario::topology::mesh
                              : scenario::topology::none;
    const auto dial_to = find_group(x, "dial_to");
    out.dial_to = dial_to == scenario::none ? number : dial_to;
    out.dials = count("dials");
    out.bootstrap = find_group(x, "bootstrap");
    out.bootstraps = count("bootstraps");
    out.churn = v.integer("group", "churn");
    out.churn_from = v.span("group", "churn_from");
    out.churn_until = v.span("group", "churn_until");
    if (out.churn_until == duration::zero())
      out.churn_until = out_.what.length;
    out.away = v.span("group", "away");
    out.lose_power = v.text("group", "crash") == "power";
    out.part_crashes = count("part_crashes");
    out.machine = read_machine(v);
    out.node = runtime::to_node_settings(v);
    adapt_to_the_world(x, out.node);
    check_group(x, out);
  }

  /// What the world outside has and the simulated one has not; where somebody set a key, that holds.
  static void adapt_to_the_world(const named_section& x, runtime::node_settings& node) {
    const auto unset = [&](const char* section, const char* key) {
      return x.values.origin(section, key).from == config_origin::source::builtin;
    };
    if (node.node.listen_port == 0)
      node.node.listen_port = usual_port;
    if (unset("dht", "public_bootstrap"))
      node.dht.public_bootstrap = false;
    if (unset("dht", "ipv6"))
      node.dht.ipv6 = false; // Hosts are born with an IPv4 address alone.
    if (unset("dht", "restrict_addresses"))
      node.dht.restrict_addresses = false;
    if (unset("node", "data_dir") && (x.values.integer("group", "churn") != 0 || node.storage.enabled))
      node.node.data_dir = "/data"; // Else nobody would ever read what is kept there.
  }

  void check_group(const named_section& x, const scenario::group& out) {
    const auto length = out_.what.length;
    if (out.start >= length)
      complain(x, "start", "is when the run is over already; it takes [scenario] duration");
    if (out.stop != duration::zero() && out.stop <= out.start)
      complain(x, "stop", "is not after start");
    if (out.dial == scenario::topology::none && (is_set(x, "dial_to") || is_set(x, "dials")))
      complain(x, "dial", "none goes with neither dial_to nor dials");
    if (out.dial != scenario::topology::none && out.dial != scenario::topology::random && is_set(x, "dial_to")
      && out.dial != scenario::topology::star)
      complain(x, "dial_to", "goes with dial = random or star alone");
    if (out.bootstrap != scenario::none && !out.node.dht.enabled)
      complain(x, "bootstrap", "goes with dht.enabled = yes alone");
    if (is_set(x, "disk_crash") && !out.lose_power)
      complain(x, "disk_crash", "goes with crash = power alone: a machine that keeps its power loses nothing");
    if (out.churn != 0 && out.churn_from >= out.churn_until)
      complain(x, "churn_until", "is not after churn_from");
  }

  void read_partition(const named_section& x, std::size_t) {
    scenario::partition out;
    out.name = x.name;
    out.left = side(x, "left");
    out.right = side(x, "right");
    out.at = x.values.span("partition", "at");
    out.until = x.values.span("partition", "until");
    if (out.until == duration::zero())
      out.until = out_.what.length;
    if (out.at >= out.until)
      complain(x, "until", "is not after at");
    if (x.values.text_list("partition", "left").empty())
      complain(x, "left", "names nobody; write left = GROUP or REGION");
    if (x.values.text_list("partition", "right").empty())
      for (std::size_t i = 0; i < out_.what.groups.size(); ++i)
        if (std::count(out.left.begin(), out.left.end(), i) == 0)
          out.right.push_back(i);
    for (const auto one : out.left)
      if (std::count(out.right.begin(), out.right.end(), one) != 0)
        complain(x, "right", concat("group ", out_.what.groups[one].name, " is on both sides"));
    if (out.right.empty() && !out.left.empty())
      complain(x, "right", "is empty, as all groups are on the left side");
    out_.what.partitions.push_back(std::move(out));
  }

  void read_fault(const named_section& x, std::size_t) {
    out_.what.faults.push_back(apps::read_fault(*this, x, out_.what));
  }

  void read_attack(const named_section& x, std::size_t) {
    out_.what.attacks.push_back(apps::read_attack(*this, x, out_.what));
  }

  std::vector<std::size_t> side(const named_section& x, const char* key) {
    std::vector<std::size_t> out;
    for (const auto& name : x.values.text_list("partition", key)) {
      const auto& regions = out_.what.regions;
      const auto region =
        std::find_if(regions.begin(), regions.end(), [&](const auto& one) { return one.name == name; });
      if (region == regions.end()) {
        if (const auto found = find(x, key, out_.what.groups, name, "group or region"); found != scenario::none)
          out.push_back(found);
        continue;
      }
      for (std::size_t i = 0; i < out_.what.groups.size(); ++i)
        if (out_.what.groups[i].region == static_cast<std::size_t>(region - regions.begin()))
          out.push_back(i);
    }
    return out;
  }

  // -- work

  void read_workload(const named_section& x, std::size_t number) {
    auto& out = out_.what.workloads[number];
    const auto& v = x.values;
    const auto& kind = v.text("workload", "kind");
    out.kind = kind == "message" ? scenario::work::message
      : kind == "lookup"         ? scenario::work::lookup
      : kind == "write"          ? scenario::work::write
      : kind == "transfer"       ? scenario::work::transfer
      : kind == "address"        ? scenario::work::address
                                 : scenario::work::topic;
    out.from = find_group(x, "from");
    if (v.text("workload", "from").empty())
      complain(x, "from", "names no group; write from = GROUP");
    for (const auto& name : v.text_list("workload", "to"))
      if (const auto found = find(x, "to", out_.what.groups, name, "group"); found != scenario::none)
        out.to.push_back(found);
    if (v.text_list("workload", "to").empty())
      for (std::size_t i = 0; i < out_.what.groups.size(); ++i)
        out.to.push_back(i);
    out.topic = v.text("workload", "topic").empty() ? x.name : v.text("workload", "topic");
    out.every = v.span("workload", "every");
    out.size = static_cast<std::size_t>(v.integer("workload", "size"));
    out.begin = v.span("workload", "begin");
    out.grace = v.span("workload", "grace");
    out.end = v.span("workload", "end");
    if (out.end == duration::zero())
      out.end = std::max(out_.what.length - out.grace - std::chrono::seconds{1}, duration::zero());
    out.settle = v.span("workload", "settle");
    out.keys = static_cast<std::size_t>(v.integer("workload", "keys"));
    out.size_max = std::max(out.size, static_cast<std::size_t>(v.integer("workload", "size_max")));
    out.favourites = v.text("workload", "popularity") == "skewed";
    out.removals = v.integer("workload", "removals");
    out.senders = static_cast<std::size_t>(v.integer("workload", "senders"));
    if (out.begin >= out.end)
      complain(x, "begin",
        concat("leaves no time to work: the end is at ", out.end.count() / 1'000'000,
          " ms, which is end, or else grace and a second before the end of the run"));
    if (out.end + out.grace > out_.what.length)
      complain(x, "end", "is later than grace before the end of the run, so that the last messages cannot be judged");
    if (out.from != scenario::none)
      check_workload(x, out);
  }

  void check_workload(const named_section& x, scenario::workload& out) {
    const auto& from = out_.what.groups[out.from];
    if (out.senders > from.count)
      complain(x, "senders", concat("group ", from.name, " has ", from.count, " members alone"));
    if (out.senders == 0)
      out.senders = from.count;
    check_sizes(x, out);
    if (out.kind == scenario::work::address) {
      if (is_set(x, "to") && std::count(out.to.begin(), out.to.end(), out.from) != 0)
        complain(x, "to", "names the group that asks; machines of another one must answer");
      out.to.erase(std::remove(out.to.begin(), out.to.end(), out.from), out.to.end());
      if (out.to.empty())
        complain(x, "to", "names nobody whose machine could answer; write to = GROUP");
    }
    const auto demand = [&](std::size_t group, bool has, const char* what) {
      if (!has)
        complain(x, "kind", concat("group ", out_.what.groups[group].name, " has ", what));
    };
    std::vector<std::size_t> all = out.to;
    all.push_back(out.from);
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    for (const auto one : all) {
      const auto& node = out_.what.groups[one].node;
      if (out.kind == scenario::work::topic)
        demand(one, node.gossip.enabled, "gossip.enabled = no, and so no topics");
      if (out.kind == scenario::work::write && one == out.from)
        demand(one, node.storage.enabled, "storage.enabled = no, and so nothing to write to");
      if (out.kind == scenario::work::transfer)
        demand(one, node.files.enabled, "files.enabled = no, and so no transfers");
      if (out.kind == scenario::work::lookup)
        demand(one, node.dht.enabled, "dht.enabled = no, and so no lookups");
    }
  }

  void check_sizes(const named_section& x, const scenario::workload& out) {
    using work = scenario::work;
    constexpr std::size_t message_max = 1u << 20;
    if ((out.kind == work::topic || out.kind == work::message) && out.size > message_max)
      complain(x, "size", "is too large for a message; accepted: up to 1 MiB");
    if (out.kind == work::write && out.size_max > out_.what.groups[out.from].node.storage.value_max)
      complain(
        x, out.size == out.size_max ? "size" : "size_max", "is above storage.value_max of the group that writes");
    const auto belongs = [&](const char* key, bool fits, const char* where) {
      if (is_set(x, key) && !fits)
        complain(x, key, concat("goes with kind = ", where, " alone"));
    };
    belongs("size_max", out.kind == work::write || out.kind == work::transfer, "write or transfer");
    belongs("popularity", out.kind == work::write, "write");
    belongs("removals", out.kind == work::write, "write");
    belongs("keys", out.kind == work::write || out.kind == work::lookup, "write or lookup");
    if (is_set(x, "size_max") && out.size_max != static_cast<std::size_t>(x.values.integer("workload", "size_max")))
      complain(x, "size_max", "is below size");
  }

  void read_expectation(const named_section& x, std::size_t) {
    scenario::expectation out;
    out.name = x.name;
    out.workload = find(x, "workload", out_.what.workloads, x.values.text("expect", "workload"), "workload");
    out.group = find_group(x, "group");
    out.from = x.values.span("expect", "from");
    out.until = x.values.span("expect", "until");
    if (out.until == duration::zero())
      out.until = out_.what.length;
    const auto number = [&](const char* key, std::optional<std::int64_t>& to) {
      if (is_set(x, key))
        to = x.values.integer("expect", key);
    };
    const auto span = [&](const char* key, std::optional<duration>& to) {
      if (is_set(x, key))
        to = x.values.span("expect", key);
    };
    number("delivered_min", out.delivered_min);
    span("latency_p50_max", out.latency_p50_max);
    span("latency_p99_max", out.latency_p99_max);
    span("latency_max", out.latency_max);
    number("duplicates_max", out.duplicates_max);
    number("restarts_max", out.restarts_max);
    number("components_max", out.components_max);
    number("peers_min", out.peers_min);
    number("peers_max", out.peers_max);
    number("up_min", out.up_min);
    number("transfers_completed_min", out.completed_min);
    number("transfers_given_up_max", out.given_up_max);
    out.with = find_group(x, "with");
    number("links_min", out.links_min);
    number("links_max", out.links_max);
    out.intact = x.values.boolean("expect", "transfers_intact");
    out.converged = x.values.boolean("expect", "stores_converged");
    out.kept = x.values.boolean("expect", "acknowledged_kept");
    for (const auto& one : find_contradictions(out_.what, out))
      complain(x, one.key, one.sentence);
    out_.what.expectations.push_back(std::move(out));
  }

  const config_document& from_;
  scenario_load out_;
};

scenario_load interpret(const config_document& document, const std::string& file) {
  if (!document.ok())
    return {{}, document.errors};
  auto out = scenario_reader{document, file}.read();
  std::stable_sort(out.errors.begin(), out.errors.end(),
    [](const runtime::config_error& a, const runtime::config_error& b) { return a.line < b.line; });
  return out;
}

} // namespace

std::size_t scenario::node_count() const noexcept {
  std::size_t out = 0;
  for (const auto& one : groups)
    out += one.count;
  return out;
}

std::uint64_t scenario::links_wanted() const noexcept {
  std::uint64_t out = 0;
  for (const auto& one : groups) {
    switch (one.dial) {
    case topology::none: break;
    case topology::star: out += one.count; break;
    case topology::mesh: out += std::uint64_t{one.count} * (one.count - 1) / 2; break;
    case topology::ring:
    case topology::chain:
    case topology::random: out += std::uint64_t{one.count} * one.dials; break;
    }
  }
  return out;
}

scenario_load load_scenario(const std::string& file, const std::vector<std::string>& settings) {
  const auto schema = scenario_schema();
  return interpret(runtime::load_document(schema, file, settings), file);
}

scenario_load load_scenario_text(
  const std::string& text, const std::string& file, const std::vector<std::string>& settings) {
  const auto schema = scenario_schema();
  return interpret(runtime::load_document_text(schema, text, file, settings), file);
}

} // namespace librats::apps
