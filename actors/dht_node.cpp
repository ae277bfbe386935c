// SPDX-License-Identifier: MIT
#include "actors/dht_node.hpp"

#include "actors/dht_lookup.hpp"
#include "actors/dht_spider.hpp"
#include "protocols/stun/message.hpp"
#include "runtime/disk/disk_worker.hpp"
#include "runtime/io/io_broker.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

using protocols::dht_core;

constexpr std::uint32_t wakeup_slot = 0;

/// wire/08 section 1.
constexpr auto save_interval = std::chrono::minutes{5};
/// A socket that could not be opened, and names that could not be looked up, are tried again.
constexpr auto retry_interval = std::chrono::seconds{30};
/// How often the other family's node is told of nodes of this one.
constexpr auto share_interval = std::chrono::minutes{5};
/// A lookup waits for nodes to begin with: what comes at the very start of a node needs a few round trips.
constexpr auto lookup_patience = std::chrono::seconds{10};
/// Each is an actor with up to a hundred candidates.
constexpr std::size_t lookups_max = 64;
constexpr auto lookup_deadline = std::chrono::seconds{1};
constexpr auto resolve_timeout = std::chrono::seconds{15};
constexpr auto disk_timeout = std::chrono::seconds{30};
/// 1,024 nodes of some 150 bytes, with room for what others write into it.
constexpr std::size_t state_bytes_max = 1024 * 1024;
constexpr auto lookup_prefix = "dht_lookup-";
constexpr auto spider_name = "dht_spider";
/// Nodes that a leg of the spider begins with, twice as many as an answer names.
constexpr std::size_t spider_nodes = 16;

} // namespace

dht_node::dht_node(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host, args its)
  : supervisor(config, std::move(loop)), host_(host), args_(std::move(its)) {}

void dht_node::start_children() {
  open();
  load_state();
  if (args_.options.spider)
    launch_spider();
}

void dht_node::stopped() {
  supervisor::stopped();
  for (auto& one : std::exchange(waiting_, {}))
    one.promise.deliver(runtime::failure("the DHT node ends"));
  socket_.reset();
  args_.broker = nullptr;
  hash_watchers_.clear();
}

caf::behavior dht_node::handlers() {
  return {
    [this](const run_lookup& x) { return want_lookup(x); },
    [this](const dht_request& x) {
      if (!core_)
        return;
      const auto ticket = core_->query(x.to, x.id, *x.what, now());
      askers_[ticket] = {caf::actor_cast<caf::actor_addr>(current_sender()), x.handle};
      pump();
    },
    [this](const get_known_nodes& x) { return nodes_near(x.target); },
    [this](const spider_report& x) { take(x); },
    [this](const watch_hashes& x) {
      if (!x.watcher || std::find(hash_watchers_.begin(), hash_watchers_.end(), x.watcher) != hash_watchers_.end())
        return;
      hash_watchers_.push_back(x.watcher);
      monitor(x.watcher);
    },
    [this](const dht_neighbours& x) {
      if (core_)
        core_->set_other_family(x.nodes);
    },
    [this](const local_identity_changed& x) {
      args_.listening = x.identity->listen_port != 0;
      if (core_)
        core_->set_read_only(args_.options.read_only || !args_.listening);
    },
    [this](const services_changed& x) {
      if (!x.brokers.empty())
        args_.broker = x.brokers.front();
    },
    [this](const runtime::network_changed&) {
      if (core_) {
        core_->network_changed(now());
        pump();
      }
      resolve_all();
    },
    [this](const get_dht_status&) { return status(); },
  };
}

// -- the socket -------------------------------------------------------------------------------------------------------

void dht_node::open() {
  auto& net = loop().net();
  auto opened = net.open_datagrams({args_.bind_to, args_.port}, false, *this);
  if (!opened && args_.port != 0)
    opened = net.open_datagrams({args_.bind_to, 0}, false, *this);
  if (!opened) {
    const auto news = "cannot use UDP on " + args_.bind_to.to_string() + ": " + opened.error().message();
    if (std::exchange(trouble_, news) != news)
      LIBRATS_LOG(runtime::log_level::warn, kind(), "for ", family_name(), " ", news, "; tries again");
    retry_at_ = now() + retry_interval;
    tell_state();
    arm_wakeup();
    return;
  }
  socket_ = std::move(*opened);
  trouble_.clear();
  args_.port = socket_->local().port;
  if (!core_) {
    dht_core::config cfg;
    cfg.family = family();
    host_.random().fill(cfg.id.raw);
    host_.random().fill(cfg.secret);
    cfg.read_only = args_.options.read_only || !args_.listening;
    if (!args_.options.restrict_addresses)
      cfg.relax_for_laboratory();
    core_.emplace(cfg, now());
  }
  LIBRATS_LOG(runtime::log_level::info, kind(), "takes part in the ", family_name(), " DHT at ",
    socket_->local().to_string());
  tell_state();
  resolve_all();
  pump();
}

void dht_node::tell_state() {
  dht_opened news;
  news.v6 = args_.v6;
  if (socket_)
    news.local = socket_->local();
  news.trouble = trouble_;
  tell(caf::actor_cast<caf::actor>(args_.discovery), news);
}

void dht_node::datagram_received(const endpoint& from, mutable_bytes_view in) {
  guarded([&] {
    if (stun_ && protocols::stun::looks_like_stun(in) && stun_->handle_datagram(now(), from, in))
      return;
    if (core_)
      core_->handle(from, in, now());
  });
}

void dht_node::datagrams_drained() {
  guarded([&] { pump(); });
}

void dht_node::datagrams_writable() {}  // What found no room is lost, as on any network; queries are not repeated.

void dht_node::datagram_refused(const endpoint& to, std::error_code) {
  guarded([&] {
    if (stun_) {
      stun_->handle_refused(now(), to);
      pump();
    }
  });
}

void dht_node::pump() {
  if (!core_ || !socket_ || stopping())
    return;
  while (const auto event = core_->poll_event())
    handle_event(*event);
  if (!ready_ && knows_nodes()) {
    ready_ = true;
    share_neighbours();
    tell(caf::actor_cast<caf::actor>(args_.discovery), dht_ready{args_.v6});
    start_waiting();
  }
  while (const auto out = core_->poll_transmit())
    socket_->send(out->to, out->datagram);
  while (stun_) {
    if (const auto out = stun_->poll_transmit()) {
      socket_->send(out->to, out->datagram);
      continue;
    }
    const auto event = stun_->poll_event();
    if (!event)
      break;
    stun_.reset();
    if (const auto* mapped = std::get_if<protocols::stun::address_query::mapped>(&*event)) {
      LIBRATS_LOG(runtime::log_level::debug, kind(), "is seen as ", mapped->address.to_string(), " by ",
        mapped->server.to_string());
      core_->set_external_address(mapped->address.address, now());
      pump();
      return;
    }
  }
  arm_wakeup();
}

void dht_node::handle_event(const dht_core::event& x) {
  const auto take = [this](dht_core::ticket ticket) {
    const auto found = askers_.find(ticket);
    if (found == askers_.end())
      return asker{};
    auto out = found->second;
    askers_.erase(found);
    return out;
  };
  if (const auto* it = std::get_if<dht_core::answered>(&x)) {
    const auto who = take(it->query);
    tell(caf::actor_cast<caf::actor>(who.lookup),
      dht_answer{who.handle, std::make_shared<const protocols::krpc::response>(it->what)});
  } else if (const auto* late = std::get_if<dht_core::slow>(&x)) {
    if (const auto found = askers_.find(late->query); found != askers_.end())
      tell(caf::actor_cast<caf::actor>(found->second.lookup), dht_delay{found->second.handle});
  } else if (const auto* lost = std::get_if<dht_core::failed>(&x)) {
    const auto who = take(lost->query);
    tell(caf::actor_cast<caf::actor>(who.lookup), dht_failure{who.handle});
  } else if (const auto* moved = std::get_if<dht_core::address_changed>(&x)) {
    LIBRATS_LOG(runtime::log_level::info, kind(), "is seen at ", moved->external.to_string(), " and is now ",
      moved->id.short_string());
  } else if (const auto* near = std::get_if<dht_core::neighbours_found>(&x)) {
    LIBRATS_LOG(runtime::log_level::debug, kind(), "knows ", near->confirmed, " ", family_name(), " nodes");
  }
}

void dht_node::arm_wakeup() {
  auto due = time_point::max();
  if (core_ && socket_)
    due = std::min(due, core_->next_wakeup());
  if (stun_)
    if (const auto at = stun_->poll_timeout())
      due = std::min(due, *at);
  if (save_at_ != time_point{})
    due = std::min(due, save_at_);
  if (retry_at_ != time_point{})
    due = std::min(due, retry_at_);
  if (share_at_ != time_point{})
    due = std::min(due, share_at_);
  if (!waiting_.empty())
    due = std::min(due, waiting_.front().patience);
  if (due == time_point::max())
    cancel_timer(wakeup_slot);
  else
    arm_timer(wakeup_slot, due);
}

void dht_node::timer_fired(std::uint32_t slot) {
  if (slot != wakeup_slot) {
    supervisor::timer_fired(slot);
    return;
  }
  if (retry_at_ != time_point{} && now() >= retry_at_) {
    retry_at_ = {};
    if (!socket_)
      open();
    else if (!knows_nodes())
      resolve_all();
  }
  if (save_at_ != time_point{} && now() >= save_at_)
    save_state();
  if (share_at_ != time_point{} && now() >= share_at_)
    share_neighbours();
  start_waiting();
  if (stun_)
    stun_->handle_timeout(now());
  if (core_)
    core_->advance(now());
  pump();
  arm_wakeup();
}

/// The other family's node names ours to those who can use both, and learns nothing else of them.
void dht_node::share_neighbours() {
  if (!core_)
    return;
  share_at_ = now() + share_interval;
  dht_neighbours news;
  news.v6 = args_.v6;
  for (const auto& one : core_->saved(now()).nodes)
    if (news.nodes.size() < protocols::responder::other_family_max)
      news.nodes.push_back(one.contact);
  tell(caf::actor_cast<caf::actor>(args_.discovery), news);
}

// -- where to begin ---------------------------------------------------------------------------------------------------

void dht_node::resolve_all() {
  if (!socket_)
    return;
  resolve(args_.options.bootstrap, [this](const std::vector<endpoint>& x) { add_bootstrap(x); });
  resolve(args_.options.stun_servers, [this](const std::vector<endpoint>& x) { ask_stun(x); });
  if (!args_.options.bootstrap.empty())
    retry_at_ = now() + retry_interval;
}

void dht_node::resolve(const std::vector<protocols::dial_target>& names, endpoint_gathering::receiver use) {
  const auto wanted = args_.v6 ? gathered_family::v6 : gathered_family::v4;
  const auto all = std::make_shared<endpoint_gathering>(names, wanted, std::move(use));
  for (std::size_t i = 0; i < names.size(); ++i)
    ask(args_.broker, resolve_timeout, runtime::resolve_name{names[i].host},
      [all, i](const runtime::name_resolved& x) { all->ended(i, x.addresses); },
      [this, all, i, host = names[i].host](caf::error& why) {
        LIBRATS_LOG(runtime::log_level::debug, kind(), "does without ", host, ": ", runtime::describe_error(why));
        all->ended(i, {});
      });
}

void dht_node::add_bootstrap(const std::vector<endpoint>& nodes) {
  if (!core_ || nodes.empty())
    return;
  core_->add_bootstrap(nodes, now());
  pump();
}

void dht_node::ask_stun(const std::vector<endpoint>& servers) {
  if (!core_ || servers.empty())
    return;
  secret_random::key_type key{};
  host_.random().fill(key);
  stun_.emplace(protocols::stun::address_query::config{}, servers, key, now());
  pump();
}

// -- lookups ----------------------------------------------------------------------------------------------------------

caf::result<lookup_ended> dht_node::want_lookup(const run_lookup& x) {
  if (stopping() || !socket_)
    return runtime::failure(trouble_.empty() ? "the DHT is not running" : trouble_);
  if (lookups_running() + waiting_.size() >= lookups_max)
    return runtime::failure("too many lookups run in the DHT already");
  waiting_lookup entry{x, make_response_promise<lookup_ended>(), now() + lookup_patience};
  if (knows_nodes()) {
    start_lookup(std::move(entry));
  } else {
    waiting_.push_back(std::move(entry));
    arm_wakeup();
  }
  return caf::delegated<lookup_ended>{};
}

/// Where others dial our peers' port, as far as we know.
std::optional<endpoint> dht_node::own_endpoint(std::uint16_t port) const {
  if (const auto& seen = core_->external_address())
    return endpoint{*seen, port};
  if (!args_.bind_to.is_unspecified())
    return endpoint{args_.bind_to, port};
  return std::nullopt;
}

void dht_node::start_lookup(waiting_lookup x) {
  dht_lookup::args its;
  const auto self = x.what.announce ? own_endpoint(x.what.announce->port) : std::nullopt;
  if (x.what.what == protocols::lookup::purpose::get_peers) {
    its.known = core_->stored_peers(x.what.target, now());
    if (self) {
      its.known.erase(std::remove(its.known.begin(), its.known.end(), *self), its.known.end());
      core_->keep_own(x.what.target, *self, now());
    }
    if (!its.known.empty())
      tell(x.what.receiver, peers_seen{x.what.target, its.known});
  }
  its.config = core_->lookup_config(x.what.what, x.what.target);
  its.config.salt = x.what.salt;
  its.seeds = core_->seeds(x.what.target);
  its.what = std::move(x.what);
  if (auto& announced = its.what.announce)
    announced->implied_port = announced->port == args_.port;  // wire/08 section 1
  its.node = address();
  its.promise = std::move(x.promise);
  runtime::child_spec spec;
  spec.name = lookup_prefix + std::to_string(++last_lookup_);
  spec.restart = runtime::restart_kind::temporary;
  spec.shutdown_deadline = lookup_deadline;
  spec.start = [&] { return runtime::spawn_pinned<dht_lookup>(system(), shared_loop(), std::move(its)); };
  add_child(std::move(spec));
}

void dht_node::start_waiting() {
  while (!waiting_.empty() && core_ && (knows_nodes() || now() >= waiting_.front().patience)) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    start_lookup(std::move(next));
  }
}

void dht_node::child_gone(const std::string& name, const caf::error&) {
  if (name != spider_name)
    ++lookups_done_;
}

/// All children but the spider, which is the last one to go when the node ends.
std::size_t dht_node::lookups_running() const noexcept {
  const std::size_t others = args_.options.spider ? 1 : 0;
  return child_count() > others ? child_count() - others : 0;
}

// -- the spider -------------------------------------------------------------------------------------------------------

void dht_node::launch_spider() {
  add_child({spider_name, runtime::restart_kind::permanent, lookup_deadline, [this] {
               dht_spider::args its;
               its.config.family = family();
               its.config.restrict_addresses = args_.options.restrict_addresses;
               if (core_)
                 its.config.self = core_->own_id();
               host_.random().fill(its.key);
               its.node = address();
               return runtime::spawn_pinned<dht_spider>(system(), shared_loop(), its);
             }});
}

known_nodes dht_node::nodes_near(const protocols::node_id& target) const {
  known_nodes out;
  if (core_) {
    out.self = core_->own_id();
    out.nodes = core_->table().closest_confirmed(target, spider_nodes);
  }
  return out;
}

void dht_node::take(const spider_report& x) {
  sampled_ = x.counted;
  if (x.found.hashes.empty())
    return;
  for (const auto& one : hash_watchers_)
    tell(one, x.found);
}

void dht_node::observed_ended(const caf::actor_addr& who) {
  const auto gone = [&](const caf::actor& x) { return x.address() == who; };
  hash_watchers_.erase(std::remove_if(hash_watchers_.begin(), hash_watchers_.end(), gone), hash_watchers_.end());
}

// -- the routing table on disk ----------------------------------------------------------------------------------------

std::string dht_node::state_path() const {
  const auto& folder = args_.options.state_folder;
  return folder.empty() ? folder : folder + (args_.v6 ? "/dht_routing_v6.json" : "/dht_routing.json");
}

void dht_node::load_state() {
  if (state_path().empty())
    return;
  const auto worker = runtime::spawn_disk_worker(host_);
  ask(worker, disk_timeout, runtime::read_whole_file{state_path(), state_bytes_max},
    [this, worker](const runtime::file_content& x) {
      state_known_ = true;
      save_at_ = now() + save_interval;
      if (x.error) {
        if (x.error != std::errc::no_such_file_or_directory)
          LIBRATS_LOG(runtime::log_level::warn, kind(), "cannot read ", state_path(), ": ", x.error.message());
      } else if (const auto saved = protocols::saved_nodes::parse(x.content.text()); !saved) {
        LIBRATS_LOG(runtime::log_level::warn, kind(), state_path(), " is no routing table; begins a new one");
      } else if (core_) {
        if (saved->own_id)
          core_->set_own_id(*saved->own_id, now());
        core_->restore(*saved, now());
      }
      pump();
      arm_wakeup();
    },
    [](caf::error&) {});
}

void dht_node::save_state() {
  save_at_ = now() + save_interval;
  if (saving_ || !state_known_ || !core_)
    return;
  saving_ = true;
  const auto worker = runtime::spawn_disk_worker(host_);
  const auto saved = [this, worker](std::error_code why) {
    saving_ = false;
    const auto news = why ? "cannot write " + state_path() + ": " + why.message() : std::string{};
    if (std::exchange(trouble_, news) != news && why)
      LIBRATS_LOG(runtime::log_level::warn, kind(), news, "; tries again");
    end_now();
  };
  ask(worker, disk_timeout,
    runtime::write_whole_file{state_path(), byte_slice::copy_of(core_->saved(now()).to_text()),
      runtime::file_access::owner_only},
    [saved](const runtime::file_written& x) { saved(x.error); },
    [saved](caf::error&) { saved(std::make_error_code(std::errc::timed_out)); });
}

void dht_node::children_stopped() {
  if (!state_path().empty() && state_known_ && core_) {
    save_state();
    hold_end();
  }
}

dht_family_status dht_node::status() const {
  dht_family_status out;
  out.v6 = args_.v6;
  if (socket_)
    out.local = socket_->local();
  if (core_) {
    out.id = core_->own_id();
    out.external = core_->external_address();
    out.counted = core_->counted();
  }
  out.lookups_running = lookups_running();
  out.lookups_done = lookups_done_;
  if (args_.options.spider)
    out.sampled = sampled_;
  out.trouble = trouble_;
  return out;
}

} // namespace librats::actors
