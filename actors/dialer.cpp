// SPDX-License-Identifier: MIT
#include "actors/dialer.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t deadline_slot = 0;
constexpr std::uint32_t stagger_slot = 1;

/// "Connection Attempt Delay", RFC 8305 section 5: the recommended value.
constexpr auto attempt_delay = std::chrono::milliseconds{250};
/// Addresses of one name that are tried; a name with more is a mistake or an attack.
constexpr std::size_t candidates_max = 16;

/// RFC 8305 section 4: families alternate, beginning with the resolver's favourite.
std::vector<ip_address> interleave(const std::vector<ip_address>& in) {
  std::vector<ip_address> first;
  std::vector<ip_address> second;
  for (const auto& one : in)
    (one.is_v6() == in.front().is_v6() ? first : second).push_back(one);
  std::vector<ip_address> out;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size())
      out.push_back(first[i]);
    if (i < second.size())
      out.push_back(second[i]);
  }
  return out;
}

} // namespace

dialer::dialer(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, dial_args args)
  : pinned_actor(config, std::move(loop)), args_(std::move(args)) {}

void dialer::started() {
  arm_timer(deadline_slot, now() + args_.timeout);
  ask(args_.broker, args_.timeout, runtime::resolve_name{args_.host},
    [this](const runtime::name_resolved& x) { race(x.addresses); },
    [this](caf::error& why) {
      dial_done out;
      out.reason = runtime::describe_error(why);
      finish(std::move(out));
    });
}

void dialer::stopped() { args_.broker = nullptr; }

caf::behavior dialer::handlers() {
  // Everything that it waits for comes as an answer; it only has to stay alive meanwhile.
  return {[this](const close_link& x) {
    dial_done out;
    out.reason = x.reason;
    finish(std::move(out));
  }};
}

void dialer::race(const std::vector<ip_address>& addresses) {
  if (!addresses.empty())
    for (const auto& one : interleave(addresses))
      if (const endpoint remote{one, args_.port}; candidates_.size() < candidates_max
          && std::none_of(candidates_.begin(), candidates_.end(), [&](const auto& x) { return x.remote == remote; }))
        candidates_.push_back({remote});
  start_next();
}

void dialer::start_next() {
  if (done_)
    return;
  if (started_ == candidates_.size()) {
    if (std::all_of(candidates_.begin(), candidates_.end(), [](const auto& x) { return x.failed; })) {
      dial_done out;
      out.reason = last_failure_;
      finish(std::move(out));
    }
    return;
  }
  const auto index = started_++;
  ask(args_.broker, args_.timeout + std::chrono::seconds{1},
    runtime::dial_stream{index + 1, candidates_[index].remote, args_.timeout},
    [this](const runtime::stream_dialed& x) {
      if (done_)
        return;  // The loser of a photo finish; the broker closes what nobody claims.
      dial_done out;
      out.ok = true;
      out.stream = x;
      finish(std::move(out));
    },
    [this, index](caf::error& why) { attempt_failed(index, why); });
  if (started_ < candidates_.size())
    arm_timer(stagger_slot, now() + attempt_delay);
}

void dialer::attempt_failed(std::size_t index, const caf::error& why) {
  if (done_)
    return;
  candidates_[index].failed = true;
  last_failure_ = "cannot connect to " + candidates_[index].remote.to_string() + ": " + runtime::describe_error(why);
  start_next();
}

void dialer::timer_fired(std::uint32_t slot) {
  if (slot == stagger_slot) {
    start_next();
    return;
  }
  dial_done out;
  out.reason = "no answer from " + args_.host + " port " + std::to_string(args_.port) + " in time";
  finish(std::move(out));
}

void dialer::finish(dial_done out) {
  if (std::exchange(done_, true))
    return;
  out.dial = args_.dial;
  for (std::size_t i = 0; i < started_; ++i)
    if (!candidates_[i].failed)
      tell(args_.broker, runtime::cancel_dial{i + 1});
  tell(caf::actor_cast<caf::actor>(args_.supervisor), out);
  quit(caf::exit_reason::normal);
}

} // namespace librats::actors
