// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "protocols/gossip/id_fifo.hpp"

#include <cstddef>
#include <cstdint>

namespace librats::protocols {

/// Which publications of a topic came by already. Ids are kept for a time, not for a number of messages alone: with
/// more than 8,192 messages on their way upstream takes old ones for new and floods them again. Costs 65 to 90 bytes
/// per id.
class seen_cache {
public:
  struct config {
    duration lifetime = std::chrono::minutes{2}; ///< As in GossipSub v1.1.
    std::size_t capacity = 65536;                ///< The oldest makes room, however young it is.
  };
  struct sighting {
    time_point first;           ///< When it came, from whomever.
    std::uint32_t carriers = 0; ///< Bit by mesh slot: who has brought it.
  };

  /// `seed` is random and secret.
  seen_cache(const config& cfg, std::uint64_t seed) : cfg_(cfg), known_(seed) {}

  /// False when it is known already.
  bool insert(time_point now, const message_id& id, std::uint32_t carriers = 0);
  /// Null when it is not known. Valid until the next `insert` or `expire`.
  [[nodiscard]] sighting* find(const message_id& id) { return known_.find(id); }
  [[nodiscard]] bool contains(const message_id& id) const { return known_.contains(id); }
  /// Forgets what is older than its lifetime.
  void expire(time_point now);

  [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

private:
  config cfg_;
  id_fifo<sighting> known_;
};

} // namespace librats::protocols
