// SPDX-License-Identifier: MIT
// Peers that nobody told us of, and how others see us.
#include "actors/discovery_messages.hpp"
#include "apps/librats/client_impl.hpp"
#include "protocols/mdns/service_text.hpp"
#include "runtime/config/config_value.hpp"
#include "runtime/log/log.hpp"

#include <utility>

namespace librats {

namespace {

constexpr auto subject = "client";
constexpr auto stun_timeout_ms = 5000;

std::size_t known_nodes(const actors::dht_status& x) {
  std::size_t out = 0;
  for (const auto& one : x.families)
    out += one.counted.nodes;
  return out;
}

} // namespace

// -- the DHT ----------------------------------------------------------------------------------------------------------

bool RatsClient::start_dht_discovery(int dht_port) {
  if (dht_port < 0 || dht_port > 65535) {
    LIBRATS_LOG(runtime::log_level::warn, subject, "cannot use port ", dht_port, " for the DHT");
    return false;
  }
  const auto options = apps::make_dht(*impl_->settings(), static_cast<std::uint16_t>(dht_port));
  return impl_->ask_client_to<actors::dht_started>("join the DHT", actors::start_dht{options}).has_value();
}

void RatsClient::stop_dht_discovery() {
  impl_->tell_client(actors::stop_dht{});
}

bool RatsClient::is_dht_running() const {
  return get_dht_port() != 0;
}

int RatsClient::get_dht_port() const {
  const auto status = impl_->ask_client<actors::dht_status>(actors::get_dht_status{});
  if (status)
    for (const auto& one : status->families)
      if (one.local)
        return one.local->port;
  return 0;
}

bool RatsClient::find_peers_by_hash(const std::string& content_hash, PeersFoundCallback callback) {
  if (content_hash.empty() || !is_dht_running())
    return false;
  impl_->tell_client(apps::find_content{protocols::content_hash(content_hash), std::move(callback)});
  return true;
}

bool RatsClient::announce_for_hash(const std::string& content_hash, uint16_t port) {
  if (content_hash.empty() || !is_dht_running())
    return false;
  impl_->tell_client(actors::announce_peer{protocols::content_hash(content_hash), port});
  return true;
}

size_t RatsClient::get_dht_routing_table_size() const {
  const auto status = impl_->ask_client<actors::dht_status>(actors::get_dht_status{});
  return status ? known_nodes(*status) : 0;
}

bool RatsClient::set_dht_bootstrap(const std::vector<std::string>& nodes) {
  std::vector<protocols::dial_target> parsed;
  for (const auto& one : nodes) {
    const auto target = runtime::parse_host_port(one);
    if (!target) {
      LIBRATS_LOG(runtime::log_level::warn, subject, "cannot begin at \"", one, "\": expected host:port");
      return false;
    }
    parsed.push_back({target->host, target->port});
  }
  apps::change_settings out;
  out.dht_bootstrap = std::move(parsed);
  impl_->change(std::move(out));
  return true;
}

void RatsClient::start_automatic_peer_discovery() {
  apps::change_settings out;
  out.meets_peers = true;
  impl_->change(std::move(out));
}

void RatsClient::stop_automatic_peer_discovery() {
  apps::change_settings out;
  out.meets_peers = false;
  impl_->change(std::move(out));
}

bool RatsClient::is_automatic_discovery_running() const {
  return impl_->settings()->meets_peers && is_dht_running();
}

// -- multicast DNS ----------------------------------------------------------------------------------------------------

bool RatsClient::start_mdns_discovery(
  const std::string& service_instance_name, const std::map<std::string, std::string>& txt_records) {
  const auto mine = impl_->settings();
  // What every node tells beside it has to fit, too.
  if (!protocols::encode_txt(txt_records)
    || !protocols::encode_txt(protocols::node_txt(mine->key->id(), apps::protocol_string(*mine), txt_records))) {
    LIBRATS_LOG(runtime::log_level::warn, subject, "cannot advertise these texts: they do not fit a TXT record");
    return false;
  }
  actors::start_mdns request;
  request.options.enabled = true;
  request.options.instance = service_instance_name;
  request.options.txt = txt_records;
  return impl_->ask_client_to<actors::mdns_started>("use multicast DNS", std::move(request)).has_value();
}

void RatsClient::stop_mdns_discovery() {
  impl_->tell_client(actors::stop_mdns{});
}

bool RatsClient::is_mdns_running() const {
  const auto status = impl_->ask_client<actors::mdns_status>(actors::get_mdns_status{});
  return status && status->running;
}

void RatsClient::set_mdns_callback(MdnsCallback callback) {
  impl_->change_callbacks(apps::change_callback{apps::callback_kind::service, std::move(callback)});
}

std::vector<MdnsService> RatsClient::get_mdns_services() const {
  auto known = impl_->ask_client<apps::services_known>(apps::get_services{});
  return known ? std::move(known->services) : std::vector<MdnsService>{};
}

bool RatsClient::query_mdns_services() {
  if (!is_mdns_running())
    return false;
  impl_->tell_client(actors::query_mdns{});
  return true;
}

// -- our own address --------------------------------------------------------------------------------------------------

std::optional<StunMappedAddress> RatsClient::discover_public_address(
  const std::string& server, uint16_t port, int timeout_ms) {
  if (server.empty() || port == 0 || timeout_ms <= 0)
    return std::nullopt;
  actors::discover_address question;
  question.servers = {{server, port}};
  question.timeout = std::chrono::milliseconds{timeout_ms};
  const auto found = impl_->ask_client_to<actors::address_discovered>("learn our public address", std::move(question));
  if (!found)
    return std::nullopt;
  StunMappedAddress out;
  out.family = found->mapped.address.is_v4() ? StunAddressFamily::IPv4 : StunAddressFamily::IPv6;
  out.address = found->mapped.address.to_string();
  out.port = found->mapped.port;
  return out;
}

bool RatsClient::discover_and_ignore_public_ip(const std::string& stun_server, int stun_port) {
  if (stun_port < 1 || stun_port > 65535)
    return false;
  const auto found = discover_public_address(stun_server, static_cast<std::uint16_t>(stun_port), stun_timeout_ms);
  if (found)
    add_ignored_address(found->address);
  return found.has_value();
}

std::string RatsClient::get_public_ip() const {
  const auto known = get_public_address();
  return known ? known->first : std::string{};
}

std::optional<std::pair<std::string, uint16_t>> RatsClient::get_public_address() const {
  const auto now = impl_->view();
  if (!now->public_address)
    return std::nullopt;
  return std::pair{now->public_address->address.to_string(), now->public_address->port};
}

void RatsClient::add_ignored_address(const std::string& ip_address) {
  if (const auto parsed = librats::ip_address::parse(ip_address))
    impl_->tell_client(actors::ignore_address{*parsed});
}

} // namespace librats
