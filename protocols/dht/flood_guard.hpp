// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace librats::protocols {

/// Ignores whoever sends too much (wire/08 section 1): more than 50 datagrams within ten seconds, queries and replies
/// alike, and five minutes of silence follow. Sources are IPv4 addresses and, because one subscriber has that many
/// addresses, /64 networks of IPv6.
///
/// Senders of datagrams can be faked, so somebody may have a stranger ignored; the caller therefore still lets in what
/// answers a query of ours (`transactions::expects`).
class flood_guard {
public:
  struct config {
    unsigned datagrams_max = 50;
    duration window = std::chrono::seconds{10};
    duration ignored_for = std::chrono::minutes{5};
    bool loopback_exempt = false; ///< For labs in which a whole network lives on 127.0.0.1.
    std::size_t sources_max =
      256; ///< Rounded up to a power of two, at least 4. 24 bytes each, none before the first use.
  };

  /// `seed` keeps strangers from choosing addresses that share a place in the table.
  flood_guard(const config& cfg, std::uint64_t seed);

  /// Counts a datagram; false when its source is ignored.
  [[nodiscard]] bool admit(const ip_address& from, time_point now);
  /// Whether its source is ignored now, without counting.
  [[nodiscard]] bool ignores(const ip_address& from, time_point now) const;

  /// How often somebody began to be ignored.
  [[nodiscard]] std::uint64_t times_blocked() const noexcept { return times_blocked_; }
  /// Datagrams that were not admitted.
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

private:
  struct source {
    std::uint64_t key = 0; ///< 0: free.
    time_point since{};    ///< When its window began, or when it ceases to be ignored.
    unsigned count = 0;
    bool ignored = false;
  };
  static constexpr std::size_t ways = 4;

  [[nodiscard]] std::uint64_t key_of(const ip_address& from) const noexcept;
  [[nodiscard]] bool over(const source& x, time_point now) const noexcept;
  source& place_of(std::uint64_t key, time_point now);

  config cfg_;
  std::uint64_t seed_;
  std::vector<source> table_; ///< Sets of four places; a source has its set.
  std::uint64_t times_blocked_ = 0;
  std::uint64_t refused_ = 0;
};

} // namespace librats::protocols
