// SPDX-License-Identifier: MIT
// The replicated store: what a program puts, gets and asks of it.
#include "actors/storage_messages.hpp"
#include "apps/librats/client_impl.hpp"
#include "protocols/storage/storage_codec.hpp"
#include "protocols/storage/storage_value.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace librats {

namespace {

using protocols::storage_record;

/// The value as the program wants it; empty when it is not there or is of another type.
template <class Value>
std::optional<Value> read(const std::optional<actors::value_got>& x,
  std::optional<Value> (*as)(const storage_record&)) {
  return x && x->record ? as(*x->record) : std::nullopt;
}

const char* text_of(StorageSyncStatus x) {
  switch (x) {
    case StorageSyncStatus::NOT_STARTED: return "not_started";
    case StorageSyncStatus::IN_PROGRESS: return "in_progress";
    case StorageSyncStatus::COMPLETED: return "completed";
    case StorageSyncStatus::FAILED: return "failed";
  }
  return "";
}

StorageSyncStatus sync_status(const actors::storage_status& x) {
  if (x.phase == actors::storage_phase::failing)
    return StorageSyncStatus::FAILED;
  if (x.synced)
    return StorageSyncStatus::COMPLETED;
  return x.peers != 0 ? StorageSyncStatus::IN_PROGRESS : StorageSyncStatus::NOT_STARTED;
}

} // namespace

bool RatsClient::impl::put(const std::string& key, protocols::storage_value value) {
  return ask_client_to<actors::value_put>("put a value", actors::put_value{key, std::move(value)}).has_value();
}

std::optional<actors::value_got> RatsClient::impl::get(const std::string& key) const {
  return ask_client<actors::value_got>(actors::get_value{key});
}

actors::storage_status RatsClient::impl::storage_status() const {
  return ask_client<actors::storage_status>(actors::get_storage_status{}).value_or(actors::storage_status{});
}

StorageManager& RatsClient::get_storage_manager() { return storage_; }
bool RatsClient::is_storage_available() const { return true; }

// -- writing ----------------------------------------------------------------------------------------------------------

bool RatsClient::storage_put(const std::string& key, const std::string& value) {
  return impl_->put(key, protocols::storage_string(value));
}
bool RatsClient::storage_put(const std::string& key, int64_t value) {
  return impl_->put(key, protocols::storage_int64(value));
}
bool RatsClient::storage_put(const std::string& key, double value) {
  return impl_->put(key, protocols::storage_double(value));
}
bool RatsClient::storage_put(const std::string& key, const std::vector<uint8_t>& value) {
  return impl_->put(key, protocols::storage_binary(value));
}

bool RatsClient::storage_put_json(const std::string& key, const nlohmann::json& value) {
  auto encoded = protocols::storage_json(value);
  if (!encoded) {
    LIBRATS_LOG(runtime::log_level::warn, "client", "cannot put this JSON: ", to_string(encoded.error()));
    return false;
  }
  return impl_->put(key, std::move(*encoded));
}

bool RatsClient::storage_delete(const std::string& key) {
  const auto removed = impl_->ask_client_to<actors::key_removed>("remove a key", actors::remove_key{key});
  return removed && removed->existed;
}

// -- reading ----------------------------------------------------------------------------------------------------------

std::optional<std::string> RatsClient::storage_get_string(const std::string& key) const {
  return read(impl_->get(key), &protocols::as_string);
}
std::optional<int64_t> RatsClient::storage_get_int(const std::string& key) const {
  return read(impl_->get(key), &protocols::as_int64);
}
std::optional<double> RatsClient::storage_get_double(const std::string& key) const {
  return read(impl_->get(key), &protocols::as_double);
}
std::optional<std::vector<uint8_t>> RatsClient::storage_get_binary(const std::string& key) const {
  return read(impl_->get(key), &protocols::as_binary);
}
std::optional<nlohmann::json> RatsClient::storage_get_json(const std::string& key) const {
  return read(impl_->get(key), &protocols::as_json);
}

bool RatsClient::storage_has(const std::string& key) const {
  const auto got = impl_->get(key);
  return got && got->record;
}

std::vector<std::string> RatsClient::storage_keys() const { return storage_keys_with_prefix({}); }

std::vector<std::string> RatsClient::storage_keys_with_prefix(const std::string& prefix) const {
  std::vector<std::string> out;
  actors::list_keys question;
  question.prefix = prefix;
  for (bool more = true; more;) {
    auto part = impl_->ask_client<actors::key_list>(question);
    if (!part)
      break;
    more = part->more && !part->keys.empty();
    std::move(part->keys.begin(), part->keys.end(), std::back_inserter(out));
    if (more)
      question.after = out.back();
  }
  return out;
}

size_t RatsClient::storage_size() const {
  const auto ready = impl_->ask_client<actors::storage_ready>(actors::await_storage_ready{});
  return ready ? ready->entries : 0;
}

// -- peers ------------------------------------------------------------------------------------------------------------

bool RatsClient::storage_request_sync() {
  const auto asked = impl_->ask_client<actors::storage_sync_requested>(actors::request_storage_sync{});
  return asked && asked->peers != 0;
}

bool RatsClient::is_storage_synced() const { return impl_->storage_status().synced; }

nlohmann::json RatsClient::get_storage_statistics() const {
  const auto x = impl_->storage_status();
  return {
    {"total_entries", x.store.entries},
    {"deleted_entries", x.store.tombstones},
    {"total_data_bytes", x.store.data_bytes},
    {"disk_usage_bytes", x.disk_bytes},
    {"entries_synced", x.store.merged},
    {"entries_sent", x.entries_sent},
    {"entries_received", x.entries_received},
    {"entries_refused", x.entries_refused},
    {"bytes_sent", x.bytes_sent},
    {"bytes_received", x.bytes_received},
    {"sync_requests_received", x.sync_requests_received},
    {"sync_requests_sent", x.sync_requests_sent},
    {"sync_status", text_of(sync_status(x))},
    {"commits", x.commits},
    {"commits_failed", x.commits_failed},
    {"uncommitted_entries", x.uncommitted},
    {"trouble", x.trouble},
    {"damaged_files", x.set_aside},
  };
}

// -- settings ---------------------------------------------------------------------------------------------------------

void RatsClient::set_storage_config(const StorageConfig& config) {
  apps::change_settings out;
  out.storage = config;
  impl_->change(std::move(out));
}

const StorageConfig& RatsClient::get_storage_config() const {
  auto& shown = impl_->memory().shown_storage;
  shown = impl_->settings()->storage;
  return shown;
}

void RatsClient::on_storage_change(StorageChangeCallback callback) {
  impl_->change_callbacks(apps::change_storage_callback{std::move(callback)});
  impl_->want_storage();
}

void RatsClient::on_storage_sync_complete(StorageSyncCompleteCallback callback) {
  impl_->change_callbacks(apps::change_storage_callback{std::move(callback)});
  impl_->want_storage();
}

void RatsClient::impl::want_storage() {
  apps::change_settings out;
  out.wants_storage = true;
  change(std::move(out));
}

// -- the same by shorter names ----------------------------------------------------------------------------------------

bool StorageManager::put(const std::string& key, const std::string& value) { return client_.storage_put(key, value); }
bool StorageManager::put(const std::string& key, int64_t value) { return client_.storage_put(key, value); }
bool StorageManager::put(const std::string& key, double value) { return client_.storage_put(key, value); }
bool StorageManager::put(const std::string& key, const std::vector<uint8_t>& value) {
  return client_.storage_put(key, value);
}
bool StorageManager::put_json(const std::string& key, const nlohmann::json& value) {
  return client_.storage_put_json(key, value);
}
std::optional<std::string> StorageManager::get_string(const std::string& key) const {
  return client_.storage_get_string(key);
}
std::optional<int64_t> StorageManager::get_int(const std::string& key) const { return client_.storage_get_int(key); }
std::optional<double> StorageManager::get_double(const std::string& key) const {
  return client_.storage_get_double(key);
}
std::optional<std::vector<uint8_t>> StorageManager::get_binary(const std::string& key) const {
  return client_.storage_get_binary(key);
}
std::optional<nlohmann::json> StorageManager::get_json(const std::string& key) const {
  return client_.storage_get_json(key);
}

std::optional<StorageValueType> StorageManager::get_type(const std::string& key) const {
  const auto got = client_.impl_->get(key);
  if (!got || !got->record || got->record->type < static_cast<std::uint8_t>(StorageValueType::BINARY)
      || got->record->type > static_cast<std::uint8_t>(StorageValueType::JSON))
    return std::nullopt;
  return static_cast<StorageValueType>(got->record->type);
}

std::optional<StorageEntry> StorageManager::get_entry(const std::string& key) const {
  const auto got = client_.impl_->get(key);
  if (!got || !got->record)
    return std::nullopt;
  StorageEntry out;
  out.key = key;
  out.type = static_cast<StorageValueType>(got->record->type);
  out.data = to_bytes(got->record->data.view());
  out.timestamp_ms = got->record->version.timestamp_ms;
  if (got->record->version.origin)
    out.origin_peer_id = got->record->version.origin->to_string();
  const auto encoded = protocols::encode_entry_message(key, *got->record);
  if (const auto message = protocols::decode_storage(encoded))
    if (const auto* entry = std::get_if<protocols::storage_entry_received>(&*message))
      out.checksum = entry->entry.checksum;
  return out;
}

bool StorageManager::remove(const std::string& key) { return client_.storage_delete(key); }
bool StorageManager::has(const std::string& key) const { return client_.storage_has(key); }
std::vector<std::string> StorageManager::keys() const { return client_.storage_keys(); }
std::vector<std::string> StorageManager::keys_with_prefix(const std::string& prefix) const {
  return client_.storage_keys_with_prefix(prefix);
}
size_t StorageManager::size() const { return client_.storage_size(); }

bool StorageManager::clear() {
  bool all = true;
  for (const auto& key : keys())
    all = (remove(key) || !has(key)) && all;
  return all;
}

bool StorageManager::load() {
  return client_.impl_
    ->ask_client_to<actors::storage_ready>("open the store", actors::await_storage_ready{})
    .has_value();
}

size_t StorageManager::compact() {
  const auto out = client_.impl_->ask_client<actors::storage_compacted>(actors::compact_storage{});
  return out ? out->forgotten : 0;
}

size_t StorageManager::compact(uint64_t age_seconds) {
  constexpr std::uint64_t century = 100ULL * 365 * 24 * 3600;
  actors::compact_storage question;
  question.age = std::chrono::seconds{std::min(age_seconds, century)};
  const auto out = client_.impl_->ask_client<actors::storage_compacted>(std::move(question));
  return out ? out->forgotten : 0;
}

std::optional<size_t> StorageManager::import_file(const std::string& path) {
  const auto out = client_.impl_->ask_client_to<actors::storage_imported>("import", actors::import_storage{path});
  return out ? std::optional<size_t>{out->taken} : std::nullopt;
}

std::optional<size_t> StorageManager::export_file(const std::string& path) const {
  const auto out = client_.impl_->ask_client_to<actors::storage_exported>("export", actors::export_storage{path});
  return out ? std::optional<size_t>{out->entries} : std::nullopt;
}

bool StorageManager::request_sync() { return client_.storage_request_sync(); }
StorageSyncStatus StorageManager::get_sync_status() const { return sync_status(client_.impl_->storage_status()); }
bool StorageManager::is_synced() const { return client_.is_storage_synced(); }
void StorageManager::set_change_callback(StorageChangeCallback callback) {
  client_.on_storage_change(std::move(callback));
}
void StorageManager::set_sync_complete_callback(StorageSyncCompleteCallback callback) {
  client_.on_storage_sync_complete(std::move(callback));
}
nlohmann::json StorageManager::get_statistics_json() const { return client_.get_storage_statistics(); }

} // namespace librats
