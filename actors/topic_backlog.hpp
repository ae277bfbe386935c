// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/gossip/gossip_event.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace librats::actors {

/// How far a handler of publications is behind. Deliveries carry receipts, which live as long as the messages that hold
/// them; the last one shows by its end that the handler has seen what was sent before.
class topic_backlog {
public:
  static constexpr std::size_t bytes_max = std::size_t{64} << 20;

  /// Whether the handler shall get more; else so many publications are `missed`. Who was too slow once has to catch up
  /// with half of what it is behind, or it would get one publication of many.
  bool has_room(std::size_t publications);
  std::shared_ptr<const void> take(const std::vector<protocols::gossip_delivery>& messages);

  /// Since the last `take_missed`.
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }
  std::uint64_t take_missed() noexcept { return std::exchange(missed_, 0); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
  struct receipt {
    std::weak_ptr<const void> held;
    std::size_t bytes = 0;
  };
  /// One receipt serves deliveries of so many bytes.
  static constexpr std::size_t step = bytes_max / 256;

  std::deque<receipt> receipts_;  ///< In the order of the deliveries.
  std::shared_ptr<const void> open_;
  std::size_t bytes_ = 0;
  std::uint64_t missed_ = 0;
};

} // namespace librats::actors
