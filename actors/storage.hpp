// SPDX-License-Identifier: MIT
#pragma once

#include "actors/commit_pipeline.hpp"
#include "actors/frames.hpp"
#include "actors/node_messages.hpp"
#include "actors/shard_messages.hpp"
#include "actors/storage_messages.hpp"
#include "actors/storage_options.hpp"
#include "protocols/storage/storage_replica.hpp"
#include "runtime/host/host.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <caf/typed_response_promise.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace librats::actors {

/// The node's part of the replicated store: the map in memory with its links to peers, and the supervisor of the
/// shards that keep it on disk. A write goes into memory, then to its shard, and when it is on disk, and only then,
/// it is acknowledged, told to watchers and sent to peers (after "output commit" of Strom and Yemini, 1985). A shard
/// that crashes gets its last batch again; after a crash of this actor the next one loads what is on disk, and peers
/// have the rest.
class storage final : public runtime::supervisor {
public:
  struct args {
    storage_options options;
    peer_id self;
    caf::actor_addr node;
  };

  storage(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host, args its);

  [[nodiscard]] const char* kind() const noexcept override { return "storage"; }

protected:
  caf::behavior handlers() override;
  void start_children() override;
  void child_started(const std::string& name, const caf::actor& child) override;
  void timer_fired(std::uint32_t slot) override;
  void turn_ended() override;
  void stopped() override;

private:
  // -- loading
  struct loader {
    std::string after;
    bool asked = false;
    bool done = false;
    std::optional<time_point> again_at{};
  };
  void load_next(std::size_t shard);
  void loaded(std::size_t shard, const shard_page& x);
  void loading_failed(std::size_t shard, const shard_page& x);
  void all_loaded();
  void note(const shard_opening& x);

  // -- requests
  template <class Reply, class Handler>
  caf::result<Reply> when_ready(Handler handler);
  template <class Reply>
  using promise = caf::typed_response_promise<Reply>;
  void put(const put_value& x, promise<value_put> who);
  void remove(const remove_key& x, promise<key_removed> who);
  [[nodiscard]] key_list list(const list_keys& x) const;
  [[nodiscard]] storage_status status() const;
  storage_compacted compact(std::optional<duration> age);

  // -- files (storage_files.cpp)
  struct import_job;
  void read_import(const import_storage& x, promise<storage_imported> who);
  void go_on_importing();
  void write_export(const export_storage& x, promise<storage_exported> who);

  // -- to disk
  [[nodiscard]] std::size_t shard_of(std::string_view key) const;
  [[nodiscard]] std::string refusal(std::string_view key) const;
  void settle(commit_pipeline::waiter who = {});
  void write(shard_write what, const protocols::storage_change* change, commit_pipeline::waiter who);
  void commit(std::size_t shard);
  void committed(std::size_t shard, const commit_pipeline::batch& batch, const shard_committed& x);
  void rewrite(std::size_t shard);
  void housekeeping();
  void arm_service_timer();

  // -- peers (storage_peers.cpp)
  struct peer_state {
    caf::actor link;
    bool congested = false;
    std::size_t offered = 0;                            ///< Bytes that the link has not answered for.
    std::deque<std::pair<std::uint64_t, bytes>> held{}; ///< Until the writes up to that number are on disk.
    std::size_t held_bytes = 0;
  };
  void connected(const peer_connected& x);
  void disconnected(const peer_disconnected& x);
  void received(const frames_received& x);
  void mark(const peer_id& peer, bool congested);
  void pump_peers();
  void poll(const peer_id& peer, peer_state& its);
  void release(const peer_id& peer, peer_state& its);
  void offer(const peer_id& peer, peer_state& its, std::vector<frame> frames, std::size_t size);
  void retire(const peer_id& peer);
  void tell_syncs();

  /// Something changed: commits, messages and timers follow at the end of the turn.
  void stir() { call_at_turn_end(); }
  [[nodiscard]] std::uint64_t wall_ms() const;
  [[nodiscard]] caf::actor node() const;

  runtime::host& host_;
  args args_;
  protocols::storage_replica replica_;
  commit_pipeline pipeline_;
  storage_phase phase_ = storage_phase::loading;
  std::string trouble_;
  std::vector<loader> loaders_;
  std::optional<time_point> patience_until_;
  /// Called with null when the store is ready, or with the error that it is not.
  std::vector<std::function<void(const caf::error*)>> waiting_;
  std::vector<std::optional<time_point>> retry_at_; ///< Of failing shards.
  std::optional<time_point> compact_at_;
  std::vector<commit_pipeline::waiter> answers_; ///< Of writes on disk; given when peers were told, at the turn's end.
  std::vector<std::uint64_t> disk_bytes_;
  std::vector<std::string> set_aside_;
  std::map<peer_id, peer_state> peers_;
  std::deque<std::pair<std::uint64_t, peer_id>> syncs_; ///< To be told when those writes are on disk.
  std::deque<std::shared_ptr<import_job>> imports_;
  protocols::sync_session::figures retired_; ///< Of sessions that ended.
  storage_status counted_;
};

} // namespace librats::actors
