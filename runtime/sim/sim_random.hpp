// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/random/random_source.hpp"

#include <cstdint>
#include <random>

namespace librats::runtime {

/// A reproducible stream from a seed: MT19937-64, whose output the C++ standard fixes. For simulations alone.
class sim_random final : public random_source {
public:
  explicit sim_random(std::uint64_t seed) : engine_(seed) {}

  void fill(mutable_bytes_view out) override {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (i % 8 == 0)
        word = engine_();
      out[i] = static_cast<std::uint8_t>(word >> (i % 8 * 8));
    }
  }

  /// True with probability `share`, from 0 to 1.
  bool chance(double share) { return share > 0 && static_cast<double>(engine_() >> 11) * 0x1p-53 < share; }

private:
  std::mt19937_64 engine_;
};

} // namespace librats::runtime
