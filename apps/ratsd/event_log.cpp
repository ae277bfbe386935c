// SPDX-License-Identifier: MIT
#include "apps/ratsd/event_log.hpp"

#include "apps/ratsd/status_text.hpp"
#include "protocols/typed/typed_message.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace librats::apps {

using runtime::log_level;

event_log::event_log(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node,
  bool log_typed)
  : pinned_actor(config, std::move(loop)), node_(std::move(node)), log_typed_(log_typed) {}

void event_log::started() {
  const auto self = caf::actor_cast<caf::actor>(this);
  tell(node_, actors::watch_events{self});
  if (log_typed_)
    tell(node_, actors::register_messages{protocols::message_type::typed, self});
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

} // namespace librats::apps
