// SPDX-License-Identifier: MIT
#include "librats.h"

// A program as its author would write it: one include, results ignored, and every call of the class once. Built as
// C++17 and as C++20 with nothing but the public include folders; the C++17 one also runs.

class ChatNode {
public:
  explicit ChatNode(int port) : client_(port, 10, "127.0.0.1") {
    client_.set_connection_callback([this](auto socket, const std::string& peer_id) {
      std::cout << socket << " is " << peer_id.substr(0, 8) << (client_.is_peer_encrypted(peer_id) ? " safe\n" : "\n");
      client_.send(peer_id, "hello", {{"from", client_.get_our_peer_id().substr(0, 16)}, {"at", 0}});
    });
    client_.set_disconnect_callback([](socket_t, const std::string&) {});
    client_.set_data_callback([](socket_t, const std::string&, const std::string&) {});
    client_.set_string_data_callback([](socket_t socket, const std::string&, const std::string& text) {
      std::cout << socket << ": " << text << '\n';
    });
    client_.set_binary_data_callback([](socket_t, const std::string&, const std::vector<uint8_t>&) {});
    client_.set_json_data_callback([](socket_t, const std::string&, const nlohmann::json&) {});
    client_.set_advanced_connection_callback(
      [](socket_t, const std::string&, const librats::ConnectionAttemptResult& result) {
        std::cout << result.method << ' ' << result.duration.count() << ' ' << (int)result.local_nat_type << '\n';
      });
    client_.on("hello", [](const std::string& peer_id, const nlohmann::json& data) {
      std::cout << peer_id << ' ' << data["from"].get<std::string>() << '\n';
    });
    client_.set_mdns_callback([](const std::string& ip, int at, const std::string& service_name) {
      std::cout << service_name << " at " << ip << ':' << at << '\n';
    });
    client_.on_topic_message(
      "news", [](const std::string& peer_id, const std::string& topic, const std::string& message) {
        std::cout << topic << ' ' << peer_id << ": " << message << '\n';
      });
    client_.on_topic_json_message("news", [](const std::string&, const std::string&, const nlohmann::json& data) {
      std::cout << data.dump() << '\n';
    });
    client_.on_topic_publication("news", [](const librats::TopicPublication& x) {
      std::cout << x.peer_id << x.topic << x.message << x.from_id << x.message_id
                << (x.authorship == librats::Authorship::PROVEN) << '\n';
    });
    client_.on_topic_peer_joined("news", [](const std::string& peer_id, const std::string&) { std::cout << peer_id; });
    client_.on_topic_peer_left("news", [](const std::string& peer_id, const std::string&) { std::cout << peer_id; });
    client_.set_topic_message_validator(
      "news", [](const std::string&, const std::string& message, const std::string&) -> librats::ValidationResult {
        return message.size() > 1000 ? librats::ValidationResult::REJECT : librats::ValidationResult::ACCEPT;
      });
    client_.once("bye", [](const std::string&, const nlohmann::json&) {});
    client_.off("nothing");
    client_.on_request("time", [](const std::string&, const nlohmann::json&) { return nlohmann::json(7); });
    client_.on_request("sum", [](const std::string&, const nlohmann::json& data) {
      return data["a"].get<int>() + data["b"].get<int>();
    });
    client_.off_request("time");
  }

  librats::RatsClient client_;
};

static int run() {
  ChatNode node{0};
  librats::RatsClient& client = node.client_;
  librats::NatTraversalConfig nat;
  nat.turn_servers.push_back("turn.example.com:3478");
  librats::RatsClient other(0, 5, nat, "127.0.0.1");

  client.set_console_logging_enabled(client.is_console_logging_enabled());
  client.set_logging_enabled(client.is_logging_enabled());
  client.set_log_file_path(client.get_log_file_path());
  client.set_log_level(librats::LogLevel::WARN);
  client.set_log_level("INFO");
  client.set_log_colors_enabled(client.is_log_colors_enabled());
  client.set_log_timestamps_enabled(client.is_log_timestamps_enabled());
  client.set_log_rotation_size(5 * 1024 * 1024);
  client.set_log_retention_count(3);
  std::cout << (int)client.get_log_level() << '\n';

  client.set_data_directory("every_call");
  if (!client.load_configuration())
    std::cout << "defaults from " << client.get_data_directory() << '\n';
  client.initialize_encryption();
  client.set_encryption_enabled(true);
  client.set_encryption_key(client.get_encryption_key());
  client.generate_new_encryption_key();
  const uint8_t key[32] = {1};
  client.set_noise_static_keypair(key);
  client.set_protocol_name("rats");
  client.set_protocol_version("1.0");
  std::cout << client.get_protocol_name() << client.get_protocol_version() << client.get_discovery_hash()
            << librats::RatsClient::get_rats_peer_discovery_hash() << '\n';

  client.set_gossip_signing(client.is_gossip_signing_enabled());
  client.set_gossip_signatures(librats::SignaturePolicy::CHECK);
  std::cout << (int)client.get_gossip_signatures() << '\n';

  if (!client.start() || !other.start())
    return 1;
  if (client.is_gossipsub_available() && client.is_gossipsub_running()) {
    client.subscribe_to_topic("news");
    client.publish_to_topic("news", "hello");
    client.publish_json_to_topic("news", {{"text", "hello"}});
    for (const auto& peer_id : client.get_topic_peers("news"))
      std::cout << peer_id << client.get_topic_mesh_peers("news").size() << '\n';
    for (const auto& topic : client.get_subscribed_topics())
      std::cout << topic << client.is_subscribed_to_topic(topic) << '\n';
    nlohmann::json statistics = client.get_gossipsub_statistics();
    std::cout << statistics["topics"].dump() << '\n';
    client.unsubscribe_from_topic("news");
    client.off_topic("news");
  }
  librats::GossipSub& topics = client.get_gossipsub();
  topics.stop();
  if (topics.start() && topics.is_running())
    topics.subscribe("sport");
  topics.set_message_handler("sport", [](const std::string&, const std::string&, const std::string&) {});
  topics.set_message_validator("sport", nullptr);
  topics.set_peer_joined_handler("sport", nullptr);
  topics.set_peer_left_handler("sport", nullptr);
  topics.publish("sport", "1:0");
  topics.publish("sport", nlohmann::json{{"home", 1}});
  for (const auto& [peer_id, score] : topics.get_peer_scores())
    topics.set_application_score(peer_id, score - topics.get_peer_score(peer_id));
  std::cout << topics.get_topic_peers("sport").size() << topics.get_mesh_peers("sport").size()
            << topics.get_subscribed_topics().size() << topics.is_subscribed("sport")
            << topics.get_statistics().dump() << topics.get_cache_statistics().dump() << '\n';
  topics.unsubscribe("sport");
  client.connect_to_peer("127.0.0.1", other.get_listen_port());
  client.connect_to_peer("127.0.0.1", other.get_listen_port(), librats::ConnectionStrategy::DIRECT_ONLY);
  client.load_and_reconnect_peers();
  client.load_historical_peers();
  for (const auto& peer : client.get_historical_peers())
    std::cout << peer.ip << ':' << peer.port << '\n';
  client.save_historical_peers();
  client.clear_historical_peers();
  librats::ReconnectConfig reconnect = client.get_reconnect_config();
  reconnect.retry_intervals_seconds = {1, 2};
  client.set_reconnect_config(reconnect);
  client.set_reconnect_enabled(client.is_reconnect_enabled());
  for (const librats::ReconnectInfo& lost : client.get_reconnect_queue())
    std::cout << lost.peer_id << lost.ip << lost.port << lost.attempt_count << lost.connection_duration.count()
              << lost.is_stable << (lost.next_attempt_time > std::chrono::steady_clock::time_point{}) << '\n';
  std::cout << client.get_reconnect_queue_size() << '\n';
  client.clear_reconnect_queue();
  client.set_dht_bootstrap({"127.0.0.1:6881"});
  client.start_dht_discovery(0);
  client.find_peers_by_hash("a film", [](const std::vector<std::string>& peers) {
    for (const auto& peer : peers)
      std::cout << peer << '\n';
  });
  client.announce_for_hash("a film");
  client.announce_for_hash("0123456789abcdef0123456789abcdef01234567", 8080);
  client.stop_automatic_peer_discovery();
  client.start_automatic_peer_discovery();
  std::cout << client.is_dht_running() << client.get_dht_port() << client.get_dht_routing_table_size()
            << client.is_automatic_discovery_running() << '\n';
  client.stop_dht_discovery();
  client.start_mdns_discovery();
  client.start_mdns_discovery("my-node", {{"app", "chat"}, {"version", "1.0"}});
  for (const librats::MdnsService& service : client.get_mdns_services())
    std::cout << service.service_name << service.host_name << service.ip_address << service.port
              << service.txt_records.size() << (service.last_seen > std::chrono::steady_clock::time_point{}) << '\n';
  client.query_mdns_services();
  std::cout << client.is_mdns_running() << '\n';
  client.stop_mdns_discovery();
  client.add_ignored_address("192.0.2.1");
  client.discover_and_ignore_public_ip("127.0.0.1", 0);
  if (auto address = client.discover_public_address("127.0.0.1", (uint16_t)other.get_listen_port(), 50))
    std::cout << address->address << ':' << address->port << (address->family == librats::StunAddressFamily::IPv4);
  if (auto address = client.get_public_address())
    std::cout << address->first << ':' << address->second << client.get_public_ip() << '\n';
  const std::string id = other.get_our_peer_id();
  librats::StorageConfig storage = client.get_storage_config();
  storage.persist_to_disk = false;
  client.set_storage_config(storage);
  client.on_storage_change([](const librats::StorageChangeEvent& event) {
    std::cout << (int)event.operation << event.key << (int)event.type << event.old_data.size() << event.new_data.size()
              << event.timestamp_ms << event.origin_peer_id << event.is_remote << '\n';
  });
  client.on_storage_sync_complete([](bool ok, const std::string& error) { std::cout << ok << error << '\n'; });
  if (client.is_storage_available()) {
    client.storage_put("name", "Alice");
    client.storage_put("text", std::string("Bob"));
    client.storage_put("age", 25);
    client.storage_put("size", (size_t)3);
    client.storage_put("big", (int64_t)1 << 40);
    client.storage_put("score", 0.5);
    client.storage_put("raw", std::vector<uint8_t>{0x89, 0x50});
    client.storage_put_json("settings", {{"theme", "dark"}, {"notifications", true}});
    std::cout << client.storage_get_string("name").value_or("none") << client.storage_get_int("age").value_or(0)
              << client.storage_get_double("score").value_or(0) << client.storage_get_binary("raw")->size()
              << client.storage_get_json("settings")->dump() << client.storage_has("age") << client.storage_size()
              << client.storage_keys().size() << client.storage_keys_with_prefix("s").size() << '\n';
    client.storage_delete("age");
    client.storage_request_sync();
    std::cout << client.is_storage_synced() << client.get_storage_statistics()["total_entries"] << '\n';
  }
  auto& store = client.get_storage_manager();
  store.put("a", "b");
  store.put("n", 1);
  store.put("d", 1.5);
  store.put("v", std::vector<uint8_t>{1});
  store.put_json("j", {1, 2});
  if (auto entry = store.get_entry("a"))
    std::cout << entry->key << entry->data.size() << entry->checksum << entry->wins_over(*entry) << '\n';
  std::cout << store.get_string("a").value_or("") << store.get_int("n").value_or(0) << store.get_double("d").value_or(0)
            << store.get_binary("v").has_value() << store.get_json("j").has_value()
            << (store.get_type("a") == librats::StorageValueType::STRING) << store.has("a") << store.keys().size()
            << store.keys_with_prefix("a").size() << store.size() << store.empty() << store.compact() << store.save()
            << store.load() << store.request_sync() << store.is_synced()
            << (store.get_sync_status() == librats::StorageSyncStatus::COMPLETED) << store.get_statistics_json()
            << '\n';
  store.remove("a");
  store.clear();
  client.on_file_transfer_request(
    [](const std::string&, const librats::FileMetadata& metadata, const std::string& transfer_id) {
      std::cout << metadata.filename << metadata.file_size << metadata.mime_type << transfer_id.substr(0, 8) << '\n';
      return metadata.file_size < 1000;
    });
  client.on_file_transfer_progress([](const librats::FileTransferProgress& progress) {
    std::cout << progress.transfer_id << progress.filename << progress.get_completion_percentage()
              << progress.transfer_rate_bps << progress.get_elapsed_time().count() << '\n';
  });
  client.on_file_transfer_completed([](const std::string& transfer_id, bool success, const std::string& error) {
    std::cout << transfer_id << success << error << '\n';
  });
  client.on_directory_transfer_progress([](const std::string&, const std::string& current, uint64_t done, uint64_t all,
                                          uint64_t bytes, uint64_t total) {
    std::cout << current << done << '/' << all << ' ' << bytes << '/' << total << '\n';
  });
  client.on_file_request([](const std::string&, const std::string& path, const std::string&) {
    return path.find("../") == std::string::npos;
  });
  client.on_directory_request(
    [](const std::string&, const std::string&, bool recursive, const std::string&) { return recursive; });
  librats::FileTransferConfig files = client.get_file_transfer_config();
  files.chunk_size = 256 * 1024;
  files.max_concurrent_chunks = 8;
  files.verify_checksums = true;
  files.allow_resume = true;
  client.set_file_transfer_config(files);
  std::cout << client.send_file(id, "no such file") << client.send_directory(id, "no such directory")
            << client.request_file(id, "a", "b") << client.request_directory(id, "a", "b")
            << client.accept_file_transfer("1", "b") << client.reject_file_transfer("1", "no")
            << client.pause_file_transfer("1") << client.resume_file_transfer("1") << client.cancel_file_transfer("1")
            << (client.get_file_transfer_progress("1") == nullptr) << client.get_active_file_transfers().size()
            << client.get_file_transfer_statistics()["total_bytes_transferred"] << client.is_file_transfer_available()
            << '\n';
  auto& transfers = client.get_file_transfer_manager();
  transfers.set_config(transfers.get_config());
  std::cout << transfers.get_transfer_history(10).size() << transfers.retry_transfer("1")
            << transfers.calculate_file_checksum("no such file") << transfers.get_file_metadata("no such file").filename
            << transfers.get_directory_metadata("no such directory").get_total_file_count()
            << transfers.validate_file_path("../up") << transfers.get_transfer_statistics() << '\n';
  transfers.clear_transfer_history();
  client.broadcast_to_peers("hi");
  client.broadcast_string_to_peers("hi");
  client.broadcast_binary_to_peers({1, 2});
  client.broadcast_json_to_peers({{"a", 1}});
  client.send("hello", {{"from", "me"}});
  client.send("hello", {{"from", "me"}}, [](bool ok, const std::string& error) { std::cout << ok << error << '\n'; });
  for (const auto& peer : client.get_validated_peers()) {
    std::shared_ptr<rats::NoiseCipherState> cipher = peer.send_cipher;
    librats::NoiseKey static_key = peer.remote_static_key;
    client.send(peer.peer_id, "hello", {{"from", "me"}}, nullptr);
    client.request(peer.peer_id, "time", nullptr, [](bool ok, const nlohmann::json& data, const std::string& error) {
      std::cout << ok << data << error << '\n';
    });
    client.request(peer.peer_id, "sum", {{"a", 1}, {"b", 2}}, nullptr, std::chrono::seconds(5));
    if (client.is_peer_congested(peer.peer_id))
      client.when_writable(peer.peer_id, [](const std::string&, bool connected) { std::cout << connected << '\n'; });
    client.send_to_peer_by_hash(peer.peer_id, "hi");
    client.send_string_to_peer_id(peer.peer_id, "hi");
    client.send_binary_to_peer_id(peer.peer_id, {1});
    client.send_json_to_peer_id(peer.peer_id, {{"a", 1}});
    if (const librats::RatsPeer* found = client.get_peer_by_id(peer.peer_id))
      std::cout << found->ip << ':' << found->port << ' ' << found->rtt_ms << " ms\n";
    client.find_peer(peer.peer_id);
    client.get_peer_noise_public_key(peer.peer_id);
    client.get_peer_handshake_hash(peer.peer_id);
    client.disconnect_peer_by_hash(peer.peer_id);
    client.disconnect_peer_by_id(peer.peer_id);
  }
  std::cout << client.get_peer_count() << '/' << client.get_max_peers() << client.is_peer_limit_reached()
            << client.get_all_peers().size() << client.is_running() << client.is_encryption_enabled()
            << client.get_noise_static_public_key().size() << client.get_bind_address() << '\n';
  client.save_configuration();
  client.clear_log_file();
  client.stop();
  other.shutdown_all_threads();
  return 0;
}

#ifdef EVERY_CALL_RUNS
int every_call() { return run(); }
#else
int main() { return run(); }
#endif
