// SPDX-License-Identifier: MIT
#include "runtime/config/node_config.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;
constexpr std::size_t topic_bytes_max = 1024; // Ample for a name; the wire format itself has room for 65,535.
constexpr std::size_t name_bytes_max = 255;   // Ample for a name; the wire format itself sets no limit.

std::string_view to_string(security_mode mode) noexcept {
  return mode == security_mode::plaintext ? "plaintext" : "noise";
}

std::string_view to_string(signature_rule rule) noexcept {
  switch (rule) {
  case signature_rule::ignore: break;
  case signature_rule::check: return "check";
  case signature_rule::require: return "require";
  }
  return "ignore";
}

std::int64_t number(std::size_t x) noexcept {
  return static_cast<std::int64_t>(x);
}

void declare_node(config_schema& out, const node_settings::node_section& d) {
  out.section("node", "Who this node is and whom it talks to")
    .path(
      "data_dir", d.data_dir, "Directory for identity and state; empty keeps nothing, so every start has a new peer id")
    .text(
      "protocol", d.protocol, 1, name_bytes_max, "Name of the application; both sides must have the same, byte by byte")
    .word("security", std::string{to_string(d.security)}, {"noise", "plaintext"},
      "How sessions are protected; plaintext is for tests on one machine")
    .boolean("allow_plaintext_remote", d.allow_plaintext_remote,
      "With plaintext security, also talk to peers on other machines, unprotected")
    .boolean("listen", d.listen, "Accept connections from peers")
    .integer("listen_port", d.listen_port, 0, 65535, "TCP and UDP port to listen on; 0 lets the system pick one")
    .address("bind_address", d.bind_address, "Address to listen on; empty means any, IPv4 and IPv6")
    .integer("port_attempts", d.port_attempts, 1, 100,
      "How many ports in a row are tried, from listen_port on, when one is taken")
    .integer("max_peers", number(d.max_peers), 0, 1'000'000,
      "Most peers that may connect to this node; 0 is unlimited, and outgoing connections do not count")
    .endpoint_list("connect", "Peer to connect to at start, and again when lost; repeat the key for more");
}

void declare_runtime(config_schema& out, const node_settings::runtime_section& d) {
  out.section("runtime", "Threads")
    .integer("io_threads", d.io_threads, 1, 64, "I/O loops, a thread each; connections are spread over them")
    .integer("worker_threads", d.worker_threads, 1, 256, "Threads for everything that is not bound to an I/O loop");
}

void declare_limits(config_schema& out, const node_settings::limits_section& d) {
  out.section("limits", "What a peer may cost")
    .span("establish_timeout", d.establish_timeout, 1s, 5min,
      "Time from an open connection until the peer has proved its identity")
    .size("send_queue_max", number(d.send_queue_max), 64 * kib, gib,
      "Bytes that may wait for one peer; a peer that reads too slowly for it is disconnected")
    .integer("half_open_max", number(d.half_open_max), 1, 1'000'000,
      "Incoming connections whose peer has not yet proved its identity, from all addresses together")
    .integer(
      "half_open_per_address_max", number(d.half_open_per_address_max), 1, 1'000'000, "The same from one address")
    .span("dial_timeout", d.dial_timeout, 1s, 5min, "Time to look up a name and to connect");
}

void declare_transport(config_schema& out, const node_settings::transport_section& d) {
  out.section("transport", "What carries connections to peers")
    .boolean("udp", d.udp, "Use UDP beside TCP, on the same port")
    .word("prefer", d.prefer_udp ? "udp" : "tcp", {"udp", "tcp"},
      "What a peer is dialed over first, where it is not known what works")
    .span("fallback_delay", d.fallback_delay, 0s, 1min,
      "Wait for an answer before the other one is tried as well; 0 never tries it");
}

void declare_liveness(config_schema& out, const node_settings::liveness_section& d) {
  out.section("liveness", "Finding peers that are gone")
    .boolean("enabled", d.enabled, "Ping peers and drop those that are silent")
    .span("ping_interval", d.ping_interval, 100ms, 1h, "Time between two pings to a peer")
    .span("silence_max", d.silence_max, 200ms, 24h,
      "A peer from which nothing came for so long is dropped; longer than ping_interval");
}

void declare_reconnect(config_schema& out, const node_settings::reconnect_section& d) {
  out.section("reconnect", "Dialing lost peers again")
    .boolean("enabled", d.enabled, "Dial peers that were lost; off, entries of connect are dialed once")
    .span("initial_delay", d.initial_delay, 100ms, 1h, "Wait before the first dial after a failure; doubles each time")
    .span("max_delay", d.max_delay, 100ms, 24h, "The longest such wait; not below initial_delay")
    .integer(
      "max_attempts", d.max_attempts, 0, 1'000'000, "Failed dials in a row before a peer is given up; 0 never does")
    .span("stable_after", d.stable_after, 0s, 24h,
      "A connection that breaks sooner does not make the next wait short again")
    .text("book", d.book, 0, name_bytes_max,
      "File in data_dir that remembers addresses for the next start; empty keeps none");
}

void declare_pex(config_schema& out, const node_settings::pex_section& d) {
  out.section("pex", "Learning of peers from peers")
    .boolean("enabled", d.enabled, "Ask peers for others, and tell them of ours")
    .integer("target_peers", number(d.target_peers), 0, 1'000'000,
      "With so many peers this node looks for no more; 0 takes all it can find");
}

void declare_discovery(config_schema& out, const node_settings& d) {
  out.section("discovery", "Finding peers that nobody told this node of")
    .text("key", d.discovery.key, 0, name_bytes_max,
      "Name that the nodes of one application meet under in the DHT; empty takes the protocol")
    .integer("target_peers", number(d.discovery.target_peers), 0, 1'000'000,
      "With so many peers this node looks for no more; 0 takes all it can find");
  out.section("dht", "The BitTorrent Mainline DHT: finds peers anywhere")
    .boolean("enabled", d.dht.enabled, "Announce this node and look for others there")
    .integer("port", d.dht.port, 0, 65535, "UDP port of its own; 0, or one that is taken, lets the system pick one")
    .boolean("ipv4", d.dht.ipv4, "Take part over IPv4")
    .boolean("ipv6", d.dht.ipv6, "Take part over IPv6, which is a network of its own")
    .boolean("public_bootstrap", d.dht.public_bootstrap,
      "Begin at the well-known nodes of the public DHT, and ask public STUN servers for this node's address")
    .endpoint_list("bootstrap", "Begin at this node; repeat the key for more")
    .endpoint_list("stun_server", "Ask this STUN server for this node's address; repeat the key for more")
    .boolean("read_only", d.dht.read_only, "Ask others but answer nobody, as suits a short visit")
    .boolean("restrict_addresses", d.dht.restrict_addresses,
      "Trust only one node of each network; turn off in a laboratory where many share an address")
    .boolean("spider", d.dht.spider, "Walk the whole DHT, one query a second, and learn what others announce there");
  out.section("mdns", "Multicast DNS: finds peers on the same local network")
    .boolean("enabled", d.mdns.enabled, "Advertise this node on every link and look for others there")
    .text("instance", d.mdns.instance, 0, 63, "Name to advertise; empty is rats- and the start of the peer id")
    .text_list("txt", 255, "key=value to advertise beside what every node tells; repeat the key for more");
}

void declare_gossip(config_schema& out, const node_settings::gossip_section& d) {
  out.section("gossip", "Publish and subscribe")
    .boolean("enabled", d.enabled, "Take part; off, what peers publish is ignored")
    .text_list("topics", topic_bytes_max,
      "Topic to join at start, and so to pass on what others publish there; repeat the key for more")
    .boolean("sign", d.sign, "Sign what this node publishes, so that anybody can see who wrote it")
    .word("signatures", std::string{to_string(d.signatures)}, {"ignore", "check", "require"},
      "What is done with signatures of others: ignore leaves them to the program, check refuses broken ones, require "
      "refuses what has none as well")
    .integer("d", number(d.d), 1, 32, "Peers in the mesh of a topic that get every message")
    .integer("d_low", number(d.d_low), 1, 32, "With fewer in the mesh, others are asked in; not above d")
    .integer("d_high", number(d.d_high), 1, 32, "With so many in the mesh, nobody else gets in; not below d")
    .integer("d_out", number(d.d_out), 1, 32,
      "How many of them are to be peers that this node connected to, not the other way round; below d_low")
    .integer("d_lazy", number(d.d_lazy), 0, 64, "Peers outside the mesh that are told what there is, each heartbeat")
    .integer("fanout", number(d.fanout), 1, 32, "Peers that get messages of a topic that this node has not joined")
    .integer("publish_extra", number(d.publish_extra), 0, 64,
      "Peers outside the mesh that get what this node itself publishes")
    .span("fanout_life", d.fanout_life, 1s, 24h, "How long after its last message a topic keeps its fan-out")
    .span("heartbeat", d.heartbeat, 100ms, 1min, "Time between two looks after each mesh")
    .span("heartbeat_idle", d.heartbeat_idle, 100ms, 1h,
      "The same while there is nothing to tell and the mesh is complete; not below heartbeat")
    .integer("history", number(d.history), 1, 100, "Heartbeats for which messages are kept for those who missed them")
    .integer("history_gossip", number(d.history_gossip), 1, 100,
      "Heartbeats for which others are told of a message; not above history")
    .size("cache_size", number(d.cache_size), mib, 64 * gib, "Messages that are kept in each topic, in bytes")
    .span("seen_life", d.seen_life, 1s, 24h, "How long a message is known as one that came before")
    .span("prune_backoff", d.prune_backoff, 1s, 10min, "How long a peer stays out of a mesh that it was sent out of")
    .integer("gossip_threshold", d.gossip_threshold, -1'000'000, 0,
      "A peer with a score below is neither told nor asked what there is")
    .integer("publish_threshold", d.publish_threshold, -1'000'000, 0,
      "A peer with a score below gets nothing of what this node publishes; not above gossip_threshold")
    .integer("graylist_threshold", d.graylist_threshold, -1'000'000, 0,
      "What a peer with a score below sends is dropped; not above publish_threshold")
    .boolean("px", d.px,
      "Tell peers that find no place in a mesh of others, and dial a few of those that this node is told of; the "
      "latter as section pex allows")
    .integer("px_score", d.px_score, 0, 1'000'000,
      "Score from which a peer is believed whom it names; a topic's good work brings up to 10");
}

void declare_files(config_schema& out, const node_settings::files_section& d) {
  out.section("files", "Sending and receiving files and directories")
    .boolean("enabled", d.enabled, "Take part; off, offers are not even refused")
    .path("share", d.share, "Folder whose files and directories peers may ask for; empty shares nothing")
    .path("inbox", d.inbox, "Folder that takes what peers offer, without asking; empty refuses their offers")
    .size("inbox_max", number(d.inbox_max), 1, 1024 * 1024 * gib, "The largest offer that the inbox takes, in bytes")
    .path("temp_dir", d.temp_dir,
      "Folder for what is not complete; empty is transfers in data_dir, or temp_transfers without one")
    .size("chunk_size", number(d.chunk_size), 1024, mib, "Bytes of a file in one message")
    .size("window", number(d.window), 512 * 1024, gib,
      "Bytes that are sent beyond what the receiver has on its disk; other programs expect at most 4 MiB")
    .integer("max_transfers", number(d.max_transfers), 1, 10'000, "Transfers at a time, in both directions")
    .integer("max_per_peer", number(d.max_per_peer), 1, 1000, "The same with one peer; not above max_transfers")
    .integer("max_offers", number(d.max_offers), 1, 1000, "Offers of one peer that wait for an answer")
    .integer("workers", number(d.workers), 1, 64, "Threads that read and write files, while there is something to do")
    .boolean("verify", d.verify, "Refuse a file whose SHA-256 is not what its sender says")
    .boolean("compress", d.compress, "Send what can be packed well with LZ4 to peers that understand it")
    .boolean("resume", d.resume, "Go on after an interruption, also of this program, instead of failing")
    .span("keep", d.keep, 1min, 365 * 24h, "How long an interrupted transfer waits for its peer to come back")
    .span("idle_timeout", d.idle_timeout, 1s, 1h, "A transfer without a sign of life for so long is interrupted");
}

void declare_messages(config_schema& out, const node_settings::messages_section& d) {
  out.section("messages", "What this program itself does with messages")
    .boolean("log_typed", d.log_typed, "Log type and size of every typed message")
    .boolean("log_topics", d.log_topics, "Log author and size of every message in the topics of section gossip")
    .text("echo_channel", d.echo_channel, 0, name_bytes_max,
      "Send every message that arrives on this App channel back; empty is off");
}

void declare_log(config_schema& out, const log_options& d) {
  out.section("log", "What is logged, and where to")
    .word("level", std::string{runtime::to_string(d.level)}, {"trace", "debug", "info", "warn", "error", "off"},
      "The least important lines that are logged")
    .boolean("console", d.console, "Log to the standard error output")
    .path("file", d.file_path, "Log to this file; empty is off")
    .boolean("colors", d.colors, "Colour the level on a terminal")
    .boolean("timestamps", d.timestamps, "Begin each line with the time in UTC")
    .size("rotation_size", number(d.rotation_size_bytes), number(log_rotation_size_min), gib,
      "The log file is renamed and a new one begun before it would outgrow this")
    .integer("retention", d.retention_count, 0, log_retention_max, "How many renamed log files are kept");
}

/// A mistake of two keys together: blames the second one if somebody set it, else the first.
config_error mistake_of_two(
  const config_values& values, const char* section, const char* first, const char* second, std::string sentence) {
  const bool second_set = values.origin(section, second).from != config_origin::source::builtin;
  const auto* blamed = second_set ? second : first;
  const auto& origin = values.origin(section, blamed);
  const auto file = origin.from == config_origin::source::file ? origin.file : origin.to_string();
  return {file, origin.line, std::string{section} + "." + blamed, std::move(sentence)};
}

std::vector<config_error> check_reconnect(const config_values& values) {
  if (values.span("reconnect", "max_delay") >= values.span("reconnect", "initial_delay"))
    return {};
  return {mistake_of_two(
    values, "reconnect", "initial_delay", "max_delay", "max_delay must not be shorter than initial_delay")};
}

std::vector<config_error> check_dht(const config_values& values) {
  if (!values.boolean("dht", "enabled") || values.boolean("dht", "ipv4") || values.boolean("dht", "ipv6"))
    return {};
  return {mistake_of_two(values, "dht", "ipv4", "ipv6", "the DHT needs ipv4 or ipv6, or set enabled to no")};
}

/// What a TXT record cannot hold (RFC 6763 section 6.4).
std::vector<config_error> check_mdns(const config_values& values) {
  std::vector<config_error> out;
  for (const auto& one : values.text_list("mdns", "txt")) {
    const auto key = std::string_view{one}.substr(0, one.find('='));
    const bool printable = std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
    if (!key.empty() && printable)
      continue;
    const auto& origin = values.origin("mdns", "txt");
    const auto file = origin.from == config_origin::source::file ? origin.file : origin.to_string();
    out.push_back({file, origin.line, "mdns.txt", "expected key=value, with a key of printable ASCII"});
  }
  return out;
}

std::vector<config_error> check_gossip(const config_values& values) {
  std::vector<config_error> out;
  if (!values.boolean("gossip", "enabled"))
    return out;
  const auto in_order = [&](bool holds, const char* first, const char* second, const char* relation) {
    if (!holds)
      out.push_back(
        mistake_of_two(values, "gossip", first, second, std::string{first} + " must " + relation + " " + second));
  };
  const auto integer = [&](const char* name) { return values.integer("gossip", name); };
  in_order(integer("d_out") < integer("d_low"), "d_out", "d_low", "be below");
  const std::initializer_list<std::pair<const char*, const char*>> rising{{"d_low", "d"}, {"d", "d_high"},
    {"history_gossip", "history"}, {"publish_threshold", "gossip_threshold"},
    {"graylist_threshold", "publish_threshold"}};
  for (const auto& [low, high] : rising)
    in_order(integer(low) <= integer(high), low, high, "not be above");
  in_order(values.span("gossip", "heartbeat") <= values.span("gossip", "heartbeat_idle"), "heartbeat", "heartbeat_idle",
    "not be above");
  return out;
}

std::vector<config_error> check_files(const config_values& values) {
  std::vector<config_error> out;
  if (!values.boolean("files", "enabled"))
    return out;
  if (values.integer("files", "chunk_size") > values.integer("files", "window"))
    out.push_back(mistake_of_two(values, "files", "chunk_size", "window", "chunk_size must not be above window"));
  if (values.integer("files", "max_per_peer") > values.integer("files", "max_transfers"))
    out.push_back(
      mistake_of_two(values, "files", "max_per_peer", "max_transfers", "max_per_peer must not be above max_transfers"));
  const auto& inbox = values.text("files", "inbox");
  if (!inbox.empty() && inbox == values.text("files", "temp_dir"))
    out.push_back(mistake_of_two(values, "files", "inbox", "temp_dir",
      "temp_dir must not be the inbox: files appear there only when they are complete"));
  return out;
}

std::vector<config_error> check_liveness(const config_values& values) {
  const bool matters = values.boolean("liveness", "enabled");
  if (!matters || values.span("liveness", "silence_max") > values.span("liveness", "ping_interval"))
    return {};
  return {mistake_of_two(values, "liveness", "ping_interval", "silence_max",
    "silence_max must be longer than ping_interval, or every quiet peer is dropped")};
}

node_settings::files_section to_files_section(const config_values& values) {
  const auto count = [&](const char* name) { return static_cast<std::size_t>(values.integer("files", name)); };
  node_settings::files_section out;
  out.enabled = values.boolean("files", "enabled");
  out.share = values.text("files", "share");
  out.inbox = values.text("files", "inbox");
  out.inbox_max = count("inbox_max");
  out.temp_dir = values.text("files", "temp_dir");
  out.chunk_size = count("chunk_size");
  out.window = count("window");
  out.max_transfers = count("max_transfers");
  out.max_per_peer = count("max_per_peer");
  out.max_offers = count("max_offers");
  out.workers = count("workers");
  out.verify = values.boolean("files", "verify");
  out.compress = values.boolean("files", "compress");
  out.resume = values.boolean("files", "resume");
  out.keep = values.span("files", "keep");
  out.idle_timeout = values.span("files", "idle_timeout");
  return out;
}

node_settings::gossip_section to_gossip_section(const config_values& values) {
  const auto integer = [&](const char* name) { return values.integer("gossip", name); };
  const auto count = [&](const char* name) { return static_cast<std::size_t>(values.integer("gossip", name)); };
  const auto& rule = values.text("gossip", "signatures");
  node_settings::gossip_section out;
  out.enabled = values.boolean("gossip", "enabled");
  out.topics = values.text_list("gossip", "topics");
  out.sign = values.boolean("gossip", "sign");
  out.signatures = rule == "require" ? signature_rule::require
    : rule == "check"                ? signature_rule::check
                                     : signature_rule::ignore;
  out.d = count("d");
  out.d_low = count("d_low");
  out.d_high = count("d_high");
  out.d_out = count("d_out");
  out.d_lazy = count("d_lazy");
  out.fanout = count("fanout");
  out.publish_extra = count("publish_extra");
  out.fanout_life = values.span("gossip", "fanout_life");
  out.heartbeat = values.span("gossip", "heartbeat");
  out.heartbeat_idle = values.span("gossip", "heartbeat_idle");
  out.history = count("history");
  out.history_gossip = count("history_gossip");
  out.cache_size = count("cache_size");
  out.seen_life = values.span("gossip", "seen_life");
  out.prune_backoff = values.span("gossip", "prune_backoff");
  out.gossip_threshold = static_cast<int>(integer("gossip_threshold"));
  out.publish_threshold = static_cast<int>(integer("publish_threshold"));
  out.graylist_threshold = static_cast<int>(integer("graylist_threshold"));
  out.px = values.boolean("gossip", "px");
  out.px_score = static_cast<int>(integer("px_score"));
  return out;
}

} // namespace

log_options node_settings::default_log() {
  log_options out;
  out.file_path.clear();
  return out;
}

config_schema node_schema() {
  const node_settings defaults;
  config_schema out{"ratsd", "a librats peer-to-peer node"};
  declare_node(out, defaults.node);
  declare_runtime(out, defaults.runtime);
  declare_limits(out, defaults.limits);
  declare_transport(out, defaults.transport);
  declare_liveness(out, defaults.liveness);
  declare_reconnect(out, defaults.reconnect);
  declare_pex(out, defaults.pex);
  declare_discovery(out, defaults);
  declare_gossip(out, defaults.gossip);
  declare_files(out, defaults.files);
  declare_storage(out, defaults.storage);
  declare_messages(out, defaults.messages);
  declare_log(out, defaults.log);
  out.add_check(check_liveness);
  out.add_check(check_reconnect);
  out.add_check(check_dht);
  out.add_check(check_mdns);
  out.add_check(check_gossip);
  out.add_check(check_files);
  return out;
}

node_settings to_node_settings(const config_values& values) {
  const auto integer = [&](const char* section, const char* name) { return values.integer(section, name); };
  const auto size = [&](const char* section, const char* name) {
    return static_cast<std::size_t>(values.integer(section, name));
  };
  node_settings out;
  out.node.data_dir = values.text("node", "data_dir");
  out.node.protocol = values.text("node", "protocol");
  out.node.security = values.text("node", "security") == "plaintext" ? security_mode::plaintext : security_mode::noise;
  out.node.allow_plaintext_remote = values.boolean("node", "allow_plaintext_remote");
  out.node.listen = values.boolean("node", "listen");
  out.node.listen_port = static_cast<std::uint16_t>(integer("node", "listen_port"));
  out.node.bind_address = values.text("node", "bind_address");
  out.node.port_attempts = static_cast<int>(integer("node", "port_attempts"));
  out.node.max_peers = size("node", "max_peers");
  out.node.connect = values.endpoint_list("node", "connect");

  out.runtime.io_threads = static_cast<int>(integer("runtime", "io_threads"));
  out.runtime.worker_threads = static_cast<int>(integer("runtime", "worker_threads"));

  out.limits.establish_timeout = values.span("limits", "establish_timeout");
  out.limits.send_queue_max = size("limits", "send_queue_max");
  out.limits.half_open_max = size("limits", "half_open_max");
  out.limits.half_open_per_address_max = size("limits", "half_open_per_address_max");
  out.limits.dial_timeout = values.span("limits", "dial_timeout");

  out.transport.udp = values.boolean("transport", "udp");
  out.transport.prefer_udp = values.text("transport", "prefer") == "udp";
  out.transport.fallback_delay = values.span("transport", "fallback_delay");

  out.liveness.enabled = values.boolean("liveness", "enabled");
  out.liveness.ping_interval = values.span("liveness", "ping_interval");
  out.liveness.silence_max = values.span("liveness", "silence_max");

  out.reconnect.enabled = values.boolean("reconnect", "enabled");
  out.reconnect.initial_delay = values.span("reconnect", "initial_delay");
  out.reconnect.max_delay = values.span("reconnect", "max_delay");
  out.reconnect.max_attempts = static_cast<unsigned>(integer("reconnect", "max_attempts"));
  out.reconnect.stable_after = values.span("reconnect", "stable_after");
  out.reconnect.book = values.text("reconnect", "book");

  out.pex.enabled = values.boolean("pex", "enabled");
  out.pex.target_peers = size("pex", "target_peers");

  out.discovery.key = values.text("discovery", "key");
  out.discovery.target_peers = size("discovery", "target_peers");

  out.dht.enabled = values.boolean("dht", "enabled");
  out.dht.port = static_cast<std::uint16_t>(integer("dht", "port"));
  out.dht.ipv4 = values.boolean("dht", "ipv4");
  out.dht.ipv6 = values.boolean("dht", "ipv6");
  out.dht.public_bootstrap = values.boolean("dht", "public_bootstrap");
  out.dht.bootstrap = values.endpoint_list("dht", "bootstrap");
  out.dht.stun_servers = values.endpoint_list("dht", "stun_server");
  out.dht.read_only = values.boolean("dht", "read_only");
  out.dht.restrict_addresses = values.boolean("dht", "restrict_addresses");
  out.dht.spider = values.boolean("dht", "spider");

  out.mdns.enabled = values.boolean("mdns", "enabled");
  out.mdns.instance = values.text("mdns", "instance");
  out.mdns.txt = values.text_list("mdns", "txt");

  out.gossip = to_gossip_section(values);
  out.files = to_files_section(values);
  out.storage = to_storage_section(values);

  out.messages.log_topics = values.boolean("messages", "log_topics");
  out.messages.log_typed = values.boolean("messages", "log_typed");
  out.messages.echo_channel = values.text("messages", "echo_channel");

  out.log.level = parse_log_level(values.text("log", "level")).value_or(out.log.level);
  out.log.console = values.boolean("log", "console");
  out.log.file_path = values.text("log", "file");
  out.log.file = !out.log.file_path.empty();
  out.log.colors = values.boolean("log", "colors");
  out.log.timestamps = values.boolean("log", "timestamps");
  out.log.rotation_size_bytes = size("log", "rotation_size");
  out.log.retention_count = static_cast<int>(integer("log", "retention"));
  return out;
}

} // namespace librats::runtime
