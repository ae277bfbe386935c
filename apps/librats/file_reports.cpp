// SPDX-License-Identifier: MIT
#include "apps/librats/file_reports.hpp"

#include "protocols/transfer/media_type.hpp"
#include "protocols/transfer/safe_path.hpp"
#include "runtime/host/real_clock.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <limits>

namespace librats::apps {

namespace {

FileTransferStatus status_of(actors::transfer_phase x) {
  switch (x) {
    case actors::transfer_phase::offered: return FileTransferStatus::PENDING;
    case actors::transfer_phase::active: return FileTransferStatus::IN_PROGRESS;
    case actors::transfer_phase::paused: return FileTransferStatus::PAUSED;
    case actors::transfer_phase::waiting: return FileTransferStatus::RESUMING;
    case actors::transfer_phase::completed: return FileTransferStatus::COMPLETED;
    case actors::transfer_phase::failed: return FileTransferStatus::FAILED;
    case actors::transfer_phase::cancelled: break;
  }
  return FileTransferStatus::CANCELLED;
}

std::uint32_t chunks(std::uint64_t bytes, std::uint64_t size, bool whole_ones) {
  if (size == 0)
    return 0;
  const auto count = whole_ones ? bytes / size : bytes / size + (bytes % size != 0 ? 1 : 0);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, std::numeric_limits<std::uint32_t>::max()));
}

} // namespace

FileTransferProgress describe(const actors::transfer_report& x) {
  FileTransferProgress out;
  out.transfer_id = std::to_string(x.id);
  out.peer_id = x.peer.to_string();
  out.direction = x.direction == actors::transfer_direction::sending ? FileTransferDirection::SENDING
                                                                      : FileTransferDirection::RECEIVING;
  out.status = status_of(x.phase);
  out.filename = x.name;
  out.local_path = x.local_path;
  out.file_size = x.bytes_total;
  out.bytes_transferred = x.bytes_done;
  out.total_bytes = x.bytes_total;
  out.total_chunks = chunks(x.bytes_total, x.chunk_size, false);
  out.chunks_completed = chunks(x.bytes_done, x.chunk_size, x.bytes_done < x.bytes_total);
  out.start_time = x.started_at;
  out.last_update = x.changed_at;
  out.transfer_rate_bps = x.rate;
  out.average_rate_bps = x.average;
  if (x.remaining)
    out.estimated_time_remaining = std::chrono::duration_cast<std::chrono::milliseconds>(*x.remaining);
  out.error_message = x.error;
  out.retry_count = x.retries;
  return out;
}

FileMetadata describe(const actors::transfer_offered& x) {
  FileMetadata out;
  out.filename = x.name;
  out.relative_path = x.name;
  out.file_size = x.bytes_total;
  out.mime_type = x.directory ? "inode/directory" : protocols::media_type_of(x.name);
  if (x.files)
    for (const auto& one : *x.files)
      out.last_modified = std::max(out.last_modified, one.modified_ms / 1000);
  return out;
}

std::optional<actors::transfer_number> parse_transfer_id(const std::string& text) {
  actors::transfer_number out = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return out;
}

std::string free_destination(const std::string& name) {
  namespace fs = std::filesystem;
  const fs::path wanted = name.empty() ? fs::path{"received"} : fs::path{name};
  std::error_code error;
  auto out = fs::path{"."} / wanted;
  for (int i = 1; fs::exists(fs::symlink_status(out, error)); ++i)
    out = fs::path{"."} / (wanted.stem().string() + " (" + std::to_string(i) + ")" + wanted.extension().string());
  return out.string();
}

std::string refusal_of_request(const std::string& path) {
  namespace fs = std::filesystem;
  const auto safe = protocols::safe_path(path, protocols::name_rules::posix);
  if (!safe)
    return to_string(safe.error());
  std::error_code error;
  const auto here = fs::canonical(fs::current_path(error), error);
  if (error)
    return "this node cannot read its folder";
  const auto there = fs::canonical(here / *safe, error);
  if (error)
    return "there is no such file";
  const auto [end, rest] = std::mismatch(here.begin(), here.end(), there.begin(), there.end());
  return end == here.end() ? "" : "there is no such file";
}

} // namespace librats::apps

namespace librats {

void FileTransferProgress::update_transfer_rates(uint64_t new_bytes_transferred) {
  const auto now = runtime::real_now();
  const auto seconds = [](std::chrono::steady_clock::duration x) { return std::chrono::duration<double>(x).count(); };
  const auto since_last = seconds(now - last_update);
  const auto since_start = seconds(now - start_time);
  if (since_last > 0 && new_bytes_transferred >= bytes_transferred)
    transfer_rate_bps = static_cast<double>(new_bytes_transferred - bytes_transferred) / since_last;
  bytes_transferred = new_bytes_transferred;
  last_update = now;
  if (since_start > 0)
    average_rate_bps = static_cast<double>(bytes_transferred) / since_start;
  const auto left = total_bytes > bytes_transferred ? total_bytes - bytes_transferred : 0;
  estimated_time_remaining = std::chrono::milliseconds{
    transfer_rate_bps > 0 ? static_cast<long long>(1000.0 * static_cast<double>(left) / transfer_rate_bps) : 0};
}

uint64_t DirectoryMetadata::get_total_size() const {
  uint64_t out = 0;
  for (const auto& one : files)
    out += one.file_size;
  for (const auto& one : subdirectories)
    out += one.get_total_size();
  return out;
}

size_t DirectoryMetadata::get_total_file_count() const {
  size_t out = files.size();
  for (const auto& one : subdirectories)
    out += one.get_total_file_count();
  return out;
}

} // namespace librats
