// SPDX-License-Identifier: MIT
#include "protocols/dht/dht_core.hpp"

#include "protocols/core/address_element.hpp"
#include "protocols/core/address_scope.hpp"
#include "protocols/core/take_front.hpp"
#include "protocols/dht/secure_node_id.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

namespace {

/// How soon waiting queries are tried again: at the default rate, time for eight of them.
constexpr duration send_pause = std::chrono::milliseconds{50};

/// Each part draws from a source of its own, so that what one draws does not tell what another will.
secret_random split(secret_random& from) {
  return secret_random{from.draw<secret_random::key_size>()};
}

} // namespace

dht_core::dht_core(const config& cfg, time_point now)
  : cfg_(cfg), random_(cfg.secret), table_(cfg.id, cfg.table), transactions_(random_.draw<secret_random::key_size>()),
    guard_(cfg.flood, random_.next()), responder_(cfg.stores, cfg.family, split(random_), now), self_lookup_at_(now),
    bootstrap_retry_(cfg.bootstrap_retry_first), maintain_at_(now + cfg.maintenance_interval), introduce_at_(now) {}

// -- inputs -----------------------------------------------------------------------------------------------------------

void dht_core::handle(const endpoint& from, bytes_view datagram, time_point now) {
  figures_.bytes_in += datagram.size();
  // Somebody may flood under the address of a node that we asked; its answer is let in all the same.
  if (!guard_.admit(from.address, now) && !transactions_.expects(from)) {
    ++figures_.blocked;
    return;
  }
  if (family_of(from.address) != cfg_.family || !is_dialable(from)) {
    ++figures_.malformed;
    return;
  }
  auto decoded = krpc::decode(datagram);
  if (const auto* refused = std::get_if<krpc::refused_query>(&decoded)) {
    ++figures_.queries_in;
    refuse(from, refused->transaction, refused->code, refused->reason, now);
    return;
  }
  auto* message = std::get_if<krpc::message>(&decoded);
  if (message == nullptr) {
    ++figures_.malformed;
    return;
  }
  if (const auto* query = std::get_if<krpc::request>(&message->body))
    on_query(from, message->transaction, *query, now);
  else if (auto* response = std::get_if<krpc::response>(&message->body))
    on_response(from, message->transaction, std::move(*response), now);
  else
    on_error(from, message->transaction, std::get<krpc::error>(std::move(message->body)), now);
  drive_self_lookup(now);
}

void dht_core::advance(time_point now) {
  check_overdue(now);
  if (now >= responder_.next_wakeup())
    responder_.advance(now);
  if (!self_lookup_ && now >= self_lookup_at_)
    begin_self_lookup(now);
  maintain(now);
  drive_self_lookup(now);
  send_waiting(now);
}

dht_core::ticket dht_core::query(
  const endpoint& to, const std::optional<node_id>& id, krpc::query what, time_point now) {
  return ask(to, id, std::move(what), origin::outside, 0, now);
}

void dht_core::forget(ticket query) {
  const auto found = pending_.find(query);
  if (found == pending_.end())
    return;
  transactions_.cancel(query);
  pending_.erase(found); // It may still stand in `waiting_`, where it is passed over.
}

void dht_core::add_bootstrap(const std::vector<endpoint>& nodes, time_point now) {
  for (const auto& x : nodes)
    if (bootstrap_.size() < bootstrap_max && is_dialable(x) && family_of(x.address) == cfg_.family
      && std::find(bootstrap_.begin(), bootstrap_.end(), x) == bootstrap_.end())
      bootstrap_.push_back(x);
  if (table_.confirmed() < nodes_few && !bootstrap_.empty())
    self_lookup_at_ = now;
}

void dht_core::restore(const saved_nodes& x, time_point now) {
  for (const auto& node : x.nodes)
    if (family_of(node.contact.at.address) == cfg_.family)
      table_.heard_of(node.contact, now);
  self_lookup_at_ = now;
}

void dht_core::set_own_id(const node_id& id, time_point now) {
  if (id == table_.own_id())
    return;
  table_.set_own_id(id, now);
  self_lookup_.reset(); // Its answers will find nobody.
  self_lookup_at_ = now;
}

void dht_core::set_external_address(const ip_address& x, time_point now) {
  if (votes_.set(x))
    take_external(x, now);
}

void dht_core::network_changed(time_point now) {
  votes_.forget();
  self_lookup_at_ = now;
  bootstrap_retry_ = cfg_.bootstrap_retry_first;
}

// -- outputs ----------------------------------------------------------------------------------------------------------

std::optional<dht_core::transmit> dht_core::poll_transmit() {
  return take_front(out_);
}

std::optional<dht_core::event> dht_core::poll_event() {
  return take_front(events_);
}

time_point dht_core::next_wakeup() const {
  auto out = std::min(maintain_at_, responder_.next_wakeup());
  if (!self_lookup_)
    out = std::min(out, self_lookup_at_);
  if (const auto due = transactions_.poll_timeout())
    out = std::min(out, *due);
  if (table_.has_untried())
    out = std::min(out, introduce_at_);
  if (send_at_)
    out = std::min(out, *send_at_);
  return out;
}

std::vector<lookup_seed> dht_core::seeds(const node_id& target) const {
  std::vector<lookup_seed> out;
  auto nodes = table_.closest_confirmed(target, responder::nodes_per_answer);
  if (nodes.size() < responder::nodes_per_answer)
    for (const auto& x : table_.closest_known(target, responder::nodes_per_answer))
      if (std::find(nodes.begin(), nodes.end(), x) == nodes.end())
        nodes.push_back(x);
  for (const auto& x : nodes)
    out.push_back({x.at, x.id});
  if (table_.confirmed() < nodes_few)
    for (const auto& x : bootstrap_)
      out.push_back({x, std::nullopt});
  return out;
}

lookup::config dht_core::lookup_config(lookup::purpose what, const node_id& target) const {
  lookup::config out;
  out.what = what;
  out.target = target;
  out.self = table_.own_id();
  out.family = cfg_.family;
  out.restrict_addresses = cfg_.table.restrict_addresses;
  return out;
}

saved_nodes dht_core::saved(time_point now) const {
  saved_nodes out;
  out.own_id = table_.own_id();
  for (const auto& x : table_.nodes(now))
    if (x.now != routing_table::state::unconfirmed && x.now != routing_table::state::bad
      && out.nodes.size() < saved_nodes::nodes_max)
      out.nodes.push_back({x.contact, x.rtt});
  return out;
}

dht_core::figures dht_core::counted() const {
  auto out = figures_;
  out.nodes = table_.size();
  out.confirmed = table_.confirmed();
  out.spares = table_.spares();
  out.buckets = table_.bucket_count();
  out.open_queries = transactions_.open_count();
  out.hashes_stored = responder_.peers().hash_count();
  out.peers_stored = responder_.peers().peer_count();
  out.items_stored = responder_.items().size();
  out.smoothed_rtt = transactions_.smoothed_rtt();
  out.blockings = guard_.times_blocked();
  out.strays = transactions_.strays();
  out.forgeries = transactions_.forgeries();
  return out;
}

// -- our queries ------------------------------------------------------------------------------------------------------

dht_core::ticket dht_core::ask(const endpoint& to, const std::optional<node_id>& id, krpc::query what, origin from,
  std::uint32_t handle, time_point now) {
  const auto out = ++last_ticket_;
  pending x;
  x.to = to;
  x.id = id;
  x.from = from;
  x.handle = handle;
  x.self_lookup = self_lookups_;
  x.what = std::move(what);
  pending_.emplace(out, std::move(x));
  if (waiting_.size() >= waiting_max || family_of(to.address) != cfg_.family || !is_dialable(to)) {
    give_up(out, std::nullopt, now);
    return out;
  }
  waiting_.push_back(out);
  send_waiting(now);
  return out;
}

void dht_core::send_waiting(time_point now) {
  send_at_.reset();
  while (!waiting_.empty()) {
    const auto found = pending_.find(waiting_.front());
    if (found == pending_.end()) {
      waiting_.pop_front();
      continue;
    }
    auto& x = found->second;
    auto id = transactions_.open(x.to, found->first, now);
    if (!id) {
      send_at_ = now + send_pause;
      return;
    }
    krpc::message message;
    message.transaction = std::move(*id);
    message.body = krpc::request{table_.own_id(), x.what, cfg_.read_only};
    auto datagram = krpc::encode(message);
    if (!query_budget_.take(cfg_.queries, now, static_cast<double>(datagram.size()))) {
      transactions_.cancel(found->first);
      send_at_ = now + send_pause;
      return;
    }
    x.what = krpc::ping{}; // Whatever memory it held.
    if (x.id)
      table_.tried({*x.id, x.to}, now);
    ++figures_.queries_out;
    figures_.bytes_out += datagram.size();
    out_.push_back({x.to, std::move(datagram)});
    waiting_.pop_front();
  }
}

void dht_core::on_response(const endpoint& from, const bytes& transaction, krpc::response x, time_point now) {
  const auto closed = transactions_.close(transaction, from, now);
  if (!closed)
    return;
  ++figures_.replies_in;
  const auto found = pending_.find(closed->tag);
  if (found == pending_.end())
    return;
  const auto asked = found->second;
  if (x.sender == table_.own_id()) {
    give_up(closed->tag, std::nullopt, now); // Ourselves, or somebody who claims to be.
    return;
  }
  if (asked.id && *asked.id != x.sender)
    table_.remove({*asked.id, from});
  table_.answered({x.sender, from}, closed->rtt, now);
  if (x.requester)
    if (const auto external = votes_.add(now, from.address, x.requester->address))
      take_external(*external, now);
  if (asked.id && *asked.id != x.sender) {
    give_up(closed->tag, std::nullopt, now);
    return;
  }
  pending_.erase(closed->tag);
  switch (asked.from) {
  case origin::outside: events_.emplace_back(answered{closed->tag, std::move(x), closed->rtt}); break;
  case origin::self_lookup:
    if (belongs_to_self_lookup(asked))
      self_lookup_->answered(asked.handle, x, now);
    break;
  case origin::maintenance: {
    auto& nodes = cfg_.family == address_family::v4 ? x.nodes : x.nodes6;
    nodes.resize(std::min(nodes.size(), responder::nodes_per_answer));
    for (const auto& node : nodes)
      if (worth_telling(node.at.address, from.address))
        table_.heard_of(node, now);
    break;
  }
  }
}

void dht_core::on_error(const endpoint& from, const bytes& transaction, krpc::error x, time_point now) {
  const auto closed = transactions_.close(transaction, from, now);
  if (!closed)
    return;
  ++figures_.replies_in;
  // Of our own queries none can be refused for a reason; those of lookups can (a token, a version).
  if (const auto found = pending_.find(closed->tag);
      found != pending_.end() && found->second.id && found->second.from != origin::outside)
    table_.failed({*found->second.id, from}, now);
  give_up(closed->tag, std::move(x), now);
}

void dht_core::give_up(ticket query, std::optional<krpc::error> why, time_point now) {
  const auto found = pending_.find(query);
  if (found == pending_.end())
    return;
  const auto asked = std::move(found->second);
  pending_.erase(found);
  if (asked.from == origin::outside)
    events_.emplace_back(failed{query, std::move(why)});
  else if (belongs_to_self_lookup(asked))
    self_lookup_->failed(asked.handle, now);
}

void dht_core::check_overdue(time_point now) {
  while (const auto due = transactions_.poll_overdue(now)) {
    const auto found = pending_.find(due->tag);
    if (found == pending_.end())
      continue;
    const auto& asked = found->second;
    if (due->what == transactions::stage::lost) {
      ++figures_.timeouts;
      if (asked.id)
        table_.failed({*asked.id, asked.to}, now);
      give_up(due->tag, std::nullopt, now);
    } else if (asked.from == origin::outside) {
      events_.emplace_back(slow{due->tag});
    } else if (belongs_to_self_lookup(asked)) {
      self_lookup_->slow(asked.handle, now);
    }
  }
}

// -- queries of others ------------------------------------------------------------------------------------------------

void dht_core::on_query(const endpoint& from, const bytes& transaction, const krpc::request& x, time_point now) {
  ++figures_.queries_in;
  if (x.sender == table_.own_id())
    return;
  if (!x.read_only)
    table_.heard_of({x.sender, from}, now);
  if (cfg_.read_only)
    return;
  auto answer = responder_.respond(from, x, table_, now);
  krpc::message out;
  out.transaction = transaction;
  if (auto* response = std::get_if<krpc::response>(&answer)) {
    response->requester = from;
    out.body = std::move(*response);
  } else {
    ++figures_.refused;
    out.body = std::get<krpc::error>(std::move(answer));
  }
  reply(from, out, now);
}

void dht_core::refuse(
  const endpoint& from, const bytes& transaction, krpc::error_code code, const char* text, time_point now) {
  ++figures_.refused;
  if (cfg_.read_only)
    return;
  krpc::message out;
  out.transaction = transaction;
  out.body = krpc::error{static_cast<std::int64_t>(code), text};
  reply(from, out, now);
}

void dht_core::reply(const endpoint& to, const krpc::message& x, time_point now) {
  auto datagram = krpc::encode(x);
  if (!reply_budget_.take(cfg_.replies, now, static_cast<double>(datagram.size()))) {
    ++figures_.unanswered;
    return;
  }
  ++figures_.replies_out;
  figures_.bytes_out += datagram.size();
  out_.push_back({to, std::move(datagram)});
}

// -- the table --------------------------------------------------------------------------------------------------------

void dht_core::maintain(time_point now) {
  if (now >= introduce_at_ && table_.has_untried()) {
    introduce_at_ = now + cfg_.introduction_interval;
    if (const auto node = table_.least_recently_touched(false))
      look_after(*node, now);
  }
  if (now >= maintain_at_) {
    maintain_at_ = now + cfg_.maintenance_interval;
    if (const auto node = table_.least_recently_touched(true))
      look_after(*node, now);
    // Asked by a lookup, and neither an answer nor a loss came of it.
    if (const auto node = table_.least_recently_touched(false); node && !table_.has_untried())
      look_after(*node, now);
  }
}

void dht_core::look_after(const node_contact& x, time_point now) {
  const auto target = table_.refresh_target(x.id, random_, now);
  if (!target) {
    ask(x.at, x.id, krpc::ping{}, origin::maintenance, 0, now);
    return;
  }
  krpc::wanted want;
  (cfg_.family == address_family::v4 ? want.n4 : want.n6) = true;
  ask(x.at, x.id, krpc::find_node{*target, want}, origin::maintenance, 0, now);
}

void dht_core::begin_self_lookup(time_point now) {
  const auto& own = table_.own_id();
  self_lookup_.emplace(lookup_config(lookup::purpose::find_node, own), seeds(own), now);
  ++self_lookups_;
}

void dht_core::drive_self_lookup(time_point now) {
  if (!self_lookup_)
    return;
  while (auto request = self_lookup_->poll_request())
    ask(request->to, request->id, std::move(request->what), origin::self_lookup, request->handle, now);
  while (self_lookup_->poll_event()) {
    // What it finds has answered and is in the table.
  }
  if (!self_lookup_->done())
    return;
  self_lookup_.reset();
  const auto confirmed = table_.confirmed();
  if (confirmed >= nodes_few) {
    bootstrap_retry_ = cfg_.bootstrap_retry_first;
    self_lookup_at_ = now + cfg_.self_lookup_interval;
  } else {
    self_lookup_at_ = now + bootstrap_retry_;
    bootstrap_retry_ = std::min(bootstrap_retry_ * 2, cfg_.bootstrap_retry_max);
  }
  events_.emplace_back(neighbours_found{confirmed});
}

void dht_core::take_external(const ip_address& x, time_point now) {
  if (cfg_.follow_address && !is_secure_node_id(table_.own_id(), x))
    set_own_id(make_secure_node_id(x, random_.draw<node_id::size>()), now);
  events_.emplace_back(address_changed{x, table_.own_id()});
}

} // namespace librats::protocols
