// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/actor/common_messages.hpp"

#include <caf/behavior.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/message_handler.hpp>

#include <exception>
#include <string>
#include <utility>

namespace librats::runtime {

/// What all actors of ours have in common: a kind, an answer to `get_tree`, and an end by exception that is an error
/// with a sentence instead of a line on the console. Derive from `pinned_actor` or `pooled_actor`, never from this.
class actor_core : public caf::event_based_actor {
public:
  explicit actor_core(caf::actor_config& config);

  const char* name() const override { return kind(); }

  /// The class of the actor as logs and the live tree show it: a string literal.
  [[nodiscard]] virtual const char* kind() const noexcept = 0;

protected:
  /// The messages that this actor understands. Runs once, on the actor's own thread, after `started`.
  virtual caf::behavior handlers() = 0;
  /// Runs first, on the actor's own thread.
  virtual void started() {}
  /// Runs last, on the actor's own thread; `why` is what supervisors will see. Must let go of sockets and timers.
  virtual void stopped() {}
  /// Answers `get_tree`; a supervisor adds its children.
  virtual caf::result<tree_node> describe_tree(const get_tree& request);

  /// This actor as one node of the live tree, without children.
  [[nodiscard]] tree_node describe_self();

  [[nodiscard]] time_point clock_now() { return clock().now(); }

  /// Sends without waiting for an answer. A receiver that is gone swallows the message.
  template <class Handle, class Message>
  void tell(const Handle& to, Message&& message) {
    if (to)
      send(to, std::forward<Message>(message));
  }

  /// Hands on the message that is being handled, without copying it: what the handler was given is empty afterwards.
  template <class Handle>
  void hand_on(const Handle& to) {
    if (to)
      send(to, current_mailbox_element()->move_content_to_message());
  }

  /// Sends and waits, without blocking, for one answer: `on_reply(const Reply&)` or `on_error(caf::error&)`, the latter
  /// also when `timeout` passes or the receiver is gone.
  template <class Handle, class Message, class OnReply, class OnError>
  void ask(const Handle& to, duration timeout, Message&& message, OnReply on_reply, OnError on_error) {
    request(to, timeout, std::forward<Message>(message)).then(std::move(on_reply), std::move(on_error));
  }

  /// Lets another actor answer the current request in this one's place.
  template <class Reply, class Handle, class Message>
  caf::result<Reply> pass_on(const Handle& to, Message&& message) {
    delegate(to, std::forward<Message>(message));
    return caf::delegated<Reply>{};
  }

  /// Turns an exception into the error that this actor ends with.
  static caf::error crash_error(const std::exception_ptr& cause);

private:
  /// Runs before `started`; for the bases of actors.
  virtual void entered() {}
  caf::behavior make_behavior() final;
  void on_exit() final;

  time_point since_{};
};

/// True for an end that nobody needs to repair: a finished job or an ordered stop.
bool is_orderly_exit(const caf::error& reason) noexcept;

/// An error that carries a sentence for people, as answer to a request or as reason of an exit.
caf::error failure(std::string sentence);

/// The sentence inside an error or an actor's exit reason.
std::string describe_error(const caf::error& reason);

} // namespace librats::runtime
