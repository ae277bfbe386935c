// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <array>
#include <cstdint>

namespace librats::runtime {

/// Where every random decision comes from. The real one is the system's CSPRNG (libsodium) and safe to call from any
/// thread; the simulated one is a stream from the scenario's seed.
class random_source {
public:
  virtual ~random_source() = default;

  virtual void fill(mutable_bytes_view out) = 0;

  /// 32 bytes, for a key.
  std::array<std::uint8_t, 32> key() {
    std::array<std::uint8_t, 32> out{};
    fill(out);
    return out;
  }

  std::uint64_t u64();
  /// Uniform in [0, bound); 0 when `bound` is 0.
  std::uint64_t below(std::uint64_t bound);
};

/// The system's CSPRNG.
random_source& system_random();

} // namespace librats::runtime
