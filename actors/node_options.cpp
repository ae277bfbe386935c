// SPDX-License-Identifier: MIT
#include "actors/node_options.hpp"

#include "runtime/config/node_config.hpp"

#include <limits>

namespace librats::actors {

std::optional<runtime::listen_options> parse_bind_address(const std::string& text, std::uint16_t port) {
  runtime::listen_options out;
  out.local = {ip_address::v6_any(), port};
  if (text.empty() || text == "::")
    return out;
  const auto address = ip_address::parse(text);
  if (!address)
    return std::nullopt;
  out.local.address = *address;
  out.dual_stack = false;
  return out;
}

namespace {

mesh_options make_mesh_options(const runtime::node_settings& settings) {
  mesh_options out;
  const auto& how = settings.reconnect;
  out.reconnect.enabled = how.enabled;
  out.reconnect.initial_delay = out.reconnect.stable_first_delay = how.initial_delay;
  out.reconnect.max_delay = how.max_delay;
  out.reconnect.max_attempts = how.max_attempts;
  out.reconnect.stable_after = how.stable_after;
  for (const auto& one : settings.node.connect)
    out.targets.push_back({one.host, one.port});
  if (!settings.node.data_dir.empty() && !how.book.empty())
    out.book_path = settings.node.data_dir + "/" + how.book;
  out.exchange = settings.pex.enabled;
  out.pex.peers_wanted = settings.pex.target_peers;
  return out;
}

discovery_options make_discovery_options(const runtime::node_settings& settings) {
  const auto targets = [](const std::vector<runtime::host_port>& from) {
    std::vector<protocols::dial_target> out;
    for (const auto& one : from)
      out.push_back({one.host, one.port});
    return out;
  };
  const auto add = [](std::vector<protocols::dial_target>& to, const std::vector<protocols::dial_target>& more) {
    to.insert(to.end(), more.begin(), more.end());
  };
  discovery_options out;
  out.key = settings.discovery.key;
  out.peers_wanted = settings.discovery.target_peers;
  const auto& dht = settings.dht;
  out.dht.enabled = dht.enabled;
  out.dht.port = dht.port;
  out.dht.ipv4 = dht.ipv4;
  out.dht.ipv6 = dht.ipv6;
  out.dht.bootstrap = targets(dht.bootstrap);
  out.dht.stun_servers = targets(dht.stun_servers);
  if (dht.public_bootstrap) {
    add(out.dht.bootstrap, dht_options::public_bootstrap());
    add(out.dht.stun_servers, dht_options::public_stun());
  }
  out.dht.read_only = dht.read_only;
  out.dht.restrict_addresses = dht.restrict_addresses;
  out.dht.spider = dht.spider;
  out.dht.state_folder = settings.node.data_dir;
  out.mdns.enabled = settings.mdns.enabled;
  out.mdns.instance = settings.mdns.instance;
  for (const auto& one : settings.mdns.txt) {
    const auto key = one.substr(0, one.find('='));
    out.mdns.txt[key] = key.size() < one.size() ? one.substr(key.size() + 1) : std::string{};
  }
  return out;
}

gossip_options make_gossip_options(const runtime::node_settings::gossip_section& how) {
  const auto policy_of = [](runtime::signature_rule x) {
    switch (x) {
    case runtime::signature_rule::ignore: break;
    case runtime::signature_rule::check: return protocols::signature_policy::check;
    case runtime::signature_rule::require: return protocols::signature_policy::require;
    }
    return protocols::signature_policy::ignore;
  };
  gossip_options out;
  out.enabled = how.enabled;
  out.topics = how.topics;
  out.sign = how.sign;
  auto& mesh = out.mesh;
  mesh.d = how.d;
  mesh.d_low = how.d_low;
  mesh.d_high = how.d_high;
  mesh.d_out = how.d_out;
  mesh.d_lazy = how.d_lazy;
  mesh.fanout = how.fanout;
  mesh.fanout_life = how.fanout_life;
  mesh.publish_extra = how.publish_extra;
  mesh.heartbeat = out.router.heartbeat = how.heartbeat;
  mesh.heartbeat_idle = how.heartbeat_idle;
  mesh.prune_backoff = how.prune_backoff;
  mesh.signatures = policy_of(how.signatures);
  mesh.cache.windows = how.history;
  mesh.cache.gossiped = how.history_gossip;
  mesh.cache.bytes_max = how.cache_size;
  mesh.seen.lifetime = how.seen_life;
  mesh.thresholds.gossip = how.gossip_threshold;
  mesh.thresholds.publish = how.publish_threshold;
  mesh.thresholds.graylist = how.graylist_threshold;
  out.router.thresholds = mesh.thresholds;
  mesh.introduce = how.px;
  // Without it nobody scores enough to be believed.
  out.router.accept_peers = how.px ? static_cast<double>(how.px_score) : std::numeric_limits<double>::infinity();
  // An offer is good for as long as its message is kept, and a moment more.
  out.router.offer_life = how.heartbeat * (static_cast<duration::rep>(how.history) + 1);
  return out;
}

transfer_options make_transfer_options(const runtime::node_settings& settings) {
  const auto& how = settings.files;
  transfer_options out;
  out.enabled = how.enabled;
  out.share = how.share;
  out.inbox = how.inbox;
  out.inbox_bytes_max = how.inbox_max;
  if (!how.temp_dir.empty())
    out.folder = how.temp_dir;
  else if (!settings.node.data_dir.empty())
    out.folder = settings.node.data_dir + "/transfers";
  out.chunk_size = how.chunk_size;
  out.window = how.window;
  out.transfers_max = how.max_transfers;
  out.per_peer_max = how.max_per_peer;
  out.offers_per_peer_max = how.max_offers;
  out.workers = how.workers;
  out.verify = how.verify;
  out.resume = how.resume;
  out.keep = how.keep;
  out.compress = how.compress;
  out.idle_max = how.idle_timeout;
  return out;
}

storage_options make_storage_options(const runtime::node_settings& settings) {
  const auto& how = settings.storage;
  storage_options out;
  out.enabled = how.enabled;
  out.directory = how.directory;
  if (out.directory.empty() && !settings.node.data_dir.empty())
    out.directory = settings.node.data_dir + "/storage";
  out.shards = how.shards;
  out.durability = how.full_durability ? runtime::database_durability::full : runtime::database_durability::relaxed;
  out.sync = how.sync;
  auto& store = out.replica.store;
  store.value_max = how.value_max;
  store.entries_max = how.entries_max;
  store.bytes_max = how.bytes_max;
  constexpr std::uint64_t day_ms = 24ull * 3600 * 1000;
  store.tombstone_age_ms = how.tombstone_days * day_ms;
  return out;
}

} // namespace

result<node_options, std::string> make_node_options(const runtime::node_settings& settings,
  const protocols::key_pair& identity) {
  const auto listener = parse_bind_address(settings.node.bind_address, settings.node.listen_port);
  if (!listener)
    return "bind_address is no IPv4 or IPv6 address: " + settings.node.bind_address;
  auto session = std::make_shared<protocols::session_config>();
  session->security = settings.node.security == runtime::security_mode::plaintext
                        ? protocols::security_mode::plaintext
                        : protocols::security_mode::noise;
  session->protocol = settings.node.protocol;
  session->static_key = identity;
  node_options out;
  out.session = std::move(session);
  out.allow_plaintext_remote = settings.node.allow_plaintext_remote;
  out.listen = settings.node.listen;
  out.listener = *listener;
  out.port_attempts = static_cast<std::uint16_t>(settings.node.port_attempts);
  out.limits.establish_timeout = settings.limits.establish_timeout;
  out.limits.dial_timeout = settings.limits.dial_timeout;
  out.limits.send_queue_max = settings.limits.send_queue_max;
  out.limits.half_open_max = settings.limits.half_open_max;
  out.limits.half_open_per_address_max = settings.limits.half_open_per_address_max;
  out.limits.peers_max = settings.node.max_peers;
  out.transports.udp = settings.transport.udp;
  out.transports.preferred
    = settings.transport.udp && settings.transport.prefer_udp ? transport::udp : transport::tcp;
  out.transports.fallback_delay = settings.transport.fallback_delay;
  out.liveness = settings.liveness.enabled;
  out.ping.interval = settings.liveness.ping_interval;
  out.ping.silence_max = settings.liveness.silence_max;
  out.mesh = make_mesh_options(settings);
  out.discovery = make_discovery_options(settings);
  out.gossip = make_gossip_options(settings.gossip);
  out.transfers = make_transfer_options(settings);
  out.storage = make_storage_options(settings);
  return out;
}

} // namespace librats::actors
