// SPDX-License-Identifier: MIT
// Questions and answers: the part of typed_messaging that keeps what is open.
#include "actors/typed_messaging.hpp"
#include "protocols/typed/request_codec.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/duration.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t deadline_slot = 0;

constexpr auto not_connected = "the peer is not connected";
constexpr auto too_late = "no answer in time";

// The requests between actors below have no timeout of their own: CAF keeps one until it is over, answered or not. With
// them each question held 0.8 KB for many minutes, and the deadlines of the two tables are enough.

/// The part of `whole` that `part`, which points into it, shows.
byte_slice slice_of(const byte_slice& whole, std::string_view part) {
  if (part.empty())
    return byte_slice::copy_of(std::string_view{"null"});
  const auto offset = part.data() - whole.text().data();
  return whole.sub(static_cast<std::size_t>(offset), part.size());
}

} // namespace

// -- our questions ----------------------------------------------------------------------------------------------------

caf::result<typed_response> typed_messaging::ask_peer(const request_typed& x) {
  if (!last_id_)
    last_id_ = random_.u64(); // An answer to a question from before a restart must not fit one of ours.
  const key which{x.to, ++*last_id_};
  auto payload = protocols::encode_request(which.id, x.type, x.json_text.text());
  if (!payload)
    return runtime::failure(payload.error() == wire_errc::too_large ? "the type is longer than 65535 bytes"
                                                                    : "the type is no UTF-8 or the data no JSON");
  const auto patience = std::clamp<duration>(x.timeout, duration::zero(), patience_max);
  switch (asked_.add(which, now() + patience, 0)) {
  case protocols::request_table::admission::peer_full:
    return runtime::failure("too many requests to this peer wait for an answer");
  case protocols::request_table::admission::full: return runtime::failure("too many requests wait for an answer");
  default: break;
  }
  askers_.emplace(which, make_response_promise<typed_response>());
  rearm();
  this->request(caf::actor_cast<caf::actor>(node_), caf::infinite,
    offer_frames{x.to, make_batch(protocols::message_type::typed, byte_slice{std::move(*payload)})}).then(
    [this, which](const send_report& report) {
      if (report.status == send_status::not_connected)
        fail(which, not_connected);
      else if (report.status == send_status::too_large)
        fail(which, "the request is larger than a message can be");
    },
    [this, which](caf::error&) { fail(which, not_connected); });
  return caf::delegated<typed_response>{};
}

void typed_messaging::handle_response(const peer_id& from, const byte_slice& json_text) {
  auto response = protocols::decode_response(json_text.text());
  if (!response) {
    LIBRATS_LOG(runtime::log_level::debug, kind(), "ignores a response of ", from.short_string(), ": ",
      to_string(response.error()));
    return;
  }
  const key which{from, response->id};
  if (response->error) {
    fail(which, std::move(*response->error));
    return;
  }
  if (!asked_.take(which))
    return; // Too late, the second one, or of somebody who was not asked.
  auto asker = askers_.extract(which);
  asker.mapped().deliver(typed_response{from, slice_of(json_text, response->data_text)});
  rearm();
}

void typed_messaging::fail(const key& which, std::string why) {
  if (!asked_.take(which))
    return;
  auto asker = askers_.extract(which);
  asker.mapped().deliver(runtime::failure(std::move(why)));
  rearm();
}

// -- questions of peers -----------------------------------------------------------------------------------------------

void typed_messaging::handle_request(const peer_id& from, const byte_slice& json_text) {
  const auto request = protocols::decode_request(json_text.text());
  if (!request) {
    LIBRATS_LOG(runtime::log_level::debug, kind(), "ignores a request of ", from.short_string(), ": ",
      to_string(request.error()));
    return;
  }
  const key which{from, request->id};
  if (answering_.waits(which))
    return; // A number that the peer uses twice: which of the two an answer is for would be anybody's guess.
  const auto responder = responders_.find(request->type);
  if (responder == responders_.end()) {
    respond(from, protocols::encode_error_response(which.id, "nobody answers \"" + request->type + "\" here"));
    return;
  }
  if (answering_.add(which, now() + patience_max, json_text.size()) != protocols::request_table::admission::admitted) {
    respond(from, protocols::encode_error_response(which.id, "too many requests wait for an answer"));
    return;
  }
  answerers_.emplace(which, responder->second.address());
  rearm();
  this->request(responder->second, caf::infinite,
    typed_request{from, request->type, slice_of(json_text, request->data_text)}).then(
    [this, which](const typed_response& x) { answer(which, x); },
    [this, which](caf::error& why) { refuse(which, runtime::describe_error(why)); });
}

void typed_messaging::answer(const key& which, const typed_response& x) {
  auto payload = protocols::encode_response(which.id, x.json_text.text());
  if (!payload) {
    refuse(which, "the answer is no JSON");
    return;
  }
  if (!answering_.take(which))
    return;
  answerers_.erase(which);
  rearm();
  this->request(caf::actor_cast<caf::actor>(node_), caf::infinite,
    offer_frames{which.peer, make_batch(protocols::message_type::typed, byte_slice{std::move(*payload)})}).then(
    [this, which](const send_report& report) {
      if (report.status == send_status::too_large)
        respond(which.peer, protocols::encode_error_response(which.id, "the answer is larger than a message can be"));
    },
    [](caf::error&) {}); // The peer is gone, and so is its question.
}

void typed_messaging::refuse(const key& which, std::string_view why) {
  if (!answering_.take(which))
    return;
  answerers_.erase(which);
  rearm();
  respond(which.peer, protocols::encode_error_response(which.id, why));
}

void typed_messaging::respond(const peer_id& to, bytes payload) {
  tell(caf::actor_cast<caf::actor>(node_),
    send_frames{to, make_batch(protocols::message_type::typed, byte_slice{std::move(payload)})});
}

// -- ends -------------------------------------------------------------------------------------------------------------

void typed_messaging::peer_left(const peer_id& who) {
  for (const auto& one : answering_.take_peer(who))
    answerers_.erase(one);
  for (const auto& one : asked_.take_peer(who)) {
    auto asker = askers_.extract(one);
    asker.mapped().deliver(runtime::failure("the peer left before it answered"));
  }
  rearm();
}

void typed_messaging::responder_ended(const caf::actor_addr& who) {
  if (observed_.erase(who) == 0)
    return;
  std::vector<key> open;
  for (const auto& [which, responder] : answerers_)
    if (responder == who)
      open.push_back(which);
  for (const auto& one : open)
    refuse(one, "the responder ended before it answered");
}

void typed_messaging::end_all_requests() {
  for (auto& [which, asker] : std::exchange(askers_, {}))
    if (asked_.take(which))
      asker.deliver(runtime::failure("the typed messaging of this node ended before the answer came"));
  for (const auto& [which, responder] : std::exchange(answerers_, {}))
    if (answering_.take(which))
      respond(which.peer, protocols::encode_error_response(which.id, "the node stopped before it answered"));
}

void typed_messaging::timer_fired(std::uint32_t slot) {
  if (slot != deadline_slot)
    return;
  for (const auto& one : asked_.take_due(now())) {
    auto asker = askers_.extract(one);
    asker.mapped().deliver(runtime::failure(too_late));
  }
  for (const auto& one : answering_.take_due(now())) {
    answerers_.erase(one);
    respond(one.peer, protocols::encode_error_response(one.id, too_late));
  }
  rearm();
}

void typed_messaging::rearm() {
  const auto asked = asked_.poll_timeout();
  const auto answering = answering_.poll_timeout();
  const auto due = asked && answering ? std::min(asked, answering) : asked ? asked : answering;
  if (!due)
    cancel_timer(deadline_slot);
  else if (!timer_armed(deadline_slot) || *due < armed_) // It may fire early, which costs less than to move it often.
    arm_timer(deadline_slot, armed_ = *due);
}

} // namespace librats::actors
