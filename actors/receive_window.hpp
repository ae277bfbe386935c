// SPDX-License-Identifier: MIT
#pragma once

#include "actors/frames.hpp"

#include <caf/actor_addr.hpp>

#include <cstddef>
#include <memory>

namespace librats::actors {

/// To a link: whoever got so many bytes of frames has finished with them.
struct deliveries_finished {
  std::size_t bytes = 0;
};

/// How much of what a link has handed out is still in somebody's hands. Deliveries share receipts in the order in which
/// they are made; when the last message that holds one is gone, on whatever thread, the link hears of it. So a link
/// pays for one message per `step` bytes, not per delivery.
class receive_window {
public:
  /// `limit` bytes may be in other hands; at least one byte.
  receive_window(std::size_t limit, caf::actor_addr link);

  /// For a delivery of `bytes`.
  delivery_receipt take(std::size_t bytes);
  void finished(std::size_t bytes) noexcept { out_ -= bytes; }
  /// Nothing more should be handed out until `has_room`.
  [[nodiscard]] bool is_full() const noexcept { return out_ >= limit_; }
  [[nodiscard]] bool has_room() const noexcept { return out_ <= limit_ / 2; }

private:
  struct receipt;

  std::size_t limit_;
  std::size_t step_;
  std::size_t out_ = 0;  ///< Bytes of receipts that are not back.
  caf::actor_addr link_;
  std::shared_ptr<receipt> open_;  ///< Takes more deliveries.
};

} // namespace librats::actors
