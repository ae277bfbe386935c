// SPDX-License-Identifier: MIT
#pragma once

#include "actors/storage_options.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/time.hpp"
#include "protocols/storage/lww_store.hpp"
#include "protocols/storage/storage_entry.hpp"
#include "protocols/storage/storage_value.hpp"
#include "runtime/caf/message_types.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace librats::actors {

// The replicated key-value store (wire/06), as `node` understands it: the embedding API. Every request is answered
// exactly once, with what is named here or with an error, whose sentence says why: storage is switched off, is still
// restarting, has no disk to write on. Requests that come while the store is being loaded wait for it.

// -- writing. The answer comes when the write is on disk, as far as the chosen durability goes, and not before;
// peers and watchers hear of it then, too. Many writes that wait at the same time share one commit, so send them
// without waiting for each answer, and no more than some thousands. An error of the disk leaves open whether the
// write will be there: it stays in memory, and is written, told and sent to peers when the disk has room again. As
// long as the disk does not take writes, further ones are refused at once and leave no trace.

/// Puts a value: bytes with a type (storage_value.hpp). Answered with `value_put`, or with an error for an empty key, a
/// key above 64 KiB, a value above the limit (`storage_options`), a full store, or the disk.
struct put_value {
  std::string key;
  protocols::storage_value value;
};

struct value_put {
  std::uint64_t timestamp_ms = 0; ///< The stamp of the write: Unix milliseconds, later than what it replaced.
};

/// Removes a value and leaves a tombstone. Answered with `key_removed`.
struct remove_key {
  std::string key;
};

struct key_removed {
  bool existed = false; ///< Else there was nothing to remove, and nothing was written.
};

/// Forgets tombstones, by default those older than the configured age. Answered with `storage_compacted`. Who compacts
/// younger ones than peers were away for gets the removed keys back from them.
struct compact_storage {
  std::optional<duration> age;
};

struct storage_compacted {
  std::size_t forgotten = 0;
};

// -- reading. All is in memory, so an answer never waits for the disk; a value may be read a moment before it is on
// disk.

/// Answered with `value_got`.
struct get_value {
  std::string key;
};

struct value_got {
  std::optional<protocols::storage_record> record; ///< Empty when there is nothing, or a tombstone.
};

/// Asks for keys that begin with `prefix`, in byte order, behind `after` (empty: from the first one on). Answered with
/// `key_list`.
struct list_keys {
  std::string prefix;
  std::string after;
  std::size_t count_max = 10'000;
};

struct key_list {
  std::vector<std::string> keys;
  bool more = false; ///< There are more behind the last one.
};

// -- watching

/// From now on `watcher` gets `storage_changed` for keys that begin with `prefix`, and `storage_synced`. Not answered.
/// Asking again changes the prefix. Ends with the watcher or with `unwatch_storage`. Survives a restart of the storage
/// actor; a change that was written in the moment of the crash may then go untold.
struct watch_storage {
  caf::actor watcher;
  std::string prefix;
};

struct unwatch_storage {
  caf::actor watcher;
};

/// Keys that have another value now, in the order of the changes of each key. `remote` tells who changed it: a peer (or
/// an import), or this node.
struct storage_changed {
  std::vector<protocols::storage_change> changes;
};

/// This store and that of a peer were equal at some moment since the last such message (a node of ours), or the peer
/// has sent a part of its store (upstream).
struct storage_synced {
  peer_id peer;
};

// -- peers

/// Compares with all connected peers once more, which happens by itself whenever a link is made. Answered with
/// `storage_sync_requested`.
struct request_storage_sync {};

struct storage_sync_requested {
  std::size_t peers = 0; ///< How many are asked; 0 when none is connected or synchronisation is switched off.
};

// -- the life of the store

/// Opens the store of a node that was started without one, or does nothing. Not answered: `await_storage_ready` tells.
struct open_storage {
  storage_options options; ///< `enabled` makes no difference.
};

/// Answered with `storage_ready` when the store is loaded; with an error when it cannot be, for instance because the
/// folder is read-only. It is tried again every few seconds, and one may ask again.
struct await_storage_ready {};

struct storage_ready {
  std::size_t entries = 0; ///< Without tombstones.
};

/// Merges a file of upstream (`rats_storage.dat`) into the store: of each key the later one stays. Answered, when all
/// of it is on disk, with `storage_imported`.
struct import_storage {
  std::string path;
};

struct storage_imported {
  std::size_t taken = 0;
  std::size_t older = 0;   ///< What is in the store is as new or newer.
  std::size_t refused = 0; ///< Damaged, beyond our limits, or more than the store may hold.
  std::size_t missing = 0; ///< Announced by the file, and unreadable.
};

/// Writes the store, tombstones included, into a file that upstream reads, in place of what is there. Answered with
/// `storage_exported`. Needs as much memory once more as the store takes.
struct export_storage {
  std::string path;
};

struct storage_exported {
  std::size_t entries = 0; ///< With tombstones.
  std::size_t bytes = 0;
};

/// Answered with `storage_status`.
struct get_storage_status {};

enum class storage_phase : std::uint8_t {
  off,
  loading,
  running,
  failing, ///< The disk cannot be read or written; `trouble` says why. Tried again every few seconds.
};

struct storage_status {
  storage_phase phase = storage_phase::off;
  std::string trouble;
  std::vector<std::string> set_aside; ///< Damaged files, under the names that they have now, since the start.
  protocols::lww_store::figures store;
  std::size_t shards = 0;
  std::uint64_t disk_bytes = 0; ///< Of all databases.
  std::size_t uncommitted = 0;  ///< Keys whose newest value is not on disk yet.
  std::uint64_t commits = 0;
  std::uint64_t commits_failed = 0;
  std::uint64_t committed = 0;    ///< Writes in them.
  bool synced = false;            ///< With any peer, once.
  std::size_t peers = 0;          ///< Links over which stores are kept equal.
  std::size_t peers_ours = 0;     ///< Those that compare digests.
  std::uint64_t entries_sent = 0; ///< To peers, since the start.
  std::uint64_t entries_received = 0;
  std::uint64_t entries_refused = 0; ///< Damaged, or beyond a limit.
  std::uint64_t bytes_sent = 0;      ///< Payloads of Storage messages.
  std::uint64_t bytes_received = 0;
  std::uint64_t syncs = 0; ///< Comparisons that ended, or answers of upstream peers.
  std::uint64_t sync_requests_sent = 0;
  std::uint64_t sync_requests_received = 0;
};

} // namespace librats::actors
