// SPDX-License-Identifier: MIT
#pragma once

#include "actors/gossip_messages.hpp"
#include "actors/storage_messages.hpp"
#include "actors/transfer_messages.hpp"
#include "apps/librats/client_file_messages.hpp"
#include "apps/librats/client_messages.hpp"
#include "apps/librats/client_storage_messages.hpp"
#include "apps/librats/message_handlers.hpp"
#include "apps/librats/topic_handlers.hpp"
#include "runtime/caf/pooled_actor.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

namespace librats::apps {

/// Calls the program's callbacks, one at a time and in the order of the events, on a thread of its own
/// (`spawn_detached`), because they may block. Holds the handlers and reads the JSON, so that none of this costs time
/// on a loop.
class callback_actor final : public runtime::pooled_actor {
public:
  /// No callback begins after `speaking` has expired.
  callback_actor(caf::actor_config& config, std::weak_ptr<const void> speaking);

  [[nodiscard]] const char* kind() const noexcept override { return "callback_actor"; }

  /// The actor whose callback runs on the calling thread right now, if it is `which`; else null. A program that changes
  /// its handlers inside a callback expects the next message to know.
  static callback_actor* running_here(const caf::actor& which) noexcept;

  // Actor's own thread only.
  void apply(const change_callback& x);
  void apply(const change_handlers& x);
  void apply(const change_topic_handler& x);
  void apply(const remove_topic_handlers& x);
  void apply(const change_responder& x);
  void apply(const change_file_callback& x);
  void apply(const change_storage_callback& x);

protected:
  caf::behavior handlers() override;
  void stopped() override;

private:
  struct known_peer {
    socket_t socket;
    std::string text;
  };
  template <class F>
  using shared = std::shared_ptr<const F>;

  void deliver(const actors::frames_received& x);
  void deliver_message(const known_peer& from, const actors::frame& x);
  void deliver_raw(const known_peer& from, const actors::frame& x);
  void deliver_answer(const question_answered& x);
  caf::result<actors::typed_response> answer(const actors::typed_request& x);
  template <class F>
  static shared<F> share(const F& function) {
    return function ? std::make_shared<const F>(function) : nullptr;
  }
  template <class F, class... Ts>
  void call(const shared<F>& function, const Ts&... xs) {
    const auto alive = function;  // The callback may replace itself.
    const auto body = [&] { (*alive)(xs...); };
    if (alive)
      guarded(std::cref(body));  // By reference, so that nothing is allocated.
  }
  /// Runs what calls the program, unless the client has fallen silent. What it throws is logged.
  void guarded(const std::function<void()>& body);

  // -- topics (callback_actor_gossip.cpp)
  caf::message_handler gossip_handlers();
  void deliver(const actors::topic_messages& x);
  void notice(const actors::topic_peers_changed& x);
  [[nodiscard]] actors::judge_messages judge(const actors::validate_messages& x);

  // -- files (callback_actor_files.cpp)
  caf::message_handler file_handlers();
  void notice(const actors::transfer_report& x);
  void decide(const actors::transfer_offered& x);
  void decide(const actors::files_wanted& x);

  // -- the store (callback_actor_storage.cpp)
  caf::message_handler storage_handlers();

  std::weak_ptr<const void> speaking_;
  std::weak_ptr<const void> delivering_;
  std::unordered_map<peer_id, known_peer> peers_;
  message_handlers handlers_;
  topic_handlers topics_;
  std::map<std::string, shared<RequestHandler>> responders_;
  shared<ConnectionCallback> on_connection_;
  shared<DisconnectCallback> on_disconnect_;
  shared<StringDataCallback> on_text_;
  shared<BinaryDataCallback> on_binary_;
  shared<JsonDataCallback> on_json_;
  shared<AdvancedConnectionCallback> on_attempt_;
  shared<MdnsCallback> on_service_;
  shared<FileTransferProgressCallback> on_transfer_progress_;
  shared<FileTransferCompletedCallback> on_transfer_completed_;
  shared<FileTransferRequestCallback> on_offer_;
  shared<DirectoryTransferProgressCallback> on_directory_progress_;
  shared<FileRequestCallback> on_file_wanted_;
  shared<DirectoryRequestCallback> on_directory_wanted_;
  shared<StorageChangeCallback> on_change_;
  shared<StorageSyncCompleteCallback> on_synced_;
};

} // namespace librats::apps
