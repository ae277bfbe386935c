// SPDX-License-Identifier: MIT
#include "protocols/datagram/rtt_estimator.hpp"

#include <algorithm>

namespace librats::protocols {

namespace {

/// RFC 6298's granularity term, which upstream does not have. Samples of a bulk transfer come from acknowledgements
/// that were sent at once; the last packet's comes up to 20 ms later, and without this it would look lost on a steady
/// path.
constexpr duration granularity = rtt_estimator::ack_delay_max + std::chrono::milliseconds{5};

/// The least that a probe allows for variation.
constexpr duration probe_variation_min = std::chrono::microseconds{3750};

duration doubled(duration x, unsigned times) noexcept {
  for (; times > 0 && x < rtt_estimator::rto_max; --times)
    x *= 2;
  return std::min(x, rtt_estimator::rto_max);
}

} // namespace

void rtt_estimator::add(duration sample) noexcept {
  sample = std::max(sample, duration::zero());
  if (!measured_) {
    measured_ = true;
    smoothed_ = sample;
    variation_ = sample / 2;
    min_ = sample;
    return;
  }
  const auto error = sample > smoothed_ ? sample - smoothed_ : smoothed_ - sample;
  variation_ = (variation_ * 3 + error) / 4;
  smoothed_ = (smoothed_ * 7 + sample) / 8;
  min_ = std::min(min_, sample);
}

std::optional<duration> rtt_estimator::smoothed() const noexcept {
  return measured_ ? std::optional{smoothed_} : std::nullopt;
}

duration rtt_estimator::timeout(unsigned backoff) const noexcept {
  const auto base = measured_ ? smoothed_ + std::max(4 * variation_, granularity) : rto_initial;
  return doubled(std::clamp(base, rto_min, rto_max), backoff);
}

duration rtt_estimator::probe_timeout(unsigned probes) const noexcept {
  if (!measured_)
    return timeout(0);
  const auto base = smoothed_ + std::max(4 * variation_, probe_variation_min) + ack_delay_max;
  return std::min(std::max(doubled(base, probes), probe_min), timeout(0));
}

} // namespace librats::protocols
