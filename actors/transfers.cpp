// SPDX-License-Identifier: MIT
#include "actors/transfers.hpp"

#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr auto request_type = "rats.files";
constexpr auto part_timeout = std::chrono::seconds{5};
constexpr auto transfer_deadline = std::chrono::seconds{2};
/// Bytes of chunks that all transfers to one peer together may have handed to its link unheard. With what the link
/// holds before it says that it is congested, a quarter of its limit, that stays well below the limit.
constexpr std::size_t share_of_link = std::size_t{1} << 20;
/// Between two attempts that brought nothing the wait doubles.
constexpr auto wait_first = std::chrono::seconds{1};
constexpr auto wait_max = std::chrono::seconds{60};

/// Attempts end one by one, and none shall take the others along.
runtime::supervision_options supervision() {
  runtime::supervision_options out;
  out.limits.restarts_max = 100;
  out.limits.delay_max = std::chrono::seconds{1};
  return out;
}

std::string attempt_name(const transfer_record& x) {
  return "transfer " + std::to_string(x.report.id) + "." + std::to_string(x.job);
}

} // namespace

transfers::transfers(
  caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host, args its)
  : supervisor(config, std::move(loop), supervision()), host_(host), options_(its.options), args_(std::move(its)),
    memory_(std::move(args_.memory)) {}

caf::behavior transfers::handlers() {
  return {
    [this](const frames_received& x) { received(x); },
    [this](const transfer_moved& x) { moved(x); },
    [this](const transfer_over& x) { over(x); },
    [this](const peer_connected& x) { connected(x); },
    [this](const peer_link_changed& x) { connected(x.now); },
    [this](const peer_disconnected& x) { disconnected(x); },
    [](const peer_identified&) {},
    [](const peer_congested&) {},
    [this](const peer_writable& x) { pass_on_writable(x); },
    [](const peer_rtt_measured&) {},
    [this](const transfer_audience& x) { args_.audience = x; },
    [this](const offer_files& x) { return offer(x); },
    [this](const answer_offer& x) { return answer(x); },
    [this](const request_files& x) { return request(x); },
    [this](const answer_file_request& x) { answer_request(x); },
    [this](const typed_request& x) { return handle_request(x); },
    [this](const steer_transfer& x) { return steer(x); },
    [this](const get_transfers& x) { return list(x.with_ended); },
    [this](const get_transfer& x) { return report(x); },
    [this](const get_transfer_statistics&) { return statistics(); },
    [this](const configure_transfers& x) { configure(x); },
  };
}

void transfers::start_children() {
  if (!memory_.since)
    memory_.since = now();
  if (memory_.settings)
    configure(*memory_.settings);
  for (auto& [id, one] : memory_.live) {
    one.running = nullptr;
    one.attempting = false;
    if (one.report.phase == transfer_phase::offered && one.report.direction == transfer_direction::receiving
      && !one.accepted)
      routes_[{one.report.peer, one.wire_id}] = id;
  }
  const auto node = caf::actor_cast<caf::actor>(args_.node);
  const auto self = caf::actor_cast<caf::actor>(this);
  tell(node, watch_events{self});
  tell(node, register_messages{protocols::message_type::file_chunk, self});
  ask(
    node, part_timeout, register_responder{request_type, self}, [](const responder_registered&) {},
    [this](caf::error& why) {
      LIBRATS_LOG(runtime::log_level::warn, kind(), "answers no requests: ", runtime::describe_error(why));
    });
  if (!memory_.loaded && options_.resume)
    load();
  arm();
}

void transfers::stopped() {
  supervisor::stopped();
  // Peers need not wait for their timeouts: what can go on does when this node asks again.
  for (const auto& [id, one] : memory_.live)
    if (one.running)
      send_to(one.report.peer, protocols::encode_complete(one.wire_id, false, "interrupted"));
  for (auto& [id, one] : memory_.live)
    if (one.running || one.attempting) {
      one.running = nullptr;
      one.attempting = false;
      one.report.phase = transfer_phase::waiting;
      one.next_attempt.reset();
    }
  for (auto& [where, one] : std::exchange(requests_, {}))
    one.promise.deliver(runtime::failure("file transfers are being restarted"));
  tell(caf::actor_cast<caf::actor>(args_.node), std::move(memory_));
  memory_ = {};
  links_.clear();
  args_.audience = {};
}

void transfers::timer_fired(std::uint32_t slot) {
  if (slot == due_slot)
    look_after();
  else
    supervisor::timer_fired(slot);
}

// -- peers ----------------------------------------------------------------------------------------------------------

caf::actor transfers::link_of(const peer_id& id) const {
  const auto found = links_.find(id);
  return found != links_.end() ? found->second : caf::actor{};
}

void transfers::send_to(const peer_id& to, bytes payload) {
  tell(link_of(to), send_frames{to, make_batch(protocols::message_type::file_chunk, byte_slice{std::move(payload)})});
}

void transfers::connected(const peer_connected& x) {
  const auto before = std::exchange(links_[x.id], x.link);
  const bool replaced = before && before != x.link;
  std::vector<transfer_number> cut;
  for (auto& [id, one] : memory_.live) {
    if (one.report.peer != x.id || !one.running)
      continue;
    const bool sending = one.report.direction == transfer_direction::sending;
    if (replaced && options_.resume && (sending ? one.ours : one.target.journal))
      cut.push_back(id);
    else
      tell(one.running, transfer_link{x.link});
  }
  // The peer may have been started anew, before anybody noticed that the older link was gone: then nobody answers any
  // more to what was sent.
  for (const auto id : cut) {
    auto& one = memory_.live.at(id);
    tell(one.running, transfer_link{});
    interrupt(one, "the link was replaced", false);
  }
  look_after();
}

void transfers::disconnected(const peer_disconnected& x) {
  links_.erase(x.id);
  std::vector<transfer_number> forgotten;
  for (auto& [id, one] : memory_.live) {
    if (one.report.peer != x.id)
      continue;
    if (one.running)
      tell(one.running, transfer_link{});
    else if (one.report.phase == transfer_phase::offered && one.report.direction == transfer_direction::receiving)
      forgotten.push_back(id);
  }
  for (const auto id : forgotten)
    end(memory_.live.at(id), transfer_phase::failed, "the peer is gone");
  for (auto it = requests_.begin(); it != requests_.end();)
    if (it->first.first == x.id) {
      it->second.promise.deliver(runtime::failure("the peer is gone"));
      it = requests_.erase(it);
    } else {
      ++it;
    }
  for (auto it = expected_.begin(); it != expected_.end();)
    it = it->first.first == x.id ? expected_.erase(it) : std::next(it);
}

void transfers::received(const frames_received& x) {
  caf::actor last;
  transfer_inputs inputs;
  const auto hand_over = [&] {
    if (!inputs.payloads.empty())
      tell(last, std::exchange(inputs, {}));
  };
  for (const auto& one : x.frames) {
    const auto payload = one.payload.view();
    const auto wire_id = protocols::transfer_id_of(payload);
    if (!wire_id)
      continue;
    if (payload[0] == static_cast<std::uint8_t>(protocols::transfer_op::offer)) {
      hand_over();
      handle_offer(x.from, one.payload);
      continue;
    }
    const auto found = routes_.find({x.from, *wire_id});
    if (found == routes_.end()) {
      if (protocols::chunk_size_of(payload) != 0)
        disown({x.from, *wire_id});
      continue;
    }
    auto& mine = memory_.live.at(found->second);
    if (!mine.running) { // An offer that nobody has answered: all that its sender can do is take it back.
      const auto message = protocols::decode_transfer(payload);
      const auto* complete = message ? std::get_if<protocols::complete_message>(&*message) : nullptr;
      if (message && (std::holds_alternative<protocols::cancel_message>(*message) || (complete && !complete->ok)))
        end(mine, transfer_phase::cancelled, "the peer took its offer back");
      continue;
    }
    if (last != mine.running)
      hand_over();
    last = mine.running;
    inputs.payloads.push_back(one.payload);
  }
  hand_over();
}

/// Whoever still sends what this node, perhaps since its last start, knows nothing of, need not wait for a timeout.
/// Said once for all that is on its way.
void transfers::disown(const route& what) {
  if (disowned_ == what)
    return;
  disowned_ = what;
  send_to(what.first, protocols::encode_complete(what.second, false, "the receiver knows nothing of this transfer"));
}

/// The link itself tells a few producers, and there may be more.
void transfers::pass_on_writable(const peer_writable& x) {
  for (const auto& [id, one] : memory_.live)
    if (one.running && one.report.peer == x.id && one.report.direction == transfer_direction::sending)
      tell(one.running, x);
}

// -- life of a transfer ---------------------------------------------------------------------------------------------

transfer_record* transfers::find(transfer_number id) {
  const auto found = memory_.live.find(id);
  return found != memory_.live.end() ? &found->second : nullptr;
}

transfer_number transfers::draw() {
  constexpr std::uint64_t first = std::uint64_t{1} << 32;
  constexpr std::uint64_t end = std::uint64_t{1} << 53;
  for (;;) {
    const auto out = first + host_.random().below(end - first);
    if (memory_.live.count(out) == 0)
      return out;
  }
}

std::optional<std::string> transfers::refusal(const peer_id& peer) const {
  if (memory_.live.size() + scanning_ >= options_.transfers_max)
    return "too many transfers";
  const auto with_peer = std::count_if(
    memory_.live.begin(), memory_.live.end(), [&](const auto& x) { return x.second.report.peer == peer; });
  if (static_cast<std::size_t>(with_peer) >= options_.per_peer_max)
    return "too many transfers with this peer";
  return std::nullopt;
}

std::string transfers::folder() const {
  return options_.folder + "/" + to_hex(args_.self.view().first(8));
}

transfer_record& transfers::add(transfer_record x) {
  x.report.started_at = x.report.changed_at = now();
  x.report.chunk_size = options_.chunk_size;
  auto& out = memory_.live.emplace(x.report.id, std::move(x)).first->second;
  return out;
}

/// Starts an attempt. Its route and its job are known from here on.
void transfers::begin(transfer_record& x, transfer::args its) {
  x.job = its.job = ++last_job_;
  its.id = x.report.id;
  its.peer = x.report.peer;
  its.link = link_of(x.report.peer);
  its.worker = worker(x.report.id);
  its.owner = address();
  its.paused = x.user_paused;
  const auto others = std::count_if(memory_.live.begin(), memory_.live.end(), [&](const auto& other) {
    const auto& report = other.second.report;
    return other.second.running && report.peer == x.report.peer && report.direction == transfer_direction::sending;
  });
  its.share = x.share
    = std::max(share_of_link / (static_cast<std::size_t>(others) + 1), options_.chunk_size);
  if (!its.worker || !its.link) {
    interrupt(x, its.link ? "the disk worker is being restarted" : "the peer is gone", true);
    return;
  }
  routes_[{x.report.peer, x.wire_id}] = x.report.id;
  jobs_[x.job] = x.report.id;
  const auto name = attempt_name(x);
  add_child({name, runtime::restart_kind::temporary, transfer_deadline,
    [this, its = std::move(its)] { return runtime::spawn_pinned<transfer>(system(), shared_loop(), its); }});
  x.running = child(name);
  share_links();
  tell_watchers(x);
}

void transfers::end_attempt(transfer_record& x) {
  routes_.erase({x.report.peer, x.wire_id});
  jobs_.erase(x.job);
  x.running = nullptr;
  x.attempting = false;
  x.report.rate = 0;
  x.report.remaining.reset();
  share_links();
}

void transfers::close_job(transfer_record& x, file_fate fate) {
  if (x.job != 0)
    tell(worker(x.report.id), close_files{x.job, fate});
  x.job = 0;
}

void transfers::moved(const transfer_moved& x) {
  auto* mine = find(x.id);
  if (mine == nullptr || mine->job != x.job)
    return;
  auto& report = mine->report;
  const bool sending = report.direction == transfer_direction::sending;
  if (x.started && report.phase != transfer_phase::active && report.phase != transfer_phase::paused) {
    mine->counted = x.bytes_done;
    mine->best = std::max(mine->best, x.bytes_done);
    report.error.clear();
  }
  if (x.bytes_done > mine->counted) {
    (sending ? memory_.counted.bytes_sent : memory_.counted.bytes_received) += x.bytes_done - mine->counted;
    mine->counted = x.bytes_done;
  }
  if (x.bytes_done > mine->best) {
    mine->best = x.bytes_done;
    mine->fruitless = 0;
  }
  mine->ours = mine->ours || x.ours;
  if (!sending) {
    report.local_path = mine->target.destination = x.local_path;
    mine->target.choose_name = false;
  }
  report.phase = x.phase;
  mine->user_paused = x.phase == transfer_phase::paused;
  report.bytes_done = x.bytes_done;
  report.files_done = x.files_done;
  report.current_file = report.files && x.current < report.files->size() ? (*report.files)[x.current].path : "";
  report.rate = x.phase == transfer_phase::active ? x.rate : 0;
  report.average = x.average;
  report.remaining = x.remaining;
  report.changed_at = now();
  tell_watchers(*mine);
}

void transfers::over(const transfer_over& x) {
  auto* mine = find(x.last.id);
  if (mine == nullptr || mine->job != x.last.job)
    return;
  using protocols::transfer_errc;
  const bool sending = mine->report.direction == transfer_direction::sending;
  const auto before = mine->report.phase;
  const bool paused = mine->user_paused;
  auto last = x.last;
  last.phase = before; // The end itself is told below.
  moved(last);
  mine->user_paused = paused;
  if (!x.error) {
    mine->report.checksum = x.checksum;
    mine->report.bytes_done = x.last.bytes_done;
    close_job(*mine, mine->target.journal ? file_fate::delivered : file_fate::discard);
    if (!sending && mine->target.journal)
      memory_.delivered.push_back(mine->offer->details->fingerprint);
    end(*mine, transfer_phase::completed, {});
    return;
  }
  const std::string what = protocols::to_string(*x.error);
  const auto why = x.reason.empty() ? what : what + ": " + runtime::escaped(x.reason, 512);
  const bool lost = *x.error == transfer_errc::link_lost;
  bool again = options_.resume
    && (protocols::may_resume(*x.error) || *x.error == transfer_errc::out_of_order
      || (*x.error == transfer_errc::expired && mine->report.retries != 0));
  if (sending) // Another edition's receiver that gives up would be asked by us again and again.
    again = again && (*x.error != transfer_errc::failed_by_peer || mine->ours || !x.reason.empty());
  else
    again = again && mine->target.journal && mine->accepted;
  if (again) {
    interrupt(*mine, why, !lost);
    return;
  }
  const bool stopped = *x.error == transfer_errc::cancelled || *x.error == transfer_errc::cancelled_by_peer;
  end(*mine, stopped ? transfer_phase::cancelled : transfer_phase::failed, why);
}

/// An attempt is over, and there may be another one. `at_fault`: it was not just the link that broke.
void transfers::interrupt(transfer_record& x, std::string why, bool at_fault) {
  close_job(x, file_fate::keep);
  end_attempt(x);
  if (at_fault && ++x.fruitless > options_.retries_max) {
    end(x, transfer_phase::failed, why);
    return;
  }
  ++memory_.counted.interrupted;
  ++x.report.retries;
  x.report.phase = transfer_phase::waiting;
  x.report.error = std::move(why);
  x.report.changed_at = x.waiting_since = now();
  x.next_attempt.reset();
  if (at_fault) {
    const auto doublings = std::min<std::uint32_t>(x.fruitless - 1, 10);
    x.next_attempt = now() + std::min<duration>(wait_first * (1u << doublings), wait_max);
  }
  LIBRATS_LOG(runtime::log_level::info, kind(), "transfer ", x.report.id, " waits: ", x.report.error);
  tell_watchers(x);
  look_after();
}

/// It is done with. `x` is no more when this returns.
void transfers::end(transfer_record& x, transfer_phase how, std::string why) {
  const bool sending = x.report.direction == transfer_direction::sending;
  const bool had_job = x.job != 0;
  close_job(x, file_fate::discard);
  end_attempt(x);
  if (sending)
    tell(worker(x.report.id), forget_outgoing{folder(), x.report.id});
  else if (!had_job && x.target.journal && how != transfer_phase::completed)
    tell(worker(x.report.id), discard_partial{x.target.folder, x.target.key});
  x.report.phase = how;
  x.report.error = std::move(why);
  x.report.changed_at = now();
  x.report.current_file.clear();
  auto& counted = memory_.counted;
  if (how == transfer_phase::completed) {
    ++counted.completed;
    x.report.files_done = x.report.files_total;
    (sending ? counted.files_sent : counted.files_received) += x.report.files_total;
  } else {
    ++counted.failed;
  }
  LIBRATS_LOG(runtime::log_level::info, kind(), "transfer ", x.report.id,
    how == transfer_phase::completed     ? " is complete"
      : how == transfer_phase::cancelled ? " is cancelled"
                                         : " failed",
    x.report.error.empty() ? "" : ": ", x.report.error);
  tell_watchers(x);
  const auto id = x.report.id;
  memory_.ended.push_back(std::move(x.report));
  while (memory_.ended.size() > options_.history_max)
    memory_.ended.pop_front();
  memory_.live.erase(id);
  arm();
}

/// One that ended as it should has told why before.
void transfers::child_gone(const std::string& name, const caf::error& reason) {
  if (stopping())
    return;
  for (auto& [id, one] : memory_.live)
    if (one.running && attempt_name(one) == name) {
      send_to(one.report.peer, protocols::encode_complete(one.wire_id, false, "interrupted"));
      if (options_.resume && (one.report.direction == transfer_direction::sending || one.target.journal))
        interrupt(one, runtime::describe_error(reason), true);
      else
        end(one, transfer_phase::failed, runtime::describe_error(reason));
      return;
    }
}

void transfers::attempt(transfer_record& x) {
  if (x.report.direction == transfer_direction::sending)
    send_files(x);
}

/// Each peer's link is for all transfers to it in equal parts.
void transfers::share_links() {
  std::map<peer_id, std::size_t> counts;
  for (const auto& [id, one] : memory_.live)
    if (one.running && one.report.direction == transfer_direction::sending)
      ++counts[one.report.peer];
  for (auto& [id, one] : memory_.live) {
    if (!one.running || one.report.direction != transfer_direction::sending)
      continue;
    const auto share = std::max(share_of_link / counts[one.report.peer], options_.chunk_size);
    if (std::exchange(one.share, share) != share)
      tell(one.running, transfer_share{share});
  }
}

void transfers::tell_watchers(const transfer_record& x) {
  if (args_.audience.watchers.empty())
    return;
  const auto news = caf::make_message(x.report);
  for (const auto& one : args_.audience.watchers)
    send(one, news);
}

} // namespace librats::actors
