// SPDX-License-Identifier: MIT
// What a node remembers of publish and subscribe, and whom publications are for.
#include "actors/gossip_router.hpp"
#include "actors/node.hpp"

#include "runtime/log/log.hpp"

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr auto router_name = "gossip_router";
constexpr auto router_deadline = std::chrono::seconds{5};

constexpr auto switched_off = "publish and subscribe is switched off";
constexpr auto restarting = "publish and subscribe is being restarted";

} // namespace

void node::start_gossip() {
  if (!options_.gossip.enabled)
    return;
  add_child({router_name, runtime::restart_kind::permanent, router_deadline, [this, self = address()] {
               gossip_router::args args;
               args.options = options_.gossip;
               if (args.options.sign)
                 args.options.mesh.signing_key
                   = std::make_shared<const protocols::key_pair>(options_.session->static_key);
               args.self = id_;
               args.state = gossip_.state();
               args.node = self;
               return runtime::spawn_pinned<gossip_router>(system(), shared_loop(), host_, std::move(args));
             }});
}

template <class Reply, class Message>
caf::result<Reply> node::ask_gossip(const Message& request) {
  if (!options_.gossip.enabled)
    return runtime::failure(switched_off);
  if (const auto router = child(router_name))
    return pass_on<Reply>(router, request);
  return runtime::failure(restarting);
}

caf::message_handler node::gossip_handlers() {
  return {
    [this](const join_topic& x) { return join(x); },
    [this](const leave_topic& x) {
      left_topic out;
      out.was_joined = gossip_.leave(x.topic, x.handler.address());
      if (out.was_joined && !gossip_.joined(x.topic))
        tell(child(router_name), want_topic{x.topic, false});
      return out;
    },
    [this](const publish_to_topic& x) { return ask_gossip<published>(x); },
    [this](const await_topic_room& x) { return ask_gossip<topic_has_room>(x); },
    [this](const peers_introduced& x) { introduce(x); },
    [this](const set_topic_validator& x) {
      gossip_.set_validator(x);
      if (x.validator)
        observe(x.validator);
      tell(child(router_name), validators_changed{gossip_.validators()});
    },
    [this](const set_peer_score& x) { tell(child(router_name), x); },
    [this](const get_topic_status& x) { return ask_gossip<topic_status>(x); },
    [this](const get_gossip_status& x) -> caf::result<gossip_status> {
      if (!options_.gossip.enabled)
        return gossip_status{};
      return ask_gossip<gossip_status>(x);
    },
    // -- from the parts
    [this](const topic_deliveries& x) { deliver(x); },
    [this](const peer_topic_changed& x) { note_subscription(x); },
  };
}

caf::result<joined_topic> node::join(const join_topic& x) {
  if (!options_.gossip.enabled)
    return runtime::failure(switched_off);
  if (const auto why = gossip_.refusal(x.topic))
    return runtime::failure(*why);
  if (gossip_.join(x))
    tell(child(router_name), want_topic{x.topic, true});
  if (x.handler)
    observe(x.handler);
  if (x.watch_peers)
    if (auto all = gossip_.subscribers_of(x.topic); !all.empty())
      tell(x.handler, topic_peers_changed{x.topic, std::move(all), {}});
  return joined_topic{};
}

void node::forget_in_gossip(const caf::actor_addr& who) {
  const auto gone = gossip_.forget(who);
  for (const auto& topic : gone.topics_left)
    tell(child(router_name), want_topic{topic, false});
  if (gone.validators_changed)
    tell(child(router_name), validators_changed{gossip_.validators()});
}

void node::deliver(const topic_deliveries& x) {
  auto fresh = gossip_.fresh(now(), x, current_sender() ? current_sender()->id() : 0);
  if (fresh.empty())
    return;
  auto* handlers = gossip_.handlers_of(x.topic);
  if (handlers == nullptr)
    return;
  for (auto& one : *handlers) {
    if (!one.backlog.has_room(fresh.size())) {
      if (one.backlog.missed() == fresh.size())
        LIBRATS_LOG(runtime::log_level::warn, kind(), "drops publications of ", x.topic, " for a handler with ",
          one.backlog.bytes(), " bytes of them in its mailbox");
      continue;
    }
    auto receipt = one.backlog.take(fresh);
    send(one.who, topic_messages{x.topic, fresh, one.backlog.take_missed(), std::move(receipt)});
  }
}

void node::note_subscription(const peer_topic_changed& x) {
  if (peers_.count(x.peer) != 0 && gossip_.note_subscription(x))
    tell_topic_watchers(x.topic, x.peer, x.subscribes);
}

void node::tell_topic_watchers(const std::string& topic, const peer_id& peer, bool joined) {
  topic_peers_changed news;
  news.topic = topic;
  (joined ? news.joined : news.left).push_back(peer);
  const auto shared = caf::make_message(std::move(news));
  const auto* handlers = gossip_.handlers_of(topic);
  if (handlers == nullptr)
    return;
  for (const auto& one : *handlers)
    if (one.watches_peers)
      send(one.who, shared);
}

void node::forget_peer_in_gossip(const peer_id& peer) {
  for (const auto& topic : gossip_.forget_peer(peer))
    tell_topic_watchers(topic, peer, false);
}

} // namespace librats::actors
