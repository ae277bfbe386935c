// SPDX-License-Identifier: MIT
#include "actors/peer_exchange.hpp"

#include "actors/advertised_addresses.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t deadline_slot = 0;
/// The node answers at once unless its directory is being restarted.
constexpr auto answer_timeout = std::chrono::seconds{10};

} // namespace

peer_exchange::peer_exchange(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop,
  const protocols::pex_policy::config& how, const peer_id& self, std::uint64_t seed, duration dial_patience,
  caf::actor_addr node)
  : pinned_actor(config, std::move(loop)), how_(how), policy_(how, self, seed), dial_patience_(dial_patience),
    node_(std::move(node)) {}

void peer_exchange::started() {
  const auto node = caf::actor_cast<caf::actor>(node_);
  const auto self = caf::actor_cast<caf::actor>(this);
  tell(node, register_messages{protocols::message_type::pex, self});
  tell(node, watch_events{self});
  // After a restart: where the peers of before can be dialed is not told again.
  ask(node, answer_timeout, get_peers{},
    [this](const peer_list& x) {
      for (const auto& one : x.peers)
        set_addresses(one.link, one.addresses);
    },
    [](caf::error&) {});
}

void peer_exchange::stopped() { peers_.clear(); }

caf::behavior peer_exchange::handlers() {
  return {
    [this](const frames_received& x) {
      for (const auto& one : x.frames)
        policy_.handle_message(now(), x.from, one.payload.view());
      pump();
    },
    [this](const peers_introduced& x) {
      policy_.handle_introduction(now(), x.from, x.peers);
      pump();
    },
    [this](const peer_connected& x) { connected(x); },
    [this](const peer_link_changed& x) { connected(x.now); },
    [this](const peer_identified& x) { identified(x); },
    [this](const peer_disconnected& x) {
      peers_.erase(x.id);
      policy_.peer_disconnected(now(), x.id);
      pump();
    },
    [this](const get_exchange_status&) {
      return exchange_status{true, how_.peers_wanted, policy_.counted(), policy_.remembered()};
    },
    [](const peer_congested&) {},
    [](const peer_writable&) {},
    [](const peer_rtt_measured&) {},
  };
}

void peer_exchange::connected(const peer_connected& x) {
  const bool fresh = peers_.insert_or_assign(x.id, x).second;
  policy_.peer_connected(now(), x.id, x.remote.address);
  if (fresh)
    set_addresses(x, {});  // What it claims comes with its identify.
  pump();
}

void peer_exchange::identified(const peer_identified& x) {
  const auto found = peers_.find(x.id);
  if (found != peers_.end())
    set_addresses(found->second,
      believable_addresses(x.info.addresses, found->second.remote.address, x.info.listen_port));
}

void peer_exchange::set_addresses(const peer_connected& link, std::vector<endpoint> claimed) {
  policy_.set_addresses(link.id,
    dialable_addresses(std::move(claimed), link.remote, link.role == protocols::role::initiator));
}

void peer_exchange::pump() {
  while (auto out = policy_.poll_transmit())
    if (const auto found = peers_.find(out->to); found != peers_.end())
      tell(found->second.link,
        send_frames{out->to, make_batch(protocols::message_type::pex, byte_slice{std::move(out->payload)})});
  while (const auto next = policy_.poll_dial())
    dial(*next);
  if (const auto due = policy_.poll_timeout())
    arm_timer(deadline_slot, *due);
  else
    cancel_timer(deadline_slot);
}

void peer_exchange::dial(const protocols::pex_policy::dial& what) {
  LIBRATS_LOG(runtime::log_level::debug, kind(), "dials ", what.address.to_string(), ", said to be ",
    what.expected.short_string());
  ask(caf::actor_cast<caf::actor>(node_), dial_patience_,
    connect_to{what.address.address.to_string(), what.address.port},
    [this, what](const connected_to& x) {
      if (x.id != what.expected)
        LIBRATS_LOG(runtime::log_level::debug, kind(), "found ", x.id.short_string(), " at ",
          what.address.to_string(), " in place of ", what.expected.short_string());
      policy_.dial_ended(now(), what.address, x.id);
      pump();
    },
    [this, what](caf::error&) {
      policy_.dial_ended(now(), what.address, std::nullopt);
      pump();
    });
}

void peer_exchange::timer_fired(std::uint32_t) {
  policy_.handle_timeout(now());
  pump();
}

} // namespace librats::actors
