// SPDX-License-Identifier: MIT
#include "protocols/datagram/bbr.hpp"

#include <algorithm>

namespace librats::protocols {

namespace {

// Gains in 1/256; the values are those of draft-ietf-ccwg-bbr section 2.4 unless a reason stands beside them.
constexpr std::uint32_t startup_pacing = 709;   ///< 2.77: 4 ln 2, which lets the flight double in a round trip.
constexpr std::uint32_t drain_pacing = 128;     ///< 0.5
constexpr std::uint32_t down_pacing = 230;      ///< 0.9
constexpr std::uint32_t even_pacing = 256;
constexpr std::uint32_t up_pacing = 320;        ///< 1.25
constexpr std::uint32_t window_gain = 512;      ///< 2: room for delayed and lost acknowledgements.
constexpr std::uint32_t up_window_gain = 576;   ///< 2.25
constexpr std::uint32_t probe_rtt_gain = 128;   ///< 0.5
constexpr std::uint32_t one = 256;

/// Per cent of a bound that remain after heavy loss, and that are used outside of probing.
constexpr std::size_t beta_percent = 70;
constexpr std::size_t headroom_percent = 85;
/// Pacing stays one per cent below the model, so that a queue made by rounding drains.
constexpr std::uint64_t pacing_percent = 99;

/// The bandwidth counts as found after so many round trips without a quarter more.
constexpr std::uint8_t flat_rounds_max = 3;

/// A cycle lasts so long, plus a random part of a second; or so many round trips, plus a random part of as many. A
/// packet per round trip is what a Reno flow adds, so probing seldom enough lets one grow beside us.
constexpr duration cycle_time_min = std::chrono::seconds{2};
constexpr std::uint64_t cycle_rounds_min = 40;

/// Startup ends at once when so much of a round trip is lost, and more than a quarter.
constexpr std::size_t flood_min = 12 * bbr::packet;

/// A burst is never more than this or a millisecond's worth.
constexpr std::size_t quantum_max = 64 * 1024;

std::size_t percent(std::size_t x, std::size_t share) noexcept { return x / 100 * share + x % 100 * share / 100; }

} // namespace

bbr::bbr(std::uint64_t seed) noexcept : random_(seed) {}

std::uint64_t bbr::bandwidth() const noexcept { return std::max(bandwidth_[0], bandwidth_[1]); }

duration bbr::min_rtt() const noexcept { return min_rtt_ == duration::max() ? duration::zero() : min_rtt_; }

// -- inputs ----------------------------------------------------------------------------------------------------------

void bbr::packet_sent(std::size_t, std::size_t in_flight, time_point) {
  if (in_flight != 0)
    return;
  idle_restart_ = true;
  // The queue is empty now, so there is nothing to drain and nothing to probe: go on at the known bandwidth.
  if (full_ && phase_ != phase::probe_rtt && phase_ != phase::drain && bandwidth() > 0)
    pacing_rate_ = bounded_bandwidth() * pacing_percent / 100;
}

void bbr::acknowledged(const congestion_ack& x) {
  const bool round = begin_round(x);
  measure(x);
  if (round && (phase_ == phase::down || phase_ == phase::cruise) && calm_rounds_ == 0 && loses_too_much(x))
    lower_short_term_bounds();
  run_phase(x, round);
  measure_rtt(x);
  check_probe_rtt(x, round);
  set_pacing_rate();
  set_window(x);
  if (x.acked > 0)
    idle_restart_ = false;
  if (round) {
    round_bandwidth_ = 0;
    round_flight_ = 0;
    round_acked_ = 0;
    round_lost_ = 0;
    round_rtt_ = duration::max();
  }
}

void bbr::timed_out(std::size_t, time_point) {
  // Everything in flight counts as lost, so there is no flight to model: one packet, then a round trip of doubling.
  window_before_timeout_ = std::max(window_before_timeout_, window_);
  window_ = packet;
}

// -- the model -------------------------------------------------------------------------------------------------------

bool bbr::begin_round(const congestion_ack& x) noexcept {
  if (x.acked == 0 || x.prior_delivered < round_ends_at_)
    return false;
  round_ends_at_ = x.delivered;
  if (phase_rounds_ < std::numeric_limits<std::uint8_t>::max())
    ++phase_rounds_;
  if (cycle_rounds_ < std::numeric_limits<std::uint16_t>::max())
    ++cycle_rounds_;
  if (calm_rounds_ > 0)
    --calm_rounds_;
  if (window_before_timeout_ > 0 && window_ > packet) {
    // The path answers again, and pacing keeps what follows from being a burst.
    window_ = std::max(window_, window_before_timeout_);
    window_before_timeout_ = 0;
  }
  return true;
}

void bbr::measure(const congestion_ack& x) noexcept {
  round_acked_ += x.acked;
  round_lost_ += x.lost;
  if (x.rtt)
    round_rtt_ = std::min(round_rtt_, *x.rtt);
  if (x.acked == 0)
    return;
  round_flight_ = std::max(round_flight_, static_cast<std::size_t>(x.delivered - x.prior_delivered));
  if (!x.delivery_rate)
    return;
  round_bandwidth_ = std::max(round_bandwidth_, *x.delivery_rate);
  // A sender without enough to send measures itself; that can raise the estimate, but says nothing against it.
  if (!x.app_limited || *x.delivery_rate >= bandwidth())
    bandwidth_[0] = std::max(bandwidth_[0], *x.delivery_rate);
}

void bbr::measure_rtt(const congestion_ack& x) noexcept {
  if (!x.rtt)
    return;
  const auto rtt = std::max(*x.rtt, duration{1000});
  if (rtt <= probe_rtt_min_) {
    probe_rtt_min_ = rtt;
    probe_rtt_min_at_ = x.now;
  }
  if (probe_rtt_min_ <= min_rtt_ || x.now - min_rtt_at_ > min_rtt_age_max) {
    min_rtt_ = probe_rtt_min_;
    min_rtt_at_ = probe_rtt_min_at_;
  }
}

bool bbr::queue_stands() const noexcept {
  return round_rtt_ != duration::max() && round_rtt_ > min_rtt_ + min_rtt_ / 8;
}

bool bbr::loses_too_much(const congestion_ack& x) const noexcept {
  const auto tried = std::max(round_acked_ + round_lost_, x.prior_in_flight);
  const bool queued = queue_stands();
  return round_lost_ >= (queued ? loss_min_queued : loss_min)
         && round_lost_ > percent(tried, queued ? loss_percent_queued : loss_percent_max);
}

void bbr::lower_short_term_bounds() noexcept {
  // Never below what the path has just delivered, and not step by step down to nothing within one cycle: a path that
  // loses by chance keeps most of its bandwidth, and one that is crowded lowers the estimate from cycle to cycle.
  const auto least = bandwidth() / 100 * beta_percent;
  bandwidth_low_ = std::max({round_bandwidth_, std::min(bandwidth_low_, bandwidth()) / 100 * beta_percent, least});
  flight_low_ = std::max({round_flight_, percent(std::min(flight_low_, window_), beta_percent),
    flight_of(least, one), window_min});
}

void bbr::forget_short_term_bounds() noexcept {
  bandwidth_low_ = std::numeric_limits<std::uint64_t>::max();
  flight_low_ = unbounded;
}

std::uint64_t bbr::bounded_bandwidth() const noexcept { return std::min(bandwidth(), bandwidth_low_); }

std::size_t bbr::flight_of(std::uint64_t bandwidth, std::uint32_t gain) const noexcept {
  if (min_rtt_ == duration::max() || bandwidth == 0)
    return 0;
  // Ten gigabytes a second for ten seconds still fit.
  const auto microseconds = static_cast<std::uint64_t>(min_rtt_.count()) / 1000;
  return static_cast<std::size_t>(bandwidth * microseconds / 1'000'000 * gain / one);
}

// -- the phases ------------------------------------------------------------------------------------------------------

void bbr::enter(phase next, time_point now) noexcept {
  phase_ = next;
  phase_began_ = now;
  phase_rounds_ = 0;
}

void bbr::start_cycle(time_point now) noexcept {
  enter(phase::down, now);
  cycle_began_ = now;
  cycle_time_ = cycle_time_min + duration{static_cast<duration::rep>(random_.below(1'000'000'000))};
  const auto packets = std::uint64_t{bandwidth_delay_product() / packet};
  const auto rounds = std::clamp<std::uint64_t>(packets, 8, cycle_rounds_min);
  cycle_rounds_max_ = static_cast<std::uint16_t>(rounds + random_.below(rounds));
  cycle_rounds_ = 0;
  calm_rounds_ = 2;
  old_filter_ = true;
}

void bbr::run_phase(const congestion_ack& x, bool round) {
  switch (phase_) {
    case phase::startup:
      run_startup(x, round);
      break;
    case phase::drain:
      if (x.in_flight <= flight_of(bandwidth(), one))
        start_cycle(x.now);
      break;
    case phase::down:
    case phase::cruise:
      if (probe_to_judge_ && x.lost > 0 && loses_too_much(x)) {
        bound_flight_after_loss();
        probe_to_judge_ = false;
      }
      probe_to_judge_ = probe_to_judge_ && calm_rounds_ > 0;
      if (round && old_filter_ && phase_rounds_ >= 1 && !x.app_limited && bandwidth_[0] > 0) {
        // What the last probe brought has arrived, if anything could be measured: the cycle before it is forgotten.
        bandwidth_[1] = bandwidth_[0];
        bandwidth_[0] = 0;
        old_filter_ = false;
      }
      if (time_to_probe(x.now)) {
        forget_short_term_bounds();
        enter(phase::refill, x.now);
      } else if (phase_ == phase::down
                 && x.in_flight <= std::min(flight_of(bandwidth(), one), bound_with_headroom())) {
        enter(phase::cruise, x.now);
      }
      break;
    case phase::refill:
      if (round && phase_rounds_ >= 1) {
        enter(phase::up, x.now);
        full_bandwidth_ = 0;
        flat_rounds_ = 0;
      }
      break;
    case phase::up:
      run_up(x, round);
      break;
    case phase::probe_rtt:
      break;
  }
}

bool bbr::stopped_growing(const congestion_ack& x, bool round) noexcept {
  // A full window was no lack of data, even if the sample began in one; and without any sample nothing could grow.
  if (!round || (x.app_limited && x.prior_in_flight + packet < window_) || round_bandwidth_ == 0)
    return false;
  if (bandwidth() >= full_bandwidth_ + full_bandwidth_ / 4) {
    full_bandwidth_ = bandwidth();
    flat_rounds_ = 0;
    return false;
  }
  return ++flat_rounds_ >= flat_rounds_max;
}

void bbr::run_startup(const congestion_ack& x, bool round) {
  const bool flat = stopped_growing(x, round);
  // A buffer that overflows shows in one flat round trip; loss while the bandwidth still grows is none of our doing.
  // But no path loses a quarter by chance: there we are twice too fast, and every packet more is wasted.
  const bool overflow = round && flat_rounds_ > 0 && round_lost_ >= 2 * loss_min && loses_too_much(x);
  const bool flood = round_lost_ >= flood_min && round_lost_ * 3 > round_acked_;
  if (!flat && !overflow && !flood)
    return;
  full_ = true;
  enter(phase::drain, x.now);
}

void bbr::run_up(const congestion_ack& x, bool round) {
  if (x.lost > 0 && phase_rounds_ >= 1 && loses_too_much(x)) {
    bound_flight_after_loss();
    start_cycle(x.now);
    return;
  }
  raise_flight_bound(x);
  const bool bounded = flight_high_ < flight_of(bandwidth(), up_pacing);
  const bool tried = x.now - phase_began_ >= min_rtt_ && x.in_flight >= flight_of(bandwidth(), up_pacing);
  if (tried || (stopped_growing(x, round) && !bounded)) {
    start_cycle(x.now);
    probe_to_judge_ = true;
  }
}

bool bbr::time_to_probe(time_point now) const noexcept {
  return now - cycle_began_ >= cycle_time_ || cycle_rounds_ >= cycle_rounds_max_;
}

void bbr::bound_flight_after_loss() noexcept {
  const auto target = std::min(flight_high_, window_);
  flight_high_ = std::max({round_flight_, percent(target, beta_percent), flight_of(bandwidth(), one), window_min});
}

void bbr::raise_flight_bound(const congestion_ack& x) noexcept {
  if (flight_high_ == unbounded)
    return;
  flight_high_ = std::max(flight_high_, x.in_flight);
  if (x.prior_in_flight + packet < window_ || window_ < flight_high_)
    return;  // Not what held us back.
  // A packet in the first round trip, two in the second, four in the third.
  const auto step = packet << std::min<unsigned>(phase_rounds_, 12);
  flight_high_ = std::min(flight_high_ + step * x.acked / window_, window_max);
}

void bbr::check_probe_rtt(const congestion_ack& x, bool round) {
  if (phase_ != phase::probe_rtt) {
    if (probe_rtt_min_ == duration::max() || x.now - probe_rtt_min_at_ <= probe_rtt_interval)
      return;
    probe_rtt_min_ = x.rtt ? *x.rtt : min_rtt_;
    probe_rtt_min_at_ = x.now;
    if (idle_restart_)
      return;  // Nothing was in flight a moment ago, so this sample had no queue of ours before it.
    enter(phase::probe_rtt, x.now);
    probe_rtt_ends_ = time_point::max();
    return;
  }
  if (probe_rtt_ends_ == time_point::max()) {
    if (x.in_flight <= probe_rtt_window()) {
      probe_rtt_ends_ = x.now + probe_rtt_time;
      probe_rtt_round_ = false;
      round_ends_at_ = x.delivered;
    }
    return;
  }
  probe_rtt_round_ = probe_rtt_round_ || round;
  if (!probe_rtt_round_ || x.now < probe_rtt_ends_)
    return;
  probe_rtt_min_at_ = x.now;
  forget_short_term_bounds();
  // The cycle goes on where it was: a new one would keep an old bandwidth alive.
  enter(full_ ? phase::cruise : phase::startup, x.now);
}

// -- what follows from the model -------------------------------------------------------------------------------------

void bbr::set_pacing_rate() noexcept {
  std::uint32_t gain = even_pacing;
  switch (phase_) {
    case phase::startup: gain = startup_pacing; break;
    case phase::drain: gain = drain_pacing; break;
    case phase::down: gain = down_pacing; break;
    case phase::up: gain = up_pacing; break;
    case phase::cruise:
    case phase::refill:
    case phase::probe_rtt: break;
  }
  auto base = bounded_bandwidth();
  if (!full_ && min_rtt_ != duration::max())  // The first samples are those of single packets.
    base = std::max(base, window_initial * 1'000'000'000u / static_cast<std::uint64_t>(min_rtt_.count()));
  const auto rate = base * gain / one * pacing_percent / 100;
  if (full_ || rate > pacing_rate_)
    pacing_rate_ = rate;
}

std::size_t bbr::probe_rtt_window() const noexcept {
  return std::max(flight_of(bounded_bandwidth(), probe_rtt_gain), window_min);
}

std::size_t bbr::bound_with_headroom() const noexcept {
  return flight_high_ == unbounded ? unbounded : std::max(percent(flight_high_, headroom_percent), window_min);
}

void bbr::set_window(const congestion_ack& x) noexcept {
  const auto gain = phase_ == phase::up ? up_window_gain : window_gain;
  // Three bursts on top: one that waits to leave, one on its way, one whose acknowledgement is being put together.
  const auto quantum = std::clamp<std::size_t>(static_cast<std::size_t>(pacing_rate_ / 1000), 2 * packet, quantum_max);
  const auto target = flight_of(bounded_bandwidth(), gain) + 3 * quantum;
  if (full_)
    window_ = std::min(window_ + x.acked, target);
  else if (window_ < target || x.delivered < window_initial)
    window_ += x.acked;
  window_ = std::clamp(window_, window_min, window_max);
  auto bound = unbounded;
  if (phase_ == phase::refill || phase_ == phase::up)
    bound = flight_high_;
  else if (full_)
    bound = bound_with_headroom();
  bound = std::min(bound, flight_low_);
  if (phase_ == phase::probe_rtt)
    bound = std::min(bound, probe_rtt_window());
  window_ = std::min(window_, std::max(bound, window_min));
}

} // namespace librats::protocols
