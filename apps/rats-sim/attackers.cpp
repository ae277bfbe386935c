// SPDX-License-Identifier: MIT
#include "apps/rats-sim/attackers.hpp"

#include "protocols/gossip/gossip_codec.hpp"

#include <algorithm>
#include <utility>

namespace librats::apps {

namespace {

using scenario_kind = scenario::mischief;

/// Who attacks before anybody knows who he is.
bool is_nameless(scenario_kind x) noexcept {
  return x == scenario_kind::garbage || x == scenario_kind::half_open;
}

} // namespace

attackers::attackers(runtime::sim_world& world, const scenario::attack& what, prey of, std::uint64_t seed)
  : world_(world), what_(what), of_(std::move(of)), random_(seed) {
  for (std::size_t i = 0; i < what.count; ++i) {
    auto& host = world.add_host();
    for (std::size_t k = 0; k < what.links; ++k) {
      auto& its = links_.emplace_back();
      its.host = &host;
      its.door = of_.doors[random_.below(of_.doors.size())];
      if (what.kind == scenario_kind::announce)
        its.flooder =
          std::make_unique<dht_flooder>(host, protocols::info_hash_of(what.key), of_.dht_doors, random_.u64());
      if (is_nameless(what.kind) || its.flooder)
        continue;
      auto who = std::make_shared<protocols::session_config>();
      who->security = of_.security;
      who->protocol = of_.protocol;
      who->static_key = protocols::key_pair::generate(random_.key());
      its.who = std::move(who);
    }
  }
}

void attackers::begin() {
  // Spread over the time between two turns, as clocks are.
  for (std::size_t i = 0; i < links_.size(); ++i)
    world_.at(world_.now() + what_.every * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(links_.size()),
      [this, i] { turn(i); });
}

void attackers::end() {
  over_ = true;
  for (auto& one : links_)
    one.peer.reset();
  for (auto& one : links_) {
    if (!one.flooder)
      continue;
    add(counted_, one);
    one.flooder.reset();
  }
}

void attackers::add(figures& to, const link& its) {
  if (!its.flooder)
    return;
  to.dials += its.flooder->counted().asked;
  to.messages += its.flooder->counted().announced;
  to.established += its.flooder->counted().taken;
}

attackers::figures attackers::count() const {
  auto out = counted_;
  for (const auto& one : links_)
    add(out, one);
  for (const auto& one : links_)
    out.open += one.peer && one.peer->opened() && !one.peer->ended() ? 1 : 0;
  return out;
}

void attackers::turn(std::size_t at) {
  if (over_)
    return;
  auto& its = links_[at];
  if (its.flooder) {
    its.flooder->turn();
    world_.at(world_.now() + what_.every, [this, at] { turn(at); });
    return;
  }
  if (its.peer && its.peer->ended()) {
    ++counted_.ended;
    its.peer.reset();
  }
  if (!its.peer)
    dial(its);
  else if (is_nameless(what_.kind) ? its.peer->opened() : its.peer->established())
    misbehave(its);
  world_.at(world_.now() + what_.every, [this, at] { turn(at); });
}

void attackers::dial(link& its) {
  ++counted_.dials;
  its.greeted = false;
  its.peer = std::make_unique<raw_peer>(*its.host, its.door, its.who, random_.key());
}

void attackers::greet(link& its) {
  using protocols::gossip_op;
  its.greeted = true;
  ++counted_.established;
  for (const auto op : {gossip_op::subscribe, gossip_op::graft})
    its.peer->send(protocols::message_type::gossip, protocols::encode_topic_op(op, what_.topic));
}

void attackers::misbehave(link& its) {
  if (!is_nameless(what_.kind) && !its.greeted)
    return greet(its);
  switch (what_.kind) {
  case scenario_kind::announce:
  case scenario_kind::half_open: return;
  case scenario_kind::garbage: its.peer->write(noise(what_.size)); break;
  case scenario_kind::slow_reader: its.peer->stop_reading(); return;
  // Asks for messages again and again, and says nothing that others could use.
  case scenario_kind::mute:
  case scenario_kind::sybil:
    its.peer->send(
      protocols::message_type::gossip, protocols::encode_topic_op(protocols::gossip_op::graft, what_.topic));
    break;
  case scenario_kind::spam: publish(its); break;
  case scenario_kind::invalid: confuse(its); break;
  }
  ++counted_.messages;
}

void attackers::publish(link& its) {
  auto data = noise(what_.size);
  data.front() = 0xff; // No label of a workload begins so.
  if (const auto out = protocols::encode_publish({its.peer->id(), ++its.seqno}, what_.topic, data))
    its.peer->send(protocols::message_type::gossip, *out);
}

void attackers::confuse(link& its) {
  using protocols::message_type;
  switch (random_.below(4)) {
  case 0: its.peer->send(message_type::gossip, noise(1 + random_.below(what_.size))); break;
  case 1: {
    // A publication that ends too early, wherever that is.
    auto whole = protocols::encode_publish({its.peer->id(), ++its.seqno}, what_.topic, noise(what_.size));
    if (whole)
      its.peer->send(message_type::gossip, bytes_view{*whole}.first(random_.below(whole->size())));
    break;
  }
  case 2: // A topic that nobody has, and another one each time.
    its.peer->send(message_type::gossip,
      protocols::encode_topic_op(protocols::gossip_op::graft, "no such topic " + std::to_string(random_.u64())));
    break;
  default: {
    const auto type = static_cast<message_type>(random_.below(12));
    its.peer->send(type, noise(1 + random_.below(what_.size)));
    break;
  }
  }
}

bytes attackers::noise(std::size_t size) {
  bytes out(std::max<std::size_t>(size, 1));
  random_.fill(out);
  return out;
}

} // namespace librats::apps
