// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace librats::test {

/// What IPv4 and UDP add to a datagram on its way; part of what a modelled path carries and queues.
inline constexpr std::size_t datagram_overhead = 28;

/// One direction of a path. Zero switches a fault off.
struct path_options {
  std::uint64_t rate = 1'250'000;        ///< Of the bottleneck, in bytes a second with all headers.
  duration delay = std::chrono::milliseconds{20};  ///< From the bottleneck to the other end.
  std::size_t queue_max = 50'000;        ///< Before the bottleneck, in bytes; what does not fit is dropped.
  double loss = 0;                       ///< Share that gets lost by chance, each on its own.

  /// Losses in bursts after Gilbert and Elliott: a second state in which `burst_loss` get lost; the shares are those of
  /// packets that enter and leave it.
  double burst_begins = 0;
  double burst_ends = 0.25;
  double burst_loss = 0.5;

  double reordered = 0;                  ///< Share that takes `reordering_delay` longer.
  duration reordering_delay = std::chrono::milliseconds{5};
};

/// One direction of a path on virtual time: a drop-tail queue in front of a bottleneck, then loss and delay. Many flows
/// may share it. Deterministic for a seed.
class path_model {
public:
  path_model(const path_options& options, std::uint64_t seed) noexcept : options_(options), random_(seed) {}

  /// Sends `size` bytes, headers included, at `now`, which never goes back. When they arrive; empty when they got lost.
  std::optional<time_point> send(std::size_t size, time_point now);

  /// Changes rate, delay or faults from now on; what is queued keeps its time.
  void change(const path_options& options) noexcept { options_ = options; }

  [[nodiscard]] const path_options& options() const noexcept { return options_; }
  [[nodiscard]] std::uint64_t dropped_by_queue() const noexcept { return dropped_by_queue_; }
  [[nodiscard]] std::uint64_t dropped_by_chance() const noexcept { return dropped_by_chance_; }
  /// How long each datagram that was queued waited before the bottleneck, in the order of sending.
  [[nodiscard]] const std::vector<std::uint32_t>& waits_microseconds() const noexcept { return waits_; }

private:
  bool lost_by_chance() noexcept;

  path_options options_;
  small_random random_;
  time_point free_at_{};  ///< When the bottleneck has sent all that is queued.
  bool in_burst_ = false;
  std::uint64_t dropped_by_queue_ = 0;
  std::uint64_t dropped_by_chance_ = 0;
  std::vector<std::uint32_t> waits_;
};

/// Bandwidth-delay product: what a path with this bottleneck holds during a round trip.
constexpr std::size_t path_product(std::uint64_t rate, duration round_trip) noexcept {
  return static_cast<std::size_t>(rate * static_cast<std::uint64_t>(round_trip.count() / 1000) / 1'000'000);
}

} // namespace librats::test
