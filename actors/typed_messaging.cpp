// SPDX-License-Identifier: MIT
#include "actors/typed_messaging.hpp"

#include "protocols/typed/typed_message.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

namespace librats::actors {

typed_messaging::typed_messaging(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop,
  caf::actor_addr node)
  : pinned_actor(config, std::move(loop)), node_(std::move(node)) {}

void typed_messaging::started() {
  tell(caf::actor_cast<caf::actor>(node_),
    register_messages{protocols::message_type::typed, caf::actor_cast<caf::actor>(this)});
}

caf::behavior typed_messaging::handlers() {
  return {
    [this](const frames_received& x) { handle_frames(x); },
    [this](const typed_registrations& x) {
      receivers_.clear();
      for (const auto& one : x.all)
        receivers_[one.type].push_back(one.handler);
    },
  };
}

void typed_messaging::handle_frames(const frames_received& x) {
  for (const auto& one : x.frames) {
    const auto message = protocols::decode_typed(one.payload.view());
    if (!message) {
      LIBRATS_LOG(runtime::log_level::debug, kind(), "ignores a message of ", x.from.short_string(), ": ",
        to_string(message.error()));
      continue;
    }
    const auto found = receivers_.find(message->type);
    if (found == receivers_.end())
      continue;
    const auto offset = one.payload.size() - message->json_text.size();
    const auto news = caf::make_message(typed_received{x.from, std::string{message->type},
      one.payload.sub(offset, message->json_text.size())});
    for (const auto& receiver : found->second)
      send(receiver, news);
  }
}

} // namespace librats::actors
