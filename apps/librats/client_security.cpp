// SPDX-License-Identifier: MIT
#include "apps/librats/client_impl.hpp"
#include "apps/librats/settings_file.hpp"
#include "protocols/dht/node_id.hpp"
#include "protocols/session/protocol_id.hpp"
#include "runtime/log/log.hpp"

namespace librats {

namespace {

constexpr auto subject = "client";

apps::change_settings with_key(std::shared_ptr<const protocols::key_pair> key) {
  apps::change_settings out;
  out.key = std::move(key);
  return out;
}

/// Leaves room for the other half of the protocol string.
bool fits(const std::string& name) {
  if (name.size() <= protocols::protocol_string_max / 2 - 1)
    return true;
  LIBRATS_LOG(runtime::log_level::error, subject, "ignores a protocol name or version of ", name.size(), " bytes");
  return false;
}

} // namespace

// -- encryption -------------------------------------------------------------------------------------------------------

bool RatsClient::initialize_encryption(bool enable) {
  set_encryption_enabled(enable);
  return true;
}

void RatsClient::set_encryption_enabled(bool enabled) {
  apps::change_settings out;
  out.encryption = enabled;
  impl_->change(std::move(out));
}

bool RatsClient::is_encryption_enabled() const { return impl_->settings()->encryption; }
std::string RatsClient::get_encryption_key() const { return to_hex(impl_->settings()->key->private_key); }

bool RatsClient::set_encryption_key(const std::string& key_hex) {
  auto key = apps::parse_key(key_hex);
  if (!key)
    return false;
  impl_->change(with_key(std::move(key)));
  return true;
}

bool RatsClient::set_noise_static_keypair(const uint8_t private_key[32]) {
  return private_key != nullptr && set_encryption_key(to_hex(bytes_view{private_key, protocols::key_pair::key_size}));
}

std::string RatsClient::generate_new_encryption_key() {
  auto key = std::make_shared<const protocols::key_pair>(
    protocols::key_pair::generate(impl_->host().random().key()));
  auto out = to_hex(key->private_key);
  impl_->change(with_key(std::move(key)));
  return out;
}

std::vector<uint8_t> RatsClient::get_noise_static_public_key() const {
  return to_bytes(impl_->settings()->key->public_key);
}

bool RatsClient::is_peer_encrypted(const std::string& peer_id) const {
  const auto found = impl_->view()->find(peer_id);
  return found && found->link.security == protocols::security_mode::noise;
}

std::vector<uint8_t> RatsClient::get_peer_noise_public_key(const std::string& peer_id) const {
  const auto found = impl_->view()->find(peer_id);
  return found ? found->link.static_key : std::vector<uint8_t>{};
}

std::vector<uint8_t> RatsClient::get_peer_handshake_hash(const std::string& peer_id) const {
  const auto found = impl_->view()->find(peer_id);
  return found ? found->link.handshake_hash : std::vector<uint8_t>{};
}

// -- protocol identity ------------------------------------------------------------------------------------------------

void RatsClient::set_protocol_name(const std::string& protocol_name) {
  if (!fits(protocol_name))
    return;
  apps::change_settings out;
  out.protocol_name = protocol_name;
  impl_->change(std::move(out));
}

void RatsClient::set_protocol_version(const std::string& protocol_version) {
  if (!fits(protocol_version))
    return;
  apps::change_settings out;
  out.protocol_version = protocol_version;
  impl_->change(std::move(out));
}

std::string RatsClient::get_protocol_name() const { return impl_->settings()->protocol_name; }
std::string RatsClient::get_protocol_version() const { return impl_->settings()->protocol_version; }

std::string RatsClient::get_discovery_hash() const {
  const auto mine = impl_->settings();
  return protocols::info_hash_of(apps::discovery_key(mine->protocol_name, mine->protocol_version)).to_string();
}

std::string RatsClient::get_rats_peer_discovery_hash() {
  const apps::client_settings defaults;
  return protocols::info_hash_of(apps::discovery_key(defaults.protocol_name, defaults.protocol_version)).to_string();
}

} // namespace librats
