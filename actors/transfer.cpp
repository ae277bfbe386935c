// SPDX-License-Identifier: MIT
#include "actors/transfer.hpp"

#include "protocols/transfer/manifest.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

namespace librats::actors {

namespace {

constexpr std::uint32_t machine_slot = 0;
constexpr std::uint32_t report_slot = 1;

constexpr auto report_interval = std::chrono::milliseconds{250};
/// A worker may have much to do, and disks that sleep.
constexpr auto worker_timeout = std::chrono::minutes{5};

} // namespace

transfer::transfer(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, args its)
  : pinned_actor(config, std::move(loop)), args_(std::move(its)) {}

transfer::~transfer() = default;

caf::behavior transfer::handlers() {
  return {
    [this](const transfer_inputs& x) { receive(x); },
    [this](const file_results& x) { take_results(x); },
    [this](const send_report& x) { take_report(x); },
    [](const peer_congested&) {},
    [this](const peer_writable&) { writable(); },
    [this](const transfer_share& x) { change_share(x.bytes); },
    [this](const transfer_link& x) { change_link(x.link); },
    [this](const steer_transfer& x) { return steer(x); },
  };
}

void transfer::started() {
  monitor(args_.worker);
  set_down_handler([this](const caf::down_msg&) { quit(runtime::failure("the disk worker ended")); });
  if (args_.source) {
    path_ = args_.source->root;
    sender_ = std::make_unique<protocols::transfer_sender>(args_.sending, now(), *args_.offer);
    sender_->grant(args_.share);
    tell(args_.worker, open_source{args_.job, args_.source});
    pump();
    return;
  }
  ask(
    args_.worker, worker_timeout, open_target{args_.job, args_.target},
    [this](const target_opened& x) { target_is_open(x); }, [this](caf::error& why) { quit(std::move(why)); });
}

void transfer::stopped() {
  demonitor(args_.worker.address());
  sender_.reset();
  receiver_.reset();
  args_.link = nullptr;
  args_.worker = nullptr;
}

void transfer::target_is_open(const target_opened& x) {
  if (over_)
    return;
  path_ = x.path;
  receiver_ = std::make_unique<protocols::transfer_receiver>(args_.receiving, now(), *args_.offer);
  if (x.error.empty()) {
    receiver_->accept(now(), x.at);
  } else if (!args_.resuming) {
    receiver_->reject(x.error);
  } else { // As if the disk had failed a moment later: the sender tries again.
    tell(args_.link,
      send_frames{args_.peer,
        make_batch(protocols::message_type::file_chunk,
          byte_slice{protocols::encode_complete(args_.offer->id, false, x.error)})});
    finish({protocols::transfer_errc::disk, x.error});
    return;
  }
  pump();
}

void transfer::timer_fired(std::uint32_t slot) {
  if (slot == report_slot) {
    report(false);
    return;
  }
  if (sender_)
    sender_->handle_timeout(now());
  if (receiver_)
    receiver_->handle_timeout(now());
  pump();
}

// -- what comes in --------------------------------------------------------------------------------------------------

void transfer::receive(const transfer_inputs& x) {
  for (const auto& one : x.payloads) {
    if (sender_) {
      // Only a node of this edition says from where on it wants to have the rest.
      if (const auto message = protocols::decode_transfer(one.view()))
        if (const auto* response = std::get_if<protocols::response_message>(&*message))
          peer_is_ours_ = peer_is_ours_ || response->resume;
      sender_->handle_message(now(), one.view());
    } else if (receiver_) {
      receiver_->handle_message(now(), one);
    }
  }
  pump();
}

void transfer::take_results(const file_results& x) {
  for (const auto& one : x.results) {
    const bool ok = one.error.empty();
    if (sender_) {
      if (ok)
        sender_->handle_disk_read(now(), one.data);
      else
        sender_->handle_disk_failed(now(), one.error);
    } else if (receiver_) {
      if (!ok)
        receiver_->handle_disk_failed(now(), one.error);
      else if (one.read)
        receiver_->handle_disk_read(now(), one.data.view());
      else
        receiver_->handle_disk_done(now());
    }
  }
  pump();
}

void transfer::change_link(const caf::actor& link) {
  if (link) { // The newer of two; what the older one has taken still arrives.
    args_.link = link;
    for (const auto bytes : std::exchange(unreported_, {}))
      held_ += bytes;
    writable();
    return;
  }
  args_.link = nullptr;
  if (sender_)
    sender_->handle_link_lost();
  if (receiver_)
    receiver_->handle_link_lost();
  pump();
}

caf::result<transfer_steered> transfer::steer(const steer_transfer& x) {
  const auto apply = [&](auto& machine) {
    switch (x.command) {
    case transfer_command::pause: return machine.pause(now());
    case transfer_command::resume: return machine.resume(now());
    case transfer_command::cancel: return machine.cancel();
    }
    return false;
  };
  const bool obeyed = sender_ ? apply(*sender_) : receiver_ && apply(*receiver_);
  if (!obeyed)
    return runtime::failure("the transfer is in another phase");
  pump();
  return transfer_steered{};
}

// -- room in the link -----------------------------------------------------------------------------------------------

void transfer::grant(std::size_t bytes) {
  const auto paid = std::min(bytes, debt_);
  debt_ -= paid;
  if (sender_)
    sender_->grant(bytes - paid);
}

void transfer::take_report(const send_report& x) {
  if (unreported_.empty())
    return; // Of a link that was replaced.
  const auto bytes = unreported_.front();
  unreported_.pop_front();
  if (x.status == send_status::congested)
    held_ += bytes;
  else
    grant(bytes);
  pump();
}

void transfer::writable() {
  grant(std::exchange(held_, 0));
  pump();
}

void transfer::change_share(std::size_t bytes) {
  if (bytes >= args_.share)
    grant(bytes - args_.share);
  else
    debt_ += args_.share - bytes - (sender_ ? sender_->take_back(args_.share - bytes) : 0);
  args_.share = bytes;
  pump();
}

// -- what follows ---------------------------------------------------------------------------------------------------

void transfer::pump() {
  if (over_ || (!sender_ && !receiver_))
    return;
  send_out();
  ask_disk();
  drain_events();
  if (over_)
    return;
  const auto due = sender_ ? sender_->poll_timeout() : receiver_->poll_timeout();
  if (due)
    arm_timer(machine_slot, *due);
  else
    cancel_timer(machine_slot);
}

void transfer::send_out() {
  std::vector<frame> frames;
  std::size_t bulk = 0;
  const auto take = [&](bytes payload) {
    if (const auto size = protocols::chunk_size_of(payload); size != 0)
      bulk += size;
    else
      note_outgoing(payload);
    frames.push_back({{protocols::message_type::file_chunk, 0, 0}, byte_slice{std::move(payload)}});
  };
  if (sender_)
    while (auto payload = sender_->poll_transmit(now()))
      take(std::move(*payload));
  else
    while (auto payload = receiver_->poll_transmit())
      take(std::move(*payload));
  if (frames.empty() || !args_.link)
    return;
  if (bulk == 0) {
    tell(args_.link, send_frames{args_.peer, make_batch(std::move(frames))});
    return;
  }
  unreported_.push_back(bulk);
  // Not a request, each of which would leave a timer behind: the report comes as a message.
  tell(args_.link, offer_frames{args_.peer, make_batch(std::move(frames))});
}

/// The digest of a lone file passes here.
void transfer::note_outgoing(const bytes& payload) {
  if (args_.offer->directory)
    return;
  const auto message = protocols::decode_transfer(payload);
  if (const auto* end = message ? std::get_if<protocols::file_end_message>(&*message) : nullptr)
    checksum_ = to_hex(end->digest);
}

void transfer::ask_disk() {
  file_jobs out;
  out.job = args_.job;
  if (sender_)
    while (auto request = sender_->poll_request())
      out.requests.emplace_back(*request);
  else
    while (auto request = receiver_->poll_request()) {
      if (const auto* end = std::get_if<protocols::disk_finish>(&*request); end != nullptr && !args_.offer->directory)
        checksum_ = to_hex(end->digest);
      out.requests.push_back(std::move(*request));
    }
  if (!out.requests.empty())
    tell(args_.worker, std::move(out));
}

void transfer::drain_events() {
  const auto handle = [this](const auto& x) {
    using kind = std::decay_t<decltype(x)>;
    if constexpr (std::is_same_v<kind, protocols::transfer_started>) {
      started_ = true;
      meter_.emplace(now(), x.already, args_.offer->total);
      const bool paused = args_.paused && (sender_ ? sender_->pause(now()) : receiver_->pause(now()));
      if (paused)
        send_out();
      report(true);
    } else if constexpr (std::is_same_v<kind, protocols::transfer_paused>) {
      if (meter_)
        meter_->pause(now());
      report(true);
    } else if constexpr (std::is_same_v<kind, protocols::transfer_resumed>) {
      if (meter_)
        meter_->resume(now());
      report(true);
    } else {
      finish(x);
    }
  };
  const auto next = [this] { return sender_ ? sender_->poll_event() : receiver_->poll_event(); };
  while (!over_) {
    const auto event = next();
    if (!event)
      return;
    std::visit(handle, *event);
  }
}

transfer_phase transfer::phase() const {
  const auto state = sender_ ? sender_->state() : receiver_->state();
  switch (state) {
  case protocols::transfer_state::pending: return transfer_phase::offered;
  case protocols::transfer_state::paused: return transfer_phase::paused;
  default: return transfer_phase::active;
  }
}

transfer_moved transfer::describe(transfer_phase phase) {
  transfer_moved out;
  out.id = args_.id;
  out.job = args_.job;
  out.phase = phase;
  out.ours = peer_is_ours_;
  out.local_path = path_;
  const auto& files = args_.offer->files;
  if (receiver_) {
    out.bytes_done = receiver_->written();
    out.files_done = receiver_->finished();
  } else {
    out.bytes_done = sender_->received();
    if (out.bytes_done < bytes_of_done_) {
      files_done_ = 0;
      bytes_of_done_ = 0;
    }
    while (files_done_ < files.size() && bytes_of_done_ + files[files_done_].size <= out.bytes_done
      && (files[files_done_].size != 0 || bytes_of_done_ < out.bytes_done))
      bytes_of_done_ += files[files_done_++].size;
    out.files_done = files_done_;
  }
  out.current = out.files_done;
  if (meter_) {
    meter_->moved_to(now(), out.bytes_done);
    out.rate = meter_->rate(now());
    out.average = meter_->average(now());
    out.remaining = meter_->remaining(now());
  }
  return out;
}

void transfer::report(bool at_once) {
  auto news = describe(phase());
  if (at_once || news.phase != told_ || news.bytes_done != told_bytes_) {
    news.started = at_once && started_;
    told_ = news.phase;
    told_bytes_ = news.bytes_done;
    tell(caf::actor_cast<caf::actor>(args_.owner), std::move(news));
  }
  if (told_ == transfer_phase::active)
    arm_timer(report_slot, now() + report_interval);
}

void transfer::finish(const protocols::transfer_done& x) {
  send_out();
  over_ = true;
  transfer_over news;
  news.last = describe(x.error ? transfer_phase::failed : transfer_phase::completed);
  if (!x.error) {
    news.last.bytes_done = args_.offer->total;
    news.last.files_done = static_cast<std::uint32_t>(args_.offer->files.size());
    news.checksum = checksum_;
  }
  news.last.started = started_;
  news.error = x.error;
  news.reason = x.reason;
  tell(caf::actor_cast<caf::actor>(args_.owner), std::move(news));
  quit(caf::exit_reason::normal);
}

} // namespace librats::actors
