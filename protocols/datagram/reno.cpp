// SPDX-License-Identifier: MIT
#include "protocols/datagram/reno.hpp"

#include <algorithm>

namespace librats::protocols {

void reno::packet_sent(std::size_t, std::size_t in_flight, time_point now) {
  if (has_sent_ && in_flight == 0 && window_ > window_initial) {
    // What the window says about the path was true a while ago. The threshold stays: where the path was full once is a
    // good place to stop doubling.
    const auto halvings = (now - last_sent_) / rtt_.timeout(backoff_);
    if (halvings > 0)
      window_ = halvings >= 32 ? window_initial : std::max(window_ >> halvings, window_initial);
  }
  has_sent_ = true;
  last_sent_ = now;
}

void reno::acknowledged(const congestion_ack& x) {
  if (x.rtt)
    rtt_.add(*x.rtt);
  if (x.acked > 0)
    backoff_ = 0;
  watch_round_trips(x);
  if (x.new_episode) {
    threshold_ = std::max(window_ / 2, window_min);
    window_ = threshold_;
    return;
  }
  if (x.acked > 0)
    grow(x.acked);
}

void reno::timed_out(std::size_t in_flight, time_point) {
  threshold_ = std::max(in_flight / 2, window_min);
  window_ = packet;
  ++backoff_;
  cautious_ = false;
  previous_round_min_ = duration::max();
  round_min_ = duration::max();
  round_samples_ = 0;
}

std::uint64_t reno::pacing_rate() const noexcept {
  const auto smoothed = rtt_.smoothed();
  if (!smoothed || smoothed->count() <= 0)
    return 0;
  const auto quarters = in_slow_start() ? 8u : 5u;
  // At most 1.2e6 * 8 * 2.5e8: no overflow.
  const auto a_second = static_cast<std::uint64_t>(duration{std::chrono::seconds{1}}.count());
  return std::uint64_t{window_} * quarters * (a_second / 4) / static_cast<std::uint64_t>(smoothed->count());
}

void reno::watch_round_trips(const congestion_ack& x) noexcept {
  if (!in_slow_start()) {
    cautious_ = false;
    return;
  }
  if (x.acked > 0 && x.prior_delivered >= round_ends_at_) {
    round_ends_at_ = x.delivered;
    end_round();
  }
  if (x.rtt) {
    round_min_ = std::min(round_min_, *x.rtt);
    if (round_samples_ < round_samples_min)
      ++round_samples_;
  }
  if (!cautious_ && round_samples_ >= round_samples_min && previous_round_min_ != duration::max()) {
    const auto rise = std::clamp(previous_round_min_ / rise_divisor, rise_min, rise_max);
    if (round_min_ >= previous_round_min_ + rise) {
      cautious_ = true;
      rounds_held_ = 0;
      cautious_baseline_ = round_min_;
    }
  }
}

void reno::end_round() noexcept {
  const auto ended = round_min_;
  previous_round_min_ = ended;
  round_min_ = duration::max();
  round_samples_ = 0;
  if (!cautious_)
    return;
  if (ended < cautious_baseline_)
    cautious_ = false;  // The rise did not hold: one round's noise.
  else if (++rounds_held_ >= cautious_rounds) {
    threshold_ = window_;  // A window that the path carries, found without a loss.
    cautious_ = false;
  }
}

void reno::grow(std::size_t acked) noexcept {
  if (in_slow_start()) {
    const auto step = std::min(acked, slow_start_step_max);
    window_ += cautious_ ? step / cautious_divisor : step;
  } else {
    window_ += std::max<std::size_t>(packet * acked / window_, 1);
  }
  window_ = std::min(window_, window_max);
}

} // namespace librats::protocols
