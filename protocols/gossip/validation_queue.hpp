// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/time.hpp"
#include "protocols/gossip/gossip_event.hpp"
#include "protocols/gossip/message_id.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace librats::protocols {

/// What an application says of a publication (client-api section 3, `ValidationResult`).
enum class verdict : std::uint8_t {
  accept, ///< Deliver it and pass it on.
  reject, ///< Drop it, and hold it against those who brought it.
  ignore, ///< Drop it.
};

/// Publications that wait for the application's verdict. Bounded in number, in bytes and in the share of one peer; who
/// gets no verdict in time is ignored.
class validation_queue {
public:
  struct config {
    std::size_t messages_max = 1024;
    std::size_t messages_per_peer_max = 256;
    std::size_t bytes_max = std::size_t{16} << 20; ///< Of payloads.
    duration patience = std::chrono::seconds{10};
  };
  struct pending {
    gossip_delivery message;
    byte_slice payload;            ///< As it came: what is passed on.
    std::vector<peer_id> carriers; ///< Who brought it, the first one first; `carriers_max` at most.
    time_point deadline;
  };
  /// Who brings a message when so many did already is not noted.
  static constexpr std::size_t carriers_max = 32;

  /// `seed` is random and secret.
  validation_queue(const config& cfg, std::uint64_t seed);

  /// Names the message with a ticket, which is never used again; empty when there is no room.
  std::optional<std::uint64_t> add(time_point now, const gossip_delivery& message, byte_slice payload);
  /// Another peer brings a message that waits. False when it does not wait, or the peer brought it before.
  bool add_carrier(const message_id& id, const peer_id& peer);
  /// Takes out what the verdict is about; empty when its time is over.
  std::optional<pending> take(std::uint64_t ticket);
  /// Takes out one message that waits for too long.
  std::optional<pending> take_expired(time_point now);
  /// When the first one expires.
  [[nodiscard]] std::optional<time_point> poll_timeout() const;

  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

private:
  config cfg_;
  std::map<std::uint64_t, pending> waiting_; ///< By ticket, so the oldest is the first.
  std::unordered_map<message_id, std::uint64_t, keyed_id_hash> tickets_;
  std::map<peer_id, std::size_t> shares_;
  std::size_t bytes_ = 0;
  std::uint64_t last_ticket_ = 0;
};

} // namespace librats::protocols
