// SPDX-License-Identifier: MIT
// Questions to peers, who answers theirs, and who waits for room in a peer's queue.
#include "apps/librats/client_actor.hpp"

#include <caf/duration.hpp>

#include <utility>

namespace librats::apps {

namespace {

constexpr auto node_timeout = std::chrono::seconds{15};

constexpr auto not_running = "the client does not run";

} // namespace

caf::message_handler client_actor::messaging_handlers() {
  return {
    [this](const put_question& x) { ask_peer(x); },
    [this](const add_responder& x) { return add(x); },
    [this](const remove_responder& x) { remove(x); },
    [this](const watch_room& x) { watch(x); },
    // What peers ask: the program answers, on its own thread.
    [this](const actors::typed_request& x) { return pass_on<actors::typed_response>(callbacks_, x); },
    [](const actors::responder_registered&) {},
  };
}

// -- questions --------------------------------------------------------------------------------------------------------

void client_actor::ask_peer(const put_question& x) {
  const auto question = ++last_question_;
  questions_.emplace(question, x.function);
  if (phase_ != phase::running) {
    end_question(question, {}, not_running);
    return;
  }
  // Without a timeout, which CAF would keep until it is over: the node always answers, if only by its end.
  request(node_, caf::infinite, x.what).then(
    [this, question](const actors::typed_response& y) { end_question(question, y.json_text, {}); },
    [this, question](caf::error& why) { end_question(question, {}, runtime::describe_error(why)); });
}

void client_actor::end_question(std::uint64_t question, byte_slice json_text, std::string error) {
  auto found = questions_.extract(question);
  if (!found.empty() && found.mapped())
    tell(callbacks_, question_answered{std::move(found.mapped()), std::move(json_text), std::move(error)});
}

void client_actor::end_questions() {
  while (!questions_.empty())
    end_question(questions_.begin()->first, {}, "the client stopped before the answer came");
}

caf::result<responder_added> client_actor::add(const add_responder& x) {
  responder_types_.insert(x.type);
  if (!node_ || phase_ == phase::stopping)
    return responder_added{};
  auto promise = make_response_promise<responder_added>();
  ask(
    node_, node_timeout, actors::register_responder{x.type, self()},
    [promise](const actors::responder_registered&) mutable { promise.deliver(responder_added{}); },
    [promise](caf::error& why) mutable { promise.deliver(std::move(why)); });
  return caf::delegated<responder_added>{};
}

void client_actor::remove(const remove_responder& x) {
  if (responder_types_.erase(x.type) != 0)
    tell(node_, actors::unregister_responder{x.type, self()});
}

// -- room -------------------------------------------------------------------------------------------------------------

/// Asks the link itself, whose answer counts everything that was sent before. When it is congested, its next
/// `peer_writable` comes after that answer.
void client_actor::watch(const watch_room& x) {
  const auto found = peers_.find(x.id);
  if (found == peers_.end()) {
    tell(callbacks_, room_noticed{x.function, x.text, false});
    return;
  }
  found->second.watchers.push_back(x);
  const auto now_writable = [this, id = x.id] {
    if (const auto still = peers_.find(id); still != peers_.end())
      mark_writable(still->second);
  };
  ask(
    found->second.entry->link.link, node_timeout,
    actors::offer_frames{x.id, actors::frame_batch{}},
    [now_writable](const actors::send_report& report) {
      // A link that is over is followed by another one or by the end of the peer, and both are told.
      if (report.status == actors::send_status::queued)
        now_writable();
    },
    [now_writable](caf::error&) { now_writable(); }); // It ended, or has more to do than to answer: try.
}

void client_actor::tell_watchers(peer& x, bool connected) {
  for (auto& one : std::exchange(x.watchers, {}))
    tell(callbacks_, room_noticed{std::move(one.function), std::move(one.text), connected});
}

} // namespace librats::apps
