// SPDX-License-Identifier: MIT
#include "actors/liveness.hpp"

#include "protocols/ping/ping.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <vector>

namespace librats::actors {

namespace {

constexpr std::uint32_t deadline_slot = 0;
/// How long a link may take to say when it last heard of its peer.
constexpr auto report_timeout = std::chrono::seconds{1};

} // namespace

liveness::liveness(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, const options& how,
  runtime::random_source& random, caf::actor_addr node, caf::actor directory)
  : pinned_actor(config, std::move(loop)), options_(how), random_(random), node_(std::move(node)),
    directory_(std::move(directory)) {}

void liveness::started() {
  const auto node = caf::actor_cast<caf::actor>(node_);
  const auto self = caf::actor_cast<caf::actor>(this);
  tell(node, register_messages{protocols::message_type::ping, self});
  tell(node, watch_events{self});
}

void liveness::stopped() {
  peers_.clear();
  deadlines_.clear();
  directory_ = nullptr;
}

caf::behavior liveness::handlers() {
  return {
    [this](const frames_received& x) { handle_frames(x); },
    [this](const peer_connected& x) { add(x); },
    [this](const peer_link_changed& x) {
      remove(x.now.id);
      add(x.now);
    },
    [this](const peer_disconnected& x) { remove(x.id); },
    [this](const services_changed& x) { directory_ = x.directory; },
    [](const peer_identified&) {},
    [](const peer_congested&) {},
    [](const peer_writable&) {},
    [](const peer_rtt_measured&) {},
  };
}

void liveness::add(const peer_connected& x) {
  if (!options_.ping)
    return;
  const auto [found, fresh] = peers_.try_emplace(x.id,
    peer{x.link, protocols::liveness_monitor{options_.monitor, now(), random_.u64()}, std::nullopt, false, 0});
  if (fresh)
    pump(x.id, found->second);
}

void liveness::remove(const peer_id& id) {
  const auto found = peers_.find(id);
  if (found == peers_.end())
    return;
  if (found->second.due)
    deadlines_.erase({*found->second.due, id});
  peers_.erase(found);
}

void liveness::handle_frames(const frames_received& x) {
  const auto found = peers_.find(x.from);
  for (const auto& one : x.frames) {
    const auto ping = protocols::decode_ping(one.payload.view());
    if (!ping)
      continue;
    if (ping->tag == protocols::ping_message::kind::ping) {
      // The sender of frames is the link they came on, which is where the answer belongs.
      tell(caf::actor_cast<caf::actor>(current_sender()),
        send_frames{x.from, make_batch(protocols::message_type::ping, byte_slice{encode(ping->answer())})});
      if (found != peers_.end())
        found->second.monitor.handle_traffic(now());
    } else if (found != peers_.end()) {
      found->second.monitor.handle_pong(now(), ping->token);
    }
  }
  if (found != peers_.end())
    pump(x.from, found->second);
}

void liveness::pump(const peer_id& id, peer& x) {
  while (auto out = x.monitor.poll_transmit()) {
    tell(x.link, send_frames{id, make_batch(protocols::message_type::ping, byte_slice{std::move(*out)})});
    if (x.answered_before && !x.monitor.has_answered())
      check_silence(id, x);
  }
  while (const auto event = x.monitor.poll_event()) {
    if (const auto* lost = std::get_if<protocols::liveness_monitor::peer_lost>(&*event)) {
      check_before_closing(id, x, lost->silence);
    } else if (const auto* measured = std::get_if<protocols::liveness_monitor::rtt_measured>(&*event)) {
      const peer_rtt_measured news{id, measured->rtt, x.monitor.rtt() ? x.monitor.rtt()->srtt : measured->rtt};
      tell(directory_, news);
      tell(caf::actor_cast<caf::actor>(node_), news);
    }
  }
  const auto due = x.monitor.poll_timeout();
  if (due == x.due)
    return;
  if (x.due)
    deadlines_.erase({*x.due, id});
  x.due = due;
  if (due)
    deadlines_.insert({*due, id});
  rearm();
}

/// Only pongs pass through here. A peer whose pongs wait behind a long transfer is not dead: its link knows.
void liveness::check_before_closing(const peer_id& id, peer& x, duration silence) {
  ask(x.link, report_timeout, get_link_report{},
    [this, id, link = x.link](const link_report& report) {
      const auto gap = now() - report.last_received;
      if (gap >= options_.monitor.silence_max) {
        close_dead(id, link, gap);
        return;
      }
      const auto found = peers_.find(id);
      if (found == peers_.end() || found->second.link != link)
        return;
      // The monitor has given its verdict; the next one cannot know that this peer used to answer.
      found->second.monitor = protocols::liveness_monitor{options_.monitor, report.last_received, random_.u64()};
      found->second.answered_before = true;
      found->second.pings_unheard = 0;
      pump(id, found->second);
    },
    [this, id, link = x.link, silence](caf::error&) { close_dead(id, link, silence); });
}

/// Called at each ping to a peer that answered once but not the present monitor, which therefore never calls it lost.
void liveness::check_silence(const peer_id& id, peer& x) {
  ++x.pings_unheard;
  ask(x.link, report_timeout, get_link_report{},
    [this, id, link = x.link](const link_report& report) {
      const auto found = peers_.find(id);
      if (found == peers_.end() || found->second.link != link)
        return;
      const auto gap = now() - report.last_received;
      if (gap < options_.monitor.interval)
        found->second.pings_unheard = 0;
      else if (gap >= options_.monitor.silence_max && found->second.pings_unheard >= options_.monitor.unanswered_min)
        close_dead(id, link, gap);
    },
    [](caf::error&) {});  // It ends by itself, or the next ping asks again.
}

void liveness::close_dead(const peer_id& id, const caf::actor& link, duration silence) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silence).count();
  LIBRATS_LOG(runtime::log_level::info, kind(), "lost peer ", id.short_string(), " after ", seconds, " s of silence");
  tell(link, close_link{"no sign of life for " + std::to_string(seconds) + " s"});
}

void liveness::rearm() {
  if (deadlines_.empty())
    cancel_timer(deadline_slot);
  else
    arm_timer(deadline_slot, deadlines_.begin()->first);
}

void liveness::timer_fired(std::uint32_t) {
  std::vector<peer_id> due;
  for (const auto& [when, id] : deadlines_) {
    if (when > now())
      break;
    due.push_back(id);
  }
  for (const auto& id : due)
    if (const auto found = peers_.find(id); found != peers_.end()) {
      found->second.monitor.handle_timeout(now());
      pump(id, found->second);
    }
  rearm();
}

} // namespace librats::actors
