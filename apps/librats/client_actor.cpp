// SPDX-License-Identifier: MIT
#include "apps/librats/client_actor.hpp"

#include "actors/node.hpp"
#include "apps/librats/channels.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace librats::apps {

namespace {

/// The node answers from its loop, at once unless it is very busy.
constexpr auto node_timeout = std::chrono::seconds{15};
/// Name lookup, dialing and handshake have deadlines of their own, of 15 s each.
constexpr auto dial_timeout = std::chrono::seconds{45};

} // namespace

client_actor::client_actor(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host,
  client_settings settings, caf::actor callbacks, std::shared_ptr<const void> speaking)
  : pinned_actor(config, std::move(loop)), host_(host),
    settings_(std::make_shared<const client_settings>(std::move(settings))), callbacks_(std::move(callbacks)),
    speaking_(std::move(speaking)) {}

void client_actor::started() {
  set_down_handler([this](const caf::down_msg& x) {
    if (node_ && x.source == node_.address())
      node_ended(x.reason);
  });
}

void client_actor::stopped() {
  invalidate();
  speaking_ = delivering_ = nullptr;
  peers_.clear();
  searches_.clear();
  questions_.clear();
  node_ = nullptr;
  callbacks_ = nullptr;
}

caf::behavior client_actor::handlers() {
  return caf::message_handler{
    // First what comes by the thousand: handlers are looked for one after the other.
    [this](const actors::frames_received&) { hand_on(callbacks_); },
    [this](const queue_publication& x) { queue(x); },
    [this](const get_view&) { return lease(); },
    [this](const await_writable& x) { return wait_for_room(x); },
    [this](const dial_host& x) { dial(x); },
    [this](const actors::disconnect_peer& x) { tell(node_, x); },
    [this](const change_settings& x) {
      change(x);
      return settings_changed{};
    },
    [this](const get_history&) { return history_known{history_.all()}; },
    [this](const add_history& x) {
      for (const auto& one : x.peers)
        history_.note(one);
      return history_known{history_.all()};
    },
    [this](const clear_history&) {
      history_.clear();
      return history_known{};
    },
    [this](const actors::get_reconnect_status& x) -> caf::result<actors::reconnect_status> {
      if (!node_)
        return actors::reconnect_status{};
      return pass_on<actors::reconnect_status>(node_, x);
    },
    [this](const actors::clear_reconnect_queue& x) { tell(node_, x); },
    [this](const start_client&) { return start(); },
    [this](const stop_client& x) { return stop(x); },
    // -- from the node
    [this](const actors::peer_connected& x) { add_peer(x); },
    [this](const actors::peer_link_changed& x) {
      update_peer(x.now.id, [&](peer_entry& entry) { entry.link = x.now; });
      if (const auto found = peers_.find(x.now.id); found != peers_.end())
        mark_writable(found->second);
    },
    [this](const actors::peer_identified& x) {
      update_peer(x.id, [&](peer_entry& entry) {
        entry.listen_port = x.info.listen_port;
        note_history(entry);
      });
    },
    [this](const actors::peer_rtt_measured& x) {
      update_peer(x.id, [&](peer_entry& entry) { entry.rtt = x.smoothed; });
      measure_loss(x.id);
    },
    [this](const actors::peer_disconnected& x) { remove_peer(x.id); },
    [this](const actors::peer_congested& x) {
      if (const auto found = peers_.find(x.id); found != peers_.end())
        found->second.congested = true;
    },
    [this](const actors::peer_writable& x) {
      if (const auto found = peers_.find(x.id); found != peers_.end())
        mark_writable(found->second);
    },
  }
    .or_else(discovery_handlers())
    .or_else(messaging_handlers())
    .or_else(gossip_handlers())
    .or_else(file_handlers())
    .or_else(storage_handlers());
}

// -- view and settings ------------------------------------------------------------------------------------------------

view_lease client_actor::lease() {
  if (!view_) {
    auto view = std::make_shared<client_view>();
    view->settings = settings_;
    view->running = phase_ == phase::running;
    view->gossip = takes_part();
    view->listening_port = listening_port_;
    view->public_address = public_address_;
    view->taken_at = host_.unix_time();
    view->peers.reserve(peers_.size());
    for (const auto& [id, one] : peers_)
      view->peers.push_back(one.entry);  // In the order of the ids, which is that of their text.
    view_ = std::move(view);
    valid_ = std::make_shared<int>();
  }
  return {view_, valid_};
}

void client_actor::invalidate() {
  valid_ = nullptr;
  view_ = nullptr;
}

void client_actor::change(const change_settings& x) {
  auto next = *settings_;
  const auto may_change = [&](bool& chosen) {
    if (!x.by_program)
      return !chosen;
    chosen = true;
    return true;
  };
  if (x.protocol_name && may_change(next.name_chosen))
    next.protocol_name = *x.protocol_name;
  if (x.protocol_version && may_change(next.version_chosen))
    next.protocol_version = *x.protocol_version;
  if (x.encryption && may_change(next.encryption_chosen))
    next.encryption = *x.encryption;
  if (x.key && may_change(next.key_chosen)) {
    next.key = x.key;
    next.own_name = x.own_name.value_or("");
  }
  if (x.data_directory && *x.data_directory != next.data_directory) {
    next.data_directory = *x.data_directory;
    next.config_known = false;
  }
  if (x.config_known)
    next.config_known = *x.config_known;
  if (x.reconnect) {
    next.reconnect = *x.reconnect;
    tell(node_, actors::configure_reconnect{make_reconnect(next.reconnect)});
  }
  if (x.dht_bootstrap)
    next.dht_bootstrap = x.dht_bootstrap;
  if (x.meets_peers)
    next.meets_peers = *x.meets_peers;
  next.sign_publications = x.sign_publications.value_or(next.sign_publications);
  next.signatures = x.signatures.value_or(next.signatures);
  if (x.files) {
    next.files = *x.files;
    tell(node_, change_transfers(next.files));
  }
  if (x.storage) {
    next.storage = *x.storage;
    next.wants_storage = true;
  }
  next.wants_storage = next.wants_storage || x.wants_storage.value_or(false);
  settings_ = std::make_shared<const client_settings>(std::move(next));
  invalidate();
  if (settings_->wants_storage && phase_ == phase::running)
    open_store();
  if (x.protocol_name || x.protocol_version || x.meets_peers)
    tell(node_, actors::meet_peers{settings_->meets_peers, meeting_key()});
  if (node_ && (x.protocol_name || x.protocol_version || x.encryption || x.key))
    tell(node_, actors::set_session{make_session(*settings_)});
}

// -- lifecycle --------------------------------------------------------------------------------------------------------

caf::result<client_started> client_actor::start() {
  if (phase_ == phase::running)
    return client_started{true};
  if (phase_ == phase::stopping || !speaking_) {
    LIBRATS_LOG(runtime::log_level::error, kind(), "cannot start while it stops");
    return client_started{false};
  }
  if (phase_ == phase::starting) {
    start_waiters_.push_back(make_response_promise<client_started>());
    return caf::delegated<client_started>{};
  }
  const auto& x = *settings_;
  const bool port_possible = x.listen_port >= 0 && x.listen_port <= 65535;
  const auto listener = actors::parse_bind_address(x.bind_address, static_cast<std::uint16_t>(x.listen_port));
  if (!port_possible || !listener) {
    LIBRATS_LOG(runtime::log_level::error, kind(), "cannot start: ",
      port_possible ? "the bind address is no IPv4 or IPv6 address: " + x.bind_address
                    : "a port is 0 to 65535, not " + std::to_string(x.listen_port));
    return client_started{false};
  }
  actors::node_options options;
  options.session = make_session(x);
  options.allow_plaintext_remote = true;  // Encryption is on unless the program switched it off, knowing its network.
  options.listener = *listener;
  options.port_attempts = 1;  // The program asked for this port, and its peers may know it.
  options.mesh.reconnect = make_reconnect(x.reconnect);
  options.limits.peers_max = static_cast<std::size_t>(std::max(x.max_peers, 0));
  options.discovery.key = meeting_key();
  options.discovery.meet = x.meets_peers;
  options.gossip = make_gossip(x);
  options.transfers = make_transfers(x.files);
  if (x.max_peers > 0)
    options.discovery.peers_wanted = options.limits.peers_max;
  phase_ = phase::starting;
  start_waiters_.push_back(make_response_promise<client_started>());
  delivering_ = std::make_shared<int>();
  tell(callbacks_, begin_delivery{delivering_});
  node_ = actors::spawn_node(host_, std::move(options));
  monitor(node_);
  subscribe();
  ask(node_, node_timeout, actors::await_listening{},
    [this](const actors::listening_on& at) {
      if (phase_ != phase::starting)
        return;
      phase_ = phase::running;
      listening_port_ = at.local.port;
      invalidate();
      for (auto& waiter : std::exchange(start_waiters_, {}))
        waiter.deliver(client_started{true});
    },
    [this](caf::error& why) {
      if (phase_ != phase::starting)
        return;
      LIBRATS_LOG(runtime::log_level::error, kind(), "did not start: ", runtime::describe_error(why));
      phase_ = phase::stopping;
      caf::anon_send_exit(node_, caf::exit_reason::user_shutdown);
    });
  return caf::delegated<client_started>{};
}

/// Before the node can have a peer: what it is told here stands in its mailbox before its first stream.
void client_actor::subscribe() {
  tell(node_, actors::watch_events{self()});
  tell(node_, actors::register_messages{protocols::message_type::typed, self()});
  for (const auto& one : ignored_)
    tell(node_, actors::ignore_address{one});
  for (const auto& type : responder_types_)
    tell(node_, actors::register_responder{type, self()});
  for (const auto* name : {text_channel, binary_channel, json_channel})
    ask(node_, node_timeout, actors::register_channel{name, self()}, [](const actors::channel_registered&) {},
      [this, name](caf::error& why) {
        LIBRATS_LOG(runtime::log_level::warn, kind(), "cannot use channel ", name, ": ", runtime::describe_error(why));
      });
  take_part();
  take_files();
  store_open_ = false;
  if (settings_->wants_storage)
    open_store();
}

caf::result<client_stopped> client_actor::stop(const stop_client& x) {
  if (x.silently)
    speaking_ = nullptr;
  if (phase_ == phase::stopped)
    return client_stopped{};
  stop_waiters_.push_back(make_response_promise<client_stopped>());
  if (phase_ != phase::stopping) {
    last_view_ = phase_ == phase::running ? lease().view : nullptr;
    phase_ = phase::stopping;
    delivering_ = nullptr;
    invalidate();
    caf::anon_send_exit(node_, caf::exit_reason::user_shutdown);
  }
  return caf::delegated<client_stopped>{};
}

void client_actor::node_ended(const caf::error& why) {
  if (phase_ != phase::stopping)
    LIBRATS_LOG(runtime::log_level::error, kind(), "lost its node and is stopped now: ", runtime::describe_error(why));
  node_ = nullptr;
  delivering_ = nullptr;
  listening_port_ = 0;
  phase_ = phase::stopped;
  end_discovery();
  end_questions();
  while (!peers_.empty())
    remove_peer(peer_id{peers_.begin()->first});
  invalidate();
  for (auto& waiter : std::exchange(start_waiters_, {}))
    waiter.deliver(client_started{false});
  for (auto& waiter : std::exchange(stop_waiters_, {}))
    waiter.deliver(client_stopped{std::exchange(last_view_, nullptr)});
}

// -- peers ------------------------------------------------------------------------------------------------------------

void client_actor::dial(const dial_host& x) {
  const auto begun = now();
  if (phase_ != phase::running) {
    dial_ended(begun, nullptr, "the client does not run");
    return;
  }
  ask(node_, dial_timeout, actors::connect_to{x.host, x.port},
    [this, begun](const actors::connected_to& reached) { dial_ended(begun, &reached, {}); },
    [this, begun](caf::error& why) { dial_ended(begun, nullptr, runtime::describe_error(why)); });
}

void client_actor::dial_ended(time_point begun, const actors::connected_to* reached, const std::string& error) {
  dial_finished out;
  out.result.success = reached != nullptr;
  out.result.method = "direct";
  out.result.duration = std::chrono::duration_cast<std::chrono::milliseconds>(now() - begun);
  out.result.error_message = error;
  if (reached != nullptr) {
    out.id = reached->id.to_string();
    if (const auto found = peers_.find(reached->id); found != peers_.end())
      out.socket = found->second.entry->socket;
  } else {
    LIBRATS_LOG(runtime::log_level::info, kind(), "did not connect: ", error);
  }
  tell(callbacks_, out);
}

void client_actor::add_peer(const actors::peer_connected& x) {
  auto entry = std::make_shared<peer_entry>();
  entry->id = x.id.to_string();
  entry->socket = ++last_socket_;
  entry->link = x;
  entry->since = now();
  note_history(*entry);
  peer_came news{x.id, entry->id, entry->socket};
  peers_[x.id].entry = std::move(entry);
  invalidate();
  tell(callbacks_, std::move(news));
}

void client_actor::remove_peer(const peer_id& id) {
  const auto found = peers_.find(id);
  if (found == peers_.end())
    return;
  tell_watchers(found->second, false);
  mark_writable(found->second);
  note_history(*found->second.entry);
  peers_.erase(found);
  invalidate();
  tell(callbacks_, peer_left{id});
}

template <class Change>
void client_actor::update_peer(const peer_id& id, Change change) {
  const auto found = peers_.find(id);
  if (found == peers_.end())
    return;
  auto next = std::make_shared<peer_entry>(*found->second.entry);
  change(*next);
  found->second.entry = std::move(next);
  invalidate();
}

void client_actor::measure_loss(const peer_id& id) {
  const auto found = peers_.find(id);
  if (found == peers_.end())
    return;
  ask(found->second.entry->link.link, node_timeout, actors::get_link_report{},
    [this, id](const actors::link_report& x) {
      update_peer(id, [&](peer_entry& entry) { entry.loss = x.quality.loss(); });
    },
    [](caf::error&) {});  // It is gone; that comes as an event of its own.
}

void client_actor::note_history(const peer_entry& x) {
  if (auto known = remember(x, *settings_, host_.unix_time()))
    history_.note(std::move(*known));
}

void client_actor::mark_writable(peer& x) {
  x.congested = false;
  tell_watchers(x, true);
  for (auto& waiter : std::exchange(x.waiters, {}))
    waiter.deliver(writable_now{});
}

caf::result<writable_now> client_actor::wait_for_room(const await_writable& x) {
  const auto found = peers_.find(x.id);
  if (found == peers_.end() || !found->second.congested)
    return writable_now{};
  found->second.waiters.push_back(make_response_promise<writable_now>());
  return caf::delegated<writable_now>{};
}

} // namespace librats::apps
