// SPDX-License-Identifier: MIT
// How a node finds peers that nobody told it of.
#include "actors/discovery.hpp"
#include "actors/node.hpp"

#include <utility>

namespace librats::actors {

namespace {

/// Its parts save their tables and say good-bye.
constexpr auto discovery_deadline = std::chrono::seconds{6};

} // namespace

void node::start_discovery() {
  add_child({discovery_name, runtime::restart_kind::permanent, discovery_deadline, [this, self = address()] {
               discovery::args args;
               args.options = options_.discovery;
               args.self = id_;
               args.protocol = options_.session->protocol;
               args.listener = options_.listener;
               args.dial_patience = dial_patience();
               args.node = self;
               args.services = services();
               args.identity = identity_;
               return runtime::spawn_pinned<discovery>(system(), shared_loop(), host_, std::move(args));
             }});
}

template <class Message>
void node::tell_discovery(const Message& news) {
  tell(child(discovery_name), news);
}

/// `start`: as well when nothing of it was wanted so far.
template <class Reply, class Message>
caf::result<Reply> node::ask_discovery(const Message& request, bool start) {
  if (start)
    start_discovery();  // Without effect when it is there.
  if (const auto running = child(discovery_name))
    return pass_on<Reply>(running, request);
  return runtime::failure("the node finds no peers by itself, or is restarting what does");
}

caf::message_handler node::discovery_handlers() {
  // What was started and stopped at run time is so again after a restart.
  return {
    [this](const start_dht& x) {
      options_.discovery.dht = x.options;
      options_.discovery.dht.enabled = true;
      return ask_discovery<dht_started>(x, true);
    },
    [this](const stop_dht& x) {
      options_.discovery.dht.enabled = false;
      tell_discovery(x);
    },
    [this](const meet_peers& x) {
      options_.discovery.meet = x.on;
      options_.discovery.key = x.key;
      tell_discovery(x);
    },
    [this](const find_peers& x) { return ask_discovery<peers_found>(x, false); },
    [this](const announce_peer& x) { return ask_discovery<peers_found>(x, false); },
    [this](const put_item& x) { return ask_discovery<item_stored>(x, false); },
    [this](const get_item& x) { return ask_discovery<item_got>(x, false); },
    [this](const get_dht_status& x) -> caf::result<dht_status> {
      if (!child(discovery_name))
        return dht_status{};
      return ask_discovery<dht_status>(x, false);
    },
    [this](const watch_hashes& x) {
      start_discovery();
      tell_discovery(x);
    },
    [this](const start_mdns& x) {
      options_.discovery.mdns = x.options;
      options_.discovery.mdns.enabled = true;
      return ask_discovery<mdns_started>(x, true);
    },
    [this](const stop_mdns& x) {
      options_.discovery.mdns.enabled = false;
      tell_discovery(x);
    },
    [this](const query_mdns& x) { tell_discovery(x); },
    [this](const get_mdns_status& x) -> caf::result<mdns_status> {
      if (!child(discovery_name))
        return mdns_status{};
      return ask_discovery<mdns_status>(x, false);
    },
    [this](const watch_services& x) {
      start_discovery();
      tell_discovery(x);
    },
    [this](const discover_address& x) { return ask_discovery<address_discovered>(x, true); },
    [this](const ignore_address& x) {
      start_discovery();
      tell_discovery(x);
    },
  };
}

} // namespace librats::actors
