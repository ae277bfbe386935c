// SPDX-License-Identifier: MIT
#include "apps/librats/callback_actor.hpp"

#include "apps/librats/channels.hpp"
#include "protocols/typed/typed_json.hpp"
#include "protocols/typed/typed_message.hpp"
#include "runtime/log/log.hpp"

#include <exception>
#include <utility>

namespace librats::apps {

namespace {

thread_local callback_actor* running = nullptr;

} // namespace

callback_actor::callback_actor(caf::actor_config& config, std::weak_ptr<const void> speaking)
  : pooled_actor(config), speaking_(std::move(speaking)) {}

callback_actor* callback_actor::running_here(const caf::actor& which) noexcept {
  return running != nullptr && running->address() == which.address() ? running : nullptr;
}

caf::behavior callback_actor::handlers() {
  return caf::message_handler{
    [this](const actors::frames_received& x) { deliver(x); },
    [this](const peer_came& x) {
      peers_[x.id] = {x.socket, x.text};
      call(on_connection_, x.socket, x.text);
    },
    [this](const peer_left& x) {
      const auto found = peers_.find(x.id);
      if (found == peers_.end())
        return;
      const auto gone = std::move(found->second);
      peers_.erase(found);
      call(on_disconnect_, gone.socket, gone.text);
    },
    [this](const dial_finished& x) { call(on_attempt_, x.socket, x.id, x.result); },
    [this](const send_finished& x) { call(share(x.function), x.success, x.error); },
    [this](const question_answered& x) { deliver_answer(x); },
    [this](const room_noticed& x) { call(share(x.function), x.id, x.connected); },
    [this](const actors::typed_request& x) { return answer(x); },
    [this](const search_finished& x) { call(share(x.function), x.peers); },
    [this](const service_noticed& x) {
      call(on_service_, x.service.ip_address, int{x.service.port}, x.service.service_name);
    },
    [this](const begin_delivery& x) { delivering_ = x.token; },
    [this](const change_callback& x) { apply(x); },
    [this](const change_handlers& x) { apply(x); },
    [this](const change_responder& x) { apply(x); },
    [](const drain_callbacks&) { return callbacks_drained{}; },
  }
    .or_else(gossip_handlers())
    .or_else(file_handlers())
    .or_else(storage_handlers());
}

void callback_actor::stopped() {
  // The program's functions may hold anything; they end with the client, not with the last handle to this actor.
  peers_.clear();
  handlers_ = {};
  topics_.clear();
  responders_.clear();
  on_connection_ = nullptr;
  on_disconnect_ = nullptr;
  on_text_ = nullptr;
  on_binary_ = nullptr;
  on_json_ = nullptr;
  on_attempt_ = nullptr;
  on_service_ = nullptr;
  on_transfer_progress_ = nullptr;
  on_transfer_completed_ = nullptr;
  on_offer_ = nullptr;
  on_directory_progress_ = nullptr;
  on_file_wanted_ = nullptr;
  on_directory_wanted_ = nullptr;
  on_change_ = nullptr;
  on_synced_ = nullptr;
}

// -- changes ----------------------------------------------------------------------------------------------------------

void callback_actor::apply(const change_callback& x) {
  switch (x.kind) {
    case callback_kind::connection: on_connection_ = share(std::get<ConnectionCallback>(x.function)); break;
    case callback_kind::disconnect: on_disconnect_ = share(std::get<DisconnectCallback>(x.function)); break;
    case callback_kind::text: on_text_ = share(std::get<StringDataCallback>(x.function)); break;
    case callback_kind::binary: on_binary_ = share(std::get<BinaryDataCallback>(x.function)); break;
    case callback_kind::json: on_json_ = share(std::get<JsonDataCallback>(x.function)); break;
    case callback_kind::advanced: on_attempt_ = share(std::get<AdvancedConnectionCallback>(x.function)); break;
    case callback_kind::service: on_service_ = share(std::get<MdnsCallback>(x.function)); break;
  }
}

void callback_actor::apply(const change_handlers& x) {
  if (x.what == change_handlers::operation::remove_all)
    handlers_.remove_all(x.type);
  else
    handlers_.add(x.type, x.function, x.what == change_handlers::operation::add_once);
}

void callback_actor::apply(const change_responder& x) {
  if (x.function)
    responders_[x.type] = share(x.function);
  else
    responders_.erase(x.type);
}

// -- calls ------------------------------------------------------------------------------------------------------------

void callback_actor::guarded(const std::function<void()>& body) {
  if (speaking_.expired())
    return;
  running = this;
  try {
    body();
  } catch (const std::exception& cause) {
    LIBRATS_LOG(runtime::log_level::error, kind(), "caught an exception of the program's callback: ", cause.what());
  } catch (...) {
    LIBRATS_LOG(runtime::log_level::error, kind(), "caught an exception of unknown type of the program's callback");
  }
  running = nullptr;
}

void callback_actor::deliver(const actors::frames_received& x) {
  const auto found = peers_.find(x.from);
  if (found == peers_.end())
    return;
  const auto from = found->second;  // A callback may make it leave.
  for (const auto& one : x.frames) {
    if (delivering_.expired() || speaking_.expired())
      return;
    if (one.header.type == protocols::message_type::typed)
      deliver_message(from, one);
    else
      deliver_raw(from, one);
  }
}

void callback_actor::deliver_message(const known_peer& from, const actors::frame& x) {
  const auto message = protocols::decode_typed(x.payload.view());
  if (!message || !handlers_.wants(message->type))
    return;
  const auto data = protocols::parse_json(message->json_text);
  if (!data) {
    LIBRATS_LOG(runtime::log_level::debug, kind(), "ignores a message of ", from.text, ": ", to_string(data.error()));
    return;
  }
  const auto called = handlers_.take(message->type);
  for (const auto& one : *called)
    call(one, from.text, *data);
}

void callback_actor::deliver_answer(const question_answered& x) {
  const auto function = share(x.function);
  if (!x.error.empty()) {
    call(function, false, nlohmann::json{}, x.error);
    return;
  }
  const auto data = protocols::parse_json(x.json_text.text());
  if (data)
    call(function, true, *data, std::string{});
  else
    call(function, false, nlohmann::json{}, std::string{"the answer cannot be read: "} + to_string(data.error()));
}

caf::result<actors::typed_response> callback_actor::answer(const actors::typed_request& x) {
  const auto peer = peers_.find(x.from);
  const auto found = responders_.find(x.type);
  if (peer == peers_.end() || found == responders_.end() || delivering_.expired() || speaking_.expired())
    return runtime::failure("nobody answers \"" + x.type + "\" here any more");
  const auto data = protocols::parse_json(x.json_text.text());
  if (!data)
    return runtime::failure(std::string{"the request cannot be read: "} + to_string(data.error()));
  const auto function = found->second;  // It may replace itself.
  std::string why = "the handler failed";
  std::optional<nlohmann::json> out;
  running = this;
  try {
    out = (*function)(peer->second.text, *data);
  } catch (const std::exception& cause) {
    why = cause.what();
  } catch (...) {
    LIBRATS_LOG(runtime::log_level::error, kind(), "caught an exception of unknown type of the program's handler");
  }
  running = nullptr;
  if (!out)
    return runtime::failure(why);
  auto text = protocols::dump_json(*out);
  if (!text)
    return runtime::failure(std::string{"the answer cannot be written: "} + to_string(text.error()));
  return actors::typed_response{x.from, byte_slice::copy_of(*text)};
}

void callback_actor::deliver_raw(const known_peer& from, const actors::frame& x) {
  static const auto text = protocols::channel_of(text_channel);
  static const auto binary = protocols::channel_of(binary_channel);
  if (x.header.channel == text) {
    if (on_text_)
      call(on_text_, from.socket, from.text, std::string{x.payload.text()});
  } else if (x.header.channel == binary) {
    if (on_binary_)
      call(on_binary_, from.socket, from.text, to_bytes(x.payload.view()));
  } else if (on_json_) {
    const auto data = protocols::parse_json(x.payload.text());
    if (data)
      call(on_json_, from.socket, from.text, *data);
    else
      LIBRATS_LOG(runtime::log_level::debug, kind(), "ignores data of ", from.text, ": ", to_string(data.error()));
  }
}

} // namespace librats::apps
