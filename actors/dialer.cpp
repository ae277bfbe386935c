// SPDX-License-Identifier: MIT
#include "actors/dialer.hpp"

#include "actors/datagram_messages.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t deadline_slot = 0;
constexpr std::uint32_t race_slot = 1;

} // namespace

dialer::dialer(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, dial_args args)
  : pinned_actor(config, std::move(loop)), args_(std::move(args)) {}

void dialer::started() {
  arm_timer(deadline_slot, now() + args_.timeout);
  ask(args_.broker, args_.timeout, runtime::resolve_name{args_.host},
    [this](const runtime::name_resolved& x) { race(x.addresses); },
    [this](caf::error& why) { give_up(runtime::describe_error(why)); });
}

void dialer::stopped() {
  args_.broker = nullptr;
  args_.mux = nullptr;
}

caf::behavior dialer::handlers() {
  return {
    [this](const attempt_failed& x) { attempt_over(x.attempt, x.reason); },
    [this](const dial_won&) {
      done_ = true;
      cancel_connecting();
      quit(caf::exit_reason::normal);
    },
  };
}

void dialer::race(const std::vector<ip_address>& addresses) {
  if (done_ || late_)
    return;
  race_.emplace(args_.race, addresses, args_.port, now());
  start_due();
}

void dialer::start_due() {
  if (done_ || !race_)
    return;
  while (!late_)
    if (const auto next = race_->poll_start(now()))
      start(*next);
    else
      break;
  const bool none_runs = late_ && std::none_of(opened_.begin(), opened_.end(), [](bool x) { return x; });
  if (race_->exhausted() || none_runs) {
    give_up(last_failure_);
    return;
  }
  if (const auto next = race_->next_wakeup(); !late_ && next != time_point::max())
    arm_timer(race_slot, next);
  else
    cancel_timer(race_slot);
}

const caf::actor& dialer::opener(std::size_t attempt) const {
  return race_->at(attempt).over == transport::udp ? args_.mux : args_.broker;
}

void dialer::start(std::size_t attempt) {
  opened_.push_back(false);
  runtime::dial_stream request;
  request.id = attempt + 1;
  request.remote = race_->at(attempt).remote;
  request.timeout = args_.timeout;
  const auto on_open = [this, attempt](const runtime::stream_dialed& x) {
    if (done_ || late_)
      return;  // The loser of a photo finish; what nobody claims is closed.
    opened_[attempt] = true;
    tell(caf::actor_cast<caf::actor>(args_.supervisor), dial_opened{args_.dial, attempt, x});
  };
  const auto on_failure = [this, attempt](caf::error& why) {
    const auto& what = race_->at(attempt);
    const auto* how = what.over == transport::udp ? " over UDP: " : " over TCP: ";
    attempt_over(attempt, "cannot connect to " + what.remote.to_string() + how + runtime::describe_error(why));
  };
  const auto patience = args_.timeout + std::chrono::seconds{1};
  if (race_->at(attempt).over == transport::udp)
    ask(args_.mux, patience, dial_datagram_stream{request, args_.profile}, on_open, on_failure);
  else
    ask(args_.broker, patience, request, on_open, on_failure);
}

void dialer::attempt_over(std::size_t attempt, const std::string& why) {
  if (done_ || !race_ || attempt >= race_->started() || !race_->running(attempt))
    return;
  last_failure_ = why;
  opened_[attempt] = false;
  race_->failed(attempt, now());
  start_due();
}

void dialer::timer_fired(std::uint32_t slot) {
  if (slot == deadline_slot) {
    late_ = true;
    last_failure_ = "no answer from " + args_.host + " port " + std::to_string(args_.port) + " in time";
    cancel_connecting();
    if (!race_)
      give_up(last_failure_);
  }
  start_due();
}

/// What has no stream yet is called off; handshakes that are under way have a deadline of their own.
void dialer::cancel_connecting() {
  for (std::size_t i = 0; race_ && i < race_->started(); ++i)
    if (race_->running(i) && !opened_[i])
      tell(opener(i), runtime::cancel_dial{i + 1});
}

void dialer::give_up(const std::string& reason) {
  if (std::exchange(done_, true))
    return;
  tell(caf::actor_cast<caf::actor>(args_.supervisor), dial_failed{args_.dial, reason});
  quit(caf::exit_reason::normal);
}

} // namespace librats::actors
