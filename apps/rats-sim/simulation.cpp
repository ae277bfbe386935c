// SPDX-License-Identifier: MIT
#include "apps/rats-sim/simulation.hpp"

#include "actors/node.hpp"
#include "apps/rats-sim/payload.hpp"
#include "runtime/log/log.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace librats::apps {

namespace {

using runtime::concat;

/// Apart from the world's own random stream, so that what a scenario does is the same whatever the network draws.
constexpr std::uint64_t scenario_stream = 0x7a75'6c65'5f62'6f78;
/// And what is wrong with machines apart from that, so that a fault more or less leaves the rest as it was.
constexpr std::uint64_t fault_stream = 0x6661'756c'7473'2031;
/// After an orderly stop a node has said good-bye within this; then its machine is switched off.
constexpr auto stop_patience = std::chrono::seconds{30};

runtime::sim_options world_options(const scenario& what) {
  runtime::sim_options out;
  out.seed = what.seed;
  out.link = what.link;
  out.by_turns = true;
  return out;
}

} // namespace

simulation::simulation(const scenario& what)
  : what_(what), world_(world_options(what)), random_(what.seed ^ scenario_stream),
    machine_faults_(what.seed ^ fault_stream), transfers_(what.seed) {
  build_members();
  build_network();
  build_nats();
  open_stun_desks();
  build_attackers();
  make_folders();
  choose_dials();
  for (const auto& one : what_.workloads) {
    std::vector<std::size_t> receivers;
    for (const auto group : one.to)
      for (std::size_t i = 0; i < what_.groups[group].count; ++i)
        receivers.push_back(first_of(group) + i);
    std::sort(receivers.begin(), receivers.end());
    receivers.erase(std::unique(receivers.begin(), receivers.end()), receivers.end());
    ledgers_.emplace_back(one, members_.size(), std::move(receivers));
  }
  schedule_lives();
  schedule_faults();
  schedule_work();
}

simulation::~simulation() = default;

// -- building --------------------------------------------------------------------------------------------------------

void simulation::build_members() {
  members_.reserve(what_.node_count());
  for (std::size_t group = 0; group < what_.groups.size(); ++group) {
    first_of_.push_back(members_.size());
    for (std::size_t i = 0; i < what_.groups[group].count; ++i) {
      auto& one = members_.emplace_back();
      one.group = group;
      one.number = i;
      one.host = &world_.add_host();
      one.key = protocols::key_pair::generate(random_.key());
      member_of_[one.key.id()] = members_.size() - 1;
    }
  }
}

void simulation::build_network() {
  for (const auto& one : members_) {
    const auto& group = what_.groups[one.group];
    one.host->set_uplink(group.region == scenario::none ? what_.uplink : what_.regions[group.region].uplink);
    if (group.region != scenario::none)
      world_.set_region(*one.host, group.region);
    if (!group.lan.empty())
      one.host->set_lan(group.lan);
  }
  for (std::size_t i = 0; i < what_.groups.size(); ++i)
    machine_faults_.furnish(what_.groups[i].machine, hosts_of(i));
  for (std::size_t i = 0; i < what_.regions.size(); ++i)
    world_.set_region_link(i, i, what_.regions[i].inside);
  for (const auto& one : what_.paths) {
    world_.set_region_link(one.from, one.to, one.profile);
    if (one.both_ways)
      world_.set_region_link(one.to, one.from, one.profile);
  }
}

void simulation::choose_dials() {
  for (std::size_t at = 0; at < members_.size(); ++at) {
    auto& one = members_[at];
    const auto& group = what_.groups[one.group];
    const auto first = first_of(group.dial_to);
    const auto count = what_.groups[group.dial_to].count;
    const bool own = group.dial_to == one.group;
    switch (group.dial) {
    case scenario::topology::none: break;
    case scenario::topology::ring:
      for (std::size_t step = 1; step <= group.dials && step < count; ++step)
        one.dials.push_back(first + (one.number + step) % count);
      break;
    case scenario::topology::chain:
      for (std::size_t step = 1; step <= group.dials && step <= one.number; ++step)
        one.dials.push_back(at - step);
      break;
    case scenario::topology::star:
      if (at != first)
        one.dials.push_back(first);
      break;
    case scenario::topology::mesh:
      for (std::size_t other = first; other < at; ++other)
        one.dials.push_back(other);
      break;
    case scenario::topology::random: {
      const auto others = own ? count - 1 : count;
      // The first one stands before it, which makes the whole group hang together whatever else is drawn.
      if (own && one.number != 0)
        one.dials.push_back(first + random_.below(one.number));
      while (one.dials.size() < std::min(group.dials, others)) {
        const auto drawn = first + random_.below(count);
        if (drawn != at && std::count(one.dials.begin(), one.dials.end(), drawn) == 0)
          one.dials.push_back(drawn);
      }
      break;
    }
    }
  }
}

void simulation::schedule_lives() {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const auto& group = what_.groups[members_[i].group];
    const auto spread = static_cast<std::uint64_t>(group.spread.count());
    const auto later = members_[i].number == 0 || spread == 0 ? 0 : random_.below(spread);
    at(group.start + duration{static_cast<std::int64_t>(later)}, [this, i] { start(i); });
    if (group.stop != duration::zero())
      at(group.stop, [this, i] { stop(i); });
  }
}

void simulation::schedule_faults() {
  for (std::size_t i = 0; i < what_.groups.size(); ++i) {
    const auto& group = what_.groups[i];
    if (group.churn != 0)
      at(group.churn_from, [this, i] { churn(i); });
    if (group.part_crashes != 0)
      at(group.churn_from, [this, i] { crash_part(i); });
  }
  for (const auto& one : what_.faults) {
    auto hosts = std::make_shared<std::vector<runtime::sim_host*>>();
    at(one.at, [this, &one, hosts] {
      *hosts = machine_faults_.draw(one.members, hosts_of(one.group));
      machine_faults_.begin(one, *hosts);
    });
    at(one.until, [this, &one, hosts] { machine_faults_.end(one, what_.groups[one.group].machine, *hosts); });
  }
  for (const auto& one : what_.partitions) {
    at(one.at, [this, &one] {
      std::vector<runtime::sim_host*> left;
      std::vector<runtime::sim_host*> right;
      for (const auto& member : members_) {
        if (std::count(one.left.begin(), one.left.end(), member.group) != 0)
          left.push_back(member.host);
        else if (std::count(one.right.begin(), one.right.end(), member.group) != 0)
          right.push_back(member.host);
      }
      const auto number = world_.split(left, right);
      at(one.until, [this, number] { world_.join(number); });
    });
  }
}

std::vector<runtime::sim_host*> simulation::hosts_of(std::size_t group) const {
  std::vector<runtime::sim_host*> out;
  for (std::size_t i = 0; i < what_.groups[group].count; ++i)
    out.push_back(members_[first_of(group) + i].host);
  return out;
}

void simulation::schedule_work() {
  for (std::size_t i = 0; i < what_.workloads.size(); ++i) {
    const auto& one = what_.workloads[i];
    if (one.kind == scenario::work::lookup)
      for (const auto group : one.to)
        for (std::size_t k = 0; k < what_.groups[group].count; ++k)
          at(std::max(one.begin - one.settle, duration::zero()),
            [this, who = first_of(group) + k] { announce_keys(who); });
    for (std::size_t k = 0; k < one.senders; ++k) {
      // Spread over the time between two, as clocks are.
      const auto phase = one.every * static_cast<std::int64_t>(k) / static_cast<std::int64_t>(one.senders);
      at(one.begin + phase, [this, i, who = first_of(one.from) + k] { work(i, who); });
    }
  }
}

void simulation::at(duration when, std::function<void()> what) {
  world_.at(world_.now() - world_.elapsed() + when, std::move(what));
}

// -- running ---------------------------------------------------------------------------------------------------------

void simulation::run_to(duration when, const std::function<bool()>& interrupted) {
  if (!world_.run_until(interrupted, when - now()))
    world_.run_for(when - now());
}

void simulation::take_census() {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    auto& one = members_[i];
    if (!one.up)
      continue;
    one.program->look_at_tree([this, i, life = one.lives](const runtime::tree_node& root) {
      const std::function<std::uint64_t(const runtime::tree_node&)> restarts = [&](const runtime::tree_node& x) {
        return std::accumulate(x.children.begin(), x.children.end(), std::uint64_t{x.restarts},
          [&](std::uint64_t sum, const runtime::tree_node& child) { return sum + restarts(child); });
      };
      auto& counted = members_[i];
      if (counted.lives == life)
        counted.restarts = std::max(counted.restarts, restarts(root));
    });
  }
}

void simulation::settle_accounts() {
  for (auto& one : ledgers_)
    one.judge(now(), *this);
}

std::string simulation::name_of(std::size_t member) const {
  if (member >= members_.size())
    return concat("machine-", member);
  const auto& one = members_[member];
  return concat(what_.groups[one.group].name, "/", one.number);
}

bool simulation::up_since(std::size_t member, duration since) const {
  const auto& one = members_[member];
  return one.up && one.since <= since;
}

void simulation::follow(std::size_t member, std::ostream& to) {
  followed_ = member;
  follower_ = &to;
}

void simulation::tell_follower(std::size_t member, const std::string& event) {
  if (member == followed_ && follower_ != nullptr)
    *follower_ << concat(std::chrono::duration<double>(now()).count(), " s ", name_of(member), " ", event, "\n");
}

// -- lives -----------------------------------------------------------------------------------------------------------

void simulation::start(std::size_t at) {
  auto& one = members_[at];
  if (one.up || one.retired)
    return;
  const auto& group = what_.groups[one.group];
  auto settings = group.node;
  for (const auto other : one.dials)
    settings.node.connect.push_back(
      {members_[other].host->address().to_string(), what_.groups[members_[other].group].node.node.listen_port});
  if (group.bootstrap != scenario::none) {
    const auto& guides = what_.groups[group.bootstrap];
    for (std::size_t i = 0; i < std::min(group.bootstraps, guides.count); ++i)
      if (const auto guide = first_of(group.bootstrap) + i; guide != at)
        settings.dht.bootstrap.push_back({members_[guide].host->address().to_string(), guides.node.dht.port});
  }
  auto options = actors::make_node_options(settings, one.key);
  if (!options)
    return tell_follower(at, "cannot start: " + options.error());
  resident::habits habits;
  for (const auto& work : what_.workloads) {
    habits.files = habits.files || work.kind == scenario::work::transfer;
    if (std::count(work.to.begin(), work.to.end(), one.group) == 0)
      continue;
    if (work.kind == scenario::work::topic)
      habits.topics.push_back(work.topic);
    if (work.kind == scenario::work::message)
      habits.types.push_back(work.topic);
  }
  if (const auto desk = stun_desks_.find(one.host->index()); desk != stun_desks_.end() && one.lives != 0)
    desk->second->open();
  one.node = actors::spawn_node(*one.host, std::move(*options));
  one.host->own(one.node);
  resident_listener& listener = *this;
  one.keeper =
    runtime::spawn_pinned<resident>(world_.system(), one.host->loop(0), one.node, at, std::move(habits), listener);
  one.program = static_cast<resident*>(caf::actor_cast<caf::abstract_actor*>(one.keeper));
  one.up = true;
  one.since = now();
  ++one.lives;
  ++up_count_;
  tell_follower(at, "starts");
  for (auto& books : ledgers_)
    if (one.lives > 1)
      books.forget(at);
  const bool announces = std::any_of(what_.workloads.begin(), what_.workloads.end(),
    [&](const auto& work) { return work.kind == scenario::work::lookup && work.begin - work.settle < now(); });
  if (announces && one.lives > 1)
    announce_keys(at);
}

void simulation::went_down(std::size_t at) {
  auto& one = members_[at];
  one.up = false;
  one.node = nullptr;
  one.keeper = nullptr;
  one.program = nullptr;
  link_ends_ -= one.peers.size();
  one.peers.clear();
  one.restarts_before += std::exchange(one.restarts, 0);
  --up_count_;
}

void simulation::crash(std::size_t at) {
  auto& one = members_[at];
  tell_follower(at, what_.groups[one.group].lose_power ? "loses its power" : "dies");
  ++crashes_;
  went_down(at);
  if (what_.groups[one.group].lose_power)
    one.host->power_off();
  else
    one.host->kill_processes();
}

void simulation::stop(std::size_t at) {
  auto& one = members_[at];
  one.retired = true;
  if (!one.up)
    return;
  tell_follower(at, "stops");
  caf::anon_send_exit(one.node, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(one.keeper, caf::exit_reason::user_shutdown);
  went_down(at);
  this->at(now() + stop_patience, [&one] { one.host->kill_processes(); });
}

std::size_t simulation::random_up(std::size_t group) {
  const auto count = what_.groups[group].count;
  const auto begin = random_.below(count);
  for (std::size_t i = 0; i < count; ++i)
    if (const auto at = first_of(group) + (begin + i) % count; members_[at].up)
      return at;
  return scenario::none;
}

void simulation::churn(std::size_t group) {
  const auto& how = what_.groups[group];
  if (now() >= how.churn_until)
    return;
  if (const auto victim = random_up(group); victim != scenario::none) {
    crash(victim);
    const auto longer =
      duration{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(how.away.count())))};
    at(now() + how.away + longer, [this, victim] { start(victim); });
  }
  constexpr auto minute = std::chrono::duration_cast<duration>(std::chrono::minutes{1});
  const auto per_minute =
    static_cast<double>(how.churn) * static_cast<double>(how.count) / static_cast<double>(runtime::config_share_whole);
  at(now() + duration{static_cast<std::int64_t>(static_cast<double>(minute.count()) / per_minute)},
    [this, group] { churn(group); });
}

void simulation::crash_part(std::size_t group) {
  const auto& how = what_.groups[group];
  if (now() >= how.churn_until)
    return;
  if (const auto victim = random_up(group); victim != scenario::none) {
    members_[victim].program->look_at_tree(
      [this, victim, life = members_[victim].lives](const runtime::tree_node& root) {
        std::vector<const runtime::tree_node*> parts;
        const std::function<void(const runtime::tree_node&)> collect = [&](const runtime::tree_node& x) {
          for (const auto& child : x.children) {
            if (child.handle)
              parts.push_back(&child);
            collect(child);
          }
        };
        collect(root);
        auto& one = members_[victim];
        if (!one.up || one.lives != life || parts.empty())
          return;
        const auto* part = parts[random_.below(parts.size())];
        tell_follower(victim, concat("loses its ", part->name));
        ++part_crashes_;
        one.program->crash(part->handle);
      });
  }
  at(now() + duration{std::chrono::minutes{1}} / static_cast<std::int64_t>(how.part_crashes),
    [this, group] { crash_part(group); });
}

// -- work ------------------------------------------------------------------------------------------------------------

void simulation::work(std::size_t workload, std::size_t sender) {
  const auto& how = what_.workloads[workload];
  if (now() >= how.end)
    return;
  at(now() + how.every, [this, workload, sender] { work(workload, sender); });
  if (!members_[sender].up)
    return;
  switch (how.kind) {
  case scenario::work::topic: return publish(workload, sender);
  case scenario::work::message: return send_message(workload, sender);
  case scenario::work::lookup: return look_up(workload, sender);
  case scenario::work::write: return write_to_store(workload, sender);
  case scenario::work::transfer: return send_file(workload, sender);
  case scenario::work::address: return ask_address(workload, sender);
  }
}

void simulation::publish(std::size_t workload, std::size_t sender) {
  auto& books = ledgers_[workload];
  const auto& how = what_.workloads[workload];
  const auto number = books.sent(now(), sender);
  tell_follower(sender, concat("publishes ", how.topic, " ", number));
  members_[sender].program->publish(
    how.topic, byte_slice{make_payload({static_cast<std::uint32_t>(workload), number}, how.size)});
}

std::size_t simulation::random_peer(std::size_t member, const std::vector<std::size_t>& groups) {
  std::vector<std::size_t> candidates;
  for (const auto peer : members_[member].peers)
    if (std::count(groups.begin(), groups.end(), members_[peer].group) != 0)
      candidates.push_back(peer);
  return candidates.empty() ? scenario::none : candidates[random_.below(candidates.size())];
}

std::size_t simulation::random_size(const scenario::workload& what) {
  const auto more = what.size_max - what.size;
  return what.size + (more == 0 ? 0 : static_cast<std::size_t>(random_.below(more + 1)));
}

void simulation::send_message(std::size_t workload, std::size_t sender) {
  auto& books = ledgers_[workload];
  const auto& how = what_.workloads[workload];
  const auto receiver = random_peer(sender, how.to);
  if (receiver == scenario::none)
    return books.not_sent();
  const auto number = books.sent(now(), sender, receiver);
  tell_follower(sender, concat("sends ", how.topic, " ", number, " to ", name_of(receiver)));
  members_[sender].program->send_typed(members_[receiver].key.id(), how.topic,
    make_json_payload({static_cast<std::uint32_t>(workload), number}, how.size));
}

/// Keys are dealt out to the members of the groups that announce, in turn.
std::size_t simulation::announcer_of(const scenario::workload& work, std::size_t key) const {
  std::size_t total = 0;
  for (const auto group : work.to)
    total += what_.groups[group].count;
  auto rest = key % total;
  for (const auto group : work.to) {
    if (rest < what_.groups[group].count)
      return first_of(group) + rest;
    rest -= what_.groups[group].count;
  }
  return scenario::none;
}

void simulation::announce_keys(std::size_t at) {
  if (!members_[at].up)
    return;
  for (const auto& work : what_.workloads)
    for (std::size_t key = 0; work.kind == scenario::work::lookup && key < work.keys; ++key)
      if (announcer_of(work, key) == at)
        members_[at].program->announce(protocols::info_hash_of(concat(work.topic, " ", key)));
}

void simulation::look_up(std::size_t workload, std::size_t sender) {
  const auto& how = what_.workloads[workload];
  const auto key = random_.below(how.keys);
  const auto announcer = announcer_of(how, key);
  if (announcer == sender)
    return;
  const auto number = ledgers_[workload].sent(now(), sender, announcer);
  const auto wanted = members_[announcer].host->address();
  tell_follower(sender, concat("looks up ", how.topic, " ", key));
  members_[sender].program->look_up(protocols::info_hash_of(concat(how.topic, " ", key)), how.grace,
    [this, workload, number, wanted, announcer](const std::vector<endpoint>& found) {
      if (std::any_of(found.begin(), found.end(), [&](const endpoint& one) { return one.address == wanted; }))
        ledgers_[workload].arrived(now(), number, announcer);
    });
}

// -- what residents hear ---------------------------------------------------------------------------------------------

void simulation::connected(std::size_t member, const peer_id& peer) {
  const auto who = member_of_.find(peer);
  if (who == member_of_.end())
    return;
  auto& peers = members_[member].peers;
  const auto spot = std::lower_bound(peers.begin(), peers.end(), who->second);
  if (spot != peers.end() && *spot == who->second)
    return;
  peers.insert(spot, who->second);
  ++link_ends_;
  tell_follower(member, "is connected to " + name_of(who->second));
}

void simulation::disconnected(std::size_t member, const peer_id& peer, const std::string& reason) {
  const auto who = member_of_.find(peer);
  if (who == member_of_.end())
    return;
  auto& peers = members_[member].peers;
  const auto spot = std::lower_bound(peers.begin(), peers.end(), who->second);
  if (spot == peers.end() || *spot != who->second)
    return;
  peers.erase(spot);
  --link_ends_;
  tell_follower(member, concat("lost ", name_of(who->second), ": ", reason));
}

void simulation::topic_message(std::size_t member, bytes_view payload) {
  const auto label = read_payload(payload);
  if (!label || label->workload >= ledgers_.size())
    return;
  auto& books = ledgers_[label->workload];
  tell_follower(member, concat("gets ", books.what().topic, " ", label->number));
  if (!label->intact)
    return books.corrupted(member);
  if (books.publisher_of(label->number) != member)
    books.arrived(now(), label->number, member);
}

void simulation::typed_message(std::size_t member, std::string_view text) {
  const auto label = read_json_payload(text);
  if (!label || label->workload >= ledgers_.size())
    return;
  auto& books = ledgers_[label->workload];
  tell_follower(member, concat("gets ", books.what().topic, " ", label->number));
  if (!label->intact)
    return books.corrupted(member);
  books.arrived(now(), label->number, member);
}

} // namespace librats::apps
