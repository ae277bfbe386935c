// SPDX-License-Identifier: MIT
#include "protocols/dht/lookup.hpp"

#include "protocols/core/address_element.hpp"
#include "protocols/core/address_scope.hpp"
#include "protocols/core/take_front.hpp"
#include "protocols/dht/networks.hpp"
#include "protocols/dht/secure_node_id.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

lookup::lookup(const config& cfg, const std::vector<lookup_seed>& seeds, time_point now) : cfg_(cfg), began_(now) {
  add_seeds(seeds, now);
}

// -- inputs -----------------------------------------------------------------------------------------------------------

void lookup::add_seeds(const std::vector<lookup_seed>& seeds, time_point now) {
  for (const auto& seed : seeds) {
    candidate x;
    x.id = seed.id.value_or(node_id{});
    x.id_known = seed.id.has_value();
    x.at = seed.at;
    add(std::move(x));
  }
  check_walk(now);
}

void lookup::store(storing what, time_point now) {
  to_store_ = std::move(what);
  if (walked_)
    begin_storing(now);
}

void lookup::answered(std::uint32_t handle, const krpc::response& x, time_point now) {
  if (stores_open_.count(handle) != 0) {
    ++figures_.answered;
    ++figures_.stored;
    store_ended(handle, now);
    return;
  }
  auto* who = find(handle);
  if (who == nullptr || (who->now != stage::asked && who->now != stage::slow))
    return;
  if (who->id_known ? who->id != x.sender : !tell_id(handle, x.sender)) {
    failed(handle, now);
    return;
  }
  who = find(handle);
  if (who == nullptr)
    return; // Farther than a hundred others, now that its id is known.
  auto& namer = reputations_[who->named_by];
  ++namer.good;
  if (who->now == stage::slow && namer.bad != 0)
    --namer.bad;
  who->now = stage::answered;
  who->token = x.token;
  ++figures_.answered;
  const auto from = *who; // What it names may move it.
  take_peers(from, x);
  take_item(from, x);
  take_nodes(from, x);
  check_walk(now);
}

void lookup::slow(std::uint32_t handle, time_point now) {
  auto* who = find(handle);
  if (who == nullptr || who->now != stage::asked)
    return;
  who->now = stage::slow;
  blame(who->named_by);
  check_walk(now);
}

void lookup::failed(std::uint32_t handle, time_point now) {
  if (stores_open_.count(handle) != 0) {
    ++figures_.failed;
    store_ended(handle, now);
    return;
  }
  auto* who = find(handle);
  if (who == nullptr || (who->now != stage::asked && who->now != stage::slow))
    return;
  ++figures_.failed;
  if (std::exchange(who->now, stage::failed) == stage::asked)
    blame(who->named_by);
  check_walk(now);
}

// -- outputs ----------------------------------------------------------------------------------------------------------

std::optional<lookup::request> lookup::poll_request() {
  if (!store_requests_.empty()) {
    ++figures_.sent;
    ++figures_.stores_sent;
    return take_front(store_requests_);
  }
  if (walked_ || in_flight() >= cfg_.parallel)
    return std::nullopt;
  auto* next = next_to_ask();
  if (next == nullptr)
    return std::nullopt;
  next->now = stage::asked;
  ++figures_.sent;
  return request{next->handle, next->at, next->id_known ? std::optional{next->id} : std::nullopt, walking_query()};
}

std::optional<lookup::event> lookup::poll_event() {
  return take_front(events_);
}

// -- candidates -------------------------------------------------------------------------------------------------------

lookup::candidate* lookup::find(std::uint32_t handle) {
  const auto found =
    std::find_if(candidates_.begin(), candidates_.end(), [handle](const candidate& x) { return x.handle == handle; });
  return found == candidates_.end() ? nullptr : &*found;
}

void lookup::add(candidate x) {
  if ((x.id_known && x.id == cfg_.self) || !is_dialable(x.at) || family_of(x.at.address) != cfg_.family)
    return;
  x.fits = x.id_known && is_secure_node_id(x.id, x.at.address);
  const auto same =
    std::find_if(candidates_.begin(), candidates_.end(), [&x](const candidate& y) { return y.at == x.at; });
  if (same != candidates_.end()) {
    if (same->named_by != x.named_by)
      same->named_by = 0; // Several know it: it is nobody's invention.
    return;
  }
  if (!make_room_in_network(x)) {
    ++figures_.refused;
    return;
  }
  x.handle = ++last_handle_;
  place(std::move(x));
}

void lookup::place(candidate x) {
  const auto before = [this](const candidate& a, const candidate& b) {
    if (!a.id_known || !b.id_known)
      return !a.id_known && b.id_known;
    return closer(cfg_.target, a.id, b.id);
  };
  const auto at = std::upper_bound(candidates_.begin(), candidates_.end(), x, before);
  candidates_.insert(at, std::move(x));
  if (candidates_.size() <= candidates_max)
    return;
  const auto farthest = std::find_if(candidates_.rbegin(), candidates_.rend(),
    [](const candidate& y) { return y.now == stage::fresh || y.now == stage::failed; });
  candidates_.erase(farthest == candidates_.rend() ? std::prev(candidates_.end()) : std::prev(farthest.base()));
}

bool lookup::make_room_in_network(const candidate& x) {
  if (!cfg_.restrict_addresses || !is_public(x.at.address))
    return true;
  const auto there = std::find_if(candidates_.begin(), candidates_.end(),
    [&](const candidate& y) { return y.now != stage::failed && same_narrow_network(y.at.address, x.at.address); });
  if (there == candidates_.end())
    return true;
  // Or a liar would hide a node by naming another one in its network first.
  if (there->now != stage::fresh || there->fits || !x.fits)
    return false;
  candidates_.erase(there);
  return true;
}

bool lookup::tell_id(std::uint32_t handle, const node_id& id) {
  if (id == cfg_.self)
    return false;
  auto* who = find(handle);
  const auto index = who - candidates_.data();
  auto x = std::move(*who);
  candidates_.erase(candidates_.begin() + index);
  x.id = id;
  x.id_known = true;
  x.fits = is_secure_node_id(id, x.at.address);
  place(std::move(x));
  return true;
}

template <class Wanted, class Visit>
void lookup::visit_closest(among whom, const Wanted& wanted, const Visit& visit) {
  std::map<ip_address, std::size_t> networks;
  std::size_t count = 0;
  for (auto& x : candidates_) {
    if (!x.id_known || !lives(x) || (whom == among::fitting && !x.fits) || !wanted(x))
      continue;
    if (cfg_.restrict_addresses && is_public(x.at.address)
      && ++networks[wide_network(x.at.address)] > per_wide_network_max)
      continue;
    visit(x);
    if (++count == cfg_.width)
      return;
  }
}

lookup::candidate* lookup::next_fresh(among whom) {
  candidate* out = nullptr;
  visit_closest(
    whom, [](const candidate&) { return true; },
    [&out](candidate& x) { out = out == nullptr && x.now == stage::fresh ? &x : out; });
  return out;
}

lookup::candidate* lookup::next_to_ask() {
  if (!candidates_.empty() && !candidates_.front().id_known)
    for (auto& x : candidates_)
      if (!x.id_known && x.now == stage::fresh)
        return &x;
  auto* out = next_fresh(among::all);
  return out == nullptr && cfg_.also_fitting ? next_fresh(among::fitting) : out;
}

std::size_t lookup::in_flight() const {
  return static_cast<std::size_t>(
    std::count_if(candidates_.begin(), candidates_.end(), [](const candidate& x) { return x.now == stage::asked; }));
}

void lookup::blame(std::uint32_t namer) {
  if (namer == 0)
    return;
  auto& known = reputations_[namer];
  ++known.bad;
  if (known.good != 0 || known.bad < bad_names_max)
    return;
  const auto gone = std::remove_if(candidates_.begin(), candidates_.end(),
    [namer](const candidate& x) { return x.named_by == namer && x.now == stage::fresh; });
  figures_.distrusted += static_cast<std::uint32_t>(candidates_.end() - gone);
  candidates_.erase(gone, candidates_.end());
}

// -- what answers bring -----------------------------------------------------------------------------------------------

void lookup::take_nodes(const candidate& from, const krpc::response& x) {
  auto nodes = cfg_.family == address_family::v4 ? x.nodes : x.nodes6;
  const auto useless = std::remove_if(nodes.begin(), nodes.end(), [&](const node_contact& n) {
    return !is_dialable(n.at) || family_of(n.at.address) != cfg_.family
      || !worth_telling(n.at.address, from.at.address);
  });
  figures_.refused += static_cast<std::uint32_t>(nodes.end() - useless);
  nodes.erase(useless, nodes.end());
  std::stable_sort(nodes.begin(), nodes.end(),
    [this](const node_contact& a, const node_contact& b) { return closer(cfg_.target, a.id, b.id); });
  if (nodes.size() > nodes_per_answer_max) {
    figures_.refused += static_cast<std::uint32_t>(nodes.size() - nodes_per_answer_max);
    nodes.resize(nodes_per_answer_max);
  }
  for (const auto& n : nodes) {
    candidate c;
    c.id = n.id;
    c.at = n.at;
    c.named_by = from.handle;
    c.hop = static_cast<std::uint16_t>(from.hop + 1);
    add(std::move(c));
  }
}

void lookup::take_peers(const candidate& from, const krpc::response& x) {
  peers_found out;
  out.from = from.at;
  for (const auto& peer : x.values) {
    if (out.peers.size() >= peers_per_answer_max || peers_.size() >= peers_max)
      break;
    if (!is_dialable(peer) || !worth_telling(peer.address, from.at.address)) {
      ++figures_.refused;
      continue;
    }
    if (peers_.count(peer) != 0)
      continue;
    if (cfg_.restrict_addresses && is_public(peer.address)) {
      auto& here = peers_at_[peer.address];
      auto& near = peers_in_[narrow_network(peer.address)];
      if (here >= peers_per_address_max || near >= peers_per_network_max) {
        ++figures_.refused;
        continue;
      }
      ++here;
      ++near;
    }
    peers_.insert(peer);
    out.peers.push_back(peer);
  }
  if (!out.peers.empty())
    events_.emplace_back(std::move(out));
}

void lookup::take_item(const candidate& from, const krpc::response& x) {
  if (cfg_.what != purpose::get_item)
    return;
  auto found = krpc::item_of(x, cfg_.salt);
  if (!found || target_of(*found) != cfg_.target)
    return;
  const auto newest = item_ && item_->proof ? std::optional{item_->proof->seq} : cfg_.seq;
  const bool wanted = found->proof ? !newest || found->proof->seq > *newest : !item_;
  if (!wanted || check_item(*found))
    return;
  item_ = found;
  events_.emplace_back(item_found{std::move(*found), from.at});
}

// -- how it ends ------------------------------------------------------------------------------------------------------

void lookup::check_walk(time_point now) {
  if (walked_ || in_flight() != 0 || next_to_ask() != nullptr)
    return;
  // Late answers hold nothing up, unless there are no others.
  const bool waits =
    std::any_of(candidates_.begin(), candidates_.end(), [](const auto& x) { return x.now == stage::slow; });
  if (figures_.answered == 0 && waits)
    return;
  walked_ = true;
  walked out;
  visit_closest(
    among::all, [](const candidate&) { return true; },
    [&](candidate& x) {
      out.closest.push_back({x.id, x.at});
      figures_.hops = std::max<std::uint32_t>(figures_.hops, x.hop);
    });
  figures_.took = now - began_;
  events_.emplace_back(std::move(out));
  if (to_store_)
    begin_storing(now);
}

void lookup::begin_storing(time_point now) {
  storing_ = true;
  const auto choose = [this](candidate& x) {
    if (stores_open_.insert(x.handle).second)
      store_requests_.push_back({x.handle, x.at, x.id, storing_query(x.token)});
  };
  const auto gave_token = [](const candidate& x) { return !x.token.empty(); };
  visit_closest(among::all, gave_token, choose);
  if (cfg_.also_fitting)
    visit_closest(among::fitting, gave_token, choose);
  if (stores_open_.empty())
    store_ended(0, now);
}

void lookup::store_ended(std::uint32_t handle, time_point now) {
  stores_open_.erase(handle);
  if (!stores_open_.empty())
    return;
  storing_ = false;
  to_store_.reset();
  figures_.took = now - began_;
  events_.emplace_back(stored_everywhere{});
}

krpc::query lookup::walking_query() const {
  krpc::wanted want;
  (cfg_.family == address_family::v4 ? want.n4 : want.n6) = true;
  switch (cfg_.what) {
  case purpose::find_node: return krpc::find_node{cfg_.target, want};
  case purpose::get_item: return krpc::get{cfg_.target, cfg_.seq, want};
  case purpose::get_peers: break;
  }
  return krpc::get_peers{cfg_.target, want};
}

krpc::query lookup::storing_query(const bytes& token) const {
  if (const auto* item = std::get_if<item_to_store>(&*to_store_))
    return krpc::put{item->item, token, item->cas};
  const auto& x = std::get<announcement>(*to_store_);
  return krpc::announce_peer{cfg_.target, x.port, x.implied_port, token};
}

} // namespace librats::protocols
