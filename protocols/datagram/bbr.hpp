// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/datagram/congestion_control.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace librats::protocols {

/// Congestion control by a model of the path, after draft-ietf-ccwg-bbr: it measures the bandwidth (largest delivery
/// rate of the last two probing cycles) and the round trip without a queue (smallest of ten seconds), sends at the one
/// and keeps at most twice their product in flight. Loss is no signal as such: only a round trip that loses more than
/// `loss_percent_max`, or some while a queue stands, says that too much was in flight, so a path that loses packets by
/// chance stays full.
///
/// Startup doubles until the bandwidth stops growing, drain empties the queue that this made, and then cycles go round:
/// down (a little below the bandwidth, until the queue is gone), cruise (at the bandwidth), refill (one round trip at
/// full size), up (a quarter above: is there more?). How long a cruise lasts is drawn from the seed, so that flows that
/// share a path do not probe in step. Every five seconds without a new smallest round trip the flight is halved for a
/// moment, to see the path without our own queue.
///
/// We differ from the draft in: the loss that is tolerated (it cuts at 2 %, queue or not), bounds after loss that keep
/// 70 % of the bandwidth within a cycle, a startup that loss ends only when it is flat or a flood, probing by round
/// trips where these are short, the end of `up` (as soon as a quarter above is in flight), and no filter for aggregated
/// acknowledgements.
/// Sizes are bytes of payload, rates bytes of payload a second. About 200 bytes.
class bbr final : public congestion_control {
public:
  static constexpr std::size_t packet = 1200;
  static constexpr std::size_t window_initial = 10 * packet;  ///< RFC 6928.
  static constexpr std::size_t window_min = 4 * packet;       ///< Enough to keep acknowledgements coming.
  static constexpr std::size_t window_max = 8192 * packet;    ///< As many packets as a receiver ever holds.

  /// So much of a round trip may be lost, and so little is chance anyway. Above what radio links and long paths lose,
  /// and well below what an overflowing buffer costs: sending a quarter too much loses a fifth.
  static constexpr std::size_t loss_percent_max = 6;
  static constexpr std::size_t loss_min = 4 * packet;
  /// The same while every packet of the round trip waited in a queue: then the queue probably was the reason, and those
  /// who share it suffer, too. The share is the draft's.
  static constexpr std::size_t loss_percent_queued = 2;
  static constexpr std::size_t loss_min_queued = 3 * packet;
  static constexpr duration min_rtt_age_max = std::chrono::seconds{10};
  static constexpr duration probe_rtt_interval = std::chrono::seconds{5};
  static constexpr duration probe_rtt_time = std::chrono::milliseconds{200};

  enum class phase : std::uint8_t { startup, drain, down, cruise, refill, up, probe_rtt };

  explicit bbr(std::uint64_t seed) noexcept;

  void packet_sent(std::size_t bytes, std::size_t in_flight, time_point now) override;
  void acknowledged(const congestion_ack& x) override;
  void timed_out(std::size_t in_flight, time_point now) override;

  [[nodiscard]] std::size_t window() const noexcept override { return window_; }
  [[nodiscard]] std::uint64_t pacing_rate() const noexcept override { return pacing_rate_; }

  [[nodiscard]] phase state() const noexcept { return phase_; }
  /// Largest delivery rate of this cycle and the last; 0 before the first sample.
  [[nodiscard]] std::uint64_t bandwidth() const noexcept;
  /// Smallest round trip; zero before the first sample.
  [[nodiscard]] duration min_rtt() const noexcept;
  /// What the path holds without a queue; 0 before the first sample.
  [[nodiscard]] std::size_t bandwidth_delay_product() const noexcept { return flight_of(bandwidth(), gain_one); }

private:
  /// Gains are in units of 1/256.
  static constexpr std::uint32_t gain_one = 256;
  static constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();

  // -- the model
  bool begin_round(const congestion_ack& x) noexcept;
  void measure(const congestion_ack& x) noexcept;
  void measure_rtt(const congestion_ack& x) noexcept;
  /// Whether even the fastest packet of this round trip waited before the bottleneck.
  [[nodiscard]] bool queue_stands() const noexcept;
  [[nodiscard]] bool loses_too_much(const congestion_ack& x) const noexcept;
  void lower_short_term_bounds() noexcept;
  void forget_short_term_bounds() noexcept;
  /// Bandwidth as far as the last round trips allow.
  [[nodiscard]] std::uint64_t bounded_bandwidth() const noexcept;
  [[nodiscard]] std::size_t flight_of(std::uint64_t bandwidth, std::uint32_t gain) const noexcept;

  // -- the phases
  void run_phase(const congestion_ack& x, bool round);
  void run_startup(const congestion_ack& x, bool round);
  void run_up(const congestion_ack& x, bool round);
  void check_probe_rtt(const congestion_ack& x, bool round);
  void enter(phase next, time_point now) noexcept;
  void start_cycle(time_point now) noexcept;
  [[nodiscard]] bool stopped_growing(const congestion_ack& x, bool round) noexcept;
  [[nodiscard]] bool time_to_probe(time_point now) const noexcept;
  void bound_flight_after_loss() noexcept;
  void raise_flight_bound(const congestion_ack& x) noexcept;

  // -- what follows from them
  void set_pacing_rate() noexcept;
  void set_window(const congestion_ack& x) noexcept;
  [[nodiscard]] std::size_t probe_rtt_window() const noexcept;
  /// The long-term bound, with room left for others outside of probing.
  [[nodiscard]] std::size_t bound_with_headroom() const noexcept;

  small_random random_;
  std::uint64_t bandwidth_[2] = {0, 0};  ///< Of this cycle and of the last.
  std::uint64_t bandwidth_low_ = std::numeric_limits<std::uint64_t>::max();  ///< Short-term bound after heavy loss.
  std::size_t flight_low_ = unbounded;                                       ///< The same.
  std::size_t flight_high_ = unbounded;  ///< Long-term bound: more than this was lost when it was tried.

  // The running round trip.
  std::uint64_t round_ends_at_ = 0;  ///< In bytes delivered.
  std::uint64_t round_bandwidth_ = 0;
  std::size_t round_flight_ = 0;  ///< Most that was delivered between the sending and the acknowledgement of a packet.
  std::size_t round_acked_ = 0;
  std::size_t round_lost_ = 0;
  duration round_rtt_ = duration::max();  ///< Smallest.

  duration min_rtt_ = duration::max();
  time_point min_rtt_at_{};
  duration probe_rtt_min_ = duration::max();  ///< Smallest since the last probe.
  time_point probe_rtt_min_at_{};
  time_point probe_rtt_ends_ = time_point::max();

  std::uint64_t full_bandwidth_ = 0;  ///< What growth is measured against.
  std::size_t window_ = window_initial;
  std::size_t window_before_timeout_ = 0;
  std::uint64_t pacing_rate_ = 0;
  time_point phase_began_{};
  time_point cycle_began_{};
  duration cycle_time_{0};
  std::uint16_t cycle_rounds_max_ = 0;
  std::uint16_t cycle_rounds_ = 0;
  std::uint8_t phase_rounds_ = 0;
  std::uint8_t flat_rounds_ = 0;   ///< Round trips in which the bandwidth did not grow.
  std::uint8_t calm_rounds_ = 0;   ///< Round trips whose losses are still those of the phase before.
  phase phase_ = phase::startup;
  bool full_ = false;              ///< The bandwidth was found once.
  bool old_filter_ = false;        ///< The cycle's best sample is still to be moved to `bandwidth_[1]`.
  bool probe_to_judge_ = false;    ///< What the last probe lost is still to be heard of.
  bool idle_restart_ = false;
  bool probe_rtt_round_ = false;
};

} // namespace librats::protocols
