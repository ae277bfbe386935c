// SPDX-License-Identifier: MIT
#include "apps/librats/client_view.hpp"

#include <algorithm>

namespace librats::apps {

namespace {

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
