// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace librats::apps {

/// Counts times in steps of one 64th of their own size, from 1 microsecond to 19 hours, so that quantiles cost neither
/// memory nor sorting. The largest is exact.
class latencies {
public:
  void add(duration x) {
    const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(x.count() / 1000, 1));
    ++counts_[bucket_of(us)];
    ++count_;
    most_ = std::max(most_, x);
  }

  /// Takes over all that was added to the other one.
  void add(const latencies& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i)
      counts_[i] += other.counts_[i];
    count_ += other.count_;
    most_ = std::max(most_, other.most_);
  }
  /// What was added since `earlier`, a copy of this one. Its largest is that of both.
  [[nodiscard]] latencies since(const latencies& earlier) const {
    auto out = *this;
    for (std::size_t i = 0; i < counts_.size(); ++i)
      out.counts_[i] -= earlier.counts_[i];
    out.count_ -= earlier.count_;
    return out;
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] duration most() const noexcept { return most_; }

  /// The upper end of the step in which `share`, from 0 to 1, of all is reached; zero without any.
  [[nodiscard]] duration quantile(double share) const noexcept {
    const auto wanted = static_cast<double>(count_) * share;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen != 0 && static_cast<double>(seen) >= wanted)
        return std::min(most_, duration{static_cast<std::int64_t>(upper_end(i) * 1000)});
    }
    return most_;
  }

private:
  static constexpr unsigned step_bits = 6;
  static constexpr unsigned powers = 36;

  static std::size_t bucket_of(std::uint64_t us) noexcept {
    unsigned power = 0;
    while ((us >> power) >= (2u << step_bits))
      ++power;
    const auto at = (std::size_t{power} << step_bits) + static_cast<std::size_t>(us >> power);
    return std::min(at, std::size_t{powers << step_bits} - 1);
  }
  static std::uint64_t upper_end(std::size_t bucket) noexcept {
    constexpr std::size_t steps = 1u << step_bits;
    if (bucket < 2 * steps)
      return bucket;
    const auto power = bucket / steps - 1;
    return ((bucket - power * steps + 1) << power) - 1;
  }

  std::array<std::uint64_t, std::size_t{powers} << step_bits> counts_{};
  std::uint64_t count_ = 0;
  duration most_{};
};

} // namespace librats::apps
