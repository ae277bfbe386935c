// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace librats::protocols {

/// How long a record that somebody sent is believed, and when to ask for it again: at 80, 85, 90 and 95 % of its time
/// to live, each up to 2 % later so that not everybody asks at once (RFC 6762 section 5.2).
class record_life {
public:
  /// Nobody's word counts for longer, whatever the record says: the RFC's own value for records without a host name.
  static constexpr duration ttl_max = std::chrono::minutes{75};
  static constexpr int refreshes = 4;
  /// Not sooner than this after the last question, however short the time to live is.
  static constexpr duration ask_interval = std::chrono::seconds{1};

  record_life() = default;
  /// `jitter`: in [0, 1).
  record_life(time_point now, std::uint32_t ttl_seconds, double jitter) noexcept
    : since_(now), ttl_(std::min<duration>(std::chrono::seconds{ttl_seconds}, ttl_max)), jitter_(jitter) {}

  [[nodiscard]] time_point since() const noexcept { return since_; }
  [[nodiscard]] time_point expires() const noexcept { return since_ + ttl_; }
  [[nodiscard]] bool is_over(time_point now) const noexcept { return now >= expires(); }

  /// When to ask for it; empty when all questions were asked.
  [[nodiscard]] std::optional<time_point> refresh_due() const noexcept {
    if (asked_ >= refreshes)
      return std::nullopt;
    const auto share = 0.80 + 0.05 * asked_ + 0.02 * jitter_;
    const auto due = since_ + std::chrono::duration_cast<duration>(ttl_ * share);
    return std::max(due, not_before_);
  }
  /// It was asked for: the questions that should have been asked before count too.
  void asked(time_point now) noexcept {
    not_before_ = now + ask_interval;
    do
      ++asked_;
    while (asked_ < refreshes && since_ + std::chrono::duration_cast<duration>(ttl_ * (0.80 + 0.05 * asked_)) <= now);
  }

  /// Whether it may stand in a list of known answers: half of its time is left (RFC 6762 section 7.1).
  [[nodiscard]] bool is_fresh(time_point now) const noexcept { return expires() - now >= ttl_ / 2; }
  /// Whole seconds that are left, at least 1.
  [[nodiscard]] std::uint32_t seconds_left(time_point now) const noexcept {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(expires() - now).count();
    return static_cast<std::uint32_t>(std::max<decltype(left)>(left, 1));
  }

  /// It was taken back or replaced. A second is left for others to contradict (RFC 6762 sections 10.1 and 10.2).
  void end_soon(time_point now) noexcept {
    if (expires() <= now + std::chrono::seconds{1})
      return;
    ttl_ = now + std::chrono::seconds{1} - since_;
    asked_ = refreshes;
  }
  /// It is in doubt: unless it comes again within ten seconds it is over, and it is asked for within the first one and
  /// three times more until then (RFC 6762 section 10.4).
  void doubt(time_point now, double jitter) noexcept {
    if (expires() <= now + std::chrono::seconds{10})
      return;
    ttl_ = std::chrono::seconds{50};
    since_ = now - ttl_ * 4 / 5;
    asked_ = 0;
    jitter_ = jitter;
  }

private:
  time_point since_{};
  duration ttl_{};
  time_point not_before_{};
  double jitter_ = 0;
  int asked_ = 0;
};

} // namespace librats::protocols
