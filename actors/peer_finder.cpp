// SPDX-License-Identifier: MIT
#include "actors/peer_finder.hpp"

#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

using protocols::announce_schedule;

constexpr std::uint32_t schedule_slot = 0;
/// A lookup that stays without an answer for so long was lost with its node.
constexpr auto lookup_timeout = std::chrono::minutes{2};

protocols::dial_candidates::config candidates_config(std::size_t peers_wanted) {
  protocols::dial_candidates::config out;
  out.peers_wanted = peers_wanted;
  return out;
}

} // namespace

peer_finder::peer_finder(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, args its)
  : pinned_actor(config, std::move(loop)), args_(std::move(its)), candidates_(candidates_config(args_.peers_wanted)) {}

void peer_finder::started() {
  tell(caf::actor_cast<caf::actor>(args_.node), watch_events{caf::actor_cast<caf::actor>(this)});
}

void peer_finder::stopped() { dht_ = {}; }

caf::behavior peer_finder::handlers() {
  return {
    // -- from the DHT
    [this](const dht_nodes_changed& x) { use_nodes(x); },
    [this](const dht_ready&) {
      // What was announced to nobody is announced now.
      if (!schedule_)
        return;
      schedule_->network_changed(now());  // While a lookup runs: after it.
      pump_schedule();
    },
    [this](const meet_peers& x) {
      args_.meets = x.on;
      const auto meeting = protocols::info_hash_of(x.key);
      if (std::exchange(args_.meeting, meeting) != meeting)
        schedule_.reset();  // Nobody was told of us under this one.
      use_nodes(dht_nodes_changed{dht_});
    },
    [this](const peers_seen& x) { suspect(x.peers); },
    [this](const peers_suspected& x) { suspect(x.peers); },
    // -- from mDNS
    [this](const service_seen& x) { consider(x.service); },
    [](const service_gone&) {},
    // -- from the node
    [this](const local_identity_changed& x) {
      listen_port_ = x.identity->listen_port;
      auto own = x.identity->addresses;
      own.push_back({args_.bound_to, listen_port_});
      candidates_.set_own(std::move(own));
      if (schedule_) {
        schedule_->set_listening(now(), listen_port_ != 0);
        pump_schedule();
      }
    },
    [this](const ignore_address& x) { candidates_.ignore(x.address); },
    [this](const runtime::network_changed&) {
      candidates_.network_changed();
      if (schedule_) {
        schedule_->network_changed(now());
        pump_schedule();
      }
    },
    [this](const peer_connected& x) {
      peers_.insert(x.id);
      peers_changed();
    },
    [this](const peer_disconnected& x) {
      peers_.erase(x.id);
      peers_changed();
    },
    [this](const get_finder_report&) { return report_; },
    [](const services_changed&) {},
    [](const peer_link_changed&) {},
    [](const peer_identified&) {},
    [](const peer_congested&) {},
    [](const peer_writable&) {},
    [](const peer_rtt_measured&) {},
  };
}

// -- the DHT ----------------------------------------------------------------------------------------------------------

void peer_finder::use_nodes(const dht_nodes_changed& x) {
  dht_ = x;
  if (!args_.meets || (!dht_.v4 && !dht_.v6)) {
    schedule_.reset();
    cancel_timer(schedule_slot);
    return;
  }
  if (!schedule_) {
    schedule_.emplace(announce_schedule::config{}, now(), args_.seed);
    schedule_->set_listening(now(), listen_port_ != 0);
    schedule_->set_peers_wanted(now(), candidates_.wanted());
  }
  pump_schedule();
}

void peer_finder::pump_schedule() {
  if (!schedule_)
    return;
  if (!running_)
    if (const auto next = schedule_->poll_action(now()))
      run(*next);
  if (const auto due = schedule_->poll_timeout(); due && !running_)
    arm_timer(schedule_slot, *due);
  else
    cancel_timer(schedule_slot);
}

void peer_finder::timer_fired(std::uint32_t) { pump_schedule(); }

void peer_finder::run(announce_schedule::action what) {
  run_lookup request;
  request.what = protocols::lookup::purpose::get_peers;
  request.target = args_.meeting;
  request.receiver = caf::actor_cast<caf::actor>(this);
  const bool announces = what == announce_schedule::action::announce;
  if (announces)
    request.announce = {listen_port_, false};
  ++(announces ? report_.announces : report_.searches);
  running_.emplace();
  for (const auto& one : {dht_.v4, dht_.v6})
    if (one) {
      ++running_->missing;
      ask(one, lookup_timeout, request,
        [this](const lookup_ended& x) {
          suspect(x.peers);
          family_ended(x.counted.stored != 0);
        },
        [this](caf::error&) { family_ended(false); });
    }
}

void peer_finder::family_ended(bool acknowledged) {
  if (!running_)
    return;
  running_->acknowledged = running_->acknowledged || acknowledged;
  if (--running_->missing != 0)
    return;
  const auto outcome = *running_;
  running_.reset();
  if (!schedule_)
    return;
  schedule_->lookup_ended(now(), outcome.fresh, outcome.acknowledged);
  pump_schedule();
}

// -- dials ------------------------------------------------------------------------------------------------------------

void peer_finder::suspect(const std::vector<endpoint>& where) {
  const auto fresh = candidates_.offer(now(), where);
  if (running_)
    running_->fresh += fresh;
  pump_dials();
}

void peer_finder::consider(const protocols::mdns_found_service& x) {
  if (x.addresses.empty())
    return;
  if (const auto* proto = protocols::find_txt(x.txt, "proto"); proto && *proto != args_.protocol)
    return;
  if (const auto* id = protocols::find_txt(x.txt, "id"))
    if (const auto who = peer_id::parse(*id); who && (*who == args_.self || peers_.count(*who) != 0))
      return;
  std::vector<endpoint> all;
  for (const auto& one : x.addresses)
    all.push_back({one, x.port});
  // One peer: its addresses are tried one after another.
  const auto first = all.front();
  all.erase(all.begin());
  if (candidates_.offer(now(), {first}) != 0 && !all.empty())
    alternatives_[first] = std::move(all);
  pump_dials();
}

void peer_finder::peers_changed() {
  candidates_.set_connected(peers_.size());
  if (schedule_) {
    schedule_->set_peers_wanted(now(), candidates_.wanted());
    pump_schedule();
  }
  pump_dials();
}

void peer_finder::pump_dials() {
  while (const auto next = candidates_.poll_dial(now()))
    dial(*next);
}

void peer_finder::dial(const endpoint& where) {
  LIBRATS_LOG(runtime::log_level::debug, kind(), "dials ", where.to_string());
  ask(caf::actor_cast<caf::actor>(args_.node), args_.dial_patience,
    connect_to{where.address.to_string(), where.port},
    [this, where](const connected_to&) { dial_ended(where, true); },
    [this, where](caf::error& why) {
      LIBRATS_LOG(runtime::log_level::debug, kind(), "found nobody at ", where.to_string(), ": ",
        runtime::describe_error(why));
      dial_ended(where, false);
    });
}

void peer_finder::dial_ended(const endpoint& where, bool reached) {
  candidates_.dial_ended(where, reached);
  if (auto more = alternatives_.find(where); more != alternatives_.end()) {
    auto rest = std::move(more->second);
    alternatives_.erase(more);
    if (!reached && !rest.empty()) {
      const auto next = rest.front();
      rest.erase(rest.begin());
      if (candidates_.offer(now(), {next}) != 0 && !rest.empty())
        alternatives_[next] = std::move(rest);
    }
  }
  pump_dials();
}

} // namespace librats::actors
