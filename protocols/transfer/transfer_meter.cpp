// SPDX-License-Identifier: MIT
#include "protocols/transfer/transfer_meter.hpp"

#include <algorithm>
#include <chrono>

namespace librats::protocols {

namespace {

double seconds_of(duration x) noexcept {
  return std::chrono::duration<double>(x).count();
}

std::uint64_t whole_seconds_of(duration x) noexcept {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(x).count());
}

/// Beyond this, "how long" is no answer; and a duration holds it.
constexpr double remaining_max_seconds = 100.0 * 365 * 86'400;

} // namespace

transfer_meter::transfer_meter(time_point now, std::uint64_t already, std::uint64_t total) noexcept
  : already_(std::min(already, total)), total_(total), bytes_(already_), since_(now) {
  marks_.fill(bytes_);
}

duration transfer_meter::elapsed(time_point now) const noexcept {
  return paused_ ? before_ : before_ + std::max(duration{}, duration{now - since_});
}

/// Gives every second that has begun since the last call the bytes that were there when it began.
void transfer_meter::advance(time_point now) noexcept {
  const auto second = whole_seconds_of(elapsed(now));
  if (second <= second_)
    return;
  for (auto i = std::max(second_ + 1, second < marks ? 0 : second - marks + 1); i <= second; ++i)
    marks_[i % marks] = bytes_;
  second_ = second;
}

void transfer_meter::moved_to(time_point now, std::uint64_t bytes) noexcept {
  advance(now);
  bytes_ = std::min(bytes, total_);
  already_ = std::min(already_, bytes_);
  for (auto& one : marks_)
    one = std::min(one, bytes_);
}

void transfer_meter::pause(time_point now) noexcept {
  if (paused_)
    return;
  advance(now);
  before_ = elapsed(now);
  paused_ = true;
}

void transfer_meter::resume(time_point now) noexcept {
  if (!paused_)
    return;
  paused_ = false;
  since_ = now;
}

double transfer_meter::rate(time_point now) const noexcept {
  if (paused_)
    return 0;
  auto copy = *this;
  copy.advance(now);
  const auto spent = copy.elapsed(now);
  const auto from = copy.second_ < window_seconds ? 0 : copy.second_ - window_seconds;
  const auto span = seconds_of(spent) - static_cast<double>(from);
  return span <= 0 ? 0 : static_cast<double>(copy.bytes_ - copy.marks_[from % marks]) / span;
}

double transfer_meter::average(time_point now) const noexcept {
  const auto span = seconds_of(elapsed(now));
  return span <= 0 ? 0 : static_cast<double>(bytes_ - already_) / span;
}

std::optional<duration> transfer_meter::remaining(time_point now) const noexcept {
  if (bytes_ == total_)
    return duration{};
  const auto speed = rate(now);
  const auto seconds = speed <= 0 ? remaining_max_seconds : static_cast<double>(total_ - bytes_) / speed;
  if (seconds >= remaining_max_seconds)
    return std::nullopt;
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>(seconds));
}

double transfer_meter::percent() const noexcept {
  return total_ == 0 ? 100 : 100 * static_cast<double>(bytes_) / static_cast<double>(total_);
}

} // namespace librats::protocols
