// SPDX-License-Identifier: MIT
#include "apps/librats/client_impl.hpp"
#include "apps/librats/settings_file.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <exception>

namespace librats {

namespace {

constexpr auto subject = "client";

/// RFC 1035 section 2.3.4, with the final dot.
constexpr std::size_t host_name_max = 254;

apps::client_settings fresh_settings(int listen_port, int max_peers, const std::string& bind_address) {
  apps::client_settings out;
  out.listen_port = listen_port;
  out.max_peers = max_peers;
  out.bind_address = bind_address;
  out.key = std::make_shared<const protocols::key_pair>(protocols::key_pair::generate(runtime::system_random().key()));
  return out;
}

} // namespace

// -- lifecycle --------------------------------------------------------------------------------------------------------

RatsClient::RatsClient(int listen_port, int max_peers, const std::string& bind_address)
  : impl_(std::make_unique<impl>(fresh_settings(listen_port, max_peers, bind_address))) {}

RatsClient::RatsClient(int listen_port, int max_peers, const NatTraversalConfig&, const std::string& bind_address)
  : RatsClient(listen_port, max_peers, bind_address) {}

RatsClient::~RatsClient() {
  if (impl_->inside_callback()) {
    LIBRATS_LOG(runtime::log_level::error, subject, "is destroyed inside one of its callbacks and would wait for ever");
    std::terminate();
  }
}

bool RatsClient::start() { return impl_->start(); }
void RatsClient::stop() { impl_->stop(false, true); }
void RatsClient::shutdown_all_threads() { impl_->stop(true, false); }
bool RatsClient::is_running() const { return impl_->view()->running; }

// -- connections ------------------------------------------------------------------------------------------------------

bool RatsClient::connect_to_peer(const std::string& host, int port, ConnectionStrategy) {
  const auto now = impl_->view();
  const bool host_possible = !host.empty() && host.size() <= host_name_max
    && std::none_of(host.begin(), host.end(), [](unsigned char c) { return c <= ' ' || c == 0x7F; });
  if (!now->running || now->full() || !host_possible || port < 1 || port > 65535)
    return false;
  impl_->dial(host, static_cast<std::uint16_t>(port));
  return true;
}

void RatsClient::disconnect_peer_by_hash(const std::string& peer_hash_id) { impl_->disconnect(peer_hash_id); }
void RatsClient::disconnect_peer_by_id(const std::string& peer_id) { impl_->disconnect(peer_id); }

// -- peers ------------------------------------------------------------------------------------------------------------

int RatsClient::get_peer_count() const { return static_cast<int>(impl_->view()->peers.size()); }

std::vector<RatsPeer> RatsClient::get_all_peers() const {
  const auto now = impl_->view();
  std::vector<RatsPeer> out;
  out.reserve(now->peers.size());
  for (const auto& one : now->peers)
    out.push_back(apps::describe(*one, *now->settings));
  return out;
}

std::vector<RatsPeer> RatsClient::get_validated_peers() const { return get_all_peers(); }

std::optional<RatsPeer> RatsClient::find_peer(const std::string& peer_id) const {
  const auto now = impl_->view();
  const auto found = now->find(peer_id);
  return found ? std::optional<RatsPeer>{apps::describe(*found, *now->settings)} : std::nullopt;
}

const RatsPeer* RatsClient::get_peer_by_id(const std::string& peer_id) const {
  auto found = find_peer(peer_id);
  auto& shown = impl_->memory().shown;
  shown.reset();
  if (!found)
    return nullptr;
  shown.emplace(std::move(*found));
  return &*shown;
}

std::string RatsClient::get_our_peer_id() const { return impl_->view()->our_id(); }
int RatsClient::get_max_peers() const { return impl_->settings()->max_peers; }
bool RatsClient::is_peer_limit_reached() const { return impl_->view()->full(); }

int RatsClient::get_listen_port() const {
  const auto now = impl_->view();
  return now->listening_port != 0 ? now->listening_port : now->settings->listen_port;
}

std::string RatsClient::get_bind_address() const { return impl_->settings()->bind_address; }

// -- configuration ----------------------------------------------------------------------------------------------------

bool RatsClient::load_configuration() {
  const auto mine = impl_->settings();
  const auto loaded = apps::load_settings(impl_->host().files(), mine->data_directory);
  if (!loaded) {
    LIBRATS_LOG(runtime::log_level::warn, subject, loaded.error());
    return false;
  }
  if (!loaded->content)
    return save_configuration();
  if (!loaded->warning.empty())
    LIBRATS_LOG(runtime::log_level::warn, subject, loaded->warning);
  const auto& stored = *loaded->content;
  apps::change_settings out;
  out.by_program = false;
  out.config_known = true;
  out.protocol_name = stored.protocol_name;
  out.protocol_version = stored.protocol_version;
  out.encryption = stored.encryption;
  out.key = stored.key ? stored.key : mine->key;
  if (stored.peer_id && !peer_id::parse(*stored.peer_id))  // An id made from a key follows from the key.
    out.own_name = stored.peer_id;
  impl_->change(std::move(out));
  return true;
}

bool RatsClient::save_configuration() {
  const auto now = impl_->view();
  auto mistake = apps::save_settings(impl_->host().files(), *now->settings, true);
  if (!mistake) {
    apps::change_settings known;
    known.config_known = true;
    impl_->change(std::move(known));
    mistake = apps::save_peers(impl_->host().files(), *now);
  }
  if (mistake)
    LIBRATS_LOG(runtime::log_level::warn, subject, *mistake);
  return !mistake;
}

bool RatsClient::set_data_directory(const std::string& directory_path) {
  const auto error = directory_path.empty() ? std::make_error_code(std::errc::invalid_argument)
                                            : impl_->host().files().make_folder(directory_path);
  if (error) {
    LIBRATS_LOG(runtime::log_level::warn, subject, "cannot use data directory ", directory_path, ": ", error.message());
    return false;
  }
  apps::change_settings out;
  out.data_directory = directory_path;
  impl_->change(std::move(out));
  return true;
}

std::string RatsClient::get_data_directory() const { return impl_->settings()->data_directory; }

} // namespace librats
