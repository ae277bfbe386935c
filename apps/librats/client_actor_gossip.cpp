// SPDX-License-Identifier: MIT
// What a client subscribes to, before and after its node lives.
#include "apps/librats/client_actor.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <caf/send.hpp>

#include <utility>

namespace librats::apps {

namespace {

/// Joining takes no time; this is for a node that is very busy.
constexpr auto join_timeout = std::chrono::seconds{15};
/// Of a topic's name in the log.
constexpr std::size_t shown_bytes_max = 80;

} // namespace

caf::message_handler client_actor::gossip_handlers() {
  return {
    [this](const actors::topic_messages&) { hand_on(callbacks_); },
    [this](const actors::topic_peers_changed& x) { tell(callbacks_, x); },
    [this](const subscribe_topic& x) { return subscribe(x); },
    [this](const unsubscribe_topic& x) { return unsubscribe(x); },
    [this](const get_subscriptions&) {
      return subscription_list{{topics_.begin(), topics_.end()}};
    },
    [this](const validate_topic& x) { return validate(x); },
    [this](const switch_gossip& x) { return turn(x); },
    [this](const actors::get_topic_status& x) -> caf::result<actors::topic_status> {
      if (!takes_part())
        return actors::topic_status{};
      return pass_on<actors::topic_status>(node_, x);
    },
    [this](const actors::get_gossip_status& x) -> caf::result<actors::gossip_status> {
      if (!takes_part())
        return actors::gossip_status{};
      return pass_on<actors::gossip_status>(node_, x);
    },
    [this](const actors::set_peer_score& x) { tell(node_, x); },
    [this](const actors::publish_to_topic& x) { return publish(x); },
    [this](const actors::await_topic_room& x) -> caf::result<actors::topic_has_room> {
      if (!takes_part())
        return actors::topic_has_room{};
      return pass_on<actors::topic_has_room>(node_, x);
    },
  };
}

/// A node that has ended is left, too.
void client_actor::abandon(const std::string& topic, std::function<void()> then) {
  ask(
    node_, join_timeout, actors::leave_topic{topic, self()}, [then](const actors::left_topic&) { then(); },
    [then](caf::error&) { then(); });
}

/// To a node that knows nothing of it yet.
void client_actor::take_part() {
  for (const auto& one : validated_)
    tell(node_, actors::set_topic_validator{one, callbacks_, nullptr});
  if (gossip_on_)
    for (const auto& one : topics_)
      enter(one);
}

void client_actor::enter(const std::string& topic) {
  ask(
    node_, join_timeout, actors::join_topic{topic, self(), true}, [](const actors::joined_topic&) {},
    [this, topic](caf::error& why) {
      LIBRATS_LOG(runtime::log_level::warn, kind(), "cannot join the topic \"",
        runtime::escaped(topic, shown_bytes_max), "\": ", runtime::describe_error(why));
    });
}

caf::result<subscription_changed> client_actor::subscribe(const subscribe_topic& x) {
  if (x.topic.empty() || !takes_part())
    return subscription_changed{false};
  if (topics_.count(x.topic) != 0)
    return subscription_changed{true};
  auto promise = make_response_promise<subscription_changed>();
  ask(
    node_, join_timeout, actors::join_topic{x.topic, self(), true},
    [this, promise, topic = x.topic](const actors::joined_topic&) mutable {
      topics_.insert(topic);
      promise.deliver(subscription_changed{true});
    },
    [this, promise, topic = x.topic](caf::error& why) mutable {
      LIBRATS_LOG(runtime::log_level::warn, kind(), "cannot join the topic \"",
        runtime::escaped(topic, shown_bytes_max), "\": ", runtime::describe_error(why));
      promise.deliver(subscription_changed{false});
    });
  return caf::delegated<subscription_changed>{};
}

caf::result<subscription_changed> client_actor::unsubscribe(const unsubscribe_topic& x) {
  if (topics_.erase(x.topic) == 0)
    return subscription_changed{false};
  if (!takes_part())
    return subscription_changed{true};
  auto promise = make_response_promise<subscription_changed>();
  abandon(x.topic, [promise]() mutable { promise.deliver(subscription_changed{true}); });
  return caf::delegated<subscription_changed>{};
}

caf::result<settings_changed> client_actor::validate(const validate_topic& x) {
  if (x.on)
    validated_.insert(x.topic);
  else
    validated_.erase(x.topic);
  tell(node_, actors::set_topic_validator{x.topic, x.on ? callbacks_ : caf::actor{}, nullptr});
  if (phase_ != phase::running)
    return settings_changed{};
  // The node answers in the order of the questions: when it does, it has told its topics, and they will hear it before
  // they hear of anything that arrives from now on.
  auto promise = make_response_promise<settings_changed>();
  ask(
    node_, join_timeout, actors::await_listening{},
    [promise](const actors::listening_on&) mutable { promise.deliver(settings_changed{}); },
    [promise](caf::error&) mutable { promise.deliver(settings_changed{}); });
  return caf::delegated<settings_changed>{};
}

gossip_switched client_actor::turn(const switch_gossip& x) {
  const bool changed = gossip_on_ != x.on;
  gossip_on_ = x.on;
  invalidate();
  if (changed && phase_ == phase::running)
    for (const auto& one : topics_) {
      if (x.on)
        enter(one);
      else
        abandon(one, [] {});
    }
  return {takes_part()};
}

// -- publishing -------------------------------------------------------------------------------------------------------

void client_actor::queue(const queue_publication& x) {
  queued_[x.topic].push_back(x.data);
  call_at_turn_end();
}

void client_actor::turn_ended() {
  for (auto& [topic, data] : std::exchange(queued_, {}))
    if (takes_part())
      caf::anon_send(node_, actors::publish_to_topic{topic, std::move(data)}); // Nobody waits for what it says.
}

caf::result<actors::published> client_actor::publish(const actors::publish_to_topic& x) {
  turn_ended(); // What came before goes before.
  if (!takes_part())
    return runtime::failure("the client takes no part in publish and subscribe");
  return pass_on<actors::published>(node_, x);
}

} // namespace librats::apps
