// SPDX-License-Identifier: MIT
//
// The attacks of the GossipSub v1.1 evaluation (PL-TechRep-2020-001), in the set-up that its configuration files give:
// github.com/libp2p/gossipsub-hardening, scripts/configs/1k*.json.
#include "tests/bench/gossip/attack_report.hpp"
#include "tests/bench/gossip/suites.hpp"
#include "tests/bench/gossip/talk.hpp"
#include "tests/bench/support/process.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

using namespace librats;
using namespace librats::bench;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

constexpr double messages_per_second = 120;
constexpr auto measured = 40s;

/// Beside honest nodes, a tenth of which publish. Numbers of attackers and targets are for each honest node.
struct scenario {
  const char* name;
  sybil_kind kind = sybil_kind::mute;
  double sybils = 0;
  std::size_t links = 100;      ///< Of each attacker.
  std::chrono::seconds calm{0}; ///< Before they come, or turn.
  double targets = 0;           ///< Those that they link to; 0: all.
  bool one_victim = false;      ///< The first publisher: linked to by all, or censored.
  bool dawn = false;            ///< Attackers are there before the others.
  bool rate_known = false;
};

constexpr scenario scenarios[] = {
  {"baseline"},
  {"eclipse of the network", sybil_kind::mute, 4, 100, 20s},
  {"cold boot", sybil_kind::mute, 4, 20, 0s},
  {"eclipse of one node", sybil_kind::mute, 1, 1, 20s, 0, true},
  {"eclipse of all publishers", sybil_kind::mute, 1, 100, 20s, 0.1},
  {"attack at dawn", sybil_kind::mute, 4, 20, 0s, 0, false, true},
  {"eclipse of the network, rate known", sybil_kind::mute, 4, 100, 20s, 0, false, false, true},
  {"covert flash", sybil_kind::covert, 4, 20, 40s},
  {"covert flash, rate known", sybil_kind::covert, 4, 20, 40s, 0, false, false, true},
  {"censorship of one publisher", sybil_kind::censor, 2, 100, 20s, 0, true},
  {"degradation: half is dropped", sybil_kind::degrade, 2, 100, 20s},
};

std::size_t times(double share, std::size_t honest) {
  return static_cast<std::size_t>(share * static_cast<double>(honest));
}

gossip_world_options world_of(const scenario& x, std::size_t honest) {
  auto out = evaluation_links(honest);
  out.sybils = times(x.sybils, honest);
  out.sybil_links = x.links;
  out.honest_dial_sybils = false;
  out.attack = x.kind;
  (x.kind == sybil_kind::covert ? out.sybils_turn : out.sybils_come) = x.calm;
  out.honest_late = x.dawn ? 10s : 0s;
  const bool censored = x.kind == sybil_kind::censor;
  out.sybil_targets = x.one_victim && !censored ? 1 : times(x.targets, honest);
  out.victims = censored ? 1 : 0;
  out.watched = x.one_victim ? 1 : out.sybil_targets;
  out.settled = 0s;
  if (x.rate_known)
    expect_deliveries(out);
  return out;
}

void run(const scenario& x, std::size_t honest) {
  const auto began = cpu_seconds();
  const auto publishers = std::max<std::size_t>(honest / 10, 1);
  const talk_options said{publishers, messages_per_second / static_cast<double>(publishers), 2048};
  gossip_world world{world_of(x, honest)};
  world.join_all();
  if (x.calm != 0s) {
    talk(world, said, x.calm);
    print_opinions("calm", world);
    world.count_from_now();
  }
  talk(world, said, measured / 2);
  print_opinions("20 s", world);
  talk(world, said, measured / 2);
  print_opinions("40 s", world);
  world.run_for(12s);
  print_attack(x.name, world, began);
}

} // namespace

void librats::bench::measure_gossip_evaluation(std::size_t honest) {
  std::printf("\nThe set-up of the GossipSub v1.1 evaluation: %zu honest nodes with 20 links to each other, a tenth of "
              "which publish %.0f\nmessages of 2,048 bytes a second together; even links, seed 1. What is published "
              "while all is calm does not count.\n",
    honest, messages_per_second);
  print_delivery_header("attack");
  for (const auto& one : scenarios)
    run_apart([&] { run(one, honest); });
}
