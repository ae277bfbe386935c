// SPDX-License-Identifier: MIT
#include "actors/discovery.hpp"

#include "actors/dht_node.hpp"
#include "actors/mdns.hpp"
#include "actors/peer_finder.hpp"
#include "actors/stun_query.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr auto finder_name = "peer_finder";
constexpr auto mdns_name = "mdns";
/// Each family's node writes its table before it ends; mDNS says good-bye.
constexpr auto part_deadline = std::chrono::seconds{4};
constexpr auto answer_timeout = std::chrono::seconds{5};
/// A lookup ends by itself; this is for one whose node failed.
constexpr auto lookup_timeout = std::chrono::minutes{2};
/// Questions to STUN servers at one time.
constexpr std::size_t stun_queries_max = 16;

template <class Promise>
void refuse(std::vector<Promise>& waiters, const char* why) {
  for (auto& one : std::exchange(waiters, {}))
    one.deliver(runtime::failure(why));
}

} // namespace

discovery::discovery(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host,
  args its)
  : supervisor(config, std::move(loop)), host_(host), args_(std::move(its)) {}

caf::behavior discovery::handlers() {
  return {
    // -- the DHT
    [this](const start_dht& x) { return start(x); },
    [this](const stop_dht&) {
      for (const bool v6 : {false, true}) {
        families_[v6].wanted = false;
        families_[v6].local.reset();
        remove_child(dht_name(v6));
      }
      tell_finder_of_dht();
      refuse(dht_waiters_, "the DHT was stopped");
    },
    [this](const meet_peers& x) {
      args_.options.meet = x.on;
      args_.options.key = x.key;
      tell(child(finder_name), meet_peers{x.on, meeting_key()});
    },
    [this](const dht_opened& x) { opened(x); },
    [this](const dht_ready& x) {
      families_[x.v6].ready = true;
      tell(child(finder_name), x);
    },
    [this](const dht_neighbours& x) { tell(child(dht_name(!x.v6)), x); },
    [this](const find_peers& x) {
      run_lookup what;
      what.target = x.target;
      what.receiver = x.receiver;
      return look_for(what, x.dial);
    },
    [this](const announce_peer& x) -> caf::result<peers_found> {
      run_lookup what;
      what.target = x.target;
      what.announce = {x.port != 0 ? x.port : args_.identity->listen_port, false};
      if (what.announce->port == 0)
        return runtime::failure("there is no port to announce: this node does not listen");
      return look_for(what, false);
    },
    [this](const put_item& x) { return put(x); },
    [this](const get_item& x) { return get(x); },
    [this](const get_dht_status&) { return report(); },
    [this](const watch_hashes& x) {
      if (add_watcher(hash_watchers_, x.watcher))
        for (const bool v6 : {false, true})
          tell(child(dht_name(v6)), x);
    },
    // -- mDNS
    [this](const start_mdns& x) { return start(x); },
    [this](const stop_mdns&) {
      mdns_wanted_ = false;
      mdns_ends_ = child(mdns_name) != nullptr;
      remove_child(mdns_name);
      refuse(mdns_waiters_, "mDNS was stopped");
    },
    [this](const query_mdns& x) { tell(child(mdns_name), x); },
    [this](const get_mdns_status& x) -> caf::result<mdns_status> {
      if (const auto running = child(mdns_name); running && !mdns_ends_)
        return pass_on<mdns_status>(running, x);
      return mdns_status{};
    },
    [this](const watch_services& x) {
      if (add_watcher(watchers_, x.watcher))
        tell(child(mdns_name), x);
    },
    // -- our own address
    [this](const discover_address& x) { return discover(x); },
    [this](const ignore_address& x) {
      ignored_.insert(x.address);
      tell(child(finder_name), x);
    },
    // -- from the node
    [this](const local_identity_changed& x) {
      args_.identity = x.identity;
      tell_all(x);
    },
    [this](const services_changed& x) {
      args_.services = x;
      tell_all(x);
    },
    [this](const runtime::network_changed& x) { tell_all(x); },
  };
}

void discovery::start_children() {
  launch_finder();
  if (args_.options.dht.enabled)
    launch_dht();
  if (args_.options.mdns.enabled)
    launch_mdns();
}

void discovery::child_started(const std::string& name, const caf::actor& child) {
  if (name == finder_name) {
    tell(child, local_identity_changed{args_.identity});
    for (const auto& one : ignored_)
      tell(child, ignore_address{one});
    tell_finder_of_dht();
    tell(this->child(mdns_name), watch_services{child});
  } else if (name == mdns_name) {
    for (const auto& one : watchers_)
      tell(child, watch_services{one});
    tell(child, watch_services{this->child(finder_name)});
    answer_mdns_waiters(child);
  } else if (name == dht_name(false) || name == dht_name(true)) {
    families_[name == dht_name(true)].ready = false;
    for (const auto& one : hash_watchers_)
      tell(child, watch_hashes{one});
    tell_finder_of_dht();
  }
}

/// What was stopped may be wanted again before it has ended.
void discovery::child_gone(const std::string& name, const caf::error&) {
  for (const bool v6 : {false, true})
    if (name == dht_name(v6) && families_[v6].wanted)
      launch_family(v6);
  if (name == mdns_name) {
    mdns_ends_ = false;
    if (mdns_wanted_)
      launch_mdns();
  }
}

/// False when it watches already, or is nobody.
bool discovery::add_watcher(std::vector<caf::actor>& to, const caf::actor& watcher) {
  if (!watcher || std::find(to.begin(), to.end(), watcher) != to.end())
    return false;
  to.push_back(watcher);
  monitor(watcher);
  return true;
}

void discovery::observed_ended(const caf::actor_addr& who) {
  const auto gone = [&](const caf::actor& x) { return x.address() == who; };
  for (auto* all : {&watchers_, &hash_watchers_})
    all->erase(std::remove_if(all->begin(), all->end(), gone), all->end());
}

void discovery::stopped() {
  supervisor::stopped();
  refuse(dht_waiters_, "discovery ends");
  refuse(mdns_waiters_, "discovery ends");
  watchers_.clear();
  hash_watchers_.clear();
  args_.services = {};
}

void discovery::launch_finder() {
  add_child({finder_name, runtime::restart_kind::permanent, part_deadline, [this] {
               peer_finder::args its;
               its.self = args_.self;
               its.protocol = args_.protocol;
               its.meets = args_.options.meet;
               its.meeting = protocols::info_hash_of(meeting_key());
               its.peers_wanted = args_.options.peers_wanted;
               its.bound_to = args_.listener.local.address;
               its.seed = host_.random().u64();
               its.dial_patience = args_.dial_patience;
               its.node = args_.node;
               return runtime::spawn_pinned<peer_finder>(system(), shared_loop(), std::move(its));
             }});
}

template <class Message>
void discovery::tell_all(const Message& news) {
  for (const auto* name : {dht_name(false), dht_name(true), mdns_name, finder_name})
    tell(child(name), news);
}

// -- the DHT ----------------------------------------------------------------------------------------------------------

/// The DHT listens where the node listens; a node that is bound to one family takes part in that one alone.
std::optional<ip_address> discovery::bind_address(bool v6) const {
  const auto& at = args_.listener.local.address;
  if (!at.is_unspecified())
    return at.is_v6() == v6 ? std::optional{at} : std::nullopt;
  if (v6)
    return at.is_v6() ? std::optional{ip_address::v6_any()} : std::nullopt;
  return at.is_v4() || args_.listener.dual_stack ? std::optional{ip_address{}} : std::nullopt;
}

caf::result<dht_started> discovery::start(const start_dht& x) {
  if (!dht_running()) {
    args_.options.dht = x.options;
    launch_dht();
  }
  if (!dht_running())
    return runtime::failure("the DHT cannot run: no address family is left that it may use");
  dht_waiters_.push_back(make_response_promise<dht_started>());
  opened({});
  return caf::delegated<dht_started>{};
}

void discovery::launch_dht() {
  dht_since_ = now();
  for (const bool v6 : {false, true}) {
    auto& mine = families_[v6];
    mine = {};
    mine.wanted = (v6 ? args_.options.dht.ipv6 : args_.options.dht.ipv4) && bind_address(v6);
    mine.port = args_.options.dht.port;
    if (mine.wanted)
      launch_family(v6);
  }
}

void discovery::launch_family(bool v6) {
  add_child({dht_name(v6), runtime::restart_kind::permanent, part_deadline, [this, v6] {
               dht_node::args its;
               its.v6 = v6;
               its.bind_to = bind_address(v6).value_or(ip_address{});
               its.port = families_[v6].port;
               its.listening = args_.identity->listen_port != 0;
               its.options = args_.options.dht;
               if (!args_.services.brokers.empty())
                 its.broker = args_.services.brokers.front();
               its.discovery = address();
               return runtime::spawn_pinned<dht_node>(system(), shared_loop(), host_, std::move(its));
             }});
}

void discovery::opened(const dht_opened& x) {
  if (x.local || !x.trouble.empty()) {
    auto& mine = families_[x.v6];
    mine.settled = true;
    mine.local = x.local;
    mine.trouble = x.trouble;
    if (x.local)
      mine.port = x.local->port;  // Others know it: after a restart it shall be the same.
  }
  for (const auto& one : families_)
    if (one.wanted && !one.settled)
      return;
  for (auto& waiter : std::exchange(dht_waiters_, {})) {
    if (families_[0].local || families_[1].local)
      waiter.deliver(dht_started{families_[0].local, families_[1].local});
    else
      waiter.deliver(runtime::failure(families_[families_[0].wanted ? 0 : 1].trouble));
  }
}

void discovery::tell_finder_of_dht() {
  dht_nodes_changed news;  // One that was told to stop may still be there.
  if (families_[0].wanted)
    news.v4 = child(dht_name(false));
  if (families_[1].wanted)
    news.v6 = child(dht_name(true));
  tell(child(finder_name), news);
}

/// Asks both families and folds what they say; one that knows nobody does not keep the other one waiting. `finish`
/// completes the answer, or says what is wrong with it.
template <class Reply, class Fold, class Finish>
caf::result<Reply> discovery::ask_families(const run_lookup& what, Fold fold, Finish finish) {
  struct gathering {
    Reply out;
    std::size_t missing = 1;
    std::size_t answered = 0;
    caf::error failure = runtime::failure("the DHT is not running");
    caf::typed_response_promise<Reply> promise;
  };
  auto all = std::make_shared<gathering>();
  all->promise = make_response_promise<Reply>();
  const auto one_done = [all, finish] {
    if (--all->missing != 0)
      return;
    if (all->answered == 0)
      all->promise.deliver(all->failure);
    else if (const auto failed = finish(all->out))
      all->promise.deliver(runtime::failure(*failed));
    else
      all->promise.deliver(std::move(all->out));
  };
  for (const bool v6 : {false, true})
    if (const auto node = child(dht_name(v6)); node && (families_[v6].ready || !families_[!v6].ready)) {
      ++all->missing;
      ask(node, lookup_timeout, what,
        [all, fold, one_done](const lookup_ended& x) {
          ++all->answered;
          fold(all->out, x);
          one_done();
        },
        [all, one_done](caf::error& why) {
          all->failure = why;
          one_done();
        });
    }
  one_done();
  return caf::delegated<Reply>{};
}

caf::result<peers_found> discovery::look_for(const run_lookup& what, bool dial) {
  return ask_families<peers_found>(
    what,
    [](peers_found& out, const lookup_ended& x) {
      out.peers.insert(out.peers.end(), x.peers.begin(), x.peers.end());
      out.nodes_asked += x.counted.sent;
      out.nodes_told += x.counted.stored;
    },
    [finder = dial ? child(finder_name) : nullptr, this](peers_found& out) -> std::optional<std::string> {
      std::sort(out.peers.begin(), out.peers.end());
      if (!out.peers.empty())
        tell(finder, peers_suspected{out.peers});
      return std::nullopt;
    });
}

caf::result<item_stored> discovery::put(const put_item& x) {
  if (const auto wrong = protocols::check_item(x.item))
    return runtime::failure(std::string{"the item cannot be stored: "} + protocols::to_string(*wrong));
  run_lookup what;
  what.what = protocols::lookup::purpose::get_item;
  what.target = protocols::target_of(x.item);
  if (x.item.proof)
    what.salt = x.item.proof->salt;
  what.store = {x.item, x.cas};
  return ask_families<item_stored>(
    what,
    [](item_stored& out, const lookup_ended& ended) { out.nodes += ended.counted.stored; },
    [target = what.target](item_stored& out) -> std::optional<std::string> {
      out.target = target;
      return out.nodes == 0 ? std::optional<std::string>{"no node of the DHT took it"} : std::nullopt;
    });
}

caf::result<item_got> discovery::get(const get_item& x) {
  run_lookup what;
  what.what = protocols::lookup::purpose::get_item;
  what.target = x.target;
  what.salt = x.salt;
  return ask_families<item_got>(
    what,
    [](item_got& out, const lookup_ended& ended) {
      const bool newer = ended.item && (!out.item || (ended.item->proof && out.item->proof
                                                       && ended.item->proof->seq > out.item->proof->seq));
      if (newer)
        out.item = ended.item;
    },
    [](item_got&) -> std::optional<std::string> { return std::nullopt; });
}

caf::result<dht_status> discovery::report() {
  if (!dht_running())
    return dht_status{};
  auto out = std::make_shared<dht_status>();
  out->uptime = now() - dht_since_;
  auto promise = make_response_promise<dht_status>();
  auto missing = std::make_shared<std::size_t>(1);
  const auto one_done = [out, missing](caf::typed_response_promise<dht_status>& asked) {
    if (--*missing == 0) {
      std::sort(out->families.begin(), out->families.end(), [](const auto& a, const auto& b) { return a.v6 < b.v6; });
      asked.deliver(std::move(*out));
    }
  };
  for (const bool v6 : {false, true})
    if (const auto node = child(dht_name(v6))) {
      ++*missing;
      ask(node, answer_timeout, get_dht_status{},
        [out, promise, one_done](const dht_family_status& x) mutable {
          out->families.push_back(x);
          one_done(promise);
        },
        [promise, one_done](caf::error&) mutable { one_done(promise); });
    }
  ask(child(finder_name), answer_timeout, get_finder_report{},
    [out, promise, one_done](const finder_report& x) mutable {
      out->announces = x.announces;
      out->searches = x.searches;
      one_done(promise);
    },
    [promise, one_done](caf::error&) mutable { one_done(promise); });
  return caf::delegated<dht_status>{};
}

// -- mDNS -------------------------------------------------------------------------------------------------------------

caf::result<mdns_started> discovery::start(const start_mdns& x) {
  args_.options.mdns = x.options;
  launch_mdns();
  if (mdns_ends_) {
    mdns_waiters_.push_back(make_response_promise<mdns_started>());
    return caf::delegated<mdns_started>{};
  }
  const auto running = child(mdns_name);
  if (!running)
    return runtime::failure("mDNS is being restarted");
  return pass_on<mdns_started>(running, x);
}

void discovery::answer_mdns_waiters(const caf::actor& running) {
  for (auto& one : std::exchange(mdns_waiters_, {}))
    ask(running, answer_timeout, start_mdns{args_.options.mdns},
      [one](const mdns_started& x) mutable { one.deliver(x); },
      [one](caf::error& why) mutable { one.deliver(std::move(why)); });
}

void discovery::launch_mdns() {
  mdns_wanted_ = true;
  add_child({mdns_name, runtime::restart_kind::permanent, part_deadline, [this] {
               mdns::args its;
               its.self = args_.self;
               its.protocol = args_.protocol;
               its.machine = host_.machine_name();
               its.options = args_.options.mdns;
               its.identity = args_.identity;
               its.bound_to = args_.listener.local.address;
               its.seed = host_.random().u64();
               return runtime::spawn_pinned<mdns>(system(), shared_loop(), std::move(its));
             }});
}

// -- our own address --------------------------------------------------------------------------------------------------

caf::result<address_discovered> discovery::discover(const discover_address& x) {
  if (child_count() > stun_queries_max + 4)
    return runtime::failure("too many questions to STUN servers at a time");
  stun_query::args its;
  its.what = x;
  its.mux = args_.services.mux;
  if (args_.listener.local.address.is_v6())
    its.family = args_.listener.dual_stack ? gathered_family::either : gathered_family::v6;
  if (!args_.services.brokers.empty())
    its.broker = args_.services.brokers.front();
  host_.random().fill(its.key);
  its.promise = make_response_promise<address_discovered>();
  add_child({"stun_query-" + std::to_string(++last_query_), runtime::restart_kind::temporary, part_deadline, [&] {
               return runtime::spawn_pinned<stun_query>(system(), shared_loop(), std::move(its));
             }});
  return caf::delegated<address_discovered>{};
}

} // namespace librats::actors
