// SPDX-License-Identifier: MIT
#include "actors/node.hpp"

#include "actors/datagram_mux.hpp"
#include "actors/liveness.hpp"
#include "actors/peer_directory.hpp"
#include "actors/typed_messaging.hpp"
#include "protocols/control/identify.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t reconcile_slot = 0;
constexpr std::uint32_t relisten_slot = 1;

constexpr auto directory_name = "peer_directory";
constexpr auto supervisor_name = "connection_supervisor";
constexpr auto mux_name = "datagram_mux";
constexpr auto liveness_name = "liveness";
constexpr auto typed_name = "typed_messaging";

/// After a restart of the directory the links need a moment to make themselves known again.
constexpr auto reconcile_delay = std::chrono::seconds{2};
/// A lost listening port is tried again so often.
constexpr auto relisten_interval = std::chrono::seconds{5};
/// Parts of the node answer from their loop's thread, at once unless it is very busy.
constexpr auto part_timeout = std::chrono::seconds{5};

} // namespace

node::node(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host,
  node_options options)
  : supervisor(config, std::move(loop)), host_(host), options_(std::move(options)),
    id_(options_.session->static_key.id()), gossip_(options_.gossip, host.random().u64()),
    table_(std::make_shared<const routing_table>()) {}

caf::actor spawn_node(runtime::host& host, node_options options) {
  return runtime::spawn_pinned<node>(host.system(), host.loop(0), host, std::move(options));
}

caf::behavior node::handlers() {
  return caf::message_handler{
    [this](const send_frames& x) { send_to_peer(x); },
    [this](const offer_frames& x) { return offer_to_peer(x); },
    [this](const broadcast_frames& x) { send_to_all(x); },
    // -- from the parts
    [this](const link_admitted& x) { admitted(x); },
    [this](const peer_disconnected& x) { disconnected(x); },
    [this](const peer_identified& x) { identified(x); },
    [this](const peer_congested& x) { publish(x); },
    [this](const peer_writable& x) { publish(x); },
    [this](const peer_rtt_measured& x) { publish(x); },
    [this](const runtime::stream_accepted& x) { tell(child(supervisor_name), x); },
    [this](const locate_service& x) { return locate(x); },
    [this](const register_messages& x) {
      registrations_.add_messages(x.type, x.handler);
      observe(x.handler);
      publish_routes();
    },
    // -- from the application
    [this](const connect_to& x) -> caf::result<connected_to> {
      const auto links = child(supervisor_name);
      if (!links)
        return runtime::failure("the node is restarting its connection supervisor");
      return pass_on<connected_to>(links, dial_peer{x.host, x.port});
    },
    [this](const disconnect_peer& x) {
      note_unwanted(x);
      tell(child(directory_name), x);
    },
    [this](const await_listening&) -> caf::result<listening_on> {
      if ((listening_ && all_open_) || !options_.listen)
        return listening_on{listening_.value_or(endpoint{})};
      if (listen_failure_)
        return *listen_failure_;
      listen_waiters_.push_back(make_response_promise<listening_on>());
      return caf::delegated<listening_on>{};
    },
    [this](const set_session& x) {
      options_.session = x.session;
      tell(child(supervisor_name), x);
    },
    [this](const register_channel& x) { return add_channel(x); },
    [this](const unregister_channel& x) {
      registrations_.remove_channel(x.name, x.handler.address());
      publish_routes();
    },
    [this](const register_typed& x) {
      registrations_.add_typed(x.type, x.handler);
      observe(x.handler);
      publish_typed();
    },
    [this](const unregister_typed& x) {
      registrations_.remove_typed(x.type, x.handler.address());
      publish_typed();
    },
    [this](const request_typed& x) { return ask_peer(x); },
    [this](const register_responder& x) {
      registrations_.set_responder(x.type, x.responder);
      observe(x.responder);
      publish_typed();
      return responder_registered{};
    },
    [this](const unregister_responder& x) {
      registrations_.remove_responder(x.type, x.responder.address());
      publish_typed();
    },
    [this](const watch_events& x) { add_watcher(x.watcher); },
    [this](const unwatch_events& x) {
      watchers_.erase(std::remove(watchers_.begin(), watchers_.end(), x.watcher), watchers_.end());
    },
    [this](const get_status&) { return status(); },
    [this](const get_peers& x) -> caf::result<peer_list> {
      const auto directory = child(directory_name);
      if (!directory)
        return runtime::failure("the node is restarting its peer directory");
      return pass_on<peer_list>(directory, x);
    },
  }
    .or_else(mesh_handlers())
    .or_else(discovery_handlers())
    .or_else(gossip_handlers())
    .or_else(storage_handlers())
    .or_else(transfer_handlers());
}

// -- parts ------------------------------------------------------------------------------------------------------------

std::string node::broker_name(std::size_t loop) { return "io_broker-" + std::to_string(loop); }

void node::start_children() {
  started_at_ = now();
  identity_ = std::make_shared<const local_identity>();
  const auto self = address();
  for (std::size_t i = 0; i < host_.loop_count(); ++i)
    start_broker(i);
  add_child({directory_name, runtime::restart_kind::permanent, part_timeout, [this, self] {
               return runtime::spawn_pinned<peer_directory>(system(), shared_loop(), id_, options_.limits.peers_max,
                 self);
             }});
  if (options_.transports.udp)
    add_child({mux_name, runtime::restart_kind::permanent, part_timeout, [this] {
                 return runtime::spawn_pinned<datagram_mux>(system(), shared_loop(), host_.random(),
                   datagram_mux::options{});
               }});
  add_child({supervisor_name, runtime::restart_kind::permanent, part_timeout, [this, self] {
               connection_context context{options_.session, options_.limits, options_.transports,
                 options_.allow_plaintext_remote, identity_, table_, services(), ++supervisor_incarnation_};
               return runtime::spawn_pinned<connection_supervisor>(system(), shared_loop(), host_, std::move(context),
                 self);
             }});
  add_child({typed_name, runtime::restart_kind::permanent, part_timeout, [this, self] {
               return runtime::spawn_pinned<typed_messaging>(system(), shared_loop(), host_.random(), self);
             }});
  add_child({liveness_name, runtime::restart_kind::permanent, part_timeout, [this, self] {
               return runtime::spawn_pinned<liveness>(system(), shared_loop(),
                 liveness::options{options_.liveness, options_.ping}, host_.random(), self, child(directory_name));
             }});
  start_mesh();
  start_gossip();
  start_storage();
  start_transfers();
  if (options_.discovery.enabled())
    start_discovery();
  first_start_done_ = true;
  start_listening();
}

void node::start_broker(std::size_t loop) {
  add_child({broker_name(loop), runtime::restart_kind::permanent, part_timeout, [this, loop] {
               return runtime::spawn_pinned<runtime::io_broker>(system(), host_.loop(loop));
             }});
}

services_changed node::services() const {
  services_changed out;
  out.directory = child(directory_name);
  for (std::size_t i = 0; i < host_.loop_count(); ++i)
    out.brokers.push_back(child(broker_name(i)));
  out.mux = child(mux_name);
  return out;
}

void node::child_started(const std::string& name, const caf::actor&) {
  if (!first_start_done_)
    return;  // `start_children` sees to the rest.
  if (name == typed_name) {
    publish_typed();
    return;
  }
  for (const auto* user : {supervisor_name, liveness_name, discovery_name})
    tell(child(user), services());
  if (name == directory_name)
    arm_timer(reconcile_slot, now() + reconcile_delay);
  else if (name == mux_name) {
    udp_open_ = false;
    open_udp();
  } else if (name == broker_name(0))
    start_listening();
}

void node::start_listening() {
  tell(child(broker_name(0)), runtime::watch_network{caf::actor_cast<caf::actor>(this)});
  learn_addresses();
  if (!options_.listen) {
    open_udp();
    return;
  }
  runtime::open_listener request;
  request.options = options_.listener;
  request.port_attempts = options_.port_attempts;
  if (listening_) {  // A restarted broker: peers know this port.
    request.options.local.port = listening_->port;
    request.port_attempts = 1;
  }
  request.receiver = caf::actor_cast<caf::actor>(this);
  for (std::size_t i = 0; i < host_.loop_count() && host_.loop_count() > 1; ++i)
    request.brokers.push_back(child(broker_name(i)));
  ask(child(broker_name(0)), part_timeout, request,
    [this](const runtime::listener_opened& x) { listening(x.local); },
    [this](caf::error& why) { listening_failed(why); });
}

void node::listening(const endpoint& local) {
  if (!listening_)
    LIBRATS_LOG(runtime::log_level::info, kind(), id_.short_string(), " listens on ", local.to_string());
  listening_ = local;
  listen_failure_.reset();
  if (udp_open_)
    all_open(true);  // It was TCP's broker that had to start again.
  else
    open_udp();
}

/// One port for both transports, named by TCP (wire/00 section 5). A node that cannot have it for UDP goes without.
void node::open_udp() {
  const auto mux = child(mux_name);
  if (!mux) {
    all_open(false);
    return;
  }
  open_datagrams request;
  request.local = options_.listener;
  request.local.local.port = listening_ ? listening_->port : std::uint16_t{0};
  if (listening_)
    request.receiver = caf::actor_cast<caf::actor>(this);
  ask(mux, part_timeout, request, [this](const datagrams_opened&) { all_open(true); },
    [this](caf::error& why) {
      LIBRATS_LOG(runtime::log_level::warn, kind(), runtime::describe_error(why), "; only TCP is used");
      all_open(false);
    });
}

void node::all_open(bool udp) {
  udp_open_ = udp;
  all_open_ = true;
  if (listening_)
    for (auto& waiter : std::exchange(listen_waiters_, {}))
      waiter.deliver(listening_on{*listening_});
  learn_addresses();
}

void node::listening_failed(const caf::error& why) {
  LIBRATS_LOG(runtime::log_level::error, kind(), runtime::describe_error(why));
  listen_failure_ = why;
  for (auto& waiter : std::exchange(listen_waiters_, {}))
    waiter.deliver(why);
  if (listening_)  // It worked before: the port comes back when whoever took it lets go.
    arm_timer(relisten_slot, now() + relisten_interval);
  else
    open_udp();  // For dials.
}

void node::learn_addresses() {
  ask(child(broker_name(0)), part_timeout, runtime::list_interfaces{},
    [this](const runtime::interface_list& x) {
      auto mine = std::make_shared<local_identity>();
      if (listening_) {
        mine->listen_port = listening_->port;
        mine->transports = protocols::transport_bit_tcp;
        if (udp_open_)
          mine->transports |= protocols::transport_bit_udp;
        const auto& bound = listening_->address;
        for (const auto& one : x.interfaces)
          if (bound.is_unspecified() ? bound.is_v6() || one.address.is_v4() : bound == one.address)
            mine->addresses.push_back({one.address, listening_->port});
      }
      add_observed(*mine, x.interfaces);
      if (*mine == *identity_)
        return;
      identity_ = std::move(mine);
      for (const auto* user : {supervisor_name, discovery_name})
        tell(child(user), local_identity_changed{identity_});
    },
    [this](caf::error& why) {
      LIBRATS_LOG(runtime::log_level::warn, kind(), "does not know its addresses: ", runtime::describe_error(why));
    });
}

caf::result<service_located> node::locate(const locate_service& x) {
  const auto found = child(x.which == service::peer_directory ? directory_name : supervisor_name);
  if (!found)
    return runtime::failure("it is being restarted");
  return service_located{found};
}

void node::timer_fired(std::uint32_t slot) {
  if (slot == reconcile_slot)
    reconcile_peers();
  else if (slot == relisten_slot)
    start_listening();
  else
    supervisor::timer_fired(slot);
}

/// Links that ended while no directory was there to notice.
void node::reconcile_peers() {
  ask(child(directory_name), part_timeout, get_peers{},
    [this](const peer_list& x) {
      std::vector<peer_id> gone;
      for (const auto& [id, peer] : peers_)
        if (std::none_of(x.peers.begin(), x.peers.end(), [id = id](const auto& y) { return y.link.id == id; }))
          gone.push_back(id);
      for (const auto& id : gone)
        disconnected({id, "the link ended while the directory restarted"});
    },
    [this](caf::error&) { arm_timer(reconcile_slot, now() + reconcile_delay); });
}

void node::children_stopped() {
  for (auto& waiter : std::exchange(listen_waiters_, {}))
    waiter.deliver(runtime::failure("the node stops"));
  LIBRATS_LOG(runtime::log_level::info, kind(), id_.short_string(), " stopped");
}

void node::stopped() {
  supervisor::stopped();
  registrations_.clear();
  gossip_.clear();
  storage_watchers_.clear();
  transfer_audience_ = {};
  transfer_memory_ = {};
  watchers_.clear();
  peers_.clear();
  table_ = nullptr;
}

// -- registrations ----------------------------------------------------------------------------------------------------

caf::result<channel_registered> node::add_channel(const register_channel& x) {
  if (const auto refused = registrations_.add_channel(x.name, x.handler))
    return runtime::failure(*refused);
  observe(x.handler);
  publish_routes();
  return channel_registered{protocols::channel_of(x.name)};
}

void node::observe(const caf::actor& receiver) {
  if (observed_actors_.insert(receiver.id()).second)
    monitor(receiver);
}

void node::observed_ended(const caf::actor_addr& who) {
  if (observed_actors_.erase(who.id()) == 0)
    return;
  watchers_.erase(std::remove_if(watchers_.begin(), watchers_.end(), [&](const auto& x) { return x.address() == who; }),
    watchers_.end());
  registrations_.forget(who);
  forget_in_gossip(who);
  forget_in_storage(who);
  forget_in_transfers(who);
  publish_routes();
  publish_typed();
}

void node::publish_routes() {
  table_ = registrations_.make_routes();
  tell(child(supervisor_name), routes_changed{table_});
}

void node::publish_typed() { tell(child(typed_name), registrations_.make_typed()); }

// -- peers and events -------------------------------------------------------------------------------------------------

template <class Event>
void node::publish(const Event& event) {
  if (watchers_.empty())
    return;
  const auto shared = caf::make_message(event);
  for (const auto& one : watchers_)
    send(one, shared);
}

void node::admitted(const link_admitted& x) {
  const bool known = !peers_.insert_or_assign(x.link.id, x.link).second;
  if (known)
    publish(peer_link_changed{x.link});
  else
    publish(x.link);
  link_verdict verdict;
  verdict.accepted = true;
  tell(x.link.link, verdict);
}

void node::disconnected(const peer_disconnected& x) {
  if (peers_.erase(x.id) == 0)
    return;
  forget_observation(x.id);
  forget_peer_in_gossip(x.id);
  tell(child(typed_name), x);
  publish(x);
}

void node::identified(const peer_identified& x) {
  note_observation(x);
  if (const auto peer = peers_.find(x.id); peer != peers_.end() && x.info.listen_port != 0)
    tell(child(supervisor_name),
      transports_known{{peer->second.remote.address, x.info.listen_port}, x.info.transports});
  publish(x);
}

void node::add_watcher(const caf::actor& watcher) {
  if (std::find(watchers_.begin(), watchers_.end(), watcher) != watchers_.end())
    return;
  watchers_.push_back(watcher);
  observe(watcher);
  for (const auto& [id, peer] : peers_)
    tell(watcher, peer);
}

void node::send_to_peer(const send_frames& x) {
  if (const auto found = peers_.find(x.to); found != peers_.end())
    tell(found->second.link, x);
}

caf::result<send_report> node::offer_to_peer(const offer_frames& x) {
  const auto found = peers_.find(x.to);
  if (found == peers_.end())
    return send_report{send_status::not_connected};
  return pass_on<send_report>(found->second.link, x);
}

void node::send_to_all(const broadcast_frames& x) {
  const auto shared = caf::make_message(x);
  for (const auto& [id, peer] : peers_)
    send(peer.link, shared);
}

caf::result<typed_response> node::ask_peer(const request_typed& x) {
  const auto typed = child(typed_name);
  if (!typed)
    return runtime::failure("the node is restarting its typed messaging");
  return pass_on<typed_response>(typed, x);
}

caf::result<node_status> node::status() {
  node_status out;
  out.id = id_;
  out.protocol = options_.session->protocol;
  out.security = options_.session->security;
  out.listening = listening_;
  out.addresses = identity_->addresses;
  observed_.handle_timeout(now());
  out.observed_addresses = observed_.external();
  out.mapping_v4 = observed_.mapping_v4();
  out.mapping_v6 = observed_.mapping_v6();
  out.peers = peers_.size();
  out.uptime = now() - started_at_;
  auto promise = make_response_promise<node_status>();
  ask(child(supervisor_name), part_timeout, get_connection_counters{},
    [promise, out](const connection_counters& x) mutable {
      out.links_established = x.links_established;
      out.handshakes_failed = x.handshakes_failed;
      out.links_refused = x.links_refused;
      promise.deliver(out);
    },
    [promise, out](caf::error&) mutable { promise.deliver(out); });
  return caf::delegated<node_status>{};
}

} // namespace librats::actors
