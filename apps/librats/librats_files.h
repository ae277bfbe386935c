// SPDX-License-Identifier: MIT
#pragma once

/// Files and directories in the client API: a part of librats.h, which includes it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace librats {

enum class FileTransferDirection { SENDING, RECEIVING };

enum class FileTransferStatus {
  PENDING,      ///< Offered, not answered.
  STARTING,     ///< Never seen: a transfer that is accepted moves.
  IN_PROGRESS,
  PAUSED,
  COMPLETED,
  FAILED,
  CANCELLED,    ///< By either side.
  RESUMING      ///< Interrupted; it goes on by itself when the peer is back.
};

struct FileTransferConfig {
  uint32_t chunk_size = 65536;         ///< Bytes, up to 1 MiB.
  uint32_t max_concurrent_chunks = 4;  ///< In flight between the disk and the connection.
  uint32_t max_retries = 3;            ///< Interruptions without any progress between them.
  uint32_t timeout_seconds = 30;       ///< Without a sign of life an attempt ends.
  bool verify_checksums = true;        ///< A file whose SHA-256 is not its sender's fails.
  bool allow_resume = true;            ///< Go on after an interruption; else it fails.
  /// Unfinished files lie here, and what is needed to go on with them after a restart.
  std::string temp_directory = "./temp_transfers";
};

/// A transfer as it was at the time of the call.
struct FileTransferProgress {
  std::string transfer_id;
  std::string peer_id;
  FileTransferDirection direction = FileTransferDirection::SENDING;
  FileTransferStatus status = FileTransferStatus::PENDING;
  std::string filename;    ///< Of a directory its name.
  std::string local_path;  ///< Empty while nobody has said where it goes.
  uint64_t file_size = 0;  ///< Of a directory, of all files together.
  uint64_t bytes_transferred = 0;  ///< On the receiver's disk.
  uint64_t total_bytes = 0;
  uint32_t chunks_completed = 0;
  uint32_t total_chunks = 0;
  std::chrono::steady_clock::time_point start_time{};
  std::chrono::steady_clock::time_point last_update{};
  double transfer_rate_bps = 0;  ///< Bytes per second in the last seconds.
  double average_rate_bps = 0;   ///< Bytes per second without pauses.
  std::chrono::milliseconds estimated_time_remaining{0};  ///< 0 when nothing moves.
  std::string error_message;
  uint32_t retry_count = 0;  ///< Interruptions.

  /// 0 to 100; 0 when there is nothing to transfer.
  double get_completion_percentage() const {
    return total_bytes == 0 ? 0.0 : 100.0 * static_cast<double>(bytes_transferred) / static_cast<double>(total_bytes);
  }
  std::chrono::milliseconds get_elapsed_time() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(last_update - start_time);
  }
  /// For programs that keep figures of their own: counts on from `bytes_transferred`, with the present time.
  void update_transfer_rates(uint64_t new_bytes_transferred);
};

struct FileMetadata {
  std::string filename;
  std::string relative_path;   ///< With `/` between the components; of a lone file its name.
  uint64_t file_size = 0;      ///< Of a directory, of all files together.
  uint64_t last_modified = 0;  ///< Unix seconds; 0: not known.
  std::string mime_type;       ///< By the ending of the name; "inode/directory" for a directory.
  std::string checksum;        ///< SHA-256 in hex; empty while it is not known, as in offers.
};

struct DirectoryMetadata {
  std::string directory_name;
  std::string relative_path;
  std::vector<FileMetadata> files;  ///< By name.
  std::vector<DirectoryMetadata> subdirectories;

  uint64_t get_total_size() const;
  size_t get_total_file_count() const;
};

using FileTransferProgressCallback = std::function<void(const FileTransferProgress& progress)>;
using FileTransferCompletedCallback =
  std::function<void(const std::string& transfer_id, bool success, const std::string& error)>;
/// `true` accepts. Of an offered directory, `metadata.mime_type` is "inode/directory".
using FileTransferRequestCallback =
  std::function<bool(const std::string& peer_id, const FileMetadata& metadata, const std::string& transfer_id)>;
/// `true` serves.
using FileRequestCallback =
  std::function<bool(const std::string& peer_id, const std::string& file_path, const std::string& transfer_id)>;
using DirectoryTransferProgressCallback = std::function<void(const std::string& transfer_id,
  const std::string& current_file, uint64_t files_completed, uint64_t total_files, uint64_t bytes_completed,
  uint64_t total_bytes)>;
using DirectoryRequestCallback = std::function<bool(const std::string& peer_id, const std::string& directory_path,
  bool recursive, const std::string& transfer_id)>;

class RatsClient;

/// The transfers of one client, handed out by `RatsClient::get_file_transfer_manager` and alive as long as that. All is
/// explained at RatsClient, whose functions these are by their shorter names.
class FileTransferManager {
public:
  FileTransferManager(const FileTransferManager&) = delete;
  FileTransferManager& operator=(const FileTransferManager&) = delete;

  void set_config(const FileTransferConfig& config);
  const FileTransferConfig& get_config() const;
  void set_progress_callback(FileTransferProgressCallback callback);
  void set_completed_callback(FileTransferCompletedCallback callback);
  void set_request_callback(FileTransferRequestCallback callback);
  void set_directory_progress_callback(DirectoryTransferProgressCallback callback);
  void set_file_request_callback(FileRequestCallback callback);
  void set_directory_request_callback(DirectoryRequestCallback callback);

  std::string send_file(
    const std::string& peer_id, const std::string& file_path, const std::string& remote_filename = "");
  std::string send_directory(const std::string& peer_id, const std::string& directory_path,
    const std::string& remote_directory_name = "", bool recursive = true);
  std::string request_file(
    const std::string& peer_id, const std::string& remote_file_path, const std::string& local_path);
  std::string request_directory(const std::string& peer_id, const std::string& remote_directory_path,
    const std::string& local_directory_path, bool recursive = true);
  bool accept_file_transfer(const std::string& transfer_id, const std::string& local_path);
  bool reject_file_transfer(const std::string& transfer_id, const std::string& reason = "");
  bool accept_directory_transfer(const std::string& transfer_id, const std::string& local_path);
  bool reject_directory_transfer(const std::string& transfer_id, const std::string& reason = "");

  bool pause_transfer(const std::string& transfer_id);
  bool resume_transfer(const std::string& transfer_id);
  bool cancel_transfer(const std::string& transfer_id);
  /// Tries at once what waits for its peer; offers once more, as another transfer, what this client sent in vain.
  bool retry_transfer(const std::string& transfer_id);

  std::shared_ptr<FileTransferProgress> get_transfer_progress(const std::string& transfer_id) const;
  std::vector<std::shared_ptr<FileTransferProgress>> get_active_transfers() const;
  /// Those that have ended, the last one first: at most some hundreds, or `limit`, if that is not 0.
  std::vector<FileTransferProgress> get_transfer_history(size_t limit = 0) const;
  void clear_transfer_history();
  nlohmann::json get_transfer_statistics() const;

  /// SHA-256 in hex of a file; empty when it cannot be read, or for another algorithm than "sha256".
  static std::string calculate_file_checksum(const std::string& file_path, const std::string& algorithm = "sha256");
  /// Everything but the checksum; with an empty `filename` when there is no such file.
  static FileMetadata get_file_metadata(const std::string& file_path);
  static DirectoryMetadata get_directory_metadata(const std::string& directory_path, bool recursive = true);
  /// Whether a path from outside stays below the folder that it is appended to, by its text: relative, without "..",
  /// without what some file system cannot name.
  static bool validate_file_path(const std::string& path);

private:
  friend class RatsClient;
  explicit FileTransferManager(RatsClient& client) : client_(client) {}

  RatsClient& client_;
};

} // namespace librats
