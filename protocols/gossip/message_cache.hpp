// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/small_random.hpp"
#include "protocols/gossip/id_fifo.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace librats::protocols {

/// Recent publications of a topic, kept to answer IWANT. Messages lie in windows, one per heartbeat; ids of the newest
/// windows are advertised, and a message is forgotten with its window (wire/04 section 4). Payloads are shared, not
/// copied.
class message_cache {
public:
  struct config {
    std::size_t windows = 5;  ///< A message can be fetched for about so many heartbeats...
    std::size_t gossiped = 3; ///< ...and is advertised for so many.
    std::size_t messages_max = 32768;
    std::size_t bytes_max = std::size_t{64} << 20; ///< Of payloads. Above either limit the oldest message goes first.
    std::size_t answers_max = 3;                   ///< Times that one peer gets one message; v1.1's value.
  };
  /// Why there is no answer to an IWANT.
  enum class answer : std::uint8_t {
    given,
    unknown,    ///< Forgotten, or never here.
    answered,   ///< This peer had it often enough.
    over_budget ///< It is larger than what the peer may still get.
  };

  /// `seed` is random and secret.
  message_cache(const config& cfg, std::uint64_t seed);

  /// Known ids are left as they are.
  void put(const message_id& id, byte_slice payload);
  [[nodiscard]] bool contains(const message_id& id) const { return messages_.contains(id); }
  /// Looks up what `peer` asked for and counts the answer. Sets `out` when the result is `given`.
  answer take(const message_id& id, const peer_id& peer, std::size_t budget, byte_slice& out);
  /// Ids of the newest windows, at most `max`, which `random` chooses if there are more.
  [[nodiscard]] std::vector<message_id> advertised(std::size_t max, small_random& random) const;
  /// Opens a new window and forgets the oldest.
  void shift();

  [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }
  [[nodiscard]] std::size_t payload_bytes() const noexcept { return bytes_; }

private:
  struct entry {
    byte_slice payload;
    std::vector<std::pair<peer_id, std::uint8_t>> answers; ///< Who got it how often; few ask for one message.
  };

  void forget_oldest();

  config cfg_;
  id_fifo<entry> messages_;
  std::deque<std::uint64_t> windows_; ///< The number of the first message of each; the newest first.
  std::size_t bytes_ = 0;
};

} // namespace librats::protocols
