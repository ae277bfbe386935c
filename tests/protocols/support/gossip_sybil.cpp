// SPDX-License-Identifier: MIT
#include "tests/protocols/support/gossip_sybil.hpp"

#include "protocols/gossip/gossip_codec.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace librats::test {

using namespace librats::protocols;

namespace {

constexpr auto rhythm = std::chrono::seconds{1};
constexpr std::uint64_t regraft_every = 15; ///< Seconds.
constexpr std::size_t heard_max = 64;
// Of a covert one: how many it grafts, and how many may graft it.
constexpr std::size_t mesh_wanted = 8;
constexpr std::size_t mesh_high = 12;
// Per second, and per link where nothing else is said.
constexpr int flood_toggles = 40;
constexpr int flood_ihaves = 12;
constexpr int flood_iwants = 5;
constexpr int flood_copies = 20;
constexpr int flood_prunes = 5;
constexpr std::size_t flood_ids = 20; ///< In an IHAVE or IWANT.
constexpr int spam_publications = 5;  ///< To all links alike.
constexpr std::size_t promised_ids = 20;
constexpr int grafts = 30;

byte_slice topic_op(gossip_op op, const std::string& topic) {
  return byte_slice{encode_topic_op(op, topic)};
}

} // namespace

gossip_sybil::gossip_sybil(const config& cfg, const peer_id& self, time_point now, std::uint64_t seed)
  : cfg_(cfg), self_(self), random_(seed) {
  acts_at_ =
    now + duration{static_cast<duration::rep>(random_.below(static_cast<std::uint64_t>(duration{rhythm}.count())))};
}

void gossip_sybil::connected(std::uint32_t peer, const sink& send) {
  links_.push_back(peer);
  send(peer, topic_op(gossip_op::subscribe, cfg_.topic));
  graft(peer, send);
}

void gossip_sybil::disconnected(std::uint32_t peer) {
  links_.erase(std::remove(links_.begin(), links_.end(), peer), links_.end());
  mesh_.erase(std::remove(mesh_.begin(), mesh_.end(), peer), mesh_.end());
}

void gossip_sybil::handle_message(std::uint32_t from, const byte_slice& payload, const sink& send) {
  const auto op = static_cast<gossip_op>(payload.data()[0]);
  if (op == gossip_op::subscribe) // Its first: a GRAFT that came before it was refused.
    graft(from, send);
  else if (op == gossip_op::graft && behaves()) {
    if (!enter(from, mesh_high))
      send(from, topic_op(gossip_op::prune, cfg_.topic));
  } else if (op == gossip_op::prune)
    mesh_.erase(std::remove(mesh_.begin(), mesh_.end(), from), mesh_.end());
  else if (op == gossip_op::publish) {
    if (behaves())
      relay(from, payload, send);
    heard_.push_back(payload);
    if (heard_.size() > heard_max)
      heard_.pop_front();
  }
}

void gossip_sybil::handle_timeout(time_point now, const sink& send) {
  if (now < acts_at_)
    return;
  acts_at_ = now + rhythm;
  turned_ = turned_ || now >= cfg_.turns_at;
  if (++acts_ % regraft_every == 0)
    for (const auto peer : links_)
      graft(peer, send);
  switch (cfg_.kind) {
  case sybil_kind::mute: break;
  case sybil_kind::covert: break;
  case sybil_kind::censor: break;
  case sybil_kind::degrade: break;
  case sybil_kind::lure:
    random_.shuffle_front(cfg_.named, gossip_prune_peers_max);
    if (turned_)
      to_all(byte_slice{encode_prune(cfg_.topic, std::chrono::seconds{1}, cfg_.named)}, send);
    break;
  case sybil_kind::flood: flood(send); break;
  case sybil_kind::spam:
    for (int i = 0; i < spam_publications; ++i)
      if (auto payload = encode_publish({self_, random_.next()}, cfg_.topic, as_bytes(invalid)))
        to_all(byte_slice{std::move(*payload)}, send);
    break;
  case sybil_kind::promise: {
    auto ids = recent_ids(promised_ids / 2);
    while (ids.size() < promised_ids)
      ids.push_back(invented());
    to_all(byte_slice{encode_ihave(cfg_.topic, ids)}, send);
    break;
  }
  case sybil_kind::graft_flood:
    for (int i = 0; i < grafts; ++i)
      to_all(topic_op(gossip_op::graft, cfg_.topic), send);
    break;
  }
}

/// A covert one that behaves takes no more peers than it can serve.
void gossip_sybil::graft(std::uint32_t peer, const sink& send) {
  if (behaves() && !enter(peer, mesh_wanted))
    return;
  send(peer, topic_op(gossip_op::graft, cfg_.topic));
}

/// False when `peer` is not in its mesh and there is no room.
bool gossip_sybil::enter(std::uint32_t peer, std::size_t room) {
  if (std::find(mesh_.begin(), mesh_.end(), peer) != mesh_.end())
    return true;
  if (mesh_.size() >= room)
    return false;
  mesh_.push_back(peer);
  return true;
}

message_id gossip_sybil::invented() {
  message_id out;
  for (auto& byte : out.origin.raw)
    byte = static_cast<std::uint8_t>(random_.next());
  out.seqno = random_.next();
  return out;
}

/// Of what was heard last, the newest first.
std::vector<message_id> gossip_sybil::recent_ids(std::size_t count) {
  std::vector<message_id> out;
  for (auto at = heard_.rbegin(); at != heard_.rend() && out.size() < count; ++at)
    if (const auto x = decode_gossip(at->view()))
      if (const auto* publication = std::get_if<gossip_publish>(&*x))
        if (std::find(out.begin(), out.end(), publication->id) == out.end())
          out.push_back(publication->id);
  return out;
}

void gossip_sybil::relay(std::uint32_t from, const byte_slice& payload, const sink& send) {
  const auto x = decode_gossip(payload.view());
  const auto* publication = x ? std::get_if<gossip_publish>(&*x) : nullptr;
  if (publication == nullptr || !relayed_.insert(publication->id.seqno).second)
    return;
  if (cfg_.victims.count(publication->id.origin) != 0)
    return;
  if (cfg_.kind == sybil_kind::degrade && random_.below(2) == 0)
    return;
  for (const auto peer : mesh_)
    if (peer != from)
      send(peer, payload);
}

void gossip_sybil::to_all(const byte_slice& payload, const sink& send) {
  for (const auto peer : links_)
    send(peer, payload);
}

void gossip_sybil::flood(const sink& send) {
  const auto subscribe = topic_op(gossip_op::subscribe, cfg_.topic);
  const auto unsubscribe = topic_op(gossip_op::unsubscribe, cfg_.topic);
  for (int i = 0; i < flood_toggles; ++i) {
    to_all(unsubscribe, send);
    to_all(subscribe, send);
  }
  for (int i = 0; i < flood_ihaves; ++i) {
    std::vector<message_id> ids;
    while (ids.size() < flood_ids)
      ids.push_back(invented());
    to_all(byte_slice{encode_ihave(cfg_.topic, ids)}, send);
  }
  const byte_slice wanted{encode_iwant(recent_ids(flood_ids))};
  for (int i = 0; i < flood_iwants; ++i)
    to_all(wanted, send);
  for (int i = 0; i < flood_copies && !heard_.empty(); ++i)
    to_all(heard_[static_cast<std::size_t>(random_.below(heard_.size()))], send);
  const byte_slice prune{encode_prune(cfg_.topic, std::chrono::seconds{60})};
  for (int i = 0; i < flood_prunes; ++i)
    to_all(prune, send);
  to_all(topic_op(gossip_op::graft, cfg_.topic), send);
  if (acts_ % 2 == 0)
    if (auto payload = encode_publish({self_, random_.next()}, cfg_.topic, as_bytes("worthless, but valid")))
      to_all(byte_slice{std::move(*payload)}, send);
}

} // namespace librats::test
