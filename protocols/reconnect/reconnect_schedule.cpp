// SPDX-License-Identifier: MIT
#include "protocols/reconnect/reconnect_schedule.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

reconnect_schedule::reconnect_schedule(const reconnect_config& cfg, std::uint64_t seed) : cfg_(cfg), random_(seed) {}

// -- inputs -----------------------------------------------------------------------------------------------------------

void reconnect_schedule::configure(time_point now, const reconnect_config& cfg) {
  cfg_ = cfg;
  for (auto& [where, x] : targets_) {
    const bool patient = cfg_.max_attempts == 0 || x.failures < cfg_.max_attempts;
    if (connected(x) || x.dial_deadline)
      continue;
    if (!cfg_.enabled)
      give_up(x);
    else if (!x.due && patient)
      back_off(now, x);
  }
}

bool reconnect_schedule::add(time_point now, const dial_target& where, bool permanent,
  const std::optional<peer_id>& expected) {
  auto found = targets_.find(where);
  if (found == targets_.end()) {
    if (!make_room())
      return false;
    found = targets_.emplace(where, target{}).first;
    found->second.id = expected;
  }
  auto& x = found->second;
  x.permanent = x.permanent || permanent;
  if (std::exchange(x.given_up, false))
    x.failures = x.level = 0;
  if (!x.dial_deadline && !connected(x)) {
    if (cfg_.enabled || permanent)
      x.due = now;
    else
      give_up(x);
  }
  return true;
}

void reconnect_schedule::clear() {
  for (auto i = targets_.begin(); i != targets_.end();) {
    const auto& x = i->second;
    if (x.permanent || connected(x)) {
      ++i;
      continue;
    }
    if (x.dial_deadline)
      --open_;
    i = targets_.erase(i);
  }
}

void reconnect_schedule::peer_connected(time_point now, const peer_id& id, const std::optional<endpoint>& dialed) {
  const auto [found, fresh] = connections_.try_emplace(id);
  auto& mine = found->second;
  if (fresh) {
    mine.since = now;
    mine.inbound = !dialed;
  }
  if (dialed) {
    mine.dialable = dialed;
    mine.inbound = false;
    const auto known = targets_.find(dial_target::of(*dialed));
    if (known != targets_.end() && (known->second.permanent || !known->second.id))
      known->second.id = id;  // Proven: it answered there. Where somebody else was expected, the end of the dial tells.
  }
  for (auto& [where, x] : targets_)
    if (x.id == id) {
      x.due.reset();
      x.failures = 0;
      x.given_up = false;
      x.error.clear();
      x.last_connection = {};
      x.stable = false;
    }
}

void reconnect_schedule::peer_listens(const peer_id& id, const endpoint& where) {
  const auto found = connections_.find(id);
  if (found != connections_.end() && found->second.inbound)
    found->second.dialable = where;
}

void reconnect_schedule::peer_unwanted(const peer_id& id) {
  if (const auto found = connections_.find(id); found != connections_.end())
    found->second.unwanted = true;
}

void reconnect_schedule::peer_disconnected(time_point now, const peer_id& id) {
  const auto found = connections_.find(id);
  if (found == connections_.end())
    return;
  const auto was = found->second;
  connections_.erase(found);
  lost(now, id, was);
}

void reconnect_schedule::lost(time_point now, const peer_id& id, const connection& was) {
  const auto lived = now - was.since;
  const bool stable = lived >= cfg_.stable_after;
  bool known = false;
  for (auto i = targets_.begin(); i != targets_.end();) {
    auto& x = i->second;
    if (x.id != id) {
      ++i;
      continue;
    }
    known = true;
    if (was.unwanted && !x.permanent) {
      if (x.dial_deadline)
        --open_;
      i = targets_.erase(i);
      continue;
    }
    ++i;
    x.last_connection = lived;
    x.stable = stable;
    if (x.dial_deadline)
      continue;
    if (was.unwanted) {
      give_up(x);
      continue;
    }
    if (stable) {
      x.level = 0;
      wait(now, x, cfg_.stable_first_delay);
    } else {
      back_off(now, x);
    }
  }
  const bool wanted = !was.unwanted && was.dialable && (!was.inbound || cfg_.inbound_too);
  if (known || !wanted || !cfg_.enabled)
    return;
  const auto where = dial_target::of(*was.dialable);
  if (targets_.count(where) != 0 || !make_room())
    return;  // A target of that address leads to somebody else by now.
  auto& x = targets_[where];
  x.id = id;
  x.last_connection = lived;
  x.stable = stable;
  if (stable)
    wait(now, x, cfg_.stable_first_delay);
  else
    back_off(now, x);
}

bool reconnect_schedule::dial_succeeded(time_point now, const dial_target& where, const peer_id& id) {
  const auto found = targets_.find(where);
  if (found == targets_.end())
    return true;
  auto& x = found->second;
  if (x.dial_deadline) {
    x.dial_deadline.reset();
    --open_;
  }
  if (x.id && *x.id != id && !x.permanent) {
    targets_.erase(found);
    return false;
  }
  x.id = id;
  x.failures = 0;
  x.given_up = false;
  x.error.clear();
  if (connected(x))
    x.due.reset();
  else
    back_off(now, x);  // Gone again before the answer was here.
  return true;
}

void reconnect_schedule::dial_failed(time_point now, const dial_target& where, const std::string& why) {
  const auto found = targets_.find(where);
  if (found != targets_.end() && found->second.dial_deadline)
    failed(now, found, why);
}

reconnect_schedule::target_map::iterator reconnect_schedule::failed(time_point now, target_map::iterator at,
  const std::string& why) {
  auto& x = at->second;
  x.dial_deadline.reset();
  --open_;
  x.error = why;
  if (connected(x))
    return std::next(at);  // It came to us meanwhile.
  ++x.failures;
  if (cfg_.max_attempts == 0 || x.failures < cfg_.max_attempts) {
    back_off(now, x);
    return std::next(at);
  }
  if (!x.permanent)
    return targets_.erase(at);
  give_up(x);
  return std::next(at);
}

void reconnect_schedule::network_changed(time_point now) {
  for (auto& [where, x] : targets_)
    if (x.due) {
      x.due = now;
      x.level = 0;
    }
  handle_timeout(now);
}

void reconnect_schedule::handle_timeout(time_point now) {
  for (auto i = targets_.begin(); i != targets_.end();) {
    const auto& deadline = i->second.dial_deadline;
    i = deadline && *deadline <= now ? failed(now, i, "no answer in time") : std::next(i);
  }
  std::vector<std::pair<time_point, target_map::iterator>> due;
  for (auto i = targets_.begin(); i != targets_.end(); ++i)
    if (i->second.due && *i->second.due <= now)
      due.emplace_back(*i->second.due, i);
  // Who has waited longest goes first; equals in the order of their names, so that a seed replays alike.
  std::stable_sort(due.begin(), due.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [when, i] : due) {
    if (open_ >= dials_open_max)
      return;
    auto& x = i->second;
    x.due.reset();
    if (connected(x))
      continue;
    x.dial_deadline = now + cfg_.dial_timeout;
    ++x.dials;
    ++open_;
    to_dial_.push_back(i->first);
  }
}

// -- outputs ----------------------------------------------------------------------------------------------------------

std::optional<dial_target> reconnect_schedule::poll_dial() {
  if (to_dial_.empty())
    return std::nullopt;
  auto out = std::move(to_dial_.front());
  to_dial_.pop_front();
  return out;
}

std::optional<time_point> reconnect_schedule::poll_timeout() const {
  std::optional<time_point> out;
  const auto take = [&](const std::optional<time_point>& x) {
    if (x && (!out || *x < *out))
      out = x;
  };
  for (const auto& [where, x] : targets_) {
    take(x.dial_deadline);
    if (open_ < dials_open_max)
      take(x.due);
  }
  return out;
}

std::vector<reconnect_target> reconnect_schedule::targets() const {
  using state = reconnect_target::state;
  std::vector<reconnect_target> out;
  out.reserve(targets_.size());
  for (const auto& [where, x] : targets_) {
    reconnect_target one;
    one.where = where;
    one.now = connected(x)        ? state::connected
              : x.dial_deadline   ? state::dialing
              : x.given_up        ? state::given_up
                                  : state::waiting;
    one.permanent = x.permanent;
    one.id = x.id;
    one.failures = x.failures;
    one.dials = x.dials;
    one.error = x.error;
    if (one.now == state::waiting)
      one.next_attempt = x.due;
    one.last_connection = x.last_connection;
    one.stable = x.stable;
    out.push_back(std::move(one));
  }
  return out;
}

// -- policy -----------------------------------------------------------------------------------------------------------

duration reconnect_schedule::delay_of(unsigned level) const {
  const auto step = level == 0 ? 0u : level - 1;
  if (!cfg_.intervals.empty())
    return cfg_.intervals[std::min<std::size_t>(step, cfg_.intervals.size() - 1)];
  auto out = cfg_.initial_delay;
  for (unsigned i = 0; i < step && out < cfg_.max_delay; ++i)
    out *= 2;
  return std::min(out, cfg_.max_delay);
}

void reconnect_schedule::give_up(target& x) {
  x.due.reset();
  x.given_up = true;
}

void reconnect_schedule::wait(time_point now, target& x, duration delay) {
  if (!cfg_.enabled) {
    give_up(x);
    return;
  }
  x.given_up = false;
  const auto cut = static_cast<double>(delay.count()) * std::clamp(cfg_.jitter, 0.0, 1.0) * random_.share();
  x.due = now + delay - duration{static_cast<duration::rep>(cut)};
}

void reconnect_schedule::back_off(time_point now, target& x) {
  constexpr unsigned level_max = 64;  // Any delay is at its maximum long before.
  x.level = std::min(x.level + 1, level_max);
  wait(now, x, delay_of(x.level));
}

bool reconnect_schedule::make_room() {
  if (targets_.size() < targets_max)
    return true;
  auto worst = targets_.end();
  const auto badness = [&](const target& x) { return std::make_pair(connected(x), x.failures); };
  for (auto i = targets_.begin(); i != targets_.end(); ++i)
    if (const auto& x = i->second; !x.permanent && !x.dial_deadline
        && (worst == targets_.end() || badness(x) > badness(worst->second)))
      worst = i;
  if (worst == targets_.end())
    return false;
  targets_.erase(worst);
  return true;
}

} // namespace librats::protocols
