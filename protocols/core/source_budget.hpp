// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"
#include "protocols/core/token_bucket.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace librats {

/// A token bucket per source of traffic: per IPv4 address, and per /64 of IPv6, which is what one subscriber has. The
/// table has a fixed size (20 KiB with the default, none before the first use): where it is full, the bucket that was
/// used longest ago makes room. Somebody with that many addresses needs a limit over all sources beside this one.
class source_budget {
public:
  static constexpr std::size_t sources_default = 512;

  /// `seed` keeps strangers from choosing addresses that share a place in the table. `sources` is rounded up to a power
  /// of two, at least 4.
  source_budget(const token_rate& limit, std::uint64_t seed, std::size_t sources = sources_default);

  /// Takes one token of the source of `from`; false when it has none.
  bool take(const ip_address& from, time_point now);

private:
  struct entry {
    std::uint64_t key = 0; ///< 0: free.
    time_point used_at{};
    token_bucket bucket;
  };

  [[nodiscard]] std::uint64_t key_of(const ip_address& from) const noexcept;

  token_rate limit_;
  std::uint64_t seed_;
  std::size_t sources_;
  std::vector<entry> table_; ///< Sets of four places; a key has its set.
};

/// Mixes 64 bits so that each of them depends on all (the finalizer of splitmix64): with a secret added to it a hash
/// for tables whose keys strangers choose. No cryptography.
constexpr std::uint64_t mix_bits(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// A keyed hash of an address, of its first `prefix_bytes` alone.
std::uint64_t hash_address(const ip_address& x, std::uint64_t seed, std::size_t prefix_bytes = 16) noexcept;

} // namespace librats
