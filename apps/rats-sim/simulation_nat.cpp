// SPDX-License-Identifier: MIT
// Boxes that translate addresses, and who asks how he is seen behind them.
#include "apps/rats-sim/simulation.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace librats::apps {

using runtime::concat;

void simulation::build_nats() {
  // Of a kind that others stand behind there is one box, which is made when it is needed.
  std::map<std::size_t, runtime::sim_host*> shared;
  std::function<runtime::sim_host&(std::size_t)> make;
  const auto outer_box = [&](std::size_t kind) -> runtime::sim_host& {
    auto& box = shared[kind];
    if (box == nullptr)
      box = &make(kind);
    return *box;
  };
  make = [&](std::size_t kind) -> runtime::sim_host& {
    const auto& what = what_.nats[kind];
    auto& box = world_.add_nat(what.how);
    if (what.behind != scenario::none)
      world_.put_behind(box, outer_box(what.behind));
    return box;
  };
  for (std::size_t i = 0; i < what_.groups.size(); ++i) {
    const auto& group = what_.groups[i];
    runtime::sim_host* box = nullptr;
    for (auto* host : group.nat == scenario::none ? std::vector<runtime::sim_host*>{} : hosts_of(i)) {
      if (box == nullptr || group.nat_of_its_own) {
        box = &make(group.nat);
        if (group.region != scenario::none)
          world_.set_region(*box, group.region);
      }
      world_.put_behind(*host, *box);
    }
  }
}

void simulation::open_stun_desks() {
  for (const auto& one : what_.workloads) {
    if (one.kind != scenario::work::address)
      continue;
    for (const auto group : one.to)
      for (auto* host : hosts_of(group))
        if (stun_desks_.count(host->index()) == 0)
          stun_desks_.emplace(host->index(), std::make_unique<stun_desk>(*host)).first->second->open();
  }
}

void simulation::ask_address(std::size_t workload, std::size_t sender) {
  const auto& how = what_.workloads[workload];
  auto& books = ledgers_[workload];
  std::vector<std::size_t> desks;
  for (const auto group : how.to)
    for (std::size_t i = 0; i < what_.groups[group].count; ++i)
      if (const auto who = first_of(group) + i; members_[who].up)
        desks.push_back(who);
  if (desks.empty())
    return books.not_sent();
  const auto desk = desks[random_.below(desks.size())];
  const endpoint server{members_[desk].host->address(), stun_desk::port};
  const auto number = books.sent(now(), sender, sender);
  tell_follower(sender, concat("asks ", name_of(desk), " for its address"));
  members_[sender].program->ask_address(
    server, how.grace, [this, workload, sender, server, number](const endpoint& told) {
      auto& its = *members_[sender].host;
      const endpoint inside{its.address(), what_.groups[members_[sender].group].node.node.listen_port};
      // What the boxes on the way have as its address towards that server.
      const auto truth = its.net().way_to(runtime::nat_protocol::udp, inside, server).from;
      tell_follower(sender, concat("is seen as ", told.to_string()));
      if (told == truth)
        ledgers_[workload].arrived(now(), number, sender);
    });
}

} // namespace librats::apps
