// SPDX-License-Identifier: MIT
#include "protocols/dial/dial_race.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

namespace {

/// Addresses of one name that are tried; a name with more is a mistake or an attack.
constexpr std::size_t addresses_max = 16;

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

dial_race::dial_race(dial_race_config config, const std::vector<ip_address>& addresses, std::uint16_t port,
  time_point now)
  : config_(std::move(config)) {
  for (const auto& one : interleave(addresses)) {
    const endpoint remote{one, port};
    const bool known = std::find(addresses_.begin(), addresses_.end(), remote) != addresses_.end();
    if (!known && addresses_.size() < addresses_max)
      addresses_.push_back(remote);
  }
  auto due = now;
  for (const auto one : config_.order) {
    lanes_.push_back({one, 0, 0, due});
    if (config_.fallback_delay <= duration::zero())
      break;
    due += config_.fallback_delay;
  }
}

std::optional<std::size_t> dial_race::poll_start(time_point now) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& one = lanes_[i];
    const bool waits_for_nobody = i == 0 || at_its_end(lanes_[i - 1]);
    if (waits_for_nobody && one.next == 0)
      one.due = std::min(one.due, now);
    if (one.next == addresses_.size() || one.due > now)
      continue;
    attempts_.push_back({{addresses_[one.next], one.over}, i, true});
    ++one.next;
    ++one.running;
    one.due = now + config_.attempt_delay;
    return attempts_.size() - 1;
  }
  return std::nullopt;
}

void dial_race::failed(std::size_t attempt, time_point now) {
  if (!std::exchange(attempts_[attempt].runs, false))
    return;
  auto& its = lanes_[attempts_[attempt].lane];
  --its.running;
  its.due = std::min(its.due, now);
}

time_point dial_race::next_wakeup() const noexcept {
  auto out = time_point::max();
  for (const auto& one : lanes_)
    if (one.next != addresses_.size())
      out = std::min(out, one.due);
  return out;
}

bool dial_race::exhausted() const noexcept {
  return std::all_of(lanes_.begin(), lanes_.end(), [this](const auto& x) { return at_its_end(x); });
}

} // namespace librats::protocols
