// SPDX-License-Identifier: MIT
#include "actors/typed_messaging.hpp"

#include "protocols/typed/request_codec.hpp"
#include "protocols/typed/typed_message.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace librats::actors {

typed_messaging::typed_messaging(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop,
  runtime::random_source& random, caf::actor_addr node)
  : pinned_actor(config, std::move(loop)), random_(random), node_(std::move(node)) {}

void typed_messaging::started() {
  set_down_handler([this](const caf::down_msg& x) { responder_ended(x.source); });
  tell(caf::actor_cast<caf::actor>(node_),
    register_messages{protocols::message_type::typed, caf::actor_cast<caf::actor>(this)});
}

void typed_messaging::stopped() {
  end_all_requests();
  for (const auto& one : observed_)
    demonitor(one);
  receivers_.clear();
  responders_.clear();
}

caf::behavior typed_messaging::handlers() {
  return {
    [this](const frames_received& x) { handle_frames(x); },
    [this](const typed_registrations& x) { update(x); },
    [this](const request_typed& x) { return ask_peer(x); },
    [this](const peer_disconnected& x) { peer_left(x.id); },
    // From links that our questions wait in. A program that asks faster than a peer answers is held back by the limit.
    [](const peer_congested&) {},
    [](const peer_writable&) {},
  };
}

void typed_messaging::update(const typed_registrations& x) {
  receivers_.clear();
  for (const auto& one : x.all)
    receivers_[one.type].push_back(one.handler);
  responders_.clear();
  for (const auto& one : x.responders) {
    responders_[one.type] = one.responder;
    if (observed_.insert(one.responder.address()).second)
      monitor(one.responder);
  }
}

void typed_messaging::handle_frames(const frames_received& x) {
  for (const auto& one : x.frames) {
    const auto message = protocols::decode_typed(one.payload.view());
    if (!message) {
      LIBRATS_LOG(runtime::log_level::debug, kind(), "ignores a message of ", x.from.short_string(), ": ",
        to_string(message.error()));
      continue;
    }
    const auto json_text = [&] {
      return one.payload.sub(one.payload.size() - message->json_text.size(), message->json_text.size());
    };
    if (message->type == protocols::request_type) {
      handle_request(x.from, json_text());
      continue;
    }
    if (message->type == protocols::response_type) {
      handle_response(x.from, json_text());
      continue;
    }
    const auto found = receivers_.find(message->type);
    if (found == receivers_.end())
      continue;
    const auto news = caf::make_message(typed_received{x.from, std::string{message->type}, json_text(), x.receipt});
    for (const auto& receiver : found->second)
      send(receiver, news);
  }
}

} // namespace librats::actors
