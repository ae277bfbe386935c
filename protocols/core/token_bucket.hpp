// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <algorithm>

namespace librats {

/// How often something may happen: `rate` times a second in the long run, `burst` times at once.
struct token_rate {
  double rate = 1;
  double burst = 1;
};

/// Holds somebody to a `token_rate`. Full at first. Time that steps back neither fills nor empties it.
class token_bucket {
public:
  /// Takes `count` tokens if they are there; else takes none and returns false.
  bool take(const token_rate& limit, time_point now, double count = 1) noexcept {
    fill(limit, now);
    if (tokens_ < count)
      return false;
    tokens_ -= count;
    return true;
  }

  /// Whether it has filled up again, so that nobody would notice if it was forgotten.
  [[nodiscard]] bool full(const token_rate& limit, time_point now) const noexcept {
    auto copy = *this;
    copy.fill(limit, now);
    return copy.tokens_ >= limit.burst;
  }

private:
  void fill(const token_rate& limit, time_point now) noexcept {
    if (!used_) {
      used_ = true;
      tokens_ = limit.burst;
      filled_at_ = now;
    } else if (now > filled_at_) {
      const auto seconds = std::chrono::duration<double>(now - filled_at_).count();
      tokens_ = std::min(limit.burst, tokens_ + seconds * limit.rate);
      filled_at_ = now;
    }
  }

  double tokens_ = 0;
  time_point filled_at_{};
  bool used_ = false;
};

} // namespace librats
