// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <optional>

namespace librats::protocols {

/// Round trips of one stream and the timeouts that follow from them: RFC 6298 with the constants of wire/07 section 9.
class rtt_estimator {
public:
  static constexpr duration rto_initial = std::chrono::milliseconds{500};
  static constexpr duration rto_min = std::chrono::milliseconds{100};
  static constexpr duration rto_max = std::chrono::seconds{6};
  static constexpr duration probe_min = std::chrono::milliseconds{30};
  /// How long the other end may sit on an acknowledgement (wire/07 section 7).
  static constexpr duration ack_delay_max = std::chrono::milliseconds{20};

  /// One round trip of a packet that was sent once. Negative ones (a clock that stepped back) count as zero.
  void add(duration sample) noexcept;

  [[nodiscard]] std::optional<duration> smoothed() const noexcept;
  [[nodiscard]] duration variation() const noexcept { return variation_; }
  /// The smallest sample so far; zero without one.
  [[nodiscard]] duration min() const noexcept { return measured_ ? min_ : duration::zero(); }

  /// The retransmission timeout after `backoff` timeouts in a row; each doubles it.
  [[nodiscard]] duration timeout(unsigned backoff) const noexcept;
  /// When a tail probe is due after the last progress, as the `probes`-th of a row; never later than `timeout(0)`.
  [[nodiscard]] duration probe_timeout(unsigned probes) const noexcept;

private:
  duration smoothed_{0};
  duration variation_{0};
  duration min_{0};
  bool measured_ = false;
};

} // namespace librats::protocols
