// SPDX-License-Identifier: MIT
#include "protocols/pex/pex_policy.hpp"

#include "protocols/core/address_element.hpp"
#include "protocols/core/address_scope.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace librats::protocols {

pex_policy::pex_policy(const config& cfg, const peer_id& self, std::uint64_t seed)
  : cfg_(cfg), self_(self), random_(seed), ask_pause_(cfg.ask_again_first) {}

// -- inputs -----------------------------------------------------------------------------------------------------------

void pex_policy::peer_connected(time_point now, const peer_id& id, const ip_address& remote) {
  const auto [found, fresh] = peers_.try_emplace(id);
  found->second.remote = remote;
  if (!fresh)
    return;
  ask_pause_ = cfg_.ask_again_first;  // Somebody new knows others than those who were asked before.
  if (!enough_peers())
    ask(id, found->second);
  plan_asking(now);
}

void pex_policy::set_addresses(const peer_id& id, std::vector<endpoint> addresses) {
  if (const auto found = peers_.find(id); found != peers_.end())
    found->second.addresses = std::move(addresses);
}

void pex_policy::peer_disconnected(time_point now, const peer_id& id) {
  if (peers_.erase(id) == 0)
    return;
  ask_pause_ = cfg_.ask_again_first;
  plan_asking(now);
}

void pex_policy::handle_message(time_point now, const peer_id& from, bytes_view payload) {
  const auto found = peers_.find(from);
  if (found == peers_.end())
    return;
  const auto message = decode_pex(payload);
  if (!message)
    return;
  if (const auto* request = std::get_if<pex_request>(&*message))
    answer(now, from, found->second, std::min<std::size_t>(request->max, pex_entries_max));
  else
    take(now, found->second, std::get<pex_response>(*message));
}

void pex_policy::handle_introduction(time_point now, const peer_id& from, std::vector<pex_entry> named) {
  const auto found = peers_.find(from);
  if (found == peers_.end() || enough_peers())
    return;
  ++figures_.introductions;
  plan_dials(now, found->second, std::move(named), std::min(dials_per_introduction_max, dials_wanted()));
}

void pex_policy::dial_ended(time_point now, const endpoint& address, const std::optional<peer_id>& reached) {
  const auto found = open_.find(address);
  if (found == open_.end())
    return;
  const auto expected = found->second;
  open_.erase(found);
  if (!reached) {
    ++figures_.dials_failed;
  } else if (*reached != expected) {
    ++figures_.mistaken;
    if (const auto known = dialed_.find(address); known != dialed_.end())
      known->second = now + cfg_.mistaken_pause;
  }
}

void pex_policy::handle_timeout(time_point now) {
  if (!ask_at_ || now < *ask_at_)
    return;
  ask_at_.reset();
  if (few_peers() && !peers_.empty()) {
    const auto chosen = std::next(peers_.begin(), static_cast<std::ptrdiff_t>(random_.below(peers_.size())));
    ask(chosen->first, chosen->second);
    ask_pause_ = std::min(ask_pause_ * 2, cfg_.ask_again_max);
  }
  plan_asking(now);
}

// -- outputs ----------------------------------------------------------------------------------------------------------

std::optional<pex_policy::transmit> pex_policy::poll_transmit() {
  if (to_send_.empty())
    return std::nullopt;
  auto out = std::move(to_send_.front());
  to_send_.pop_front();
  return out;
}

std::optional<pex_policy::dial> pex_policy::poll_dial() {
  if (to_dial_.empty())
    return std::nullopt;
  const auto out = to_dial_.front();
  to_dial_.pop_front();
  return out;
}

std::optional<time_point> pex_policy::poll_timeout() const noexcept { return ask_at_; }

// -- policy -----------------------------------------------------------------------------------------------------------

bool pex_policy::enough_peers() const noexcept {
  return cfg_.peers_wanted != 0 && peers_.size() >= cfg_.peers_wanted;
}

bool pex_policy::few_peers() const noexcept {
  return peers_.size() < (cfg_.peers_wanted != 0 ? cfg_.peers_wanted : cfg_.peers_few);
}

std::size_t pex_policy::dials_wanted() const noexcept {
  const auto room = open_.size() < dials_open_max ? dials_open_max - open_.size() : 0;
  const auto out = std::min(dials_per_response_max, room);
  if (cfg_.peers_wanted == 0)
    return out;
  const auto coming = peers_.size() + open_.size();
  return coming < cfg_.peers_wanted ? std::min(out, cfg_.peers_wanted - coming) : 0;
}

void pex_policy::ask(const peer_id& id, peer& x) {
  x.asked = true;
  ++figures_.requests_sent;
  to_send_.push_back({id, encode(pex_request{})});
}

void pex_policy::answer(time_point now, const peer_id& to, peer& x, std::size_t max) {
  if (x.served == 0 || now - x.window_start >= cfg_.served_window) {
    x.window_start = now;
    x.served = 0;
  }
  if (x.served >= cfg_.served_max) {
    ++figures_.requests_refused;
    return;
  }
  ++x.served;
  std::vector<pex_entry> known;
  for (const auto& [id, other] : peers_) {
    if (id == to)
      continue;
    const auto fit = std::find_if(other.addresses.begin(), other.addresses.end(),
      [&](const endpoint& where) { return where.port != 0 && worth_telling(where.address, x.remote); });
    if (fit != other.addresses.end())
      known.push_back({*fit, id});
  }
  random_.shuffle_front(known, max);
  known.resize(std::min(known.size(), max));
  if (known.empty())
    return;  // Nothing to say, as upstream has it: no empty response.
  ++figures_.requests_answered;
  to_send_.push_back({to, encode(pex_response{std::move(known)})});
}

void pex_policy::take(time_point now, peer& from, const pex_response& x) {
  if (!std::exchange(from.asked, false) || enough_peers()) {
    ++figures_.responses_refused;
    return;
  }
  ++figures_.responses_taken;
  plan_dials(now, from, x.entries, dials_wanted());
}

void pex_policy::plan_dials(time_point now, const peer& from, std::vector<pex_entry> entries, std::size_t room) {
  random_.shuffle_front(entries, entries.size());  // If only some are wanted, the sender shall not decide which.
  for (const auto& one : entries) {
    if (room == 0)
      return;
    if (one.id == self_ || peers_.count(one.id) != 0 || one.address.port == 0 || open_.count(one.address) != 0
        || !worth_telling(one.address.address, from.remote))
      continue;
    if (!remember(now, one.address))
      continue;
    --room;
    ++figures_.dials;
    open_.emplace(one.address, one.id);
    to_dial_.push_back({one.address, one.id});
  }
}

/// Takes note of a dial. False when the address was dialed a while ago only, or there is no room to remember it.
bool pex_policy::remember(time_point now, const endpoint& address) {
  const auto known = dialed_.find(address);
  if (known != dialed_.end()) {
    if (now < known->second)
      return false;
    known->second = now + cfg_.redial_pause;
    return true;
  }
  if (dialed_.size() >= remembered_max) {
    for (auto i = dialed_.begin(); i != dialed_.end();)
      i = now < i->second ? std::next(i) : dialed_.erase(i);
    if (dialed_.size() >= remembered_max)
      return false;
  }
  dialed_.emplace(address, now + cfg_.redial_pause);
  return true;
}

void pex_policy::plan_asking(time_point now) {
  if (!few_peers() || peers_.empty()) {
    ask_at_.reset();
    return;
  }
  // Spread by up to a quarter, so that nodes that lost the same peer do not ask in step.
  const auto pause = ask_pause_ + duration{static_cast<duration::rep>(
                       random_.share() * static_cast<double>(ask_pause_.count() / 4))};
  if (!ask_at_ || now + pause < *ask_at_)
    ask_at_ = now + pause;
}

} // namespace librats::protocols
