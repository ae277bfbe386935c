// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace librats::protocols {

/// What one arriving acknowledgement said that was new. Sizes are bytes of payload.
struct congestion_ack {
  time_point now{};
  std::size_t acked = 0;         ///< Newly acknowledged, cumulatively or selectively.
  std::size_t lost = 0;          ///< Newly declared lost while this acknowledgement was processed.
  std::size_t in_flight = 0;     ///< Still unacknowledged and not lost, after both.
  std::size_t prior_in_flight = 0;  ///< The same, before this acknowledgement.
  std::optional<duration> rtt;   ///< Of the newest packet that it acknowledges and that was sent once.
  std::uint64_t delivered = 0;   ///< Everything acknowledged since the stream began.
  /// Delivery rate sample in bytes per second (draft-ietf-ccwg-bbr section 4.1); empty when it is not valid.
  std::optional<std::uint64_t> delivery_rate;
  std::uint64_t prior_delivered = 0;  ///< `delivered` when the newest acknowledged packet was sent: counts round trips.
  bool app_limited = false;      ///< The rate sample was taken while the sender had less to send than it was allowed.
  bool new_episode = false;      ///< `lost` opens a loss episode: it begins behind everything lost before.
};

/// How much may be in flight, and how fast it may leave. Pure: time comes in as an argument, and the stream tells what
/// happened. One object per stream, about a hundred bytes.
class congestion_control {
public:
  virtual ~congestion_control() = default;

  /// `bytes` of payload are about to leave; `in_flight` is what was out before. Zero then means a restart after idling.
  virtual void packet_sent(std::size_t bytes, std::size_t in_flight, time_point now) = 0;
  virtual void acknowledged(const congestion_ack& x) = 0;
  /// The retransmission timer expired: all that was `in_flight` counts as lost.
  virtual void timed_out(std::size_t in_flight, time_point now) = 0;

  /// Bytes of payload that may be in flight.
  [[nodiscard]] virtual std::size_t window() const noexcept = 0;
  /// Bytes of payload a second; 0: do not pace.
  [[nodiscard]] virtual std::uint64_t pacing_rate() const noexcept = 0;
};

/// Which strategy a stream uses.
enum class congestion_algorithm : std::uint8_t {
  bbr,   ///< Model-based with pacing, after BBR: our default.
  reno,  ///< What upstream does (wire/07 section 10): NewReno with HyStart++ and pacing.
};

/// `seed` decides what the strategy does by chance, such as the phase of its probing.
std::unique_ptr<congestion_control> make_congestion_control(congestion_algorithm which, std::uint64_t seed);

} // namespace librats::protocols
