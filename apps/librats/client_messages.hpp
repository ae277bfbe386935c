// SPDX-License-Identifier: MIT
#pragma once

#include "apps/librats/client_view.hpp"
#include "protocols/dht/node_id.hpp"
#include "runtime/caf/message_types.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

LIBRATS_MESSAGE(librats::apps, get_view)
LIBRATS_MESSAGE(librats::apps, view_lease)
LIBRATS_MESSAGE(librats::apps, change_settings)
LIBRATS_MESSAGE(librats::apps, settings_changed)
LIBRATS_MESSAGE(librats::apps, start_client)
LIBRATS_MESSAGE(librats::apps, client_started)
LIBRATS_MESSAGE(librats::apps, stop_client)
LIBRATS_MESSAGE(librats::apps, client_stopped)
LIBRATS_MESSAGE(librats::apps, get_history)
LIBRATS_MESSAGE(librats::apps, history_known)
LIBRATS_MESSAGE(librats::apps, add_history)
LIBRATS_MESSAGE(librats::apps, clear_history)
LIBRATS_MESSAGE(librats::apps, dial_host)
LIBRATS_MESSAGE(librats::apps, find_content)
LIBRATS_MESSAGE(librats::apps, get_services)
LIBRATS_MESSAGE(librats::apps, services_known)
LIBRATS_MESSAGE(librats::apps, await_writable)
LIBRATS_MESSAGE(librats::apps, writable_now)
LIBRATS_MESSAGE(librats::apps, change_callback)
LIBRATS_MESSAGE(librats::apps, change_handlers)
LIBRATS_MESSAGE(librats::apps, begin_delivery)
LIBRATS_MESSAGE(librats::apps, peer_came)
LIBRATS_MESSAGE(librats::apps, peer_left)
LIBRATS_MESSAGE(librats::apps, dial_finished)
LIBRATS_MESSAGE(librats::apps, send_finished)
LIBRATS_MESSAGE(librats::apps, search_finished)
LIBRATS_MESSAGE(librats::apps, service_noticed)
LIBRATS_MESSAGE(librats::apps, put_question)
LIBRATS_MESSAGE(librats::apps, question_answered)
LIBRATS_MESSAGE(librats::apps, change_responder)
LIBRATS_MESSAGE(librats::apps, add_responder)
LIBRATS_MESSAGE(librats::apps, responder_added)
LIBRATS_MESSAGE(librats::apps, remove_responder)
LIBRATS_MESSAGE(librats::apps, watch_room)
LIBRATS_MESSAGE(librats::apps, room_noticed)
LIBRATS_MESSAGE(librats::apps, drain_callbacks)
LIBRATS_MESSAGE(librats::apps, callbacks_drained)

namespace librats::apps {

// -- to the client actor ----------------------------------------------------------------------------------------------

/// Answered with `view_lease`.
struct get_view {};

/// Changes what is set here. Answered with `settings_changed`, after which no lease from before is valid.
struct change_settings {
  std::optional<std::string> protocol_name;
  std::optional<std::string> protocol_version;
  std::optional<bool> encryption;
  std::shared_ptr<const protocols::key_pair> key;  ///< Null: stays.
  std::optional<std::string> own_name;             ///< Goes with the key: it stays away when that stays.
  std::optional<std::string> data_directory;       ///< Another one makes config.json unknown.
  std::optional<bool> config_known;
  std::optional<ReconnectConfig> reconnect;
  std::optional<std::vector<protocols::dial_target>> dht_bootstrap;
  std::optional<bool> meets_peers;
  std::optional<bool> sign_publications;        ///< From the next start, as the next.
  std::optional<SignaturePolicy> signatures;
  std::optional<FileTransferConfig> files;
  std::optional<StorageConfig> storage;
  std::optional<bool> wants_storage;
  bool by_program = true;  ///< Else from config.json: what the program has chosen stays.
};

struct settings_changed {};

/// Answered with `client_started` when the node listens or has failed to.
struct start_client {};

struct client_started {
  bool ok = false;
};

/// Answered with `client_stopped` when the node has ended.
struct stop_client {
  bool silently = false;  ///< From now on no callback begins, ever.
};

struct client_stopped {
  std::shared_ptr<const client_view> last;  ///< Just before; null when it did not run or another caller has it.
};

/// Answered with `history_known`.
struct get_history {};

/// Everybody who was ever met, the last seen first.
struct history_known {
  std::vector<protocols::known_peer> peers;
};

/// Peers of former days. Answered with `history_known`, as it is then.
struct add_history {
  std::vector<protocols::known_peer> peers;
};

/// Answered with `history_known`.
struct clear_history {};

/// Not answered; the result goes to the advanced connection callback.
struct dial_host {
  std::string host;
  std::uint16_t port = 0;
};

/// Looks for peers in the DHT. Not answered; the result goes to the function.
struct find_content {
  protocols::info_hash target;
  PeersFoundCallback function;
};

/// Answered with `services_known`.
struct get_services {};

/// What mDNS sees now, by name.
struct services_known {
  std::vector<MdnsService> services;
};

/// Answered with `writable_now` as soon as the peer's queue has room, or the peer is gone.
struct await_writable {
  peer_id id;
};

struct writable_now {};

/// Tells the function, once, when the peer's queue has room or the peer is gone. Not answered.
struct watch_room {
  peer_id id;
  std::string text;  ///< The id as the program wrote it.
  WritableCallback function;
};

/// Asks a peer. Not answered; the result goes to the function.
struct put_question {
  actors::request_typed what;
  ResponseCallback function;
};

/// From now on the callback actor answers what peers ask of this type, also after a new start. Answered with
/// `responder_added` when the node knows, or when there is none.
struct add_responder {
  std::string type;
};

struct responder_added {};

struct remove_responder {
  std::string type;
};

// -- to the callback actor: these carry functions, because that is what the program hands over ------------------------

enum class callback_kind : std::uint8_t { connection, disconnect, text, binary, json, advanced, service };

struct change_callback {
  callback_kind kind = callback_kind::connection;
  std::variant<ConnectionCallback, StringDataCallback, BinaryDataCallback, JsonDataCallback, AdvancedConnectionCallback,
    MdnsCallback>
    function;
};

struct change_handlers {
  enum class operation : std::uint8_t { add, add_once, remove_all };
  operation what = operation::add;
  std::string type;
  MessageCallback function;
};

/// Data is delivered until the token expires.
struct begin_delivery {
  std::weak_ptr<const void> token;
};

struct peer_came {
  peer_id id;
  std::string text;
  socket_t socket = INVALID_SOCKET_VALUE;
};

struct peer_left {
  peer_id id;
};

struct dial_finished {
  socket_t socket = INVALID_SOCKET_VALUE;
  std::string id;
  ConnectionAttemptResult result;
};

struct send_finished {
  SendCallback function;
  bool success = false;
  std::string error;
};

struct question_answered {
  ResponseCallback function;
  byte_slice json_text;
  std::string error;  ///< Empty when there is an answer.
};

struct room_noticed {
  WritableCallback function;
  std::string id;
  bool connected = false;
};

/// An empty function removes.
struct change_responder {
  std::string type;
  RequestHandler function;
};

struct search_finished {
  PeersFoundCallback function;
  std::vector<std::string> peers;
};

struct service_noticed {
  MdnsService service;
};

/// Answered with `callbacks_drained` when everything before it was handled.
struct drain_callbacks {};

struct callbacks_drained {};

} // namespace librats::apps
