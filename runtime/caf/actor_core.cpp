// SPDX-License-Identifier: MIT
#include "runtime/caf/actor_core.hpp"

#include "runtime/log/log.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>

#include <stdexcept>

namespace librats::runtime {

actor_core::actor_core(caf::actor_config& config) : caf::event_based_actor(config) {
  set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& cause) { return crash_error(cause); });
  // CAF answers a message that its receiver does not understand with an error, and an actor that gets one ends. A
  // stranger who does not care for an event of ours must not be able to do that.
  set_error_handler([](caf::scheduled_actor* self, caf::error& what) {
    LIBRATS_LOG(log_level::debug, self->name(), "ignores an error: ", describe_error(what));
  });
  // An unexpected message is a mistake of the sender, not a reason to die or to print.
  set_default_handler([](caf::scheduled_actor* self, caf::message_view& what) -> caf::result<caf::message> {
    LIBRATS_LOG(log_level::warn, self->name(), "dropped an unexpected message of type ",
      what.content().empty() ? std::string{"()"} : std::to_string(what.content().type_token()));
    return caf::sec::unexpected_message;
  });
}

caf::behavior actor_core::make_behavior() {
  since_ = clock_now();
  entered();
  started();
  if (getf(is_shutting_down_flag))
    return {};  // It quit already. With a behavior it would live on, and a second `quit` does nothing.
  caf::message_handler own{handlers().as_behavior_impl()};
  return own.or_else(caf::message_handler{
    [this](const get_tree& request) { return describe_tree(request); },
    [](const inject_crash& x) { throw std::runtime_error(x.reason); },
  });
}

void actor_core::on_exit() {
  try {
    stopped();
  } catch (const std::exception& cause) {
    LIBRATS_LOG(log_level::error, kind(), "failed while it stopped: ", cause.what());
  } catch (...) {
    LIBRATS_LOG(log_level::error, kind(), "failed while it stopped: exception of an unknown type");
  }
}

caf::result<tree_node> actor_core::describe_tree(const get_tree&) { return describe_self(); }

tree_node actor_core::describe_self() {
  tree_node out;
  out.kind = kind();
  out.name = out.kind;
  out.state = "running";
  out.mailbox = mailbox().size();
  out.since = since_;
  out.handle = caf::actor_cast<caf::actor>(this);
  return out;
}

caf::error actor_core::crash_error(const std::exception_ptr& cause) {
  try {
    std::rethrow_exception(cause);
  } catch (const std::exception& x) {
    return failure(x.what());
  } catch (...) {
    return failure("exception of an unknown type");
  }
}

bool is_orderly_exit(const caf::error& reason) noexcept {
  return !reason || reason == caf::exit_reason::normal || reason == caf::exit_reason::user_shutdown;
}

caf::error failure(std::string sentence) { return caf::make_error(caf::sec::runtime_error, std::move(sentence)); }

std::string describe_error(const caf::error& reason) {
  if (!reason)
    return "it finished";
  if (reason == caf::exit_reason::kill)
    return "it was killed";
  if (reason == caf::exit_reason::user_shutdown)
    return "it was told to stop";
  if (reason == caf::sec::request_timeout)
    return "no answer in time";
  if (reason == caf::sec::request_receiver_down)
    return "the actor that was asked is gone";
  if (reason.context().match_elements<std::string>())
    return reason.context().get_as<std::string>(0);
  return caf::to_string(reason);
}

} // namespace librats::runtime
