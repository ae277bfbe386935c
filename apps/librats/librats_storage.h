// SPDX-License-Identifier: MIT
#pragma once

/// The replicated store of the client API: a part of librats.h, which includes it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#ifdef DELETE
#  undef DELETE
#endif

namespace librats {

/// The numbers are those of the wire (wire/06 section 1).
enum class StorageValueType : uint8_t { BINARY = 0x01, STRING = 0x02, INT64 = 0x03, DOUBLE = 0x04, JSON = 0x05 };

enum class StorageOperation : uint8_t { OP_PUT = 0x01, OP_DELETE = 0x02, PUT = OP_PUT, DELETE = OP_DELETE };

enum class StorageSyncStatus {
  NOT_STARTED,  ///< The store is not open, or no peer was there yet.
  IN_PROGRESS,  ///< Peers are there, and none has been compared to the end.
  COMPLETED,    ///< Equal to some peer's store, at least once.
  FAILED        ///< The disk cannot be read or written.
};

/// How a client keeps its part of the store.
struct StorageConfig {
  /// Folder, made when it is needed. The databases lie below it in a folder called `database_name`, which belongs to
  /// one running client.
  std::string data_directory = "./storage";
  std::string database_name = "rats_storage";
  bool enable_compression = false;       ///< No effect: values are kept as they are.
  bool enable_sync = true;               ///< Off: peers are neither asked nor answered.
  uint32_t sync_batch_size = 100;        ///< No effect: messages are cut by bytes.
  uint32_t compaction_threshold = 1000;  ///< No effect: tombstones stay for 30 days, see `StorageManager::compact`.
  uint32_t max_value_size = 16 * 1024 * 1024;  ///< Bytes. Nothing above about 8 MiB can be sent, so it is not taken.
  bool persist_to_disk = true;           ///< Off: in memory alone.
  /// Whether what was put survives the loss of power; else it survives the end of the process in any way.
  bool survive_power_loss = false;
};

/// One version of a key, as it travels (wire/06 section 1).
struct StorageEntry {
  std::string key;
  StorageValueType type = StorageValueType::BINARY;
  std::vector<uint8_t> data;
  uint64_t timestamp_ms = 0;   ///< Unix time.
  std::string origin_peer_id;  ///< 64 hex digits; may be empty.
  uint32_t checksum = 0;       ///< CRC-32.
  bool deleted = false;

  /// The later one wins; at the same time, the greater origin.
  bool wins_over(const StorageEntry& other) const {
    return timestamp_ms > other.timestamp_ms
           || (timestamp_ms == other.timestamp_ms && origin_peer_id > other.origin_peer_id);
  }
};

/// A key has another value.
struct StorageChangeEvent {
  StorageOperation operation = StorageOperation::OP_PUT;
  std::string key;
  StorageValueType type = StorageValueType::BINARY;
  std::vector<uint8_t> old_data;  ///< Empty when there was nothing.
  std::vector<uint8_t> new_data;  ///< Empty when it was removed.
  uint64_t timestamp_ms = 0;      ///< Unix time of the write.
  std::string origin_peer_id;     ///< Who wrote it.
  bool is_remote = false;         ///< It came from a peer.
};

using StorageChangeCallback = std::function<void(const StorageChangeEvent& event)>;
using StorageSyncCompleteCallback = std::function<void(bool success, const std::string& error_message)>;

class RatsClient;

/// The store of one client, handed out by `RatsClient::get_storage_manager` and alive as long as that. All is explained
/// at RatsClient, whose functions these are by their shorter names.
class StorageManager {
public:
  StorageManager(const StorageManager&) = delete;
  StorageManager& operator=(const StorageManager&) = delete;

  bool put(const std::string& key, const std::string& value);
  bool put(const std::string& key, int64_t value);
  bool put(const std::string& key, double value);
  bool put(const std::string& key, const std::vector<uint8_t>& value);
  bool put(const std::string& key, const char* value) { return put(key, std::string{value}); }
  template <class Integer,
    std::enable_if_t<std::is_integral_v<Integer> && !std::is_same_v<Integer, bool> && !std::is_same_v<Integer, int64_t>,
      int> = 0>
  bool put(const std::string& key, Integer value) {
    return put(key, static_cast<int64_t>(value));
  }
  bool put_json(const std::string& key, const nlohmann::json& value);
  std::optional<std::string> get_string(const std::string& key) const;
  std::optional<int64_t> get_int(const std::string& key) const;
  std::optional<double> get_double(const std::string& key) const;
  std::optional<std::vector<uint8_t>> get_binary(const std::string& key) const;
  std::optional<nlohmann::json> get_json(const std::string& key) const;
  /// Empty for a key that is not there, or whose type no program of today knows.
  std::optional<StorageValueType> get_type(const std::string& key) const;
  /// The whole entry, its stamp and origin too.
  std::optional<StorageEntry> get_entry(const std::string& key) const;
  bool remove(const std::string& key);
  bool has(const std::string& key) const;
  std::vector<std::string> keys() const;
  std::vector<std::string> keys_with_prefix(const std::string& prefix) const;
  size_t size() const;
  bool empty() const { return size() == 0; }
  /// Removes every key, here and thereby at all peers. False when one of them could not be removed.
  bool clear();

  /// Opens the store; false when it cannot be read. What is put is on disk at once, so there is nothing to save.
  bool load();
  bool save() { return load(); }
  /// Forgets tombstones that are older than 30 days; tells how many. Those of younger ones, which `age_seconds` allows,
  /// come back from peers that still have the value.
  size_t compact();
  size_t compact(uint64_t age_seconds);
  /// Reads a file of another librats program (`rats_storage.dat`); of each key the later version stays. Tells how many
  /// entries were taken, or nothing, with the reason in the log.
  std::optional<size_t> import_file(const std::string& path);
  /// Writes such a file; tells how many entries it has.
  std::optional<size_t> export_file(const std::string& path) const;

  bool request_sync();
  StorageSyncStatus get_sync_status() const;
  bool is_synced() const;
  void set_change_callback(StorageChangeCallback callback);
  void set_sync_complete_callback(StorageSyncCompleteCallback callback);
  nlohmann::json get_statistics_json() const;

private:
  friend class RatsClient;
  explicit StorageManager(RatsClient& client) : client_(client) {}

  RatsClient& client_;
};

} // namespace librats
