// SPDX-License-Identifier: MIT
#include "apps/ratsd/status_json.hpp"

#include "apps/ratsd/status_text.hpp"

#include <nlohmann/json.hpp>

namespace librats::apps {

namespace {

double seconds(duration x) { return std::chrono::duration<double>(x).count(); }

nlohmann::json list(const std::vector<endpoint>& all) {
  auto out = nlohmann::json::array();
  for (const auto& x : all)
    out.push_back(x.to_string());
  return out;
}

nlohmann::json text_or_null(const std::string& text) { return text.empty() ? nlohmann::json() : nlohmann::json(text); }

nlohmann::json total(std::uint64_t count, duration span) {
  return {{"total", count}, {"per_second", per_second(count, span)}};
}

nlohmann::json spider(const std::optional<protocols::sampler::figures>& x) {
  if (!x)
    return {};
  return {
    {"nodes_asked", x->asked},
    {"nodes_answered", x->answered},
    {"hashes_seen", x->hashes_seen},
    {"hashes_fresh", x->hashes_fresh},
  };
}

nlohmann::json family(const actors::dht_family_status& x, duration uptime) {
  const auto& n = x.counted;
  return {
    {"family", x.v6 ? "ipv6" : "ipv4"},
    {"id", x.id.to_string()},
    {"local", x.local ? nlohmann::json(x.local->to_string()) : nlohmann::json()},
    {"external", x.external ? nlohmann::json(x.external->to_string()) : nlohmann::json()},
    {"nodes", n.nodes},
    {"confirmed", n.confirmed},
    {"rtt", n.smoothed_rtt > duration::zero() ? nlohmann::json(seconds(n.smoothed_rtt)) : nlohmann::json()},
    {"lookups", {{"running", x.lookups_running}, {"done", x.lookups_done}}},
    {"queries_sent", total(n.queries_out, uptime)},
    {"queries_received", total(n.queries_in, uptime)},
    {"timeouts", n.timeouts},
    {"bytes_sent", total(n.bytes_out, uptime)},
    {"bytes_received", total(n.bytes_in, uptime)},
    {"blocked", n.blocked},
    {"malformed", n.malformed},
    {"stored", {{"hashes", n.hashes_stored}, {"peers", n.peers_stored}, {"items", n.items_stored}}},
    {"spider", spider(x.sampled)},
    {"trouble", text_or_null(x.trouble)},
  };
}

nlohmann::json service(const protocols::mdns_found_service& x) {
  auto addresses = nlohmann::json::array();
  for (const auto& one : x.addresses)
    addresses.push_back(one.to_string());
  return {
    {"instance", x.instance},
    {"host", x.host},
    {"port", x.port},
    {"addresses", std::move(addresses)},
    {"txt", x.txt},
    {"interface", x.interface},
  };
}

} // namespace

nlohmann::json to_json(const actors::dht_status& x) {
  auto families = nlohmann::json::array();
  for (const auto& one : x.families)
    families.push_back(family(one, x.uptime));
  return {
    {"running", !x.families.empty()},
    {"families", std::move(families)},
    {"announces", x.announces},
    {"searches", x.searches},
    {"uptime", seconds(x.uptime)},
  };
}

nlohmann::json to_json(const actors::mdns_status& x) {
  auto services = nlohmann::json::array();
  for (const auto& one : x.services)
    services.push_back(service(one));
  return {
    {"running", x.running},
    {"instance", text_or_null(x.instance)},
    {"host", text_or_null(x.host)},
    {"interfaces", x.interfaces},
    {"services", std::move(services)},
    {"packets_sent", x.counted.sent},
    {"packets_received", x.counted.received},
    {"packets_refused", x.counted.refused},
    {"conflicts", x.counted.conflicts},
    {"trouble", text_or_null(x.trouble)},
  };
}

nlohmann::json to_json(const runtime::tree_node& root, time_point now) {
  auto children = nlohmann::json::array();
  for (const auto& child : root.children)
    children.push_back(to_json(child, now));
  return {
    {"name", root.name},
    {"kind", root.kind},
    {"state", root.state},
    {"restarts", root.restarts},
    {"mailbox", root.mailbox},
    {"age", root.handle ? nlohmann::json(seconds(now - root.since)) : nlohmann::json()},
    {"children", std::move(children)},
  };
}

nlohmann::json to_json(const actors::peer_report& x, time_point now) {
  return {
    {"id", x.link.id.to_string()},
    {"remote", x.link.remote.to_string()},
    {"direction", direction(x.link.role)},
    {"transport", transport_name(x.link.transport)},
    {"security", security_name(x.link.security)},
    {"handshake", seconds(x.link.handshake)},
    {"age", seconds(now - x.since)},
    {"rtt", x.rtt ? nlohmann::json(seconds(*x.rtt)) : nlohmann::json()},
    {"addresses", list(x.addresses)},
    {"frames_sent", x.frames_sent},
    {"frames_received", x.frames_received},
    {"bytes_sent", x.bytes_sent},
    {"bytes_received", x.bytes_received},
    {"queued", x.queued},
    {"packets_sent", x.quality.packets_sent},
    {"packets_retransmitted", x.quality.retransmissions},
  };
}

nlohmann::json to_json(const actors::node_status& x) {
  return {
    {"id", x.id.to_string()},
    {"protocol", x.protocol},
    {"security", security_name(x.security)},
    {"listening", x.listening ? nlohmann::json(x.listening->to_string()) : nlohmann::json()},
    {"addresses", list(x.addresses)},
    {"observed_addresses", list(x.observed_addresses)},
    {"nat", {{"ipv4", protocols::to_string(x.mapping_v4)}, {"ipv6", protocols::to_string(x.mapping_v6)}}},
    {"peers", x.peers},
    {"links_established", x.links_established},
    {"handshakes_failed", x.handshakes_failed},
    {"links_refused", x.links_refused},
    {"uptime", seconds(x.uptime)},
  };
}

nlohmann::json to_json(const actors::reconnect_status& x, time_point now) {
  auto targets = nlohmann::json::array();
  for (const auto& one : x.targets)
    targets.push_back({
      {"where", where_text(one.where)},
      {"state", state_name(one.now)},
      {"configured", one.permanent},
      {"peer", one.id ? nlohmann::json(one.id->to_string()) : nlohmann::json()},
      {"dials", one.dials},
      {"failures", one.failures},
      {"error", text_or_null(one.error)},
      {"next_dial", one.next_attempt ? nlohmann::json(seconds(*one.next_attempt - now)) : nlohmann::json()},
    });
  return {
    {"enabled", x.config.enabled},
    {"targets", std::move(targets)},
    {"addresses_known", x.addresses_known},
    {"book_error", text_or_null(x.book_error)},
  };
}

nlohmann::json to_json(const actors::exchange_status& x) {
  return {
    {"enabled", x.enabled},
    {"target_peers", x.peers_wanted},
    {"requests_sent", x.counted.requests_sent},
    {"requests_answered", x.counted.requests_answered},
    {"requests_refused", x.counted.requests_refused},
    {"responses_taken", x.counted.responses_taken},
    {"responses_refused", x.counted.responses_refused},
    {"dials", x.counted.dials},
    {"dials_failed", x.counted.dials_failed},
    {"mistaken", x.counted.mistaken},
  };
}

} // namespace librats::apps
