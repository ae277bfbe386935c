// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "protocols/datagram/congestion_control.hpp"
#include "protocols/datagram/rtt_estimator.hpp"

#include <cstddef>
#include <cstdint>

namespace librats::protocols {

/// The congestion control of upstream (wire/07 section 10), for comparison and for those who want to behave like it:
/// slow start with the cautious exit of HyStart++ (RFC 9406), a packet per round trip above the threshold, half the
/// window after a loss episode, one packet after a timeout, and decay of the window while nothing is sent (RFC 2861).
/// Sizes are bytes of payload.
class reno final : public congestion_control {
public:
  static constexpr std::size_t packet = 1200;
  static constexpr std::size_t window_initial = 4 * packet;
  static constexpr std::size_t window_min = 2 * packet;
  /// As many packets as the plain window field of a receiver ever allows: 1024.
  static constexpr std::size_t window_max = 1024 * packet;
  /// One acknowledgement opens slow start's window by no more, however much it covers (RFC 3465).
  static constexpr std::size_t slow_start_step_max = 2 * packet;

  // HyStart++: a round whose smallest round trip lies above that of the round before by this share of it, within these
  // limits, has met a queue.
  static constexpr int rise_divisor = 8;
  static constexpr duration rise_min = std::chrono::milliseconds{4};
  static constexpr duration rise_max = std::chrono::milliseconds{16};
  static constexpr std::uint8_t round_samples_min = 8;  ///< Before a round is judged.
  static constexpr std::uint8_t cautious_rounds = 5;    ///< In which the rise must hold before slow start ends.
  static constexpr std::size_t cautious_divisor = 4;    ///< Of the growth in these rounds.

  void packet_sent(std::size_t bytes, std::size_t in_flight, time_point now) override;
  void acknowledged(const congestion_ack& x) override;
  void timed_out(std::size_t in_flight, time_point now) override;

  [[nodiscard]] std::size_t window() const noexcept override { return window_; }
  /// The window twice per round trip in slow start, 1.25 times above; 0 without a measured round trip.
  [[nodiscard]] std::uint64_t pacing_rate() const noexcept override;

  [[nodiscard]] std::size_t threshold() const noexcept { return threshold_; }
  [[nodiscard]] bool in_slow_start() const noexcept { return window_ < threshold_; }
  /// Whether slow start goes on at a quarter of its growth.
  [[nodiscard]] bool cautious() const noexcept { return cautious_; }

private:
  void watch_round_trips(const congestion_ack& x) noexcept;
  void end_round() noexcept;
  void grow(std::size_t acked) noexcept;

  std::size_t window_ = window_initial;
  std::size_t threshold_ = window_max;
  rtt_estimator rtt_;
  time_point last_sent_{};
  bool has_sent_ = false;
  unsigned backoff_ = 0;  ///< Timeouts since the last progress.

  // HyStart++
  std::uint64_t round_ends_at_ = 0;  ///< In bytes delivered.
  duration round_min_ = duration::max();
  duration previous_round_min_ = duration::max();
  duration cautious_baseline_ = duration::max();
  std::uint8_t round_samples_ = 0;
  std::uint8_t rounds_held_ = 0;
  bool cautious_ = false;
};

} // namespace librats::protocols
