// SPDX-License-Identifier: MIT
#include "protocols/dht/responder.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace librats::protocols {

namespace {

krpc::error make_error(krpc::error_code code, const char* text) {
  return {static_cast<std::int64_t>(code), text};
}

constexpr const char* bad_token = "Invalid token"; // Upstream's words.

} // namespace

responder::responder(const config& cfg, address_family family, secret_random random, time_point now)
  : family_(family), random_(random), tokens_(random_.draw<16>(), now), peers_(cfg.peers, random_.next()),
    items_(cfg.items) {}

responder::answer responder::respond(
  const endpoint& from, const krpc::request& x, const routing_table& table, time_point now) {
  krpc::response out;
  out.sender = table.own_id();
  std::optional<krpc::error> refusal;
  const auto serve = [&](const auto& what) {
    using method = std::decay_t<decltype(what)>;
    if constexpr (std::is_same_v<method, krpc::find_node>) {
      add_nodes(out, what.target, what.want, table);
    } else if constexpr (std::is_same_v<method, krpc::get_peers>) {
      // Nodes as well as peers, unlike upstream: who finds a few peers still finds the way to the rest.
      out.values = peers_.sample(what.target, krpc::values_max, now);
      add_nodes(out, what.target, what.want, table);
      add_token(out, from, what.target);
    } else if constexpr (std::is_same_v<method, krpc::announce_peer>) {
      if (!tokens_.valid(what.token, from.address, what.target))
        refusal = make_error(krpc::error_code::protocol, bad_token);
      else if (!peers_.announce(what.target, {from.address, what.implied_port ? from.port : what.port}, now))
        refusal = make_error(krpc::error_code::server, "No room for more of you");
    } else if constexpr (std::is_same_v<method, krpc::get>) {
      items_.answer(what, out, now);
      add_nodes(out, what.target, what.want, table);
      add_token(out, from, what.target);
    } else if constexpr (std::is_same_v<method, krpc::put>) {
      if (!tokens_.valid(what.token, from.address, target_of(what.item)))
        refusal = make_error(krpc::error_code::protocol, bad_token);
      else if (const auto why = items_.put(what.item, what.cas, from.address, now))
        refusal = krpc::error{static_cast<std::int64_t>(*why), to_string(*why)};
    } else if constexpr (std::is_same_v<method, krpc::sample_infohashes>) {
      add_nodes(out, what.target, what.want, table);
      out.samples = peers_.sample_hashes(now);
    } else {
      static_assert(std::is_same_v<method, krpc::ping>);
    }
  };
  std::visit(serve, x.what);
  if (refusal)
    return *std::move(refusal);
  return out;
}

void responder::advance(time_point now) {
  peers_.expire(now);
  items_.expire(now);
  if (now >= tokens_.rotation_due())
    tokens_.rotate(random_.draw<16>(), now);
}

time_point responder::next_wakeup() const {
  auto out = tokens_.rotation_due();
  if (const auto due = peers_.next_expiry())
    out = std::min(out, *due);
  if (const auto due = items_.next_expiry())
    out = std::min(out, *due);
  return out;
}

void responder::set_other_family(std::vector<node_contact> nodes) {
  other_family_ = std::move(nodes);
  other_family_.resize(std::min(other_family_.size(), other_family_max));
}

void responder::add_nodes(
  krpc::response& out, const node_id& target, const krpc::wanted& want, const routing_table& table) const {
  const auto fill = [&](address_family family) {
    if (!want.includes(family, family_))
      return;
    auto& to = family == address_family::v4 ? out.nodes : out.nodes6;
    if (family == family_) {
      to = table.closest_confirmed(target, nodes_per_answer);
      return;
    }
    to.resize(std::min(other_family_.size(), nodes_per_answer));
    std::partial_sort_copy(other_family_.begin(), other_family_.end(), to.begin(), to.end(),
      [&](const node_contact& a, const node_contact& b) { return closer(target, a.id, b.id); });
  };
  fill(address_family::v4);
  fill(address_family::v6);
}

void responder::add_token(krpc::response& out, const endpoint& from, const node_id& target) const {
  const auto token = tokens_.make(from.address, target);
  out.token.assign(token.begin(), token.end());
}

} // namespace librats::protocols
