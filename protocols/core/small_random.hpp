// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace librats {

/// Choices that need to differ, not to be secret: jitter, samples, the order of things. SplitMix64 (Steele, Lea and
/// Flood, "Fast splittable pseudorandom number generators", 2014): one word of state, the same on every machine. The
/// seed comes from whoever owns the protocol object; for keys and tokens there is `runtime::random_source`.
class small_random {
public:
  explicit small_random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    state_ += 0x9E3779B97F4A7C15u;
    auto x = state_;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }

  /// In [0, bound); 0 when `bound` is 0. The bias is below bound / 2^64.
  std::uint64_t below(std::uint64_t bound) noexcept { return bound == 0 ? 0 : next() % bound; }

  /// In [0, 1).
  double share() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// Moves a random choice of `count` elements to the front (Fisher and Yates, cut short); all of them when there are
  /// no more.
  template <class Sequence>
  void shuffle_front(Sequence& x, std::size_t count) {
    for (std::size_t i = 0; i < count && i + 1 < x.size(); ++i)
      std::swap(x[i], x[i + static_cast<std::size_t>(below(x.size() - i))]);
  }

private:
  std::uint64_t state_;
};

} // namespace librats
