// SPDX-License-Identifier: MIT
#include "apps/ratsd/connector.hpp"

#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace librats::apps {

namespace {

constexpr std::uint32_t redial_slot = 0;

/// The node keeps the deadlines of a dial; this one is for a node that does not answer at all.
constexpr auto answer_margin = std::chrono::seconds{5};

} // namespace

connector::connector(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, options o)
  : pinned_actor(config, std::move(loop)), node_(std::move(node)), options_(std::move(o)) {
  for (const auto& where : options_.entries) {
    entry one;
    one.where = where;
    entries_.push_back(std::move(one));
  }
}

void connector::started() {
  tell(node_, actors::watch_events{caf::actor_cast<caf::actor>(this)});
  for (std::size_t i = 0; i < entries_.size(); ++i)
    dial(i);
}

caf::behavior connector::handlers() {
  return {
    [this](const actors::peer_connected& x) { peers_.insert(x.id); },
    [this](const actors::peer_disconnected& x) { lost(x.id); },
    [this](const get_connect_entries&) { return report(); },
    [](const actors::peer_link_changed&) {},
    [](const actors::peer_identified&) {},
    [](const actors::peer_congested&) {},
    [](const actors::peer_writable&) {},
    [](const actors::peer_rtt_measured&) {},
  };
}

void connector::dial(std::size_t index) {
  auto& x = entries_[index];
  x.dialing = true;
  x.redial_at.reset();
  ++x.dials;
  LIBRATS_LOG(runtime::log_level::debug, kind(), "dials ", x.where.to_string());
  ask(node_, options_.dial_timeout + answer_margin, actors::connect_to{x.where.host, x.where.port},
    [this, index](const actors::connected_to& reply) { dialed(index, reply.id); },
    [this, index](caf::error& why) { failed(index, why); });
}

void connector::dialed(std::size_t index, const peer_id& id) {
  auto& x = entries_[index];
  x.dialing = false;
  x.peer = id;
  x.error.clear();
  // The node tells its watchers of a new peer before it answers, so an unknown one is gone again already.
  if (!connected(x))
    wait_for_redial(x);
}

void connector::failed(std::size_t index, const caf::error& why) {
  auto& x = entries_[index];
  x.dialing = false;
  auto sentence = runtime::describe_error(why);
  const auto level = sentence == x.error ? runtime::log_level::debug : runtime::log_level::warn;
  LIBRATS_LOG(level, kind(), "has no link to ", x.where.to_string(), ": ", sentence,
    options_.redial_interval == duration::zero() ? "; does not dial it again" : "; keeps dialing it");
  x.error = std::move(sentence);
  wait_for_redial(x);
}

void connector::lost(const peer_id& id) {
  peers_.erase(id);
  for (auto& x : entries_)
    if (x.peer == id && !x.dialing && !x.redial_at)
      wait_for_redial(x);
}

void connector::wait_for_redial(entry& x) {
  if (options_.redial_interval == duration::zero())
    return;
  x.redial_at = now() + options_.redial_interval;
  arm_redial_timer();
}

void connector::arm_redial_timer() {
  std::optional<time_point> earliest;
  for (const auto& x : entries_)
    if (x.redial_at && (!earliest || *x.redial_at < *earliest))
      earliest = x.redial_at;
  if (earliest)
    arm_timer(redial_slot, *earliest);
}

void connector::timer_fired(std::uint32_t) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    auto& x = entries_[i];
    if (!x.redial_at || *x.redial_at > now())
      continue;
    if (connected(x))
      x.redial_at.reset();  // It came back by itself.
    else
      dial(i);
  }
  arm_redial_timer();
}

connect_entries connector::report() const {
  connect_entries out;
  for (const auto& x : entries_) {
    connect_entry one;
    one.where = x.where;
    one.state = connected(x) ? "connected" : x.dialing ? "dialing" : x.redial_at ? "waiting" : "given up";
    one.peer = x.peer ? x.peer->to_string() : std::string{};
    one.error = x.error;
    one.dials = x.dials;
    out.all.push_back(std::move(one));
  }
  return out;
}

} // namespace librats::apps
