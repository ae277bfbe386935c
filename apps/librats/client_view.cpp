// SPDX-License-Identifier: MIT
#include "apps/librats/client_view.hpp"

#include <algorithm>
#include <cmath>

namespace librats::apps {

namespace {

/// An interval of nothing would be a loop.
constexpr duration wait_min = std::chrono::milliseconds{100};

struct by_id {
  bool operator()(const std::shared_ptr<const peer_entry>& a, const std::string& b) const { return a->id < b; }
};

} // namespace

std::string protocol_string(const client_settings& x) {
  const auto name = x.protocol_name == "rats" && x.protocol_version == "1.0" ? std::string{"librats"} : x.protocol_name;
  return name + "/" + x.protocol_version;
}

std::shared_ptr<const protocols::session_config> make_session(const client_settings& x) {
  auto out = std::make_shared<protocols::session_config>();
  out->security = x.encryption ? protocols::security_mode::noise : protocols::security_mode::plaintext;
  out->protocol = protocol_string(x);
  out->static_key = *x.key;
  return out;
}

std::string discovery_key(const std::string& protocol_name, const std::string& protocol_version) {
  return protocol_name + "_peer_discovery_v" + protocol_version;
}

actors::dht_options make_dht(const client_settings& x, std::uint16_t port) {
  actors::dht_options out;
  out.enabled = true;
  out.port = port;
  if (x.dht_bootstrap) {
    out.bootstrap = *x.dht_bootstrap;
  } else {
    out.bootstrap = actors::dht_options::public_bootstrap();
    out.stun_servers = actors::dht_options::public_stun();
  }
  if (x.config_known)  // Who keeps nothing else keeps no id of the DHT: two of them in one folder would share it.
    out.state_folder = x.data_directory;
  return out;
}

protocols::reconnect_config make_reconnect(const ReconnectConfig& x) {
  const auto seconds = [](int count) { return duration{std::chrono::seconds{std::max(count, 0)}}; };
  const auto wait = [&](int count) { return std::max(seconds(count), wait_min); };
  protocols::reconnect_config out;
  out.enabled = x.enabled;
  for (const auto one : x.retry_intervals_seconds)
    out.intervals.push_back(wait(one));
  out.max_attempts = static_cast<unsigned>(std::max(x.max_attempts, 0));
  out.stable_after = seconds(x.stable_connection_threshold_seconds);
  out.stable_first_delay = wait(x.stable_first_retry_seconds);
  out.jitter = 0;  // The program says when.
  out.inbound_too = true;
  return out;
}

actors::configure_transfers change_transfers(const FileTransferConfig& x) {
  actors::configure_transfers out;
  out.chunk_size = x.chunk_size;
  out.reads_ahead = x.max_concurrent_chunks;
  out.retries_max = x.max_retries;
  out.idle_max = std::chrono::seconds{x.timeout_seconds};
  out.verify = x.verify_checksums;
  out.resume = x.allow_resume;
  out.folder = x.temp_directory;
  return out;
}

actors::transfer_options make_transfers(const FileTransferConfig& x) {
  const auto how = change_transfers(x);
  actors::transfer_options out;
  out.folder = how.folder;
  out.chunk_size = how.chunk_size;
  out.reads_ahead = how.reads_ahead;
  out.retries_max = how.retries_max;
  out.idle_max = how.idle_max;
  out.verify = how.verify;
  out.resume = how.resume;
  return out;
}

actors::storage_options make_storage(const client_settings& x) {
  actors::storage_options out;
  out.enabled = true;
  out.directory = x.storage.persist_to_disk ? x.storage.data_directory + "/" + x.storage.database_name : std::string{};
  out.durability = x.storage.survive_power_loss ? runtime::database_durability::full
                                                : runtime::database_durability::relaxed;
  out.sync = x.storage.enable_sync;
  out.replica.store.value_max = std::min<std::size_t>(x.storage.max_value_size, protocols::storage_value_max);
  return out;
}

actors::gossip_options make_gossip(const client_settings& x) {
  actors::gossip_options out;
  out.sign = x.sign_publications;
  switch (x.signatures) {
  case SignaturePolicy::IGNORE_SIGNATURES: break;
  case SignaturePolicy::CHECK: out.mesh.signatures = protocols::signature_policy::check; break;
  case SignaturePolicy::REQUIRE: out.mesh.signatures = protocols::signature_policy::require; break;
  }
  return out;
}

std::optional<protocols::known_peer> remember(const peer_entry& x, const client_settings& settings,
  protocols::unix_seconds now) {
  protocols::known_peer out;
  out.outgoing = x.link.role == protocols::role::initiator;
  out.where = {x.link.remote.address, out.outgoing ? x.link.remote.port : x.listen_port};
  if (out.where.port == 0)
    return std::nullopt;
  out.peer_id = x.id;
  out.version = settings.protocol_version;
  out.last_seen = now;
  return out;
}

RatsPeer describe(const protocols::known_peer& x) {
  RatsPeer out;
  out.peer_id = x.peer_id;
  out.ip = x.where.address.to_string();
  out.port = x.where.port;
  out.normalized_address = x.where.to_string();
  out.is_outgoing = x.outgoing;
  out.version = x.version;
  return out;
}

RatsPeer describe(const peer_entry& x, const client_settings& settings) {
  const bool encrypted = x.link.security == protocols::security_mode::noise;
  RatsPeer out;
  out.peer_id = x.id;
  out.ip = x.link.remote.address.to_string();
  out.port = x.link.remote.port;
  out.socket = x.socket;
  out.normalized_address = x.link.remote.to_string();
  out.connected_at = x.since;
  out.is_outgoing = x.link.role == protocols::role::initiator;
  out.handshake_state = RatsPeer::HandshakeState::COMPLETED;
  out.version = settings.protocol_version;
  out.encryption_enabled = encrypted;
  out.noise_handshake_completed = encrypted;
  out.remote_static_key = x.link.static_key;
  out.connection_method = "direct";
  out.rtt_ms = static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::milliseconds>(x.rtt).count());
  out.packet_loss_percent = static_cast<std::uint32_t>(std::lround(x.loss * 100));
  out.transport_protocol = x.link.transport == protocols::transport::udp ? "UDP" : "TCP";
  return out;
}

std::string client_view::our_id() const {
  return settings->own_name.empty() ? settings->key->id().to_string() : settings->own_name;
}

std::shared_ptr<const peer_entry> client_view::find(const std::string& id) const {
  const auto found = std::lower_bound(peers.begin(), peers.end(), id, by_id{});
  return found != peers.end() && (*found)->id == id ? *found : nullptr;
}

} // namespace librats::apps
