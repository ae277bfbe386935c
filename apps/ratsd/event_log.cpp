// SPDX-License-Identifier: MIT
#include "apps/ratsd/event_log.hpp"

#include "apps/ratsd/status_text.hpp"
#include "protocols/typed/typed_message.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace librats::apps {

using runtime::log_level;

namespace {

/// The node answers from the same loop.
constexpr auto join_timeout = std::chrono::seconds{15};
/// Of a topic's name.
constexpr std::size_t shown_bytes_max = 80;

const char* authorship_name(protocols::authorship x) noexcept {
  switch (x) {
  case protocols::authorship::claimed: break;
  case protocols::authorship::link: return "own link";
  case protocols::authorship::proven: return "signed";
  }
  return "relayed";
}

} // namespace

event_log::event_log(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, options o)
  : pinned_actor(config, std::move(loop)), node_(std::move(node)), options_(std::move(o)) {}

void event_log::started() {
  const auto self = caf::actor_cast<caf::actor>(this);
  tell(node_, actors::watch_events{self});
  if (options_.typed)
    tell(node_, actors::register_messages{protocols::message_type::typed, self});
  for (const auto& one : options_.topics)
    follow(one);
}

caf::behavior event_log::handlers() {
  return {
    [this](const actors::peer_connected& x) { connected(x, "is connected"); },
    [this](const actors::peer_link_changed& x) { connected(x.now, "has a new link"); },
    [this](const actors::peer_identified& x) {
      LIBRATS_LOG(log_level::debug, "peer", x.id.short_string(), " listens on port ", x.info.listen_port, " and names ",
        x.info.addresses.size(), " addresses");
    },
    [this](const actors::peer_disconnected& x) {
      LIBRATS_LOG(log_level::info, "peer", x.id.short_string(), " is gone: ", x.reason);
    },
    [this](const actors::peer_congested& x) {
      LIBRATS_LOG(log_level::debug, "peer", x.id.short_string(), " reads more slowly than we send");
    },
    [this](const actors::peer_writable& x) {
      LIBRATS_LOG(log_level::debug, "peer", x.id.short_string(), " caught up");
    },
    [this](const actors::peer_rtt_measured& x) {
      LIBRATS_LOG(log_level::trace, "peer", x.id.short_string(), " answered a ping in ", short_span(x.latest));
    },
    [this](const actors::frames_received& x) { log_frames(x); },
    [this](const actors::topic_messages& x) { log_publications(x); },
  };
}

void event_log::connected(const actors::peer_connected& x, const char* how) {
  LIBRATS_LOG(log_level::info, "peer", x.id.to_string(), " ", how, ": ", x.remote.to_string(), ", ", direction(x.role),
    ", ", transport_name(x.transport), ", ", security_name(x.security), ", handshake ", short_span(x.handshake));
}

void event_log::log_frames(const actors::frames_received& x) {
  for (const auto& one : x.frames)
    if (const auto message = protocols::decode_typed(one.payload.view()))
      LIBRATS_LOG(log_level::info, "peer", x.from.short_string(), " sent a message of type \"", message->type, "\", ",
        message->json_text.size(), " bytes");
}

void event_log::follow(const std::string& topic) {
  ask(
    node_, join_timeout, actors::join_topic{topic, caf::actor_cast<caf::actor>(this)},
    [](const actors::joined_topic&) {},
    [this, topic](caf::error& why) {
      LIBRATS_LOG(log_level::error, kind(), "cannot follow the topic \"", runtime::escaped(topic, shown_bytes_max),
        "\": ", runtime::describe_error(why));
    });
}

void event_log::log_publications(const actors::topic_messages& x) {
  const auto topic = runtime::escaped(x.topic, shown_bytes_max);
  for (const auto& one : x.messages)
    LIBRATS_LOG(log_level::info, "topic", "\"", topic, "\" has a message of ", one.id.origin.short_string(), " (",
      authorship_name(one.author), "), by way of ", one.from.short_string(), ", ", one.data.size(), " bytes");
}

} // namespace librats::apps
