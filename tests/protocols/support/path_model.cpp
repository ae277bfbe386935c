// SPDX-License-Identifier: MIT
#include "tests/protocols/support/path_model.hpp"

#include <algorithm>

namespace librats::test {

std::optional<time_point> path_model::send(std::size_t size, time_point now) {
  constexpr std::uint64_t second = 1'000'000'000;
  const auto wait = std::max(free_at_ - now, duration::zero());
  const auto queued = static_cast<std::uint64_t>(wait.count()) * (options_.rate / 1000) / (second / 1000);
  if (queued + size > options_.queue_max) {
    ++dropped_by_queue_;
    return std::nullopt;
  }
  waits_.push_back(static_cast<std::uint32_t>(wait.count() / 1000));
  free_at_ = now + wait + duration{static_cast<duration::rep>(size * second / options_.rate)};
  if (lost_by_chance()) {
    ++dropped_by_chance_;
    return std::nullopt;
  }
  const bool late = options_.reordered > 0 && random_.share() < options_.reordered;
  return free_at_ + options_.delay + (late ? options_.reordering_delay : duration::zero());
}

bool path_model::lost_by_chance() noexcept {
  if (options_.burst_begins > 0) {
    in_burst_ = random_.share() < (in_burst_ ? 1 - options_.burst_ends : options_.burst_begins);
    if (in_burst_ && random_.share() < options_.burst_loss)
      return true;
  }
  return options_.loss > 0 && random_.share() < options_.loss;
}

} // namespace librats::test
