// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/peer_id.hpp"
#include "protocols/core/time.hpp"
#include "protocols/storage/lww_store.hpp"
#include "protocols/storage/sync_session.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace librats::protocols {

/// A store and its links to other stores: what a node writes goes to all peers, what it hears first goes on to all but
/// the one that told, and each link has a `sync_session`. Flooding ends because a repeat never wins.
///
/// Feed it, drain `poll_event`, and each link that has room with `poll_transmit`; then wait for `poll_timeout`.
class storage_replica {
public:
  struct config {
    lww_store::config store;
    sync_session::config session;
    /// Random at each start, so that peers notice it.
    std::uint64_t first_session = 1;
  };
  /// Another entry stands in the store now: persist it, tell the application.
  struct changed {
    storage_change change;
  };
  struct peer_synced {
    peer_id peer;
  };
  using event = std::variant<changed, peer_synced>;

  storage_replica(const config& cfg, const peer_id& self) : cfg_(cfg), self_(self), store_(cfg.store, self) {}

  // -- inputs; `wall_ms` is Unix time
  /// An entry from our own disk; it is told to nobody.
  void load(std::uint64_t wall_ms, const storage_entry& entry) { store_.merge(wall_ms, entry); }
  /// An entry from somewhere else, such as a file of upstream: what a peer would have told, for all peers.
  storage_outcome adopt(std::uint64_t wall_ms, const storage_entry& entry);
  storage_outcome put(std::uint64_t wall_ms, std::string_view key, const storage_value& value);
  storage_outcome remove(std::uint64_t wall_ms, std::string_view key);
  std::size_t compact(std::uint64_t wall_ms) { return store_.compact(wall_ms); }
  std::size_t compact(std::uint64_t wall_ms, std::uint64_t age_ms, std::vector<std::string>* forgotten) {
    return store_.compact(wall_ms, age_ms, forgotten);
  }
  /// The first link to a peer, or one that replaced it: what was said on the old one may be lost.
  void peer_connected(time_point now, const peer_id& peer);
  void peer_disconnected(const peer_id& peer) { sessions_.erase(peer); }
  void handle_message(time_point now, std::uint64_t wall_ms, const peer_id& from, bytes_view payload);
  void handle_timeout(time_point now);
  /// Asks all peers; false when there is none.
  bool request_sync();

  // -- outputs
  std::optional<bytes> poll_transmit(time_point now, const peer_id& to);
  std::optional<event> poll_event();
  [[nodiscard]] bool has_events() const noexcept { return !events_.empty(); }
  [[nodiscard]] std::optional<time_point> poll_timeout() const;

  [[nodiscard]] const lww_store& store() const noexcept { return store_; }
  /// Null when there is no link.
  [[nodiscard]] const sync_session* session(const peer_id& peer) const;
  [[nodiscard]] bool is_synced() const noexcept { return synced_; } ///< With anybody, once.

private:
  storage_outcome written(storage_outcome outcome, storage_change change);
  void drain(sync_session& x, const peer_id& from);
  void tell_others(const peer_id* from, std::string_view key, bool many);

  config cfg_;
  peer_id self_;
  lww_store store_;
  std::map<peer_id, sync_session> sessions_;
  std::deque<event> events_;
  std::uint64_t sessions_begun_ = 0;
  bool synced_ = false;
};

} // namespace librats::protocols
