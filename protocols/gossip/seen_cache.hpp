// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "protocols/gossip/message_id.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>

namespace librats::protocols {

/// Which publications of a topic came by already. Ids are kept for a time, not for a number of messages alone: with
/// more than 8,192 messages on their way upstream takes old ones for new and floods them again. Costs about 120 bytes
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
  seen_cache(const config& cfg, std::uint64_t seed);

  /// False when it is known already.
  bool insert(time_point now, const message_id& id, std::uint32_t carriers = 0);
  /// Null when it is not known. Valid until the next `insert` or `expire`.
  [[nodiscard]] sighting* find(const message_id& id);
  [[nodiscard]] bool contains(const message_id& id) const { return known_.count(id) != 0; }
  /// Forgets what is older than its lifetime.
  void expire(time_point now);

  [[nodiscard]] std::size_t size() const noexcept { return ages_.size(); }

private:
  using table = std::unordered_map<message_id, sighting, keyed_id_hash>;

  config cfg_;
  table known_;
  std::deque<const table::value_type*> ages_; ///< The oldest first; the table's elements stay where they are.
};

} // namespace librats::protocols
