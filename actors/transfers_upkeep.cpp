// SPDX-License-Identifier: MIT
// What `transfers` does by the clock, its disk workers, and what it finds on disk at its start.
#include "actors/transfers.hpp"

#include "actors/file_worker.hpp"
#include "actors/partial_folder.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr auto load_timeout = std::chrono::minutes{5};
constexpr auto worker_deadline = std::chrono::seconds{5};
/// A thread that has nothing to do for so long goes.
constexpr auto worker_idle = std::chrono::seconds{30};

std::string worker_name(std::size_t index) {
  return "file_worker-" + std::to_string(index);
}

} // namespace

// -- what is due ----------------------------------------------------------------------------------------------------

void transfers::look_after() {
  std::vector<transfer_number> due;
  const auto time = now();
  for (const auto& [id, one] : memory_.live) {
    const bool sending = one.report.direction == transfer_direction::sending;
    if (one.report.phase == transfer_phase::waiting) {
      const bool may_try = sending && !one.running && !one.attempting && link_of(one.report.peer)
        && (!one.next_attempt || *one.next_attempt <= time);
      if (may_try || (!one.running && !one.attempting && time >= one.waiting_since + options_.keep))
        due.push_back(id);
    } else if (one.report.phase == transfer_phase::offered && !sending && !one.accepted && time >= one.answer_by) {
      due.push_back(id);
    }
  }
  for (const auto id : due) {
    auto* one = find(id);
    if (one == nullptr)
      continue;
    if (one->report.phase == transfer_phase::offered)
      end(*one, transfer_phase::failed, "nobody answered the offer");
    else if (time >= one->waiting_since + options_.keep)
      end(*one, transfer_phase::failed, "the peer did not come back: " + one->report.error);
    else
      attempt(*one);
  }
  for (auto it = expected_.begin(); it != expected_.end();)
    it = it->second.until <= time ? expected_.erase(it) : std::next(it);
  for (auto it = requests_.begin(); it != requests_.end();)
    if (it->second.until <= time) {
      it->second.promise.deliver(runtime::failure("nobody decided about the request in time"));
      it = requests_.erase(it);
    } else {
      ++it;
    }
  stop_idle_workers();
  arm();
}

void transfers::arm() {
  auto due = time_point::max();
  for (const auto& [id, one] : memory_.live) {
    const bool sending = one.report.direction == transfer_direction::sending;
    if (one.report.phase == transfer_phase::waiting && !one.running && !one.attempting) {
      due = std::min(due, one.waiting_since + options_.keep);
      if (sending && link_of(one.report.peer))
        due = std::min(due, one.next_attempt.value_or(now()));
    } else if (one.report.phase == transfer_phase::offered && !sending && !one.accepted) {
      due = std::min(due, one.answer_by);
    }
  }
  for (const auto& [where, one] : expected_)
    due = std::min(due, one.until);
  for (const auto& [where, one] : requests_)
    due = std::min(due, one.until);
  if (idle_since_)
    due = std::min(due, *idle_since_ + worker_idle);
  if (due == time_point::max())
    cancel_timer(due_slot);
  else
    arm_timer(due_slot, std::max(due, now()));
}

// -- disk workers ---------------------------------------------------------------------------------------------------

/// The worker of a transfer: always the same one, so that what one attempt left is there for the next. Null while it is
/// being restarted.
caf::actor transfers::worker(std::uint64_t id) {
  const auto name = worker_name(static_cast<std::size_t>(id % std::max<std::size_t>(options_.workers, 1)));
  idle_since_ = now();
  if (!timer_armed(due_slot))
    arm_timer(due_slot, now() + worker_idle);
  if (auto running = child(name))
    return running;
  add_child({name, runtime::restart_kind::permanent, worker_deadline, [this] { return spawn_file_worker(host_); }});
  return child(name);
}

void transfers::stop_idle_workers() {
  const bool busy = scanning_ != 0
    || std::any_of(memory_.live.begin(), memory_.live.end(), [](const auto& x) { return bool{x.second.running}; });
  if (!idle_since_)
    return;
  if (busy) {
    idle_since_ = now();
  } else if (now() >= *idle_since_ + worker_idle) {
    for (std::size_t i = 0; i < options_.workers; ++i)
      if (child(worker_name(i)))
        remove_child(worker_name(i));
    idle_since_.reset();
  }
}

void transfers::load() {
  load_transfers request;
  request.folder = folder();
  request.oldest_s = host_.unix_time() - std::chrono::duration_cast<std::chrono::seconds>(options_.keep).count();
  const auto reader = worker(0);
  if (!reader)
    return;
  ask(
    reader, load_timeout, std::move(request), [this](const transfers_loaded& x) { loaded(x); },
    [this](caf::error& why) {
      LIBRATS_LOG(runtime::log_level::warn, kind(), "cannot read ", folder(), ": ", runtime::describe_error(why));
    });
}

void transfers::loaded(const transfers_loaded& x) {
  memory_.loaded = true;
  memory_.delivered.insert(memory_.delivered.begin(), x.delivered.begin(), x.delivered.end());
  for (const auto& one : x.incoming) {
    transfer_record mine;
    mine.report.id = one.id;
    mine.report.peer = one.sender;
    mine.report.direction = transfer_direction::receiving;
    mine.report.directory = one.offer->directory;
    mine.report.name = one.offer->name;
    mine.report.bytes_done = one.bytes_done;
    mine.report.files_done = one.files_done;
    describe_files(mine.report, *one.offer);
    mine.report.local_path = one.destination;
    mine.report.phase = transfer_phase::waiting;
    mine.report.error = "interrupted with its process";
    mine.offer = one.offer;
    mine.target.folder = folder();
    mine.target.key = key_of(one.sender, one.id);
    mine.target.sender = one.sender;
    mine.target.destination = one.destination;
    mine.target.journal = true;
    mine.accepted = true;
    mine.best = one.bytes_done;
    mine.waiting_since = now();
    if (memory_.live.count(one.id) == 0)
      tell_watchers(add(std::move(mine)));
  }
  for (const auto& one : x.outgoing) {
    transfer_record mine;
    mine.report.id = one.number;
    mine.report.peer = one.peer;
    mine.report.name = one.name;
    mine.report.local_path = one.below_root ? one.root + "/" + one.path : one.path;
    mine.report.phase = transfer_phase::waiting;
    mine.report.error = "interrupted with its process";
    mine.report.retries = 1;
    mine.secret = one.secret;
    mine.scan = {one.below_root ? one.root : std::string{}, one.path, one.name, one.recursive, one.folder_wanted};
    mine.waiting_since = now();
    if (memory_.live.count(one.number) == 0)
      tell_watchers(add(std::move(mine)));
  }
  look_after();
}

} // namespace librats::actors
