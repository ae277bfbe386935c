// SPDX-License-Identifier: MIT
#pragma once

/// The client API: everything a program needs to be a peer, in one header that needs nothing but nlohmann/json beside
/// it; the other librats_*.h belong to it. Start reading at `librats::RatsClient`. Any member function may be called
/// from any thread, also from inside callbacks.

#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "librats_files.h"
#include "librats_gossip.h"
#include "librats_storage.h"
#include "librats_types.h"

namespace librats {

/// A peer: listens, dials, sends and receives.
///
/// Callbacks run on one thread of the client's own, one at a time, in the order of the events. They may call every
/// member function, `stop` included; only destroying the client inside one of its callbacks is forbidden and ends the
/// process. An exception that leaves a callback is logged and otherwise ignored. While a callback runs, all others
/// wait; a peer that has sent 16 MiB which callbacks have not seen yet has to wait as well, and publications of a topic
/// are dropped while 64 MiB of them wait.
///
/// `socket_t` in callbacks and `RatsPeer::socket` is no descriptor of the system but a number that names one
/// connection: positive, never used twice by one client, and the same from the connection callback to the disconnect
/// callback.
///
/// A peer's id is the hex SHA-256 of its static public key. A client makes a fresh key when it is constructed; one that
/// shall keep its identity calls `load_configuration` (after `set_data_directory`, if that is used) before `start`.
///
/// On the wire, messages of `send` are typed JSON messages (message type 7), which every librats node understands. Raw
/// text, binary data and raw JSON have no message type of their own: they travel as App frames on the channels
/// "librats.text", "librats.binary" and "librats.json". The protocol string of the default name and version is the one
/// of a default librats node, "librats/1.0", so that default clients meet; any other pair gives "name/version".
///
/// Everything is queued, nothing is acknowledged: a call that succeeds tells that the peer was connected. To a peer
/// that reads slowly, sending waits once some megabytes are queued, so a fast producer does not lose the connection.
class RatsClient {
public:
  using ConnectionCallback = librats::ConnectionCallback;
  using DisconnectCallback = librats::DisconnectCallback;
  using DataCallback = librats::DataCallback;
  using StringDataCallback = librats::StringDataCallback;
  using BinaryDataCallback = librats::BinaryDataCallback;
  using JsonDataCallback = librats::JsonDataCallback;
  using MessageCallback = librats::MessageCallback;
  using SendCallback = librats::SendCallback;
  using ResponseCallback = librats::ResponseCallback;
  using RequestHandler = librats::RequestHandler;
  using WritableCallback = librats::WritableCallback;
  using AdvancedConnectionCallback = librats::AdvancedConnectionCallback;
  using PeersFoundCallback = librats::PeersFoundCallback;
  using MdnsCallback = librats::MdnsCallback;
  using TopicMessageCallback = librats::TopicMessageCallback;
  using TopicJsonCallback = librats::TopicJsonCallback;
  using TopicPublicationCallback = librats::TopicPublicationCallback;
  using TopicPeerCallback = librats::TopicPeerCallback;
  using TopicValidator = librats::TopicValidator;
  using FileTransferProgressCallback = librats::FileTransferProgressCallback;
  using FileTransferCompletedCallback = librats::FileTransferCompletedCallback;
  using FileTransferRequestCallback = librats::FileTransferRequestCallback;
  using DirectoryTransferProgressCallback = librats::DirectoryTransferProgressCallback;
  using FileRequestCallback = librats::FileRequestCallback;
  using DirectoryRequestCallback = librats::DirectoryRequestCallback;
  using StorageChangeCallback = librats::StorageChangeCallback;
  using StorageSyncCompleteCallback = librats::StorageSyncCompleteCallback;

  // -- lifecycle

  /// A stopped client. Port 0 lets the system choose (`get_listen_port` tells). `max_peers` limits how many may
  /// connect; 0 or less means no limit. An empty `bind_address` means every interface. What is wrong with them shows at
  /// `start`.
  RatsClient(int listen_port, int max_peers = 10, const std::string& bind_address = "");
  RatsClient(
    int listen_port, int max_peers, const NatTraversalConfig& config, const std::string& bind_address = "");
  /// Stops, saves as `stop` does, and waits for a running callback. From the moment it begins, no callback begins.
  ~RatsClient();
  RatsClient(const RatsClient&) = delete;
  RatsClient& operator=(const RatsClient&) = delete;

  /// Listens on exactly the given port. False when that is not possible, with the reason in the log; true when it runs
  /// already. A stopped client may be started again.
  bool start();
  /// Closes all connections and saves configuration and peers (see `save_configuration`). Returns when the last
  /// callback has returned: disconnect and send callbacks still come, data that was not delivered yet is dropped.
  /// Called inside a callback it does not wait for callbacks. Without effect on a client that does not run.
  void stop();
  /// Like `stop`, but saves nothing and drops all callbacks. Only destruction is useful afterwards.
  void shutdown_all_threads();
  bool is_running() const;

  // -- connections

  /// Begins to connect to a host name or address and returns at once. All strategies dial directly so far. False when
  /// the client does not run, has as many peers as it may have, or for an impossible host or port; later failures reach
  /// the advanced connection callback.
  bool connect_to_peer(
    const std::string& host, int port, ConnectionStrategy strategy = ConnectionStrategy::AUTO_ADAPTIVE);
  /// Closes the connection; unknown ids are ignored.
  void disconnect_peer_by_hash(const std::string& peer_hash_id);
  void disconnect_peer_by_id(const std::string& peer_id);

  // -- raw data. `false` means not connected (or larger than 8 MB), a number says how many peers it was sent to.

  bool send_to_peer_by_hash(const std::string& peer_hash_id, const std::string& data);
  bool send_string_to_peer_id(const std::string& peer_id, const std::string& data);
  bool send_binary_to_peer_id(const std::string& peer_id, const std::vector<uint8_t>& data);
  bool send_json_to_peer_id(const std::string& peer_id, const nlohmann::json& data);
  int broadcast_to_peers(const std::string& data);
  int broadcast_string_to_peers(const std::string& data);
  int broadcast_binary_to_peers(const std::vector<uint8_t>& data);
  int broadcast_json_to_peers(const nlohmann::json& data);

  // -- callbacks. One of a kind: a later one replaces an earlier one, an empty one removes it.

  void set_connection_callback(ConnectionCallback callback);
  void set_disconnect_callback(DisconnectCallback callback);
  /// Raw text arrived. `set_data_callback` is its older name and sets the same callback.
  void set_string_data_callback(StringDataCallback callback);
  void set_data_callback(DataCallback callback);
  void set_binary_data_callback(BinaryDataCallback callback);
  void set_json_data_callback(JsonDataCallback callback);
  /// The result of each `connect_to_peer`. When it failed, the socket is invalid and the id is empty.
  void set_advanced_connection_callback(AdvancedConnectionCallback callback);

  // -- message exchange

  /// Adds a handler; all handlers of a type run, in this order.
  void on(const std::string& message_type, MessageCallback callback);
  /// Adds a handler for the next message of the type only.
  void once(const std::string& message_type, MessageCallback callback);
  /// Removes all handlers of the type.
  void off(const std::string& message_type);
  /// Sends to all peers. The callback comes exactly once, unless the client is destroyed before: with success when
  /// there was a peer.
  void send(const std::string& message_type, const nlohmann::json& data, SendCallback callback = nullptr);
  /// Sends to one peer.
  void send(const std::string& peer_id, const std::string& message_type, const nlohmann::json& data,
    SendCallback callback = nullptr);

  // -- publish and subscribe (GossipSub). A message of a topic reaches all who subscribe to it, over peers that
  //    subscribe too; nobody needs to know the others. Topics are any names of up to 65,535 bytes. A running client
  //    takes part.

  GossipSub& get_gossipsub();
  bool is_gossipsub_available() const;
  bool is_gossipsub_running() const;
  /// Joins a topic; messages of this client itself are shown to it as well. Holds until it is taken back: a client that
  /// is stopped and started has the same topics. True as well when it is subscribed to already; false for an empty
  /// topic, one too many (4096), or when the client does not run.
  bool subscribe_to_topic(const std::string& topic);
  /// False when it is not subscribed to.
  bool unsubscribe_from_topic(const std::string& topic);
  bool is_subscribed_to_topic(const std::string& topic) const;
  /// In order.
  std::vector<std::string> get_subscribed_topics() const;
  /// Publishes, whether or not the topic is subscribed to. To peers that read slowly it waits, as sending does. False
  /// for an empty topic, a message of more than about 8 MB, or when the client does not run; that nobody subscribes is
  /// no failure.
  bool publish_to_topic(const std::string& topic, const std::string& message);
  bool publish_json_to_topic(const std::string& topic, const nlohmann::json& message);

  // Handlers of topics. There is one of each kind for each topic: a later one replaces an earlier one, an empty one
  // removes it. They may be set before subscribing and before `start`, and outlast `stop`. A message is shown to the
  // handlers of all three kinds, in this order, and only while its topic is subscribed to.

  /// Tells how sure it is who wrote a message, too.
  void on_topic_publication(const std::string& topic, TopicPublicationCallback callback);
  void on_topic_message(const std::string& topic, TopicMessageCallback callback);
  /// Skips messages that are no JSON.
  void on_topic_json_message(const std::string& topic, TopicJsonCallback callback);
  /// A connected peer subscribes to the topic, too. Who does so already is told upon subscribing.
  void on_topic_peer_joined(const std::string& topic, TopicPeerCallback callback);
  void on_topic_peer_left(const std::string& topic, TopicPeerCallback callback);
  /// Removes all these handlers of a topic; its validator and the subscription stay.
  void off_topic(const std::string& topic);
  /// Decides about messages of others before they are shown and passed on. The empty topic stands for all that have no
  /// validator of their own; an empty function removes it. A validator is a callback like the others; what waits for
  /// longer than 10 seconds is ignored, as is what it throws at. Holds from its return on.
  void set_topic_message_validator(const std::string& topic, TopicValidator validator);

  /// Connected peers that subscribe to the topic.
  std::vector<std::string> get_topic_peers(const std::string& topic) const;
  /// Those of them that this client exchanges all messages of the topic with.
  std::vector<std::string> get_topic_mesh_peers(const std::string& topic) const;
  /// `running`, `subscribed_topics_count`, `total_topics_count`, `peers_count`, `average_peer_score`, `min_peer_score`,
  /// `max_peer_score`, what was refused, and `topics`: for each its members and what it did.
  nlohmann::json get_gossipsub_statistics() const;
  /// Whether messages that this client publishes are signed with its key (XEdDSA). Nodes that know nothing of it show
  /// 112 bytes more in front of the message. Off by default; holds from the next `start` on.
  void set_gossip_signing(bool enabled);
  bool is_gossip_signing_enabled() const;
  /// What is done with signatures of others. They are not looked at by default; holds from the next `start` on.
  void set_gossip_signatures(SignaturePolicy policy);
  SignaturePolicy get_gossip_signatures() const;

  // -- files and directories. A file is in its place only when it is whole and its SHA-256 is right; an interrupted
  //    transfer between two programs of this edition goes on by itself when they meet again, also after either of them
  //    was ended in any way, for as long as a week. Transfers are named by decimal numbers.

  FileTransferManager& get_file_transfer_manager();
  bool is_file_transfer_available() const;
  /// Offers a file to a connected peer; the rest is told by callbacks. Empty when there is no such file or peer.
  std::string send_file(
    const std::string& peer_id, const std::string& file_path, const std::string& remote_filename = "");
  /// Offers a directory with all its files and, with `recursive`, directories. Symbolic links are left out.
  std::string send_directory(const std::string& peer_id, const std::string& directory_path,
    const std::string& remote_directory_name = "", bool recursive = true);
  /// Asks a peer to send a file and waits for its word, at most 30 seconds; it is then taken without asking this
  /// program. Empty when the peer refuses, or is a program without this addition of this edition. `local_path` as in
  /// `accept_file_transfer`.
  std::string request_file(
    const std::string& peer_id, const std::string& remote_file_path, const std::string& local_path);
  std::string request_directory(const std::string& peer_id, const std::string& remote_directory_path,
    const std::string& local_directory_path, bool recursive = true);
  /// Takes an offer. `local_path` is the file's, or a folder for it (one that exists, or with a "/" at its end); of a
  /// directory the folder that its files come into. What has the same name is replaced. False when no such offer is
  /// open.
  bool accept_file_transfer(const std::string& transfer_id, const std::string& local_path);
  bool reject_file_transfer(const std::string& transfer_id, const std::string& reason = "");
  /// Either side may pause and resume; false for an unknown transfer or one in another state.
  bool pause_file_transfer(const std::string& transfer_id);
  bool resume_file_transfer(const std::string& transfer_id);
  /// Ends it at both ends; unfinished files go.
  bool cancel_file_transfer(const std::string& transfer_id);
  /// Null for an unknown transfer. Those that ended are known for a while.
  std::shared_ptr<FileTransferProgress> get_file_transfer_progress(const std::string& transfer_id) const;
  std::vector<std::shared_ptr<FileTransferProgress>> get_active_file_transfers() const;
  /// `total_bytes_transferred`, `active_transfers`, `completed_transfers`, `success_rate` (0 to 1) and more, since the
  /// client started.
  nlohmann::json get_file_transfer_statistics() const;
  /// Holds for transfers that begin from now on; the folder from the next `start` on.
  void set_file_transfer_config(const FileTransferConfig& config);
  /// Valid until this thread calls this function of this client again.
  const FileTransferConfig& get_file_transfer_config() const;

  // Callbacks of transfers; there is one of each kind.

  /// Four times a second at most, and when it is done.
  void on_file_transfer_progress(FileTransferProgressCallback callback);
  void on_file_transfer_completed(FileTransferCompletedCallback callback);
  /// A peer offers a file or directory: `true` takes it. Where to says `accept_file_transfer`, called inside the
  /// callback; without that it goes into the working directory by its own name, with a number added when something is
  /// there. Without this callback all offers are refused.
  void on_file_transfer_request(FileTransferRequestCallback callback);
  void on_directory_transfer_progress(DirectoryTransferProgressCallback callback);
  /// A peer asks for a file: `true` sends it. The path is below the working directory, links followed; other requests
  /// are refused without asking, as are all without this callback.
  void on_file_request(FileRequestCallback callback);
  void on_directory_request(DirectoryRequestCallback callback);

  // -- the replicated store: a map from keys to values that all connected peers have in common; of each key the latest
  //    write stays, by the writers' clocks. Anybody may write any key. It is opened when it is first used while the
  //    client runs, or at `start` when it was configured or has a callback.

  StorageManager& get_storage_manager();
  bool is_storage_available() const;
  /// Puts a value, and returns when it is on disk: from then on it survives a crash. False when the client does not
  /// run, for an empty key or one above 64 KiB, a value above the limit, or when the disk does not take it, with the
  /// reason in the log.
  bool storage_put(const std::string& key, const std::string& value);
  bool storage_put(const std::string& key, const char* value) { return storage_put(key, std::string{value}); }
  bool storage_put(const std::string& key, int64_t value);
  bool storage_put(const std::string& key, double value);
  bool storage_put(const std::string& key, const std::vector<uint8_t>& value);
  /// Other integers go as int64_t.
  template <class Integer,
    std::enable_if_t<std::is_integral_v<Integer> && !std::is_same_v<Integer, bool> && !std::is_same_v<Integer, int64_t>,
      int> = 0>
  bool storage_put(const std::string& key, Integer value) {
    return storage_put(key, static_cast<int64_t>(value));
  }
  bool storage_put_json(const std::string& key, const nlohmann::json& value);
  // Nothing when the key is not there, or was put as another type.
  std::optional<std::string> storage_get_string(const std::string& key) const;
  std::optional<int64_t> storage_get_int(const std::string& key) const;
  std::optional<double> storage_get_double(const std::string& key) const;
  std::optional<std::vector<uint8_t>> storage_get_binary(const std::string& key) const;
  std::optional<nlohmann::json> storage_get_json(const std::string& key) const;
  /// Removes a key everywhere. False when it was not there.
  bool storage_delete(const std::string& key);
  bool storage_has(const std::string& key) const;
  /// In byte order.
  std::vector<std::string> storage_keys() const;
  std::vector<std::string> storage_keys_with_prefix(const std::string& prefix) const;
  size_t storage_size() const;
  /// Compares with all peers now; happens by itself with each new connection. False with no peer.
  bool storage_request_sync();
  /// Whether the store was equal to a peer's at least once.
  bool is_storage_synced() const;
  /// `total_entries`, `deleted_entries`, `total_data_bytes`, `disk_usage_bytes`, `sync_status` and more.
  nlohmann::json get_storage_statistics() const;
  /// Holds from the moment the store is opened, at the next `start` at the latest.
  void set_storage_config(const StorageConfig& config);
  /// Valid until this thread calls this function of this client again.
  const StorageConfig& get_storage_config() const;
  /// Any key changed, by whomever.
  void on_storage_change(StorageChangeCallback callback);
  /// The store and that of a peer are equal.
  void on_storage_sync_complete(StorageSyncCompleteCallback callback);

  // -- requests: messages that are answered. An addition of this edition: librats nodes without it do not answer, so
  //    that a request to one ends by its timeout. Message types that begin with "rats." belong to the library.

  /// Asks a peer. The callback comes exactly once, unless the client is destroyed before: with the answer, or with the
  /// reason why there is none: not connected, no answer within `timeout` (at most ten minutes), the peer left or
  /// refused, no handler there, more than 1024 requests to that peer open, the client stopped. A request is never
  /// repeated. It may be overtaken by messages that are sent after it.
  void request(const std::string& peer_id, const std::string& request_type, const nlohmann::json& data,
    ResponseCallback callback, std::chrono::milliseconds timeout = std::chrono::seconds{30});
  /// Answers requests of a type with what the handler returns. One handler for each type: a later one replaces an
  /// earlier one, an empty one removes it. Holds from its return on, also for later starts. Handlers run like all
  /// callbacks, one at a time.
  void on_request(const std::string& request_type, RequestHandler handler);
  void off_request(const std::string& request_type);

  // -- back-pressure: whatever sends to a peer of which too much waits already (2 MB) waits too, for at most ten
  //    seconds. Who must not wait asks here first. An addition of this edition as well.

  /// Whether too much waits for this peer, all included that this thread has sent so far. False when not connected.
  bool is_peer_congested(const std::string& peer_id) const;
  /// Calls back once, unless the client is destroyed before: when there is room, which may be at once, or when the peer
  /// is not connected any more.
  void when_writable(const std::string& peer_id, WritableCallback callback);

  // -- peers

  int get_peer_count() const;
  std::vector<RatsPeer> get_all_peers() const;
  /// The same: a connection becomes a peer when its handshake is done.
  std::vector<RatsPeer> get_validated_peers() const;
  /// Null when not connected. The snapshot is valid until this thread calls this function of this client again.
  const RatsPeer* get_peer_by_id(const std::string& peer_id) const;
  std::optional<RatsPeer> find_peer(const std::string& peer_id) const;
  std::string get_our_peer_id() const;
  int get_max_peers() const;
  bool is_peer_limit_reached() const;
  /// The port that is listened on; before `start`, the one that was asked for.
  int get_listen_port() const;
  std::string get_bind_address() const;

  // -- encryption: on by default, and not negotiated: both ends must agree, or they do not connect. Changes hold for
  //    connections that are made from then on. A new key of a running client needs `stop` and `start` to be the whole
  //    client's.

  bool initialize_encryption(bool enable = true);
  void set_encryption_enabled(bool enabled);
  bool is_encryption_enabled() const;
  /// The static private key, 64 hex digits.
  std::string get_encryption_key() const;
  /// False unless it is 64 hex digits, not all zero.
  bool set_encryption_key(const std::string& key_hex);
  /// Makes a new key, installs it and returns it.
  std::string generate_new_encryption_key();
  bool is_peer_encrypted(const std::string& peer_id) const;
  bool set_noise_static_keypair(const uint8_t private_key[32]);
  std::vector<uint8_t> get_noise_static_public_key() const;
  std::vector<uint8_t> get_peer_noise_public_key(const std::string& peer_id) const;
  /// 32 bytes, equal at both ends and different for every connection.
  std::vector<uint8_t> get_peer_handshake_hash(const std::string& peer_id) const;

  // -- protocol identity: clients of different name or version do not connect. Changes hold for later connections.

  void set_protocol_name(const std::string& protocol_name);
  void set_protocol_version(const std::string& protocol_version);
  std::string get_protocol_name() const;
  std::string get_protocol_version() const;
  /// SHA-1 of "{name}_peer_discovery_v{version}", 40 hex digits: what clients meet under in the DHT. Nodes that are
  /// configured otherwise need that text as their discovery key.
  std::string get_discovery_hash() const;
  /// The same of the default name and version.
  static std::string get_rats_peer_discovery_hash();

  // -- the DHT (BitTorrent Mainline): finds peers anywhere. Off until `start_dht_discovery`, which needs a running
  //    client, and off again after `stop`. Until a search ends, up to half a minute passes.

  /// Joins, announces this client under `get_discovery_hash` and dials others that did, as long as there are fewer than
  /// `get_max_peers` (32 without that limit). The UDP port is the DHT's own; one that is taken is replaced by any free
  /// one, and 0 stands for any. IPv4 and IPv6 are two networks, of which a client joins those that its `bind_address`
  /// allows. What is known of the network is kept in the data directory once config.json there was read or written by a
  /// call. True as well when it runs already; false when the client does not run or no UDP port can be had.
  bool start_dht_discovery(int dht_port = 6881);
  void stop_dht_discovery();
  bool is_dht_running() const;
  /// The UDP port of the DHT; 0 while it does not run.
  int get_dht_port() const;
  /// Looks for who announced themselves under a content hash: 40 hex digits, or any other text, whose SHA-1 it then is.
  /// Who is found is dialed. The callback comes exactly once, at the end, with all that were found, unless the client
  /// is destroyed before. False, and no callback, when the DHT does not run or the hash is empty.
  bool find_peers_by_hash(const std::string& content_hash, PeersFoundCallback callback);
  /// Announces this client under a content hash, once; nodes forget it after half an hour. Port 0 stands for the port
  /// that is listened on. False when the DHT does not run or the hash is empty.
  bool announce_for_hash(const std::string& content_hash, uint16_t port = 0);
  /// How many nodes of the DHT are known.
  size_t get_dht_routing_table_size() const;
  /// Where to begin in place of the nodes of the public DHT: "host:port" each, IPv6 in brackets. This makes a private
  /// DHT, and no public STUN server is asked either; without any entry it is one that others begin at. Holds for the
  /// next `start_dht_discovery`. False, and nothing changed, when an entry makes no sense.
  bool set_dht_bootstrap(const std::vector<std::string>& nodes);
  /// Whether the DHT, while it runs, is used to meet other clients, beside searches for content. It is at first.
  void start_automatic_peer_discovery();
  void stop_automatic_peer_discovery();
  bool is_automatic_discovery_running() const;

  // -- multicast DNS: finds peers on the local network. Off until `start_mdns_discovery`, which needs a running client,
  //    and off again after `stop`. Clients of the same protocol are dialed.

  /// Advertises this client as "<instance>._librats._tcp.local." and looks for others. An empty name becomes "rats-"
  /// and eight digits of the id, one that is taken gets a number. When it runs already, name and texts are replaced.
  /// False when the client does not run, no network interface can do multicast, or the texts do not fit a TXT record:
  /// 255 bytes an entry, 900 in all, keys of printable ASCII without "=".
  bool start_mdns_discovery(
    const std::string& service_instance_name = "", const std::map<std::string, std::string>& txt_records = {});
  void stop_mdns_discovery();
  bool is_mdns_running() const;
  /// A service appeared or changed; once for each network interface. Services of other protocols are told, too.
  void set_mdns_callback(MdnsCallback callback);
  /// Who is there now, by name.
  std::vector<MdnsService> get_mdns_services() const;
  /// Asks again at once. False when mDNS does not run.
  bool query_mdns_services();

  // -- our own address, by STUN. These block until a server has answered or the time is over; the client must run.

  /// Asks a server, for at most 5 seconds, and never dials that address when discovery finds it.
  bool discover_and_ignore_public_ip(const std::string& stun_server = "stun.l.google.com", int stun_port = 19302);
  std::optional<StunMappedAddress> discover_public_address(
    const std::string& server = "stun.l.google.com", uint16_t port = 19302, int timeout_ms = 5000);
  /// The address that either of these found last, also in a former run; else empty.
  std::string get_public_ip() const;
  std::optional<std::pair<std::string, uint16_t>> get_public_address() const;
  /// Discovery never dials this IP address; any other text is ignored.
  void add_ignored_address(const std::string& ip_address);

  // -- configuration: config.json and peers.rats in the data directory, which is the current folder at first

  /// Reads config.json, or writes one when there is none. Clients that read the same file are the same peer and cannot
  /// connect to each other. What the program has set by a call before stays as set; port and peer limit always stay. A
  /// `peer_id` in the file is kept as the name this client calls itself, while peers know it by its key. False when the
  /// file cannot be used; it is then left as it is, and so are the settings.
  bool load_configuration();
  /// Writes config.json, which holds the private key, readable by the owner alone, and peers.rats. `stop` does the same
  /// by itself, and `save_historical_peers` too, but leaves a config.json alone that makes no sense, or that holds
  /// another key while this client's key is merely the one it was born with.
  bool save_configuration();
  /// Makes the folder if it is missing. False when it cannot be used. Reads nothing.
  bool set_data_directory(const std::string& directory_path);
  std::string get_data_directory() const;
  /// Dials the peers of peers.rats that were seen within a week; tells how many. Inbound peers stand there with the
  /// port they listen on.
  int load_and_reconnect_peers();

  // -- historical peers: everybody this client ever met and knows where to dial, at most 4096. The file is
  //    peers_ever.rats in the data directory.

  /// Adds those of the file to those of this run. True also when there is no file; false when it makes no sense.
  bool load_historical_peers();
  /// Writes all of them, together with those that stand in the file already. A file that makes no sense is first copied
  /// to peers_ever.rats.bad.
  bool save_historical_peers();
  /// Forgets them, on disk too.
  void clear_historical_peers();
  /// The last seen first. They are not connected, or not any more: only id, address, direction and version are set.
  std::vector<RatsPeer> get_historical_peers() const;

  // -- reconnection: a peer that was lost without our asking is dialed again, where we dialed it or where it said that
  //    it listens. On by default.

  void set_reconnect_enabled(bool enabled);
  bool is_reconnect_enabled() const;
  void set_reconnect_config(const ReconnectConfig& config);
  /// Valid until this thread calls this function of this client again.
  const ReconnectConfig& get_reconnect_config() const;
  size_t get_reconnect_queue_size() const;
  void clear_reconnect_queue();
  /// Who is lost and will be dialed again, or is being dialed right now.
  std::vector<ReconnectInfo> get_reconnect_queue() const;

  // -- logging: of the whole process

  void set_console_logging_enabled(bool enabled);
  bool is_console_logging_enabled() const;
  /// Logging to a file, off by default.
  void set_logging_enabled(bool enabled);
  bool is_logging_enabled() const;
  void set_log_file_path(const std::string& file_path);
  std::string get_log_file_path() const;
  void set_log_level(LogLevel level);
  /// "DEBUG", "INFO", "WARN" or "ERROR", in any case; other text changes nothing.
  void set_log_level(const std::string& level_str);
  LogLevel get_log_level() const;
  void set_log_colors_enabled(bool enabled);
  bool is_log_colors_enabled() const;
  void set_log_timestamps_enabled(bool enabled);
  bool is_log_timestamps_enabled() const;
  /// At least 4096 bytes.
  void set_log_rotation_size(size_t max_size_bytes);
  void set_log_retention_count(int count);
  void clear_log_file();

private:
  friend class FileTransferManager;
  friend class GossipSub;
  friend class StorageManager;
  class impl;
  std::unique_ptr<impl> impl_;
  GossipSub gossipsub_{*this};
  FileTransferManager files_{*this};
  StorageManager storage_{*this};
};

} // namespace librats
