// SPDX-License-Identifier: MIT
// What a node does to keep and to find peers, and what it knows of its own addresses.
#include "actors/node.hpp"

#include "actors/peer_exchange.hpp"
#include "actors/reconnector.hpp"
#include "runtime/log/log.hpp"

#include <utility>

namespace librats::actors {

namespace {

constexpr auto reconnector_name = "reconnector";
constexpr auto exchange_name = "peer_exchange";

/// A reconnector writes its address book before it ends.
constexpr auto part_deadline = std::chrono::seconds{5};
/// Beyond the deadlines of a dial, which the node keeps itself.
constexpr auto answer_margin = std::chrono::seconds{5};

} // namespace

void node::start_mesh() {
  if (options_.mesh.needs_reconnector())
    start_reconnector();
  if (!options_.mesh.exchange)
    return;
  add_child({exchange_name, runtime::restart_kind::permanent, part_deadline, [this, self = address()] {
               return runtime::spawn_pinned<peer_exchange>(system(), shared_loop(), options_.mesh.pex, id_,
                 host_.random().u64(), dial_patience(), self);
             }});
}

void node::start_reconnector() {
  add_child({reconnector_name, runtime::restart_kind::permanent, part_deadline, [this, self = address()] {
               return runtime::spawn_pinned<reconnector>(system(), shared_loop(), host_, id_, options_.mesh,
                 dial_patience(), self);
             }});
}

/// One place decides whom of those that peers name to dial, and how many.
void node::introduce(const peers_introduced& x) { tell(child(exchange_name), x); }

duration node::dial_patience() const {
  return options_.limits.dial_timeout + options_.limits.establish_timeout + answer_margin;
}

caf::message_handler node::mesh_handlers() {
  return {
    [this](const configure_reconnect& x) {
      options_.mesh.reconnect = x.config;
      if (const auto running = child(reconnector_name))
        tell(running, x);
      else if (options_.mesh.needs_reconnector())
        start_reconnector();  // Without effect when it is merely being restarted.
    },
    [this](const runtime::network_changed& x) {
      LIBRATS_LOG(runtime::log_level::info, kind(), "the machine's own network changed");
      learn_addresses();  // What is new goes to every peer.
      tell(child(reconnector_name), x);
      tell(child(discovery_name), x);
    },
    [this](const clear_reconnect_queue& x) { tell(child(reconnector_name), x); },
    [this](const get_reconnect_status& x) -> caf::result<reconnect_status> {
      if (const auto running = child(reconnector_name))
        return pass_on<reconnect_status>(running, x);
      reconnect_status out;
      out.config = options_.mesh.reconnect;
      return out;
    },
    [this](const get_address_book& x) -> caf::result<address_book_report> {
      if (const auto running = child(reconnector_name))
        return pass_on<address_book_report>(running, x);
      return address_book_report{};
    },
    [this](const get_exchange_status& x) -> caf::result<exchange_status> {
      if (const auto running = child(exchange_name))
        return pass_on<exchange_status>(running, x);
      return exchange_status{};
    },
  };
}

/// Before the loss of the peer is news: this one is wanted.
void node::note_unwanted(const disconnect_peer& x) { tell(child(reconnector_name), x); }

// -- our own addresses ------------------------------------------------------------------------------------------------

/// Puts the addresses that others see first: they are of use to most.
void node::add_observed(local_identity& mine, const std::vector<runtime::interface_address>& interfaces) {
  std::vector<ip_address> own;
  for (const auto& one : interfaces)
    own.push_back(one.address);
  observed_.set_own(own, mine.listen_port);
  auto all = observed_.worth_advertising();
  all.insert(all.end(), mine.addresses.begin(), mine.addresses.end());
  mine.addresses = std::move(all);
}

void node::note_observation(const peer_identified& x) {
  const auto peer = peers_.find(x.id);
  if (!x.info.observed || peer == peers_.end())
    return;
  const auto before = observed_.worth_advertising();
  observed_.observe(now(), x.id, peer->second.remote.address, peer->second.transport, *x.info.observed);
  if (observed_.worth_advertising() != before)
    learn_addresses();
}

void node::forget_observation(const peer_id& id) {
  if (!observed_.counts(id))
    return;
  const auto before = observed_.worth_advertising();
  observed_.forget_observer(now(), id);
  if (observed_.worth_advertising() != before)
    learn_addresses();
}

} // namespace librats::actors
