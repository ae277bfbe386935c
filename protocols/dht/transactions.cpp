// SPDX-License-Identifier: MIT
#include "protocols/dht/transactions.hpp"

#include <algorithm>

namespace librats::protocols {

namespace {

constexpr std::size_t id_size = 2;
constexpr int lost_after_slow = 8; // What 15 s are to 2 s.

} // namespace

std::optional<bytes> transactions::open(const endpoint& to, std::uint64_t tag, time_point now) {
  if (open_.size() >= open_max)
    return std::nullopt;
  std::uint16_t id = 0;
  do
    id = static_cast<std::uint16_t>(random_.next());
  while (open_.count(id) != 0); // At most one in 256 is taken.
  entry x;
  x.to = to;
  x.tag = tag;
  x.sent = now;
  x.due = now + slow_after();
  x.lost_at = now + lost_after();
  due_.emplace(x.due, id);
  open_.emplace(id, x);
  ++asked_[to];
  return bytes{static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)};
}

std::optional<transactions::answered> transactions::close(bytes_view id, const endpoint& from, time_point now) {
  const auto found = id.size() == id_size ? open_.find(static_cast<std::uint16_t>(id[0] << 8 | id[1])) : open_.end();
  if (found == open_.end() || found->second.to != from) {
    ++(found == open_.end() ? strays_ : forgeries_);
    return std::nullopt;
  }
  const answered out{found->second.tag, std::max(now - found->second.sent, duration{0})};
  erase(found);
  rtt_.add(out.rtt, !measured_);
  measured_ = true;
  return out;
}

void transactions::cancel(std::uint64_t tag) {
  const auto found = std::find_if(open_.begin(), open_.end(), [tag](const auto& x) { return x.second.tag == tag; });
  if (found != open_.end())
    erase(found);
}

std::optional<transactions::overdue> transactions::poll_overdue(time_point now) {
  if (due_.empty() || due_.begin()->first > now)
    return std::nullopt;
  const auto found = open_.find(due_.begin()->second);
  auto& x = found->second;
  const overdue out{x.tag, x.slow ? stage::lost : stage::slow};
  if (x.slow) {
    erase(found);
    return out;
  }
  due_.erase(due_.begin());
  x.slow = true;
  x.due = x.lost_at;
  due_.emplace(x.due, found->first);
  return out;
}

std::optional<time_point> transactions::poll_timeout() const {
  return due_.empty() ? std::optional<time_point>{} : due_.begin()->first;
}

bool transactions::expects(const endpoint& from) const {
  return asked_.count(from) != 0;
}

duration transactions::slow_after() const noexcept {
  return measured_ ? std::clamp(rtt_.srtt + 4 * rtt_.rttvar, slow_min, slow_max) : slow_max;
}

duration transactions::lost_after() const noexcept {
  return std::clamp(lost_after_slow * slow_after(), lost_min, lost_max);
}

void transactions::erase(entries::iterator x) {
  due_.erase({x->second.due, x->first});
  if (const auto asked = asked_.find(x->second.to); --asked->second == 0)
    asked_.erase(asked);
  open_.erase(x);
}

} // namespace librats::protocols
