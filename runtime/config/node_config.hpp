// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "runtime/config/config_load.hpp"
#include "runtime/config/config_value.hpp"
#include "runtime/config/storage_section.hpp"
#include "runtime/log/log_setup.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace librats::runtime {

/// How sessions are protected.
enum class security_mode : std::uint8_t { noise, plaintext };

/// What is done with the signatures of publications.
enum class signature_rule : std::uint8_t { ignore, check, require };

/// Everything that a node can be told. The defaults here are the defaults of the INI file and of the command line:
/// `node_schema` declares its keys from a default-constructed object. A plain value.
struct node_settings {
  /// [node]: who the node is and whom it talks to.
  struct node_section {
    std::string data_dir;                 ///< Where identity and state live; empty: nothing is kept.
    std::string protocol = "librats/1.0"; ///< Must be equal on both sides, byte by byte.
    security_mode security = security_mode::noise;
    bool allow_plaintext_remote = false; ///< With `plaintext`: also serve peers that are not on this machine.
    bool listen = true;
    std::uint16_t listen_port = 0;  ///< 0: the system picks one.
    std::string bind_address;       ///< An IP literal; empty: any address, IPv4 and IPv6.
    int port_attempts = 5;          ///< Ports tried in a row from `listen_port` when it is taken.
    std::size_t max_peers = 0;      ///< Inbound peers; 0: unlimited.
    std::vector<host_port> connect; ///< Dialed at start, and again when lost.
  } node;

  /// [runtime]: threads.
  struct runtime_section {
    int io_threads = 1;     ///< I/O loops; connections are spread over them.
    int worker_threads = 1; ///< CAF's pool.
  } runtime;

  /// [limits]: what a peer may cost.
  struct limits_section {
    duration establish_timeout = std::chrono::seconds{15}; ///< From the open stream to the proven identity.
    std::size_t send_queue_max = 8 * 1024 * 1024;     ///< Bytes queued for one peer; beyond it the peer is dropped.
    std::size_t half_open_max = 512;                  ///< Inbound streams without identity, all addresses.
    std::size_t half_open_per_address_max = 64;       ///< The same from one address.
    duration dial_timeout = std::chrono::seconds{15}; ///< For name lookup and connecting together.
  } limits;

  /// [transport]: TCP and UDP.
  struct transport_section {
    bool udp = true;        ///< Off: TCP alone.
    bool prefer_udp = true; ///< Which one a dial begins with, where nothing else is known.
    duration fallback_delay = std::chrono::milliseconds{1200}; ///< Until a dial tries the other one too; zero: never.
  } transport;

  /// [liveness]: pings.
  struct liveness_section {
    bool enabled = true;
    duration ping_interval = std::chrono::seconds{10};
    duration silence_max = std::chrono::seconds{45}; ///< A peer that sent nothing for so long is dropped.
  } liveness;

  /// [reconnect]: dialing lost peers again.
  struct reconnect_section {
    bool enabled = true; ///< Off: entries of `connect` are dialed once, nothing again.
    duration initial_delay = std::chrono::seconds{1};
    duration max_delay = std::chrono::seconds{60};    ///< Each wait doubles, up to this.
    unsigned max_attempts = 0;                        ///< Failed dials in a row; 0: without end.
    duration stable_after = std::chrono::seconds{60}; ///< A shorter link does not reset the waits.
    std::string book = "peers.json";                  ///< A file in `data_dir`; empty: none.
  } reconnect;

  /// [pex]: peers tell each other about peers.
  struct pex_section {
    bool enabled = true;
    std::size_t target_peers = 32; ///< With so many no more are looked for; 0: all that can be found.
  } pex;

  /// [discovery]: peers that nobody told us of.
  struct discovery_section {
    std::string key;               ///< What nodes meet under in the DHT; empty: the protocol.
    std::size_t target_peers = 32; ///< With so many no more are looked for; 0: all that can be found.
  } discovery;

  /// [dht]: the BitTorrent Mainline DHT.
  struct dht_section {
    bool enabled = false;
    std::uint16_t port = 6881; ///< UDP; a taken one is replaced by any free one.
    bool ipv4 = true;
    bool ipv6 = true;
    bool public_bootstrap = true;        ///< Begin at the well-known nodes too, and ask well-known STUN servers.
    std::vector<host_port> bootstrap;    ///< Begin at these.
    std::vector<host_port> stun_servers; ///< Ask these, before the well-known ones.
    bool read_only = false;              ///< BEP 43.
    bool restrict_addresses = true;      ///< One node per network; off in laboratories.
    bool spider = false;                 ///< BEP 51.
  } dht;

  /// [mdns]: peers on the same links.
  struct mdns_section {
    bool enabled = false;
    std::string instance;         ///< Empty: `rats-` and eight digits of the peer id.
    std::vector<std::string> txt; ///< `key=value`, told to everybody on the link.
  } mdns;

  /// [gossip]: publish and subscribe.
  struct gossip_section {
    bool enabled = true;
    std::vector<std::string> topics; ///< Joined from the start.
    bool sign = false;
    signature_rule signatures = signature_rule::ignore;
    // The mesh of each topic.
    std::size_t d = 6;
    std::size_t d_low = 4;
    std::size_t d_high = 12;
    std::size_t d_out = 2;
    std::size_t d_lazy = 6;
    std::size_t fanout = 6;
    std::size_t publish_extra = 4;
    duration fanout_life = std::chrono::seconds{60};
    duration heartbeat = std::chrono::seconds{1};
    duration heartbeat_idle = std::chrono::seconds{15};
    std::size_t history = 5; ///< In heartbeats, as the next.
    std::size_t history_gossip = 3;
    duration seen_life = std::chrono::minutes{2};
    duration prune_backoff = std::chrono::seconds{60};
    std::size_t cache_size = std::size_t{64} << 20; ///< Bytes.
    // Scores from which on a peer loses something; never above 0.
    int gossip_threshold = -20;
    int publish_threshold = -40;
    int graylist_threshold = -80;
    bool px = true;
    int px_score = 5;
  } gossip;

  /// [files]: files and directories that move.
  struct files_section {
    bool enabled = true;
    std::string share;                             ///< What peers may ask for lies below it; empty: nothing.
    std::string inbox;                             ///< Offers go there, unasked; empty: they are refused.
    std::size_t inbox_max = std::size_t{64} << 30; ///< Bytes of one offer.
    std::string temp_dir;                          ///< Empty: `transfers` in `data_dir`, else `temp_transfers`.
    std::size_t chunk_size = 64 * 1024;            ///< Bytes.
    std::size_t window = 4 * 1024 * 1024;          ///< Bytes sent beyond what the receiver has on disk.
    std::size_t max_transfers = 256;
    std::size_t max_per_peer = 16;
    std::size_t max_offers = 8; ///< Of one peer, that nobody has answered.
    std::size_t workers = 2;    ///< Threads for the disk, while there is something to do.
    bool verify = true;
    bool compress = true; ///< LZ4, for peers that understand it.
    bool resume = true;
    duration keep = std::chrono::hours{7 * 24}; ///< So long an interrupted transfer waits for its peer.
    duration idle_timeout = std::chrono::seconds{60};
  } files;
  storage_section storage;

  /// [messages]: what `ratsd` itself does with what it receives.
  struct messages_section {
    bool log_typed = false;   ///< Log type and size of each typed message.
    bool log_topics = false;  ///< Log topic, author and size of each publication of `gossip.topics`.
    std::string echo_channel; ///< Send App messages on this channel back; empty: off.
  } messages;

  /// [log]: `file` is on exactly when a path was given.
  log_options log = default_log();

  /// The logger's defaults without a file path.
  static log_options default_log();
};

/// The declaration of every key that `ratsd` understands.
[[nodiscard]] config_schema node_schema();

/// Reads the values of `node_schema()` into the struct. They must come from a load without errors.
[[nodiscard]] node_settings to_node_settings(const config_values& values);

} // namespace librats::runtime
