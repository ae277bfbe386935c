// SPDX-License-Identifier: MIT
#include "apps/librats/channels.hpp"
#include "apps/librats/client_impl.hpp"
#include "protocols/typed/typed_json.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace librats {

namespace {

using apps::callback_kind;
using apps::change_callback;
using apps::change_handlers;
using apps::make_checked_frame;
using protocols::message_type;

constexpr auto not_connected = "the peer is not connected";
constexpr auto no_peers = "no peer is connected";
constexpr auto too_large = "the message is larger than 8 MB";

/// What goes to the peers, or why nothing does.
struct outgoing {
  std::optional<actors::frame> one;
  std::string error;
};

std::optional<actors::frame> text_frame(const std::string& data) {
  return make_checked_frame(message_type::app, byte_slice::copy_of(data), apps::text_channel);
}

std::optional<actors::frame> binary_frame(const std::vector<uint8_t>& data) {
  return make_checked_frame(message_type::app, byte_slice::copy_of(bytes_view{data}), apps::binary_channel);
}

std::optional<actors::frame> json_frame(const nlohmann::json& data) {
  const auto text = protocols::dump_json(data);
  if (text)
    return make_checked_frame(message_type::app, byte_slice::copy_of(*text), apps::json_channel);
  LIBRATS_LOG(runtime::log_level::warn, "client", "cannot send this JSON: ", to_string(text.error()));
  return std::nullopt;
}

/// Writes into memory of the thread's and copies what is small, which costs less than fresh memory that grows.
outgoing typed_frame(bytes& scratch, const std::string& type, const nlohmann::json& data) {
  constexpr std::size_t copied_max = 4096;
  const auto written = protocols::write_typed_json(scratch, type, data);
  if (!written)
    return {std::nullopt, std::string{"cannot send this message: "} + to_string(written.error())};
  auto one = make_checked_frame(message_type::typed,
    written->size() <= copied_max ? byte_slice::copy_of(*written) : byte_slice{std::exchange(scratch, {})});
  const bool fits = one.has_value();
  return {std::move(one), fits ? "" : too_large};
}

} // namespace

// -- raw data ---------------------------------------------------------------------------------------------------------

bool RatsClient::send_to_peer_by_hash(const std::string& peer_hash_id, const std::string& data) {
  return impl_->send(peer_hash_id, text_frame(data));
}

bool RatsClient::send_string_to_peer_id(const std::string& peer_id, const std::string& data) {
  return impl_->send(peer_id, text_frame(data));
}

bool RatsClient::send_binary_to_peer_id(const std::string& peer_id, const std::vector<uint8_t>& data) {
  return impl_->send(peer_id, binary_frame(data));
}

bool RatsClient::send_json_to_peer_id(const std::string& peer_id, const nlohmann::json& data) {
  return impl_->send(peer_id, json_frame(data));
}

int RatsClient::broadcast_to_peers(const std::string& data) { return impl_->broadcast(text_frame(data)); }
int RatsClient::broadcast_string_to_peers(const std::string& data) { return impl_->broadcast(text_frame(data)); }
int RatsClient::broadcast_binary_to_peers(const std::vector<uint8_t>& data) {
  return impl_->broadcast(binary_frame(data));
}
int RatsClient::broadcast_json_to_peers(const nlohmann::json& data) { return impl_->broadcast(json_frame(data)); }

// -- callbacks --------------------------------------------------------------------------------------------------------

void RatsClient::set_connection_callback(ConnectionCallback callback) {
  impl_->change_callbacks(change_callback{callback_kind::connection, std::move(callback)});
}

void RatsClient::set_disconnect_callback(DisconnectCallback callback) {
  impl_->change_callbacks(change_callback{callback_kind::disconnect, std::move(callback)});
}

void RatsClient::set_string_data_callback(StringDataCallback callback) {
  impl_->change_callbacks(change_callback{callback_kind::text, std::move(callback)});
}

void RatsClient::set_data_callback(DataCallback callback) { set_string_data_callback(std::move(callback)); }

void RatsClient::set_binary_data_callback(BinaryDataCallback callback) {
  impl_->change_callbacks(change_callback{callback_kind::binary, std::move(callback)});
}

void RatsClient::set_json_data_callback(JsonDataCallback callback) {
  impl_->change_callbacks(change_callback{callback_kind::json, std::move(callback)});
}

void RatsClient::set_advanced_connection_callback(AdvancedConnectionCallback callback) {
  impl_->change_callbacks(change_callback{callback_kind::advanced, std::move(callback)});
}

// -- message exchange -------------------------------------------------------------------------------------------------

void RatsClient::on(const std::string& message_type, MessageCallback callback) {
  impl_->change_callbacks(change_handlers{change_handlers::operation::add, message_type, std::move(callback)});
}

void RatsClient::once(const std::string& message_type, MessageCallback callback) {
  impl_->change_callbacks(change_handlers{change_handlers::operation::add_once, message_type, std::move(callback)});
}

void RatsClient::off(const std::string& message_type) {
  impl_->change_callbacks(change_handlers{change_handlers::operation::remove_all, message_type, {}});
}

void RatsClient::send(const std::string& message_type, const nlohmann::json& data, SendCallback callback) {
  const auto out = typed_frame(impl_->memory().scratch, message_type, data);
  const bool sent = impl_->broadcast(out.one) > 0;
  if (callback)
    impl_->finish_send(std::move(callback), sent, sent ? "" : out.one ? no_peers : out.error);
}

void RatsClient::send(const std::string& peer_id, const std::string& message_type, const nlohmann::json& data,
  SendCallback callback) {
  const auto out = typed_frame(impl_->memory().scratch, message_type, data);
  const bool sent = impl_->send(peer_id, out.one);
  if (callback)
    impl_->finish_send(std::move(callback), sent, sent ? "" : out.one ? not_connected : out.error);
}

// -- questions and room -----------------------------------------------------------------------------------------------

void RatsClient::request(const std::string& peer_id, const std::string& request_type, const nlohmann::json& data,
  ResponseCallback callback, std::chrono::milliseconds timeout) {
  const auto peer = librats::peer_id::parse(peer_id);
  const auto text = protocols::dump_json(data);
  if (!peer || !text) {
    impl_->finish_request(std::move(callback),
      peer ? std::string{"cannot send this request: "} + to_string(text.error()) : not_connected);
    return;
  }
  // In nanoseconds a timeout of some centuries would overflow.
  using std::chrono::milliseconds;
  const auto patience = std::clamp<milliseconds>(timeout, milliseconds{0}, std::chrono::hours{1});
  impl_->tell_client(apps::put_question{
    actors::request_typed{*peer, request_type, byte_slice::copy_of(*text), patience}, std::move(callback)});
}

void RatsClient::on_request(const std::string& request_type, RequestHandler handler) {
  if (!handler) {
    off_request(request_type);
    return;
  }
  impl_->change_callbacks(apps::change_responder{request_type, std::move(handler)});
  (void)impl_->ask_client<apps::responder_added>(apps::add_responder{request_type});
}

void RatsClient::off_request(const std::string& request_type) {
  impl_->tell_client(apps::remove_responder{request_type});
  impl_->change_callbacks(apps::change_responder{request_type, nullptr});
}

bool RatsClient::is_peer_congested(const std::string& peer_id) const { return impl_->congested(peer_id); }

void RatsClient::when_writable(const std::string& peer_id, WritableCallback callback) {
  if (!callback)
    return;
  const auto peer = librats::peer_id::parse(peer_id);
  impl_->tell_client(apps::watch_room{peer.value_or(librats::peer_id{}), peer_id, std::move(callback)});
}

} // namespace librats
