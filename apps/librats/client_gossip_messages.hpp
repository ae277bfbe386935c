// SPDX-License-Identifier: MIT
#pragma once

#include "librats.h"
#include "protocols/core/bytes.hpp"
#include "runtime/caf/message_types.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

LIBRATS_MESSAGE(librats::apps, subscribe_topic)
LIBRATS_MESSAGE(librats::apps, unsubscribe_topic)
LIBRATS_MESSAGE(librats::apps, subscription_changed)
LIBRATS_MESSAGE(librats::apps, get_subscriptions)
LIBRATS_MESSAGE(librats::apps, subscription_list)
LIBRATS_MESSAGE(librats::apps, validate_topic)
LIBRATS_MESSAGE(librats::apps, switch_gossip)
LIBRATS_MESSAGE(librats::apps, queue_publication)
LIBRATS_MESSAGE(librats::apps, gossip_switched)
LIBRATS_MESSAGE(librats::apps, change_topic_handler)
LIBRATS_MESSAGE(librats::apps, remove_topic_handlers)

namespace librats::apps {

// -- to the client actor ----------------------------------------------------------------------------------------------

/// Answered with `subscription_changed` when the node has joined, or cannot.
struct subscribe_topic {
  std::string topic;
};

/// Answered with `subscription_changed`.
struct unsubscribe_topic {
  std::string topic;
};

struct subscription_changed {
  bool ok = false;
};

/// Answered with `subscription_list`.
struct get_subscriptions {};

struct subscription_list {
  std::vector<std::string> topics; ///< In order.
};

/// The callback actor has a validator for this topic (empty: for all others) now, or has none any more. Answered with
/// `settings_changed` when that holds for all that arrives later.
struct validate_topic {
  std::string topic;
  bool on = false;
};

/// Takes part, or does not for now: what is subscribed to is kept. Answered with `gossip_switched`.
struct switch_gossip {
  bool on = true;
};

struct gossip_switched {
  bool running = false;
};

/// What programs publish one by one goes to the node by the turn. Not answered: whoever has to know asks for
/// `actors::publish_to_topic`, which is also passed on, behind what is queued.
struct queue_publication {
  std::string topic;
  byte_slice data;
};

// -- to the callback actor --------------------------------------------------------------------------------------------

enum class topic_handler_kind : std::uint8_t { text, json, publication, peer_joined, peer_left, validator };

/// Replaces the one handler of its kind and topic; an empty function removes it.
struct change_topic_handler {
  topic_handler_kind kind = topic_handler_kind::text;
  std::string topic;
  std::variant<TopicMessageCallback, TopicJsonCallback, TopicPublicationCallback, TopicPeerCallback, TopicValidator>
    function;
};

/// Removes all but the validator.
struct remove_topic_handlers {
  std::string topic;
};

} // namespace librats::apps
