// SPDX-License-Identifier: MIT
#pragma once

#include "apps/librats/client_messages.hpp"
#include "apps/librats/message_handlers.hpp"
#include "runtime/caf/pooled_actor.hpp"

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
  template <class F, class... Ts>
  void call(const shared<F>& function, const Ts&... xs);

  std::weak_ptr<const void> speaking_;
  std::weak_ptr<const void> delivering_;
  std::unordered_map<peer_id, known_peer> peers_;
  message_handlers handlers_;
  shared<ConnectionCallback> on_connection_;
  shared<DisconnectCallback> on_disconnect_;
  shared<StringDataCallback> on_text_;
  shared<BinaryDataCallback> on_binary_;
  shared<JsonDataCallback> on_json_;
  shared<AdvancedConnectionCallback> on_attempt_;
  shared<MdnsCallback> on_service_;
};

} // namespace librats::apps
