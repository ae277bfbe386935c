// SPDX-License-Identifier: MIT
#pragma once

#include "actors/node_messages.hpp"
#include "protocols/crypto/hash.hpp"
#include "runtime/caf/pooled_actor.hpp"

#include <caf/typed_response_promise.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

LIBRATS_MESSAGE(librats::examples, run_round)
LIBRATS_MESSAGE(librats::examples, round_result)
LIBRATS_MESSAGE(librats::examples, round_overdue)
LIBRATS_MESSAGE(librats::examples, await_loss)
LIBRATS_MESSAGE(librats::examples, peer_lost)

namespace librats::examples {

/// Sends the file to these peers and back; answered with `round_result`.
struct run_round {
  std::vector<peer_id> peers;
};

/// What one peer did in a round.
struct peer_result {
  peer_id id;
  actors::peer_connected link;
  duration round_trip{};  ///< Median of some small messages.
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;  ///< Sent and got back.
  duration took{};
  std::string failure;  ///< Empty: every byte came back.
};

struct round_result {
  std::vector<peer_result> peers;
};

/// INTERNAL: a round takes too long.
struct round_overdue {
  std::uint64_t round = 0;
};

/// Answered with `peer_lost` when that peer is not connected (any more).
struct await_loss {
  peer_id id;
};

struct peer_lost {
  std::string reason;
};

/// Cuts data into numbered pieces, sends them over an App channel to peers that send everything back, puts what comes
/// back together again and compares SHA-256 digests.
class demo_exchange final : public runtime::pooled_actor {
public:
  struct options {
    std::string channel;
    std::string name;  ///< Of the data, for the peers.
    byte_slice data;
    duration deadline{};  ///< For one round.
  };

  demo_exchange(caf::actor_config& config, caf::actor node, options o);

  [[nodiscard]] const char* kind() const noexcept override { return "demo_exchange"; }

protected:
  void started() override;
  caf::behavior handlers() override;
  void stopped() override;

private:
  struct exchange {
    peer_result result;
    std::vector<duration> trips;      // Of the small messages before the data.
    std::uint32_t sent = 0;           // Pieces.
    std::uint32_t returned = 0;
    protocols::sha256_hasher digest;
    time_point trip_began;
    time_point began;
    bool done = false;
  };

  void begin(const std::vector<peer_id>& peers);
  void begin(const peer_id& id);
  void received(const actors::frames_received& x);
  void returned(exchange& x, const byte_slice& message);
  void send_piece(exchange& x);
  void send(const exchange& x, std::uint32_t number, const byte_slice& content);
  void finish(exchange& x, std::string failure);
  void lost(const actors::peer_disconnected& x);

  caf::actor node_;
  options options_;
  std::uint32_t pieces_;
  protocols::sha256_digest expected_;
  std::map<peer_id, actors::peer_connected> links_;
  std::map<peer_id, exchange> exchanges_;
  std::uint64_t round_ = 0;
  caf::typed_response_promise<round_result> promise_;
  std::map<peer_id, caf::typed_response_promise<peer_lost>> awaited_;
};

} // namespace librats::examples
