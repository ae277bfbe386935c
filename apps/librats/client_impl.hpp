// SPDX-License-Identifier: MIT
#pragma once

#include "actors/frames.hpp"
#include "actors/storage_messages.hpp"
#include "actors/transfer_messages.hpp"
#include "apps/librats/blocking_request.hpp"
#include "apps/librats/callback_actor.hpp"
#include "apps/librats/client_actor.hpp"
#include "apps/librats/client_messages.hpp"
#include "apps/librats/view_cache.hpp"
#include "librats.h"
#include "runtime/caf/system_config.hpp"
#include "runtime/host/real_host.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace librats {

/// The actor world behind one client. Nothing in it changes between construction and destruction: what changes belongs
/// to the client actor and the callback actor, and calling threads share nothing but their mailboxes.
class RatsClient::impl {
public:
  explicit impl(apps::client_settings settings);
  /// Falls silent, stops, saves, and waits for a running callback.
  ~impl();
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  /// What is true now. Usually costs no message: see `view_lease`.
  [[nodiscard]] std::shared_ptr<const apps::client_view> view() const;
  [[nodiscard]] std::shared_ptr<const apps::client_settings> settings() const { return view()->settings; }
  [[nodiscard]] apps::thread_memory& memory() const { return apps::memory_of_this_thread(alive_); }
  [[nodiscard]] bool inside_callback() const noexcept {
    return apps::callback_actor::running_here(callbacks_) != nullptr;
  }
  [[nodiscard]] runtime::host& host() noexcept { return host_; }

  /// Takes effect before it returns.
  void change(apps::change_settings what);
  bool start();
  void stop(bool silently, bool save);
  void dial(const std::string& host, std::uint16_t port);
  void disconnect(const std::string& id);

  /// Asks the client actor; empty while the client is being destroyed.
  template <class Reply, class Request>
  [[nodiscard]] std::optional<Reply> ask_client(Request what) const {
    return apps::ask_blocking<Reply>(system_, client_, std::move(what));
  }
  /// The same; why there is no answer goes to the log: "cannot" and `task`.
  template <class Reply, class Request>
  [[nodiscard]] std::optional<Reply> ask_client_to(const char* task, Request what) const {
    caf::error why;
    auto out = apps::ask_blocking<Reply>(system_, client_, std::move(what), caf::infinite, &why);
    if (!out)
      LIBRATS_LOG(runtime::log_level::warn, "client", "cannot ", task, ": ", runtime::describe_error(why));
    return out;
  }
  template <class Message>
  void tell_client(Message what) {
    caf::anon_send(client_, std::move(what));
  }

  /// Handlers and callbacks: at once from inside a callback, else with the next event.
  template <class Change>
  void change_callbacks(Change what) {
    if (auto* here = apps::callback_actor::running_here(callbacks_))
      here->apply(what);
    else
      caf::anon_send<caf::message_priority::high>(callbacks_, std::move(what));
  }
  void finish_send(SendCallback callback, bool success, std::string error);
  void finish_request(ResponseCallback callback, std::string error);

  /// Whether the peer's queue is above its mark, all included that this thread has sent so far.
  [[nodiscard]] bool congested(const std::string& id);
  /// Sends to one peer, waiting while its queue is congested. False when it is not connected.
  bool send(const std::string& id, const std::optional<actors::frame>& one);
  /// The same to every peer; tells how many.
  int broadcast(const std::optional<actors::frame>& one);
  /// Publishes, waiting while those that it goes to are congested. False when it cannot be (client_gossip.cpp).
  bool publish(const std::string& topic, byte_slice data);

  // -- files (client_files.cpp)
  std::string offer(const std::string& peer, actors::offer_files what);
  std::string request(const std::string& peer, actors::request_files what);
  bool answer(const std::string& transfer, actors::answer_offer what);
  bool steer(const std::string& transfer, actors::transfer_command command);

  // -- the store (client_storage.cpp)
  bool put(const std::string& key, protocols::storage_value value);
  [[nodiscard]] std::optional<actors::value_got> get(const std::string& key) const;
  [[nodiscard]] actors::storage_status storage_status() const;
  void want_storage();

private:
  bool send(apps::thread_memory& mine, const apps::peer_entry& to, const actors::frame& one);
  bool send_and_wait(const apps::peer_entry& to, const actors::frame& one);

  std::shared_ptr<const void> alive_ = std::make_shared<int>();
  mutable runtime::system_config config_;
  mutable caf::actor_system system_{config_};
  runtime::real_host host_{system_};
  caf::actor callbacks_;
  caf::actor client_;
};

namespace apps {

/// Empty when the payload is larger than a peer's queue may become.
std::optional<actors::frame> make_checked_frame(
  protocols::message_type type, byte_slice payload, const char* channel = nullptr);

} // namespace apps

} // namespace librats
