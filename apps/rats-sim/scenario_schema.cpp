// SPDX-License-Identifier: MIT
#include "apps/rats-sim/scenario.hpp"
#include "apps/rats-sim/scenario_attacks.hpp"
#include "apps/rats-sim/scenario_faults.hpp"
#include "apps/rats-sim/scenario_nat.hpp"

namespace librats::apps {

namespace {

using runtime::config_schema;
using namespace std::chrono_literals;

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;
constexpr std::int64_t whole = runtime::config_share_whole;
constexpr duration longest = 24h * 30;
/// What hosts of a world have as addresses; a good deal more than what one process can hold.
constexpr std::int64_t nodes_max = 100'000;

void declare_path(config_schema& out, const runtime::link_profile& d) {
  out.span("latency", d.latency, 0s, 1min, "Time that everything takes, one way")
    .span("jitter", d.jitter, 0s, 1min, "Added to it, anything from nothing to this")
    .share("loss", 0, 0, whole, "Datagrams that get lost; a stream repeats the segment")
    .share("duplication", 0, 0, whole, "Datagrams that arrive twice")
    .share("reordering", 0, 0, whole, "Datagrams that are held back")
    .span("reordering_delay", d.reordering_delay, 0s, 1min, "For how long they are")
    .boolean("datagrams", true, "Off, all datagrams are lost, as behind a firewall that knows TCP alone")
    .boolean("streams", true, "Off, no new TCP connection gets through");
}

void declare_uplink(config_schema& out) {
  const runtime::uplink_profile d;
  out.size("uplink", 0, 0, 100 * gib, "What each host can send in a second; 0 is without limit")
    .size("uplink_queue", static_cast<std::int64_t>(d.queue_bytes_max), kib, gib,
      "What waits for it before datagrams are dropped");
}

config_schema scenario_sections() {
  config_schema out{"rats-sim", "a network in one process, on virtual time"};
  out.section("scenario", "The run as a whole")
    .text("title", "", 0, 500, "What it shows, in a sentence")
    .span("duration", 1min, 1ms, longest, "How much virtual time passes")
    .integer("seed", 1, 0, INT64_MAX, "Decides every random choice; the option --seed goes before it")
    .span("census", 30s, 0s, longest, "Time between two counts of restarts in all nodes; 0 counts at the end alone")
    .size("memory_max", 0, 0, 1024 * gib,
      "Refuse to begin when the nodes would need more than this; 0 is what the machine has to spare");
  out.section("network", "Every path where no region says otherwise");
  declare_path(out, {});
  declare_uplink(out);
  return out;
}

runtime::named_section_kind regions() {
  config_schema out{"rats-sim", "a region"};
  out.section("region", "Hosts with the same way to others; what is not set is as in [network]");
  declare_path(out, {});
  declare_uplink(out);
  return {"region", std::move(out)};
}

runtime::named_section_kind paths() {
  config_schema out{"rats-sim", "a path"};
  out.section("path", "The way between two regions; what is not set is as in [network]")
    .text("from", "", 0, 64, "A region")
    .text("to", "", 0, 64, "Another region")
    .boolean("one_way", false, "Only from the first to the second");
  declare_path(out, {});
  return {"path", std::move(out)};
}

runtime::named_section_kind groups() {
  auto out = runtime::node_schema();
  out.section("group", "Nodes of one kind; any key of a node's INI file may be set too, as section.key")
    .integer("count", 1, 1, nodes_max, "How many there are")
    .text("region", "", 0, 64, "Where they are; empty is no region")
    .text("lan", "", 0, 64, "The local network that they are plugged into, for mDNS; empty is none")
    .span("start", 0s, 0s, longest, "When the first one starts")
    .span("spread", 1s, 0s, longest, "Within how much time after that the others do")
    .span("stop", 0s, 0s, longest, "When all stop in order; 0 is never")
    .word("dial", "none", {"none", "ring", "chain", "star", "random", "mesh"},
      "Whom each dials: the next ones in a ring or chain, the first one, some at random, all others")
    .text("dial_to", "", 0, 64, "The group whose members are dialed; empty is this one")
    .integer("dials", 1, 1, 1000, "How many each dials in ring, chain and at random, if there are so many")
    .text("bootstrap", "", 0, 64, "The group with whose first members the DHT begins; empty is none")
    .integer("bootstraps", 2, 1, 100, "How many of them each is told")
    .share("churn", 0, 0, 100 * whole, "How much of the group goes down each minute")
    .span("churn_from", 0s, 0s, longest, "When that begins")
    .span("churn_until", 0s, 0s, longest, "When it ends; 0 is the end of the run")
    .span("away", 30s, 1ms, longest, "After how long who went down comes back with its disk; at most the double")
    .word("crash", "power", {"power", "process"},
      "What going down is: the machine falls silent, or the process dies and its kernel closes its connections")
    .integer("part_crashes", 0, 0, 100'000, "Crashes of one part of one node each minute, over the group");
  declare_machine(out);
  declare_nat(out);
  return {"group", std::move(out)};
}

runtime::named_section_kind partitions() {
  config_schema out{"rats-sim", "a partition"};
  out.section("partition", "Cuts groups off from each other for a while")
    .text_list("left", 64, "A group or region on one side; repeat the key for more")
    .text_list("right", 64, "A group or region on the other side; none is everybody else")
    .span("at", 0s, 0s, longest, "When it begins")
    .span("until", 0s, 0s, longest, "When it is over; 0 is the end of the run");
  return {"partition", std::move(out)};
}

runtime::named_section_kind workloads() {
  config_schema out{"rats-sim", "a workload"};
  out.section("workload", "What the nodes are asked to do")
    .word("kind", "topic", {"topic", "message", "lookup", "write", "transfer", "address"},
      "Publish to a topic, send a typed message or a file to a random connected peer, look up in the DHT what others "
      "announced, write to the store, where a write is delivered when it is acknowledged, or ask a machine of another "
      "group, which then answers STUN on port 3478, for the own address, which is delivered when it is the true one")
    .text("from", "", 0, 64, "The group that sends, publishes or looks up")
    .integer("senders", 0, 0, nodes_max, "How many of its members do, the first ones; 0 is all")
    .text_list("to", 64,
      "Group that gets it: subscribers, peers to pick from, or who announces; repeat the key for more; none is all")
    .text("topic", "", 0, 1000, "Name of the topic or type; empty is that of the workload")
    .span("every", 1s, 1ms, longest, "Time between two by the same sender")
    .size("size", 200, 16, gib, "Of each message, value or file")
    .size("size_max", 0, 0, gib, "Values and files have anything from size to this; 0 is size")
    .span("begin", 30s, 0s, longest, "When it begins")
    .span("end", 0s, 0s, longest, "When it ends; 0 is so early that all can be judged")
    .span("grace", 10s, 1ms, 1h, "How long a message may be on its way, or a lookup take")
    .span("settle", 10s, 0s, 1h, "Only who was up for so long before is owed anything")
    .integer("keys", 10, 1, 10'000, "How many different things are announced, for lookup, or written, for write")
    .word("popularity", "even", {"even", "skewed"},
      "Whether all keys are written equally often, or the first half twice as often as all, its first half again so")
    .share("removals", 0, 0, whole, "Writes that remove a key");
  return {"workload", std::move(out)};
}

runtime::named_section_kind expectations() {
  config_schema out{"rats-sim", "an expectation"};
  out.section("expect", "What must hold; a threshold that is not set asks nothing")
    .text("workload", "", 0, 64, "Whose messages are judged, for delivered, latency and duplicates")
    .text("group", "", 0, 64, "Whose nodes are judged, for the others; empty is all")
    .span("from", 0s, 0s, longest, "Judge components, peers and up from then on all along; 0 is at the end alone")
    .span("until", 0s, 0s, longest, "Until then; 0 is the end")
    .share("delivered_min", whole, 0, whole, "Of what was owed, this arrived in time")
    .span("latency_p50_max", 1h, 0s, 1h, "Half of it took no longer")
    .span("latency_p99_max", 1h, 0s, 1h, "99 of 100 took no longer")
    .span("latency_max", 1h, 0s, 1h, "Nothing took longer")
    .integer("duplicates_max", 0, 0, INT64_MAX, "Deliveries of what was delivered before; judged all along")
    .integer("restarts_max", 0, 0, INT64_MAX, "Restarts of parts in all nodes; judged at each census")
    .integer("components_max", 1, 1, nodes_max, "Parts of the network that do not reach each other")
    .integer("peers_min", 0, 0, nodes_max, "Peers of every node that is up")
    .integer("peers_max", nodes_max, 0, nodes_max, "The same, at most")
    .integer("up_min", 0, 0, nodes_max, "Nodes that are up")
    .text("with", "", 0, 64, "Another group, for the links between the two; may be the same one")
    .integer("links_min", 0, 0, INT64_MAX, "Links between members of group and members of with")
    .integer("links_max", 0, 0, INT64_MAX, "The same, at most")
    .share("transfers_completed_min", whole, 0, whole,
      "Of the transfers that were agreed on and that neither end gave up with a reason, and whose ends are up at the "
      "end, this is complete")
    .integer("transfers_given_up_max", 0, 0, INT64_MAX, "Transfers that either end gave up, and told so")
    .boolean("transfers_intact", false, "Every file that arrived equals its source, then and at the end")
    .boolean("stores_converged", false, "At the end all stores of nodes that are up are equal")
    .boolean("acknowledged_kept", false,
      "At the end no store has anything older than a put that was acknowledged to a node that is up");
  return {"expect", std::move(out)};
}

} // namespace

runtime::document_schema scenario_schema() {
  return {scenario_sections(),
    {regions(), paths(), nat_sections(), groups(), partitions(), fault_sections(), workloads(), attacker_sections(),
      expectations()}};
}

} // namespace librats::apps
