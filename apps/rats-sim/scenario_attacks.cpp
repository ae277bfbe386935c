// SPDX-License-Identifier: MIT
#include "apps/rats-sim/scenario_attacks.hpp"

#include <algorithm>

namespace librats::apps {

namespace {

using namespace std::chrono_literals;

constexpr duration longest = 24h * 30;
constexpr std::int64_t links_max = 10'000;

scenario::mischief kind_of(const std::string& word) {
  using kind = scenario::mischief;
  return word == "half-open" ? kind::half_open
    : word == "slow-reader"  ? kind::slow_reader
    : word == "mute"         ? kind::mute
    : word == "spam"         ? kind::spam
    : word == "invalid"      ? kind::invalid
    : word == "sybil"        ? kind::sybil
    : word == "announce"     ? kind::announce
                             : kind::garbage;
}

/// What those announce under who flood the DHT.
void read_key(scenario_mistakes& mistakes, const runtime::named_section& x, const scenario& in, scenario::attack& out) {
  const auto& name = x.values.text("attackers", "lookup");
  if (name.empty())
    mistakes.complain(x, "lookup", "names no workload with kind = lookup");
  const auto found = mistakes.find(x, "lookup", in.workloads, name, "workload");
  if (found == scenario::none)
    return;
  if (in.workloads[found].kind != scenario::work::lookup)
    mistakes.complain(x, "lookup", "names a workload of another kind; accepted: one with kind = lookup");
  if (out.targets != scenario::none && !in.groups[out.targets].node.dht.enabled)
    mistakes.complain(x, "group", "names nodes with dht.enabled = no, which have nothing to flood");
  out.key = in.workloads[found].topic + " 0";
}

} // namespace

runtime::named_section_kind attacker_sections() {
  runtime::config_schema out{"rats-sim", "attackers"};
  out.section("attackers", "Machines that misbehave: they dial nodes over TCP, or flood their DHT")
    .word("kind", "garbage", {"garbage", "half-open", "slow-reader", "mute", "spam", "invalid", "sybil", "announce"},
      "Random bytes instead of a handshake; links on which nothing is ever said; members of a topic that never read, "
      "that take messages and pass nothing on, that publish rubbish, or that send malformed frames; sybil is mute with "
      "many identities on each machine; announce is who claims in the DHT to be what others look for")
    .integer("count", 1, 1, links_max, "Machines")
    .text("group", "", 0, 64, "Whom they dial, each link a random member")
    .integer("links", 1, 1, links_max, "Links of each machine at once, each with an identity of its own; for sybil 50")
    .text("topic", "", 0, 1000, "The topic that they join; empty is that of the first workload with kind = topic")
    .text("lookup", "", 0, 64, "The workload with kind = lookup whose first thing they announce, for announce")
    .size("size", 200, 1, 1 << 20, "Of each message or piece of garbage")
    .span("every", 1s, 1ms, 1h, "Between two messages on one link; who was thrown out dials again after that")
    .span("begin", 10s, 0s, longest, "When they begin")
    .span("end", 0s, 0s, longest, "When they end; 0 is the end of the run");
  return {"attackers", std::move(out)};
}

scenario::attack read_attack(scenario_mistakes& mistakes, const runtime::named_section& x, const scenario& in) {
  scenario::attack out;
  const auto& v = x.values;
  const auto number = [&](const char* key) { return static_cast<std::size_t>(v.integer("attackers", key)); };
  out.name = x.name;
  out.kind = kind_of(v.text("attackers", "kind"));
  out.count = number("count");
  constexpr std::size_t sybil_links = 50;
  const bool usual = !scenario_mistakes::is_set(x, "links");
  out.links = usual && out.kind == scenario::mischief::sybil ? sybil_links : number("links");
  out.size = number("size");
  out.every = v.span("attackers", "every");
  out.begin = v.span("attackers", "begin");
  out.end = v.span("attackers", "end");
  if (out.end == duration::zero())
    out.end = in.length;
  if (out.begin >= out.end)
    mistakes.complain(x, "end", "is not after begin");
  if (v.text("attackers", "group").empty())
    mistakes.complain(x, "group", "names nobody; write group = GROUP");
  out.targets = mistakes.find(x, "group", in.groups, v.text("attackers", "group"), "group");
  if (out.targets != scenario::none && !in.groups[out.targets].node.node.listen)
    mistakes.complain(x, "group", "names nodes that do not listen, with node.listen = no");
  if (out.targets != scenario::none && in.groups[out.targets].nat != scenario::none)
    mistakes.complain(x, "group", "names nodes behind a NAT, which nobody can dial");
  if (out.kind == scenario::mischief::announce) {
    read_key(mistakes, x, in, out);
    return out;
  }
  if (scenario_mistakes::is_set(x, "lookup"))
    mistakes.complain(x, "lookup", "goes with kind = announce alone");
  const bool joins = out.kind != scenario::mischief::garbage && out.kind != scenario::mischief::half_open;
  if (!joins) {
    if (scenario_mistakes::is_set(x, "topic"))
      mistakes.complain(x, "topic", "goes with those who shake hands alone: not with garbage and half-open");
    return out;
  }
  out.topic = v.text("attackers", "topic");
  const auto topic = std::find_if(in.workloads.begin(), in.workloads.end(),
    [](const scenario::workload& one) { return one.kind == scenario::work::topic; });
  if (out.topic.empty() && topic != in.workloads.end())
    out.topic = topic->topic;
  if (out.topic.empty())
    mistakes.complain(x, "topic", "names no topic, and there is no [workload NAME] with kind = topic to take it from");
  return out;
}

} // namespace librats::apps
