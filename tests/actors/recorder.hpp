// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_messages.hpp"
#include "actors/gossip_messages.hpp"
#include "actors/node_messages.hpp"
#include "actors/storage_messages.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace librats::test {

/// What the test calls the peers and channels: logs shall be readable.
struct name_book {
  std::map<peer_id, std::string> peers;
  std::map<protocols::channel_id, std::string> channels;

  [[nodiscard]] std::string of(const peer_id& id) const;
  [[nodiscard]] std::string of(protocols::channel_id id) const;
};

/// Watches a node, handles its channels, and writes down what it hears, a line for each thing.
class recorder final : public runtime::pinned_actor {
public:
  recorder(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, const name_book& names)
    : pinned_actor(config, std::move(loop)), names_(names) {}

  [[nodiscard]] const char* kind() const noexcept override { return "recorder"; }

  // The test runs on the thread of all actors and asks in this one's name.
  using pinned_actor::ask;
  using pinned_actor::guarded;
  using pinned_actor::tell;

  std::vector<std::string> events;  ///< `connected B`, `disconnected B: closed by the peer`, ...
  std::vector<std::string> frames;  ///< `B chat: hello`, `B type 7: <3 bytes>`, `B typed move: {"x":1}`.
  /// Publications by topic: `B: hello`, `B, relayed: hello`, `B, proven: hello`.
  std::map<std::string, std::vector<std::string>> topics;
  std::size_t frame_count = 0;
  std::size_t frame_bytes = 0;
  bool keeps_frames = true;  ///< Else they are only counted.
  /// While it is behind, it is not done with what it gets: the receipts wait here.
  bool is_behind = false;
  std::vector<std::shared_ptr<const void>> receipts;
  std::uint64_t missed = 0;  ///< Publications.
  std::map<peer_id, std::vector<actors::peer_connected>> links;  ///< Every link that was announced, the oldest first.
  std::map<peer_id, actors::peer_identified> identified;         ///< The newest.
  std::vector<actors::peer_rtt_measured> rtts;
  std::vector<std::string> stored;  ///< `here k: value`, `there k: removed`: who changed it.
  std::vector<protocols::info_hash> hashes;  ///< As they were sampled.

  /// How many lines of `events` begin with `text`.
  [[nodiscard]] std::size_t count(const std::string& text) const;

protected:
  caf::behavior handlers() override;

private:
  void note(const char* what, const peer_id& id, const std::string& why = {});
  void note(const actors::frames_received& x);
  void hold(const std::shared_ptr<const void>& receipt);
  void note(const std::string& topic, const protocols::gossip_delivery& x);
  void note(const protocols::storage_change& x);

  const name_book& names_;
};

} // namespace librats::test
