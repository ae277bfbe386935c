// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_world.hpp"

#include "runtime/sim/sim_host.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <iterator>
#include <limits>

namespace librats::runtime {

namespace {

/// One step of FNV-1a on a 64-bit word: weak against malice, which a simulation has none of, and quick.
void mix(std::uint64_t& hash, std::uint64_t word) noexcept {
  hash = (hash ^ word) * 1099511628211u;
  hash ^= hash >> 32;
}

} // namespace

sim_world::sim_world(const sim_options& options)
  : options_(options), random_(options.seed), start_(scheduler_.now()), shortest_(options.link.latency) {}

sim_world::~sim_world() {
  // Actors go before the hosts whose loops they stand on.
  for (auto& one : hosts_)
    one->power_off();
  settle();
}

sim_host& sim_world::add_host() {
  if (options_.by_turns) {
    lane_of_.push_back(lanes_.size());
    lanes_.emplace_back();
  }
  hosts_.push_back(std::make_unique<sim_host>(*this, hosts_.size(), random_.u64()));
  return *hosts_.back();
}

sim_host& sim_world::add_nat(const nat_profile& profile) {
  auto& out = add_host();
  realms_.add_box(out.index(), out.address(), profile, options_.seed + out.index());
  return out;
}

void sim_world::put_behind(sim_host& host, const sim_host& nat) {
  constexpr std::uint32_t first = 172u << 24 | 16u << 16;
  const auto number = first + ++private_addresses_;
  const auto byte = [&](unsigned shift) { return static_cast<std::uint8_t>(number >> shift); };
  const auto address = ip_address::v4(byte(24), byte(16), byte(8), byte(0));
  host.set_addresses({address});
  if (auto* box = realms_.box(host.index()))
    box->move(address);
  realms_.put_behind(host.index(), nat.index());
  if (options_.by_turns)
    share_lane(host.index(), nat.index());
}

sim_host* sim_world::host_at(const ip_address& address) const {
  if (const auto found = moved_.find(address); found != moved_.end())
    return hosts_[found->second].get();
  const auto index = sim_host::index_of(address);
  if (!index || *index >= hosts_.size())
    return nullptr;
  auto& born_there = *hosts_[*index];
  const auto& still = born_there.net().addresses();
  return std::find(still.begin(), still.end(), address) != still.end() ? &born_there : nullptr;
}

std::function<std::optional<std::size_t>(const ip_address&)> sim_world::owners() const {
  return [this](const ip_address& address) {
    const auto* found = host_at(address);
    return found != nullptr ? std::optional{found->index()} : std::nullopt;
  };
}

void sim_world::note_addresses(std::size_t host, const std::vector<ip_address>& addresses) {
  for (auto one = moved_.begin(); one != moved_.end();)
    one = one->second == host ? moved_.erase(one) : std::next(one);
  for (const auto& one : addresses) {
    assert(host_at(one) == nullptr || host_at(one)->index() == host);
    if (sim_host::index_of(one) != host)
      moved_[one] = host;
  }
}

// -- running ---------------------------------------------------------------------------------------------------------

void sim_world::settle() {
  for (;;) {
    while (scheduler_.jobs() != 0)
      scheduler_.run_job(options_.shuffle ? random_.below(scheduler_.jobs()) : 0);
    if (turns_.empty())
      return;
    for (auto* tasks : std::exchange(turns_, {}))
      tasks->run();
  }
}

bool sim_world::step(time_point limit) {
  settle();
  if (options_.by_turns)
    return step_by_turns(limit);
  auto next = time_point::max();
  const auto event = queue_.next_due();
  if (event)
    next = std::min(next, *event);
  if (const auto due = timers_.next_due())
    next = std::min(next, *due);
  if (const auto due = scheduler_.next_timeout())
    next = std::min(next, *due);
  if (next > limit)
    return false;
  scheduler_.advance_to(next);
  if (event && *event <= next)
    queue_.take()();
  else
    timers_.fire_one(next);
  settle();
  return true;
}

bool sim_world::step_by_turns(time_point limit) {
  while (!order_.empty() && lanes_[order_.top().number].told != order_.top().due)
    order_.pop();
  const auto never = time_point::max();
  const auto event = queue_.next_due().value_or(never);
  const auto timeout = scheduler_.next_timeout().value_or(never);
  const auto first = std::min(order_.empty() ? never : order_.top().due, timeout);
  if (std::min(first, event) > limit)
    return false;
  if (event <= first) {
    scheduler_.advance_to(event);
    queue_.take()();
    settle();
    return true;
  }
  // A world event may concern any host, so nobody goes beyond it.
  const auto end = std::min({std::max(first, now()) + std::max(shortest_, duration{1}), event, limit + duration{1}});
  while (!order_.empty() && order_.top().due < end) {
    const auto next = order_.top();
    order_.pop();
    auto& one = lanes_[next.number];
    if (one.told != next.due)
      continue;
    one.told = time_point::min();  // It needs no telling while it runs.
    run_lane(one, end);
    one.told = never;
    expect(next.number, one.next());
  }
  scheduler_.set_time(std::min(end, limit));
  if (timeout < end) {
    scheduler_.advance_to(now());
    settle();
  }
  return true;
}

/// Everything that happens at one host before `end`.
void sim_world::run_lane(lane& one, time_point end) {
  for (;;) {
    const auto event = one.events.next_due().value_or(time_point::max());
    const auto timer = one.timers.next_due().value_or(time_point::max());
    const auto next = std::min(event, timer);
    if (next >= end)
      return;
    one.reached = std::max(one.reached, next);
    scheduler_.set_time(one.reached);
    if (event <= timer)
      one.events.take()();
    else
      one.timers.fire_one(next);
    settle();
  }
}

void sim_world::expect(std::size_t number, time_point when) {
  if (when >= lanes_[number].told)
    return;
  lanes_[number].told = when;
  order_.push({when, number});
}

/// What a box lets in happens at a host behind it at the very moment at which it comes to the box, and what it lets in
/// depends on what has gone out: so their events have one order.
void sim_world::share_lane(std::size_t host, std::size_t with) {
  const auto before = lane_of_[host];
  assert(lanes_[before].next() == time_point::max());
  for (auto& one : lane_of_)
    if (one == before)
      one = lane_of_[with];
}

void sim_world::at_host(std::size_t host, time_point when, sim_task what) {
  if (!options_.by_turns)
    return at(when, std::move(what));
  when = std::max(when, now());
  lanes_[lane_of_[host]].events.add(when, std::move(what));
  expect(lane_of_[host], when);
}

timer_handle sim_world::arm_timer(std::size_t host, time_point due, timer_target& target, std::uint32_t slot) {
  if (!options_.by_turns)
    return timers_.arm(due, target, slot);
  const auto handle = lanes_[lane_of_[host]].timers.arm(due, target, slot);
  expect(lane_of_[host], due);
  return handle;
}

void sim_world::cancel_timer(std::size_t host, const timer_handle& handle) {
  (options_.by_turns ? lanes_[lane_of_[host]].timers : timers_).cancel(handle);
}

void sim_world::run_for(duration span) {
  const auto limit = now() + span;
  while (step(limit)) {
  }
  scheduler_.advance_to(limit);
  settle();
}

bool sim_world::run_until(const std::function<bool()>& done, duration limit) {
  const auto end = now() + limit;
  settle();
  while (!done())
    if (!step(end))
      return false;
  return true;
}

void sim_world::mark_turn(turn_tasks& tasks) {
  if (std::find(turns_.begin(), turns_.end(), &tasks) == turns_.end())
    turns_.push_back(&tasks);
}

void sim_world::note_event(event_kind kind, std::size_t host, bytes_view content) {
  ++events_;
  if (observer_ != nullptr)
    observer_->observe(kind, host, content);
  mix(hash_, static_cast<std::uint64_t>(elapsed().count()));
  mix(hash_, static_cast<std::uint64_t>(host) << 8 | static_cast<std::uint64_t>(kind));
  mix(hash_, content.size());
  while (!content.empty()) {
    std::uint64_t word = 0;
    const auto count = std::min<std::size_t>(content.size(), sizeof(word));
    for (std::size_t i = 0; i < count; ++i)
      word |= std::uint64_t{content[i]} << (8 * i);
    mix(hash_, word);
    content = content.subspan(count);
  }
}

// -- the network -----------------------------------------------------------------------------------------------------

void sim_world::set_link(const sim_host& from, const sim_host& to, const link_profile& profile) {
  links_[{from.index(), to.index()}] = profile;
  note_latency(profile);
}

void sim_world::set_lan(const sim_host& host, const std::string& name) {
  if (const auto before = lan_of_.find(host.index()); before != lan_of_.end()) {
    lans_[before->second].erase(host.index());
    lan_of_.erase(before);
  }
  if (name.empty())
    return;
  lan_of_[host.index()] = name;
  lans_[name].insert(host.index());
}

std::vector<std::size_t> sim_world::on_link(std::size_t host) const {
  const auto lan = lan_of_.find(host);
  if (lan == lan_of_.end())
    return {host};
  const auto& members = lans_.at(lan->second);
  return {members.begin(), members.end()};
}

bool sim_world::same_link(std::size_t a, std::size_t b) const {
  if (a == b)
    return true;
  const auto lan = lan_of_.find(a);
  return lan != lan_of_.end() && lans_.at(lan->second).count(b) != 0;
}

const link_profile& sim_world::link(std::size_t from, std::size_t to) const {
  static const link_profile inside{duration{0}};
  if (from == to)
    return inside;
  if (!links_.empty())
    if (const auto found = links_.find({from, to}); found != links_.end())
      return found->second;
  if (std::max(from, to) < region_of_.size())
    if (const auto found = region_links_.find({region_of_[from], region_of_[to]}); found != region_links_.end())
      return found->second;
  return options_.link;
}

void sim_world::set_region(const sim_host& host, std::size_t region) {
  if (region_of_.size() <= host.index())
    region_of_.resize(host.index() + 1, std::numeric_limits<std::size_t>::max());
  region_of_[host.index()] = region;
}

void sim_world::set_region_link(std::size_t from, std::size_t to, const link_profile& profile) {
  region_links_[{from, to}] = profile;
  note_latency(profile);
}

std::size_t sim_world::split(const std::vector<sim_host*>& left, const std::vector<sim_host*>& right) {
  std::size_t number = 0;
  while (number < splits_max && (splits_in_force_ >> number & 1) != 0)
    ++number;
  if (number == splits_max)
    return number;
  const auto bit = std::uint64_t{1} << number;
  splits_in_force_ |= bit;
  sides_.resize(hosts_.size());
  for (const auto* one : left)
    sides_[one->index()].left |= bit;
  for (const auto* one : right)
    sides_[one->index()].right |= bit;
  return number;
}

void sim_world::join(std::size_t split) {
  if (split >= splits_max)
    return;
  const auto others = ~(std::uint64_t{1} << split);
  splits_in_force_ &= others;
  for (auto& one : sides_) {
    one.left &= others;
    one.right &= others;
  }
}

void sim_world::partition(const std::vector<sim_host*>& left, const std::vector<sim_host*>& right) {
  for (const auto* a : left) {
    for (const auto* b : right) {
      cut_.insert({a->index(), b->index()});
      cut_.insert({b->index(), a->index()});
    }
  }
}

} // namespace librats::runtime
