// SPDX-License-Identifier: MIT
// Peers that were met before, and peers that were lost.
#include "actors/mesh_messages.hpp"
#include "apps/librats/client_impl.hpp"
#include "apps/librats/settings_file.hpp"
#include "runtime/log/log.hpp"

#include <optional>
#include <utility>

namespace librats {

namespace {

constexpr auto subject = "client";

bool well(const std::optional<std::string>& mistake) {
  if (mistake)
    LIBRATS_LOG(runtime::log_level::warn, subject, *mistake);
  return !mistake;
}

} // namespace

// -- peers of former days ---------------------------------------------------------------------------------------------

int RatsClient::load_and_reconnect_peers() {
  const auto now = impl_->view();
  auto& host = impl_->host();
  const auto stored = apps::load_peers(host.files(), now->settings->data_directory, host.unix_time());
  if (!stored) {
    LIBRATS_LOG(runtime::log_level::warn, subject, stored.error());
    return 0;
  }
  const auto self = now->settings->key->id().to_string();
  int dialed = 0;
  for (const auto& one : *stored)
    if (one.peer_id != self && !now->find(one.peer_id)
        && connect_to_peer(one.where.address.to_string(), one.where.port))
      ++dialed;
  return dialed;
}

bool RatsClient::load_historical_peers() {
  auto stored = apps::load_history(impl_->host().files(), impl_->settings()->data_directory);
  if (!stored)
    return well(stored.error());
  return impl_->ask_client<apps::history_known>(apps::add_history{std::move(*stored)}).has_value();
}

bool RatsClient::save_historical_peers() {
  const auto known = impl_->ask_client<apps::history_known>(apps::get_history{});
  return known && well(apps::save_history(impl_->host().files(), impl_->settings()->data_directory, known->peers));
}

void RatsClient::clear_historical_peers() {
  if (impl_->ask_client<apps::history_known>(apps::clear_history{}))
    well(apps::clear_history_file(impl_->host().files(), impl_->settings()->data_directory));
}

std::vector<RatsPeer> RatsClient::get_historical_peers() const {
  std::vector<RatsPeer> out;
  if (const auto known = impl_->ask_client<apps::history_known>(apps::get_history{}))
    for (const auto& one : known->peers)
      out.push_back(apps::describe(one));
  return out;
}

// -- reconnection -----------------------------------------------------------------------------------------------------

void RatsClient::set_reconnect_enabled(bool enabled) {
  auto how = impl_->settings()->reconnect;
  how.enabled = enabled;
  set_reconnect_config(how);
}

bool RatsClient::is_reconnect_enabled() const { return impl_->settings()->reconnect.enabled; }

void RatsClient::set_reconnect_config(const ReconnectConfig& config) {
  apps::change_settings out;
  out.reconnect = config;
  impl_->change(std::move(out));
}

const ReconnectConfig& RatsClient::get_reconnect_config() const {
  auto& shown = impl_->memory().shown_reconnect;
  shown = impl_->settings()->reconnect;
  return shown;
}

size_t RatsClient::get_reconnect_queue_size() const { return get_reconnect_queue().size(); }

void RatsClient::clear_reconnect_queue() { impl_->tell_client(actors::clear_reconnect_queue{}); }

std::vector<ReconnectInfo> RatsClient::get_reconnect_queue() const {
  using state = protocols::reconnect_target::state;
  std::vector<ReconnectInfo> out;
  const auto status = impl_->ask_client<actors::reconnect_status>(actors::get_reconnect_status{});
  if (!status)
    return out;
  for (const auto& one : status->targets) {
    if (one.now != state::waiting && one.now != state::dialing)
      continue;
    ReconnectInfo info;
    info.peer_id = one.id ? one.id->to_string() : std::string{};
    info.ip = one.where.host;
    info.port = one.where.port;
    info.attempt_count = static_cast<int>(one.failures);
    info.connection_duration = std::chrono::duration_cast<std::chrono::milliseconds>(one.last_connection);
    info.is_stable = one.stable;
    if (one.next_attempt)
      info.next_attempt_time = *one.next_attempt;
    out.push_back(std::move(info));
  }
  return out;
}

} // namespace librats
