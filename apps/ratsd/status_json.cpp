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

} // namespace

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
