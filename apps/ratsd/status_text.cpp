// SPDX-License-Identifier: MIT
#include "apps/ratsd/status_text.hpp"

#include "runtime/log/escape.hpp"

#include <algorithm>
#include <cstdio>

namespace librats::apps {

namespace {

using namespace std::chrono_literals;

std::string decimal(double x, const char* unit) {
  char out[64];
  std::snprintf(out, sizeof(out), x < 10 ? "%.1f %s" : "%.0f %s", x, unit);
  return out;
}

std::string two_units(long long big, const char* big_unit, long long small, const char* small_unit) {
  auto out = std::to_string(big) + " " + big_unit;
  if (small != 0)
    out += " " + std::to_string(small) + " " + small_unit;
  return out;
}

std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

void draw(const runtime::tree_node& node, time_point now, const std::string& lead, const char* joint,
  const std::string& below, std::vector<std::vector<std::string>>& rows) {
  auto name = lead + joint + runtime::escaped(node.name);
  if (node.kind != node.name)
    name += " (" + node.kind + ")";
  rows.push_back({std::move(name), node.state, std::to_string(node.restarts), std::to_string(node.mailbox),
    node.handle ? short_span(now - node.since) : "-"});
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const bool last = i + 1 == node.children.size();
    draw(node.children[i], now, below, last ? "`- " : "|- ", below + (last ? "   " : "|  "), rows);
  }
}

std::string joined(const std::vector<std::string>& all) {
  std::string out;
  for (const auto& one : all)
    out += (out.empty() ? "" : ", ") + one;
  return out.empty() ? "-" : out;
}

std::string counted(std::uint64_t count, duration span) {
  return std::to_string(count) + " (" + short_rate(count, span) + ")";
}

std::string volume(std::uint64_t bytes, duration span) {
  const auto rate = static_cast<std::uint64_t>(per_second(bytes, span) + 0.5);
  return short_size(bytes) + " (" + short_size(rate) + "/s)";
}

/// Without what every service has: it stands in the other columns, or names the protocol that all share.
std::string txt_text(const protocols::txt_map& x) {
  std::vector<std::string> out;
  for (const auto& [key, value] : x)
    if (key != "id")
      out.push_back(runtime::escaped(key + "=" + value));
  return joined(out);
}

std::string list_text(const std::vector<endpoint>& all) {
  std::string out;
  for (const auto& one : all)
    out += (out.empty() ? "" : ", ") + one.to_string();
  return out.empty() ? "-" : out;
}

} // namespace

std::string short_span(duration x) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(x).count();
  if (x <= duration::zero())
    return "0";
  if (x < 1ms)
    return std::to_string(std::max<long long>(1, std::chrono::duration_cast<std::chrono::microseconds>(x).count()))
           + " us";
  if (x < 1s)
    return decimal(std::chrono::duration<double, std::milli>(x).count(), "ms");
  if (x < 1min)
    return decimal(std::chrono::duration<double>(x).count(), "s");
  if (x < 1h)
    return two_units(seconds / 60, "min", seconds % 60, "s");
  if (x < 24h)
    return two_units(seconds / 3600, "h", seconds / 60 % 60, "min");
  return two_units(seconds / 86400, "d", seconds / 3600 % 24, "h");
}

std::string short_size(std::uint64_t bytes) {
  if (bytes < 1024)
    return std::to_string(bytes) + " B";
  constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit)
    value /= 1024;
  return decimal(value, units[unit]);
}

double per_second(std::uint64_t count, duration span) noexcept {
  return span > duration::zero() ? static_cast<double>(count) / std::chrono::duration<double>(span).count() : 0;
}

std::string short_rate(std::uint64_t count, duration span) {
  char out[32];
  const auto rate = per_second(count, span);
  std::snprintf(out, sizeof(out), rate < 10 ? "%.1f/s" : "%.0f/s", rate);
  return out;
}

const char* direction(protocols::role x) noexcept { return x == protocols::role::initiator ? "out" : "in"; }

const char* transport_name(protocols::transport x) noexcept { return x == protocols::transport::tcp ? "tcp" : "udp"; }

const char* security_name(protocols::security_mode x) noexcept {
  return x == protocols::security_mode::noise ? "noise" : "plaintext";
}

std::string draw_tree(const runtime::tree_node& root, time_point now) {
  std::vector<std::vector<std::string>> rows{{"actor", "state", "restarts", "mailbox", "age"}};
  draw(root, now, "", "", "", rows);
  return columns(rows);
}

std::string peer_table(const actors::peer_list& peers, time_point now) {
  if (peers.peers.empty())
    return "no peer is connected\n";
  std::vector<std::vector<std::string>> rows{
    {"peer", "address", "way", "link", "since", "round trip", "lost", "sent", "received", "waiting"}};
  for (const auto& x : peers.peers)
    rows.push_back({x.link.id.short_string(), x.link.remote.to_string(), direction(x.link.role),
      std::string{transport_name(x.link.transport)} + "/" + security_name(x.link.security), short_span(now - x.since),
      x.rtt ? short_span(*x.rtt) : "-", decimal(x.quality.loss() * 100, "%"), short_size(x.bytes_sent),
      short_size(x.bytes_received), short_size(x.queued)});
  return columns(rows);
}

std::string status_text(const actors::node_status& x) {
  std::vector<std::vector<std::string>> rows{
    {"peer id", x.id.to_string()},
    {"protocol", runtime::escaped(x.protocol) + ", " + security_name(x.security)},
    {"listens on", x.listening ? x.listening->to_string() : "nothing, it only dials"},
    {"addresses", list_text(x.addresses)},
    {"seen as", list_text(x.observed_addresses)},
    {"NAT", std::string{"IPv4 "} + protocols::to_string(x.mapping_v4) + ", IPv6 " + protocols::to_string(x.mapping_v6)},
    {"peers", std::to_string(x.peers)},
    {"links", std::to_string(x.links_established) + " established, " + std::to_string(x.handshakes_failed)
                + " failed handshakes, " + std::to_string(x.links_refused) + " refused"},
    {"up for", short_span(x.uptime)},
  };
  return columns(rows);
}

std::string where_text(const protocols::dial_target& x) {
  const auto host = runtime::escaped(x.host);
  return (host.find(':') != std::string::npos ? "[" + host + "]:" : host + ":") + std::to_string(x.port);
}

const char* state_name(protocols::reconnect_target::state x) noexcept {
  using state = protocols::reconnect_target::state;
  switch (x) {
  case state::connected: return "connected";
  case state::dialing: return "dialing";
  case state::waiting: return "waiting";
  case state::given_up: return "given up";
  }
  return "";
}

std::string reconnect_table(const actors::reconnect_status& x, time_point now) {
  auto out = std::string{x.config.enabled ? "lost peers are dialed again" : "lost peers are not dialed again"} + "; "
             + std::to_string(x.addresses_known) + " addresses are known\n";
  if (!x.book_error.empty())
    out += runtime::escaped(x.book_error) + "\n";
  if (x.targets.empty())
    return out + "nobody is to be dialed again\n";
  std::vector<std::vector<std::string>> rows{{"target", "state", "peer", "dials", "failures", "next dial", "error"}};
  for (const auto& one : x.targets)
    rows.push_back({where_text(one.where) + (one.permanent ? " *" : ""), state_name(one.now),
      one.id ? one.id->short_string() : "-", std::to_string(one.dials), std::to_string(one.failures),
      one.next_attempt ? short_span(*one.next_attempt - now) : "-",
      one.error.empty() ? "-" : runtime::escaped(one.error)});
  return out + columns(rows) + "* stands in the configuration\n";
}

std::string history_table(const actors::address_book_report& x) {
  if (x.entries.empty())
    return "no address is known\n";
  std::vector<std::vector<std::string>> rows{{"address", "peer", "connections", "failures since"}};
  for (const auto& one : x.entries)
    rows.push_back({one.where.to_string(), one.id ? one.id->short_string() : "-", std::to_string(one.connect_count),
      std::to_string(one.fail_streak)});
  return columns(rows);
}

std::string exchange_text(const actors::exchange_status& x) {
  if (!x.enabled)
    return "peers are not asked for peers\n";
  const auto& n = x.counted;
  return "peers are asked for peers: " + std::to_string(n.requests_sent) + " times, "
         + std::to_string(n.responses_taken) + " answers, " + std::to_string(n.dials) + " dials, "
         + std::to_string(n.dials_failed) + " of them failed; " + std::to_string(n.requests_answered)
         + " requests answered\n";
}

std::string dht_text(const actors::dht_status& x) {
  if (x.families.empty())
    return "the DHT is off\n";
  std::vector<std::vector<std::string>> rows{{"DHT"}, {"id"}, {"socket"}, {"seen as"}, {"nodes"}, {"lookups"},
    {"queries sent"}, {"unanswered"}, {"queries received"}, {"sent"}, {"received"}, {"stored"}, {"blocked"}};
  bool trouble = false;
  std::vector<std::string> troubles{"trouble"};
  std::string sampled;
  for (const auto& one : x.families) {
    const auto& n = one.counted;
    const std::string cells[] = {one.v6 ? "IPv6" : "IPv4", one.id.to_string(),
      one.local ? one.local->to_string() : "-", one.external ? one.external->to_string() : "-",
      std::to_string(n.confirmed) + " confirmed of " + std::to_string(n.nodes),
      std::to_string(one.lookups_running) + " running, " + std::to_string(one.lookups_done) + " done",
      counted(n.queries_out, x.uptime), std::to_string(n.timeouts), counted(n.queries_in, x.uptime),
      volume(n.bytes_out, x.uptime), volume(n.bytes_in, x.uptime),
      std::to_string(n.peers_stored) + " peers under " + std::to_string(n.hashes_stored) + " hashes, "
        + std::to_string(n.items_stored) + " items",
      std::to_string(n.blocked) + " datagrams"};
    for (std::size_t i = 0; i < rows.size(); ++i)
      rows[i].push_back(cells[i]);
    if (one.sampled)
      sampled += std::string{"the spider asked "} + std::to_string(one.sampled->asked) + " " + cells[0] + " nodes for "
                 + std::to_string(one.sampled->hashes_fresh) + " info-hashes\n";
    trouble = trouble || !one.trouble.empty();
    troubles.push_back(one.trouble.empty() ? "-" : runtime::escaped(one.trouble));
  }
  if (trouble)
    rows.push_back(std::move(troubles));
  return columns(rows) + "announced " + std::to_string(x.announces) + " times and searched "
         + std::to_string(x.searches) + " times in " + short_span(x.uptime) + "\n" + sampled;
}

std::string mdns_text(const actors::mdns_status& x) {
  if (!x.running)
    return "multicast DNS is off\n";
  auto out = x.instance.empty() ? std::string{"nothing is advertised"} : x.instance + " is advertised at " + x.host;
  out += " on " + joined(x.interfaces) + "\n";
  if (!x.trouble.empty())
    out += runtime::escaped(x.trouble) + "\n";
  if (x.services.empty())
    return out + "no service is seen\n";
  std::vector<std::vector<std::string>> rows{{"service", "host", "port", "addresses", "text"}};
  for (const auto& one : x.services) {
    std::vector<std::string> addresses;
    for (const auto& address : one.addresses)
      addresses.push_back(address.to_string());
    rows.push_back({one.instance, one.host, std::to_string(one.port), joined(addresses), txt_text(one.txt)});
  }
  return out + columns(rows);
}

std::string columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size())
        out.append(widths[i] - width(row[i]) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

} // namespace librats::apps
