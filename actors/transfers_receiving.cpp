// SPDX-License-Identifier: MIT
// What `transfers` does to receive: offers of peers, and requests of this node.
#include "actors/transfers.hpp"

#include "actors/partial_folder.hpp"
#include "protocols/transfer/manifest.hpp"
#include "protocols/typed/typed_json.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr auto request_type = "rats.files";
constexpr auto request_timeout = std::chrono::seconds{30};
/// From the peer's consent, or what comes before it, to its offer.
constexpr auto offer_patience = std::chrono::seconds{60};
/// What a path of this node's and a message may have together; more is nobody's.
constexpr std::size_t half = 16;

bool same_files(const protocols::transfer_offer& a, const protocols::transfer_offer& b) {
  return a.details && b.details && a.directory == b.directory && a.total == b.total && a.files.size() == b.files.size()
    && std::equal(
      a.details->fingerprint.begin(), a.details->fingerprint.begin() + half, b.details->fingerprint.begin());
}

} // namespace

void transfers::refuse(const peer_id& to, std::uint64_t id, std::string_view why) {
  send_to(to, protocols::encode_reject(id, why));
}

void transfers::handle_offer(const peer_id& from, const byte_slice& payload) {
  const auto message = protocols::decode_transfer(payload.view());
  const auto* raw = message ? std::get_if<protocols::offer_message>(&*message) : nullptr;
  if (raw == nullptr || routes_.count({from, raw->id}) != 0)
    return;
  const auto reject = [&](const std::string& why) {
    ++memory_.counted.offers_refused;
    LIBRATS_LOG(runtime::log_level::info, kind(), "refuses an offer of ", from.short_string(), ": ", why);
    refuse(from, raw->id, why);
  };
  disowned_.reset();
  const auto checked = protocols::check_offer(*raw, protocols::name_rules::posix);
  if (!checked)
    return reject(checked.error().to_text());
  const auto offer = std::make_shared<const protocols::transfer_offer>(*checked);
  if (goes_on(from, offer))
    return;
  if (offer->details
    && std::find(memory_.delivered.begin(), memory_.delivered.end(), offer->details->fingerprint)
      != memory_.delivered.end()) {
    // Our word that all is there got lost.
    const auto all = static_cast<std::uint32_t>(offer->files.size());
    send_to(from, protocols::encode_accept(raw->id, protocols::resume_point{all, 0, {}}));
    send_to(from, protocols::encode_complete(raw->id, true));
    return;
  }
  const auto expected = expected_.find({from, raw->id});
  if (expected == expected_.end()) {
    const auto open = std::count_if(memory_.live.begin(), memory_.live.end(), [&](const auto& x) {
      const auto& one = x.second.report;
      return one.peer == from && one.phase == transfer_phase::offered && one.direction == transfer_direction::receiving
        && !x.second.accepted;
    });
    if (static_cast<std::size_t>(open) >= options_.offers_per_peer_max)
      return reject("too many offers wait for an answer");
    if (const auto why = refusal(from))
      return reject(*why);
  }
  transfer_record mine;
  mine.report.id = raw->id >> 32 != 0 && raw->id >> 53 == 0 && memory_.live.count(raw->id) == 0 ? raw->id : draw();
  mine.wire_id = raw->id;
  mine.report.peer = from;
  mine.report.direction = transfer_direction::receiving;
  mine.report.directory = offer->directory;
  mine.report.name = offer->name;
  describe_files(mine.report, *offer);
  mine.offer = offer;
  mine.answer_by = now() + options_.idle_max;
  mine.target.folder = folder();
  mine.target.key = key_of(from, mine.report.id);
  mine.target.sender = from;
  mine.target.journal = options_.resume && offer->details;
  const auto id = mine.report.id;
  auto& kept = add(std::move(mine));
  routes_[{from, raw->id}] = id;
  if (expected != expected_.end()) {
    const auto wanted = expected->second;
    expected_.erase(expected);
    if (wanted.directory != offer->directory) {
      refuse(from, raw->id, "this is not what was asked for");
      end(kept, transfer_phase::failed, "the peer sent something else");
      return;
    }
    kept.target.destination = wanted.destination;
    receive_files(kept);
    return;
  }
  ask_about(kept);
}

/// Whether it is the offer of a transfer that was accepted and interrupted. Then it goes on.
bool transfers::goes_on(const peer_id& from, const offer_ptr& offer) {
  if (!options_.resume || !offer->details)
    return false;
  transfer_record* best = nullptr;
  for (auto& [id, one] : memory_.live) {
    if (one.report.peer != from || one.report.direction != transfer_direction::receiving || !one.accepted
      || !one.target.journal || !one.offer || !same_files(*one.offer, *offer))
      continue;
    const bool same = one.offer->details->fingerprint == offer->details->fingerprint;
    if (same)
      best = &one;
    else if (best == nullptr && one.report.phase == transfer_phase::waiting)
      best = &one;
  }
  if (best == nullptr)
    return false;
  if (best->running) { // Its sender has begun anew before we knew that the old attempt was over.
    const auto name = "transfer " + std::to_string(best->report.id) + "." + std::to_string(best->job);
    close_job(*best, file_fate::keep);
    end_attempt(*best);
    remove_child(name);
    ++best->report.retries;
  }
  best->offer = offer;
  best->wire_id = offer->id;
  receive_files(*best);
  return true;
}

void transfers::ask_about(transfer_record& x) {
  tell_watchers(x);
  if (const auto& judge = args_.audience.offer_handler) {
    transfer_offered question;
    question.id = x.report.id;
    question.from = x.report.peer;
    question.directory = x.report.directory;
    question.name = x.report.name;
    question.bytes_total = x.report.bytes_total;
    question.files = x.report.files;
    tell(judge, std::move(question));
    arm();
    return;
  }
  std::string why;
  if (options_.inbox.empty())
    why = "nobody takes files here";
  else if (x.report.bytes_total > options_.inbox_bytes_max)
    why = "more than the inbox takes, " + std::to_string(options_.inbox_bytes_max) + " bytes";
  if (!why.empty()) {
    ++memory_.counted.offers_refused;
    refuse(x.report.peer, x.wire_id, why);
    end(x, transfer_phase::failed, "refused: " + why);
    return;
  }
  x.target.destination = options_.inbox;
  x.target.choose_name = true;
  receive_files(x);
}

caf::result<offer_answered> transfers::answer(const answer_offer& x) {
  auto* mine = find(x.id);
  if (mine == nullptr || mine->report.direction != transfer_direction::receiving
    || mine->report.phase != transfer_phase::offered || mine->accepted)
    return runtime::failure("no such offer waits for an answer");
  if (!x.accept) {
    refuse(mine->report.peer, mine->wire_id, x.reason);
    end(*mine, transfer_phase::failed, x.reason.empty() ? "refused" : "refused: " + x.reason);
    return offer_answered{};
  }
  if (x.destination.empty())
    return runtime::failure("an offer that is accepted needs a destination");
  mine->target.destination = x.destination;
  receive_files(*mine);
  return offer_answered{};
}

/// An attempt to receive: the first one, or one that goes on.
void transfers::receive_files(transfer_record& x) {
  transfer::args its;
  its.resuming = std::exchange(x.accepted, true);
  x.target.offer = x.offer;
  if (x.target.choose_name)
    for (const auto& [id, one] : memory_.live)
      x.target.taken.insert(one.report.local_path);
  its.offer = x.offer;
  its.target = x.target;
  x.target.taken.clear();
  its.receiving.idle_max = options_.idle_max;
  its.receiving.verify = options_.verify;
  if (!x.target.journal)
    its.receiving.checkpoint_every = 0;
  begin(x, std::move(its));
}

// -- requests of ours -----------------------------------------------------------------------------------------------

caf::result<files_requested> transfers::request(const request_files& x) {
  if (!link_of(x.from))
    return runtime::failure("this peer is not connected");
  if (x.destination.empty())
    return runtime::failure("a request needs a destination");
  if (auto why = refusal(x.from))
    return runtime::failure(std::move(*why));
  const auto number = draw();
  nlohmann::json question{{"id", number}, {"path", x.path}, {"directory", x.directory}, {"recursive", x.recursive}};
  const auto text = protocols::dump_json(question);
  if (!text || !protocols::parse_json(*text))
    return runtime::failure("a path in a request must be UTF-8");
  const route where{x.from, number};
  // Before the peer answers: its offer may overtake the answer.
  expected_[where] = {x.destination, x.directory, now() + offer_patience};
  arm();
  auto promise = make_response_promise<files_requested>();
  request_typed message;
  message.to = x.from;
  message.type = request_type;
  message.json_text = byte_slice::copy_of(*text);
  message.timeout = request_timeout;
  ask(
    caf::actor_cast<caf::actor>(args_.node), request_timeout + std::chrono::seconds{5}, std::move(message),
    [promise, number](const typed_response&) mutable { promise.deliver(files_requested{number}); },
    [this, promise, where](caf::error& why) mutable {
      expected_.erase(where);
      promise.deliver(why);
    });
  return caf::delegated<files_requested>{};
}

} // namespace librats::actors
