// SPDX-License-Identifier: MIT
#include "tests/protocols/support/dht_world.hpp"

#include "protocols/core/source_budget.hpp"
#include "protocols/dht/networks.hpp"
#include "protocols/dht/secure_node_id.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <tuple>

namespace librats::test {

using namespace librats::protocols;

// -- nodes ------------------------------------------------------------------------------------------------------------

ip_address dht_world::new_address() {
  while (true) {
    std::array<std::uint8_t, 16> raw{};
    for (auto& x : raw)
      x = static_cast<std::uint8_t>(random_.next());
    raw[0] = cfg_.family == address_family::v4 ? static_cast<std::uint8_t>(20 + random_.below(70)) : 0x20;
    const auto size = cfg_.family == address_family::v4 ? std::size_t{4} : std::size_t{16};
    const auto out = *ip_address::from_bytes(bytes_view{raw.data(), size});
    if (networks_.insert(narrow_network(out)).second)
      return out;
  }
}

node_id dht_world::random_id() {
  node_id out;
  for (auto& x : out.raw)
    x = static_cast<std::uint8_t>(random_.next());
  return out;
}

dht_core::config dht_world::node_config(const ip_address& at) {
  dht_core::config out;
  out.family = cfg_.family;
  out.follow_address = random_.share() >= cfg_.unfitting;
  out.id = random_id();
  if (out.follow_address)
    out.id = make_secure_node_id(at, out.id.raw);
  for (auto& x : out.secret)
    x = static_cast<std::uint8_t>(random_.next());
  return out;
}

std::size_t dht_world::add(const endpoint& at, const dht_core::config& cfg) {
  const auto index = nodes.size();
  node x;
  x.at = at;
  x.core = std::make_unique<dht_core>(cfg, now_);
  std::vector<endpoint> bootstrap;
  for (std::size_t i = 0; i < std::min<std::size_t>(index, 3); ++i) {
    const auto known = random_.below(index);
    if (nodes[known].up)
      bootstrap.push_back(nodes[known].at);
  }
  x.core->add_bootstrap(bootstrap, now_);
  if (cfg_.spread) {
    x.x = random_.share();
    x.y = random_.share();
    x.line = draw_line();
  }
  nodes.push_back(std::move(x));
  by_address_[at] = index;
  wakes_.push_back(time_point::max());
  nodes[index].core->advance(now_);
  pump(index);
  return index;
}

std::size_t dht_world::add() {
  const auto address = new_address();
  return add({address, 6881}, node_config(address));
}

void dht_world::grow(std::size_t count, duration pause, duration settle) {
  for (std::size_t i = 0; i < count; ++i) {
    add();
    run_for(pause);
  }
  run_for(settle);
}

void dht_world::leave(std::size_t index) {
  nodes[index].up = false;
  by_address_.erase(nodes[index].at);
  walks_.remove_if([index](const walk& x) { return x.from == index; });
}

// -- time -------------------------------------------------------------------------------------------------------------

void dht_world::run_for(duration x) {
  const auto until = now_ + x;
  while (step(until)) {
  }
  now_ = until;
}

bool dht_world::step(time_point until) {
  if (queue_.empty() || queue_.top().when > until)
    return false;
  auto x = queue_.top();
  queue_.pop();
  now_ = x.when;
  deliver(std::move(x));
  end_walks();
  return true;
}

void dht_world::deliver(happening x) {
  auto& to = nodes[x.to];
  if (!to.up)
    return;
  if (x.datagram.empty()) {
    if (wakes_[x.to] != x.when)
      return; // It wanted to be woken at another time since.
    wakes_[x.to] = time_point::max();
    to.core->advance(now_);
    pump(x.to);
    return;
  }
  trace_ = mix_bits(trace_ ^ hash_address(x.from.address, x.from.port)
    ^ static_cast<std::uint64_t>(now_.time_since_epoch().count()) ^ (x.to << 32) ^ x.datagram.size());
  if (to.lie) {
    auto decoded = krpc::decode(x.datagram);
    const auto* message = std::get_if<krpc::message>(&decoded);
    const auto* query = message == nullptr ? nullptr : std::get_if<krpc::request>(&message->body);
    if (auto lied = query == nullptr ? std::nullopt : to.lie(*query, x.from)) {
      lied->what.sender = lied->sender.value_or(to.core->own_id());
      if (!lied->what.requester)
        lied->what.requester = x.from;
      if (!lied->silent)
        send(x.to, x.from, krpc::encode(krpc::message{message->transaction, {}, std::move(lied->what)}));
      return;
    }
  }
  to.core->handle(x.from, x.datagram, now_);
  pump(x.to);
}

void dht_world::send(std::size_t from, const endpoint& to, bytes datagram) {
  const auto found = by_address_.find(to);
  const auto lost = random_.share() < cfg_.loss;
  const auto late = draw_delay();
  if (found == by_address_.end() || lost)
    return;
  const auto& sender = nodes[from];
  const auto& receiver = nodes[found->second];
  const auto way = cfg_.spread ? way_between(sender, receiver) : duration{0};
  queue_.push({now_ + way + late, ++order_, sender.at, found->second, std::move(datagram)});
}

duration dht_world::draw_delay() {
  constexpr duration jitter_max = std::chrono::milliseconds{5};
  const auto least = cfg_.spread ? duration{0} : cfg_.delay_min;
  const auto most = cfg_.spread ? jitter_max : cfg_.delay_max;
  const auto steps = static_cast<std::uint64_t>((most - least).count()) + 1;
  return least + duration{static_cast<duration::rep>(random_.below(steps))};
}

duration dht_world::way_between(const node& from, const node& to) {
  constexpr double side_ms = 110;
  const auto dx = from.x - to.x;
  const auto dy = from.y - to.y;
  const std::chrono::duration<double, std::milli> way{side_ms * std::sqrt(dx * dx + dy * dy)};
  return from.line + to.line + std::chrono::duration_cast<duration>(way);
}

/// From the tenths of a distribution, by straight lines between them: the same to the last bit on every machine.
duration dht_world::draw_line() {
  static constexpr double tenths_ms[] = {1, 3, 5, 7, 9, 12, 16, 22, 35, 70, 250};
  const auto at = random_.share() * 10;
  const auto below = static_cast<std::size_t>(at);
  const auto ms = tenths_ms[below] + (at - static_cast<double>(below)) * (tenths_ms[below + 1] - tenths_ms[below]);
  return std::chrono::duration_cast<duration>(std::chrono::duration<double, std::milli>{ms});
}

void dht_world::pump(std::size_t index) {
  auto& x = nodes[index];
  while (auto out = x.core->poll_transmit())
    send(index, out->to, std::move(out->datagram));
  while (auto event = x.core->poll_event()) {
    if (const auto* changed = std::get_if<dht_core::address_changed>(&*event))
      x.told.insert(changed->external);
    if (const auto* found = std::get_if<dht_core::neighbours_found>(&*event))
      x.settled = x.settled || found->confirmed != 0;
    for (auto& way : walks_)
      if (way.from == index)
        pass_on(way, *event);
  }
  while (auto out = x.core->poll_transmit()) // What the lookup asked for meanwhile.
    send(index, out->to, std::move(out->datagram));
  const auto due = std::max(x.core->next_wakeup(), now_);
  if (due < wakes_[index]) {
    wakes_[index] = due;
    queue_.push({due, ++order_, {}, index, {}});
  }
}

// -- lookups ----------------------------------------------------------------------------------------------------------

void dht_world::drive(walk& x) {
  auto& core = *nodes[x.from].core;
  while (auto request = x.lookup.poll_request())
    x.handles[core.query(request->to, request->id, std::move(request->what), now_)] = request->handle;
  while (auto event = x.lookup.poll_event())
    if (const auto* walked = std::get_if<lookup::walked>(&*event))
      x.closest = walked->closest;
}

void dht_world::pass_on(walk& x, const dht_core::event& event) {
  const auto handle = [&x](dht_core::ticket query) {
    const auto found = x.handles.find(query);
    return found == x.handles.end() ? 0 : found->second;
  };
  if (const auto* answered = std::get_if<dht_core::answered>(&event))
    x.lookup.answered(handle(answered->query), answered->what, now_);
  else if (const auto* slow = std::get_if<dht_core::slow>(&event))
    x.lookup.slow(handle(slow->query), now_);
  else if (const auto* failed = std::get_if<dht_core::failed>(&event))
    x.lookup.failed(handle(failed->query), now_);
  drive(x);
}

void dht_world::end_walks() {
  for (auto i = walks_.begin(); i != walks_.end();) {
    if (!i->lookup.done()) {
      ++i;
      continue;
    }
    const auto x = std::move(*i);
    i = walks_.erase(i);
    x.ended({{x.lookup.peers().begin(), x.lookup.peers().end()}, x.lookup.item(), x.closest, x.lookup.counted()});
  }
}

void dht_world::begin_look_up(
  std::size_t from, const lookup::config& cfg, const std::optional<lookup::storing>& store, walk_ended ended) {
  auto& x =
    walks_.emplace_back(walk{from, lookup{cfg, nodes[from].core->seeds(cfg.target), now_}, std::move(ended), {}, {}});
  if (store)
    x.lookup.store(*store, now_);
  drive(x);
  pump(from);
}

dht_world::outcome dht_world::look_up(
  std::size_t from, const lookup::config& cfg, const std::optional<lookup::storing>& store) {
  std::optional<outcome> out;
  begin_look_up(from, cfg, store, [&out](const outcome& x) { out = x; });
  end_walks();
  const auto deadline = now_ + std::chrono::minutes{5};
  while (!out && step(deadline)) {
  }
  if (!out)
    throw std::runtime_error("a DHT lookup did not end");
  return *out;
}

dht_world::outcome dht_world::get_peers(std::size_t from, const info_hash& hash) {
  return look_up(from, nodes[from].core->lookup_config(lookup::purpose::get_peers, hash));
}

dht_world::outcome dht_world::announce(std::size_t from, const info_hash& hash, std::uint16_t port) {
  return look_up(from, nodes[from].core->lookup_config(lookup::purpose::get_peers, hash),
    lookup::storing{lookup::announcement{port, false}});
}

std::size_t dht_world::truly_closest(const node_id& target, const std::vector<node_contact>& found) const {
  std::vector<node_id> all;
  for (const auto& x : nodes)
    if (x.up)
      all.push_back(x.core->own_id());
  const auto kept = std::min<std::size_t>(8, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(),
    [&](const node_id& a, const node_id& b) { return closer(target, a, b); });
  std::size_t out = 0;
  for (std::size_t i = 0; i < kept; ++i)
    out += std::any_of(found.begin(), found.end(), [&](const auto& x) { return x.id == all[i]; }) ? 1 : 0;
  return out;
}

} // namespace librats::test
