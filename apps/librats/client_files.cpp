// SPDX-License-Identifier: MIT
// Files and directories: what a program sends, takes and asks of others.
#include "actors/transfer_messages.hpp"
#include "apps/librats/client_impl.hpp"
#include "apps/librats/file_reports.hpp"
#include "protocols/core/bytes.hpp"
#include "protocols/crypto/hash.hpp"
#include "protocols/transfer/media_type.hpp"
#include "protocols/transfer/safe_path.hpp"
#include "runtime/disk/disk.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

namespace librats {

namespace {

namespace fs = std::filesystem;

using apps::change_file_callback;
using apps::file_callback_kind;

/// Symbolic links are left out, as they are when a directory is sent.
bool is_plain(const fs::directory_entry& x, bool directory) {
  std::error_code error;
  const auto status = x.symlink_status(error);
  return !error && (directory ? fs::is_directory(status) : fs::is_regular_file(status));
}

DirectoryMetadata describe_directory(const fs::path& path, const std::string& relative, bool recursive) {
  DirectoryMetadata out;
  out.directory_name = path.filename().string();
  out.relative_path = relative;
  const auto below = [&](const fs::path& x) {
    return relative.empty() ? x.filename().string() : relative + "/" + x.filename().string();
  };
  std::error_code error;
  for (auto it = fs::directory_iterator{path, error}; !error && it != fs::directory_iterator{}; it.increment(error)) {
    if (is_plain(*it, false)) {
      out.files.push_back(FileTransferManager::get_file_metadata(it->path().string()));
      out.files.back().relative_path = below(it->path());
    } else if (recursive && is_plain(*it, true)) {
      out.subdirectories.push_back(describe_directory(it->path(), below(it->path()), true));
    }
  }
  std::sort(out.files.begin(), out.files.end(), [](const auto& a, const auto& b) { return a.filename < b.filename; });
  std::sort(out.subdirectories.begin(), out.subdirectories.end(),
    [](const auto& a, const auto& b) { return a.directory_name < b.directory_name; });
  return out;
}

/// Of the whole node, by the names that programs know.
double success_rate(const actors::transfer_statistics& x) {
  const auto ended = x.completed + x.failed;
  return ended == 0 ? 0.0 : static_cast<double>(x.completed) / static_cast<double>(ended);
}

double per_second(std::uint64_t bytes, duration span) {
  const auto seconds = std::chrono::duration<double>(span).count();
  return seconds > 0 ? static_cast<double>(bytes) / seconds : 0.0;
}

} // namespace

std::string RatsClient::impl::offer(const std::string& peer, actors::offer_files what) {
  const auto id = librats::peer_id::parse(peer);
  if (!id) {
    LIBRATS_LOG(runtime::log_level::warn, "client", "cannot send ", what.path, ": that is no peer id");
    return {};
  }
  what.to = *id;
  const auto out = ask_client_to<actors::files_offered>("offer files", std::move(what));
  return out ? std::to_string(out->id) : std::string{};
}

std::string RatsClient::impl::request(const std::string& peer, actors::request_files what) {
  const auto id = librats::peer_id::parse(peer);
  if (!id)
    return {};
  what.from = *id;
  const auto out = ask_client_to<actors::files_requested>("get files", std::move(what));
  return out ? std::to_string(out->id) : std::string{};
}

bool RatsClient::impl::answer(const std::string& transfer, actors::answer_offer what) {
  const auto id = apps::parse_transfer_id(transfer);
  if (!id)
    return false;
  what.id = *id;
  return ask_client_to<actors::offer_answered>("answer an offer", std::move(what)).has_value();
}

bool RatsClient::impl::steer(const std::string& transfer, actors::transfer_command command) {
  const auto id = apps::parse_transfer_id(transfer);
  return id && ask_client<actors::transfer_steered>(actors::steer_transfer{*id, command});
}

FileTransferManager& RatsClient::get_file_transfer_manager() { return files_; }
bool RatsClient::is_file_transfer_available() const { return true; }

// -- sending and getting ----------------------------------------------------------------------------------------------

std::string RatsClient::send_file(
  const std::string& peer_id, const std::string& file_path, const std::string& remote_filename) {
  std::error_code error;
  if (fs::is_directory(file_path, error)) {
    LIBRATS_LOG(runtime::log_level::warn, "client", "cannot send ", file_path, " as a file: it is a directory");
    return {};
  }
  return impl_->offer(peer_id, {{}, file_path, remote_filename, false});
}

std::string RatsClient::send_directory(const std::string& peer_id, const std::string& directory_path,
  const std::string& remote_directory_name, bool recursive) {
  std::error_code error;
  if (!fs::is_directory(directory_path, error)) {
    LIBRATS_LOG(runtime::log_level::warn, "client", "cannot send ", directory_path, ": it is no directory");
    return {};
  }
  return impl_->offer(peer_id, {{}, directory_path, remote_directory_name, recursive});
}

std::string RatsClient::request_file(
  const std::string& peer_id, const std::string& remote_file_path, const std::string& local_path) {
  return impl_->request(peer_id, {{}, remote_file_path, local_path, false, false});
}

std::string RatsClient::request_directory(const std::string& peer_id, const std::string& remote_directory_path,
  const std::string& local_directory_path, bool recursive) {
  return impl_->request(peer_id, {{}, remote_directory_path, local_directory_path, true, recursive});
}

bool RatsClient::accept_file_transfer(const std::string& transfer_id, const std::string& local_path) {
  return impl_->answer(transfer_id, {0, true, local_path, {}});
}

bool RatsClient::reject_file_transfer(const std::string& transfer_id, const std::string& reason) {
  return impl_->answer(transfer_id, {0, false, {}, reason});
}

// -- steering and watching --------------------------------------------------------------------------------------------

bool RatsClient::pause_file_transfer(const std::string& transfer_id) {
  return impl_->steer(transfer_id, actors::transfer_command::pause);
}
bool RatsClient::resume_file_transfer(const std::string& transfer_id) {
  return impl_->steer(transfer_id, actors::transfer_command::resume);
}
bool RatsClient::cancel_file_transfer(const std::string& transfer_id) {
  return impl_->steer(transfer_id, actors::transfer_command::cancel);
}

std::shared_ptr<FileTransferProgress> RatsClient::get_file_transfer_progress(const std::string& transfer_id) const {
  const auto id = apps::parse_transfer_id(transfer_id);
  const auto found = id ? impl_->ask_client<actors::transfer_report>(actors::get_transfer{*id}) : std::nullopt;
  return found ? std::make_shared<FileTransferProgress>(apps::describe(*found)) : nullptr;
}

std::vector<std::shared_ptr<FileTransferProgress>> RatsClient::get_active_file_transfers() const {
  std::vector<std::shared_ptr<FileTransferProgress>> out;
  if (const auto all = impl_->ask_client<actors::transfer_list>(actors::get_transfers{false}))
    for (const auto& one : all->transfers)
      out.push_back(std::make_shared<FileTransferProgress>(apps::describe(one)));
  return out;
}

nlohmann::json RatsClient::get_file_transfer_statistics() const {
  const auto x = impl_->ask_client<actors::transfer_statistics>(actors::get_transfer_statistics{})
                   .value_or(actors::transfer_statistics{});
  return {
    {"total_bytes_transferred", x.bytes_sent + x.bytes_received},
    {"active_transfers", x.active},
    {"uptime_seconds", std::chrono::duration_cast<std::chrono::seconds>(x.uptime).count()},
    {"total_bytes_sent", x.bytes_sent},
    {"total_bytes_received", x.bytes_received},
    {"total_files_sent", x.files_sent},
    {"total_files_received", x.files_received},
    {"completed_transfers", x.completed},
    {"failed_transfers", x.failed},
    {"interrupted_transfers", x.interrupted},
    {"offers_refused", x.offers_refused},
    {"success_rate", success_rate(x)},
    {"average_send_rate_bps", per_second(x.bytes_sent, x.uptime)},
    {"average_receive_rate_bps", per_second(x.bytes_received, x.uptime)},
    {"send_rate_bps", x.send_rate},
    {"receive_rate_bps", x.receive_rate},
  };
}

// -- settings and callbacks -------------------------------------------------------------------------------------------

void RatsClient::set_file_transfer_config(const FileTransferConfig& config) {
  apps::change_settings out;
  out.files = config;
  impl_->change(std::move(out));
}

const FileTransferConfig& RatsClient::get_file_transfer_config() const {
  auto& shown = impl_->memory().shown_files;
  shown = impl_->settings()->files;
  return shown;
}

void RatsClient::on_file_transfer_progress(FileTransferProgressCallback callback) {
  impl_->change_callbacks(change_file_callback{file_callback_kind::progress, std::move(callback)});
}
void RatsClient::on_file_transfer_completed(FileTransferCompletedCallback callback) {
  impl_->change_callbacks(change_file_callback{file_callback_kind::completed, std::move(callback)});
}
void RatsClient::on_file_transfer_request(FileTransferRequestCallback callback) {
  impl_->change_callbacks(change_file_callback{file_callback_kind::offered, std::move(callback)});
}
void RatsClient::on_directory_transfer_progress(DirectoryTransferProgressCallback callback) {
  impl_->change_callbacks(change_file_callback{file_callback_kind::directory_progress, std::move(callback)});
}
void RatsClient::on_file_request(FileRequestCallback callback) {
  impl_->change_callbacks(change_file_callback{file_callback_kind::file_wanted, std::move(callback)});
}
void RatsClient::on_directory_request(DirectoryRequestCallback callback) {
  impl_->change_callbacks(change_file_callback{file_callback_kind::directory_wanted, std::move(callback)});
}

// -- the same by shorter names ----------------------------------------------------------------------------------------

void FileTransferManager::set_config(const FileTransferConfig& config) { client_.set_file_transfer_config(config); }
const FileTransferConfig& FileTransferManager::get_config() const { return client_.get_file_transfer_config(); }
void FileTransferManager::set_progress_callback(FileTransferProgressCallback callback) {
  client_.on_file_transfer_progress(std::move(callback));
}
void FileTransferManager::set_completed_callback(FileTransferCompletedCallback callback) {
  client_.on_file_transfer_completed(std::move(callback));
}
void FileTransferManager::set_request_callback(FileTransferRequestCallback callback) {
  client_.on_file_transfer_request(std::move(callback));
}
void FileTransferManager::set_directory_progress_callback(DirectoryTransferProgressCallback callback) {
  client_.on_directory_transfer_progress(std::move(callback));
}
void FileTransferManager::set_file_request_callback(FileRequestCallback callback) {
  client_.on_file_request(std::move(callback));
}
void FileTransferManager::set_directory_request_callback(DirectoryRequestCallback callback) {
  client_.on_directory_request(std::move(callback));
}
std::string FileTransferManager::send_file(
  const std::string& peer_id, const std::string& file_path, const std::string& remote_filename) {
  return client_.send_file(peer_id, file_path, remote_filename);
}
std::string FileTransferManager::send_directory(const std::string& peer_id, const std::string& directory_path,
  const std::string& remote_directory_name, bool recursive) {
  return client_.send_directory(peer_id, directory_path, remote_directory_name, recursive);
}
std::string FileTransferManager::request_file(
  const std::string& peer_id, const std::string& remote_file_path, const std::string& local_path) {
  return client_.request_file(peer_id, remote_file_path, local_path);
}
std::string FileTransferManager::request_directory(const std::string& peer_id,
  const std::string& remote_directory_path, const std::string& local_directory_path, bool recursive) {
  return client_.request_directory(peer_id, remote_directory_path, local_directory_path, recursive);
}
bool FileTransferManager::accept_file_transfer(const std::string& transfer_id, const std::string& local_path) {
  return client_.accept_file_transfer(transfer_id, local_path);
}
bool FileTransferManager::reject_file_transfer(const std::string& transfer_id, const std::string& reason) {
  return client_.reject_file_transfer(transfer_id, reason);
}
bool FileTransferManager::accept_directory_transfer(const std::string& transfer_id, const std::string& local_path) {
  return client_.accept_file_transfer(transfer_id, local_path);
}
bool FileTransferManager::reject_directory_transfer(const std::string& transfer_id, const std::string& reason) {
  return client_.reject_file_transfer(transfer_id, reason);
}
bool FileTransferManager::pause_transfer(const std::string& transfer_id) {
  return client_.pause_file_transfer(transfer_id);
}
bool FileTransferManager::resume_transfer(const std::string& transfer_id) {
  return client_.resume_file_transfer(transfer_id);
}
bool FileTransferManager::cancel_transfer(const std::string& transfer_id) {
  return client_.cancel_file_transfer(transfer_id);
}

bool FileTransferManager::retry_transfer(const std::string& transfer_id) {
  if (resume_transfer(transfer_id))
    return true;
  const auto known = get_transfer_progress(transfer_id);
  if (!known || known->direction != FileTransferDirection::SENDING
      || (known->status != FileTransferStatus::FAILED && known->status != FileTransferStatus::CANCELLED))
    return false;
  return !client_.impl_->offer(known->peer_id, {{}, known->local_path, known->filename, true}).empty();
}

std::shared_ptr<FileTransferProgress> FileTransferManager::get_transfer_progress(
  const std::string& transfer_id) const {
  return client_.get_file_transfer_progress(transfer_id);
}
std::vector<std::shared_ptr<FileTransferProgress>> FileTransferManager::get_active_transfers() const {
  return client_.get_active_file_transfers();
}

std::vector<FileTransferProgress> FileTransferManager::get_transfer_history(size_t limit) const {
  std::vector<FileTransferProgress> out;
  if (const auto all = client_.impl_->ask_client<actors::transfer_list>(actors::get_transfers{true}))
    for (auto one = all->transfers.rbegin(); one != all->transfers.rend(); ++one)
      if (apps::has_ended(one->phase) && (limit == 0 || out.size() < limit))
        out.push_back(apps::describe(*one));
  return out;
}

void FileTransferManager::clear_transfer_history() { client_.impl_->tell_client(apps::forget_ended_transfers{}); }
nlohmann::json FileTransferManager::get_transfer_statistics() const { return client_.get_file_transfer_statistics(); }

// -- files of this machine --------------------------------------------------------------------------------------------

std::string FileTransferManager::calculate_file_checksum(const std::string& file_path, const std::string& algorithm) {
  std::ifstream in{file_path, std::ios::binary};
  std::error_code error;
  if (algorithm != "sha256" || !in || !fs::is_regular_file(file_path, error))
    return {};
  protocols::sha256_hasher hasher;
  bytes piece(std::size_t{1} << 16);
  while (in) {
    in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    hasher.update(bytes_view{piece}.first(static_cast<std::size_t>(in.gcount())));
  }
  return in.bad() ? std::string{} : to_hex(hasher.finish());
}

FileMetadata FileTransferManager::get_file_metadata(const std::string& file_path) {
  FileMetadata out;
  std::error_code error;
  const auto path = fs::canonical(file_path, error);
  const auto known = runtime::system_disk().info({path.parent_path().string(), path.filename().string()});
  if (error || !known || known->kind != runtime::file_kind::file)
    return out;
  out.filename = out.relative_path = fs::path{file_path}.filename().string();
  out.file_size = known->size;
  out.mime_type = protocols::media_type_of(out.filename);
  out.last_modified = static_cast<uint64_t>(std::max<std::int64_t>(known->modified_ns / 1'000'000'000, 0));
  return out;
}

DirectoryMetadata FileTransferManager::get_directory_metadata(const std::string& directory_path, bool recursive) {
  auto path = fs::path{directory_path};
  if (!path.has_filename())
    path = path.parent_path(); // "folder/" is called "folder".
  std::error_code error;
  return fs::is_directory(path, error) ? describe_directory(path, {}, recursive) : DirectoryMetadata{};
}

bool FileTransferManager::validate_file_path(const std::string& path) {
  return path.find('\\') == std::string::npos && bool{protocols::safe_path(path, protocols::name_rules::windows)};
}

} // namespace librats
