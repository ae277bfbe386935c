// SPDX-License-Identifier: MIT
#include "runtime/config/node_config.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

node_settings settings_of(const std::string& text, const std::vector<std::string>& arguments = {}) {
  const auto loaded = load_config_text(node_schema(), text, "node.ini", arguments);
  BOOST_REQUIRE_MESSAGE(loaded.ok(), to_string(loaded.errors));
  return to_node_settings(loaded.values);
}

BOOST_AUTO_TEST_SUITE(node_config_suite)

BOOST_AUTO_TEST_CASE(without_any_input_the_settings_are_the_defaults_of_the_struct) {
  const auto x = settings_of("");
  const node_settings d;
  BOOST_TEST(x.node.data_dir == "");
  BOOST_TEST(x.node.protocol == "librats/1.0");
  BOOST_TEST((x.node.security == security_mode::noise));
  BOOST_TEST(!x.node.allow_plaintext_remote);
  BOOST_TEST(x.node.listen);
  BOOST_TEST(x.node.listen_port == 0);
  BOOST_TEST(x.node.bind_address == "");
  BOOST_TEST(x.node.port_attempts == 5);
  BOOST_TEST(x.node.max_peers == 0u);
  BOOST_TEST(x.node.connect.empty());
  BOOST_TEST(x.runtime.io_threads == 1);
  BOOST_TEST(x.runtime.worker_threads == 1);
  BOOST_TEST((x.limits.establish_timeout == 15s));
  BOOST_TEST(x.limits.send_queue_max == 8u * 1024 * 1024);
  BOOST_TEST(x.limits.half_open_max == 512u);
  BOOST_TEST(x.limits.half_open_per_address_max == 64u);
  BOOST_TEST((x.limits.dial_timeout == 15s));
  BOOST_TEST(x.liveness.enabled);
  BOOST_TEST((x.liveness.ping_interval == 10s));
  BOOST_TEST((x.liveness.silence_max == 45s));
  BOOST_TEST(x.reconnect.enabled);
  BOOST_TEST((x.reconnect.initial_delay == 1s));
  BOOST_TEST((x.reconnect.max_delay == 60s));
  BOOST_TEST(x.reconnect.max_attempts == 0u);
  BOOST_TEST((x.reconnect.stable_after == 60s));
  BOOST_TEST(x.reconnect.book == "peers.json");
  BOOST_TEST(x.pex.enabled);
  BOOST_TEST(x.pex.target_peers == 32u);
  BOOST_TEST(x.discovery.key == "");
  BOOST_TEST(x.discovery.target_peers == 32u);
  BOOST_TEST(!x.dht.enabled);
  BOOST_TEST(x.dht.port == 6881);
  BOOST_TEST(x.dht.ipv4);
  BOOST_TEST(x.dht.ipv6);
  BOOST_TEST(x.dht.public_bootstrap);
  BOOST_TEST(x.dht.bootstrap.empty());
  BOOST_TEST(x.dht.stun_servers.empty());
  BOOST_TEST(!x.dht.read_only);
  BOOST_TEST(x.dht.restrict_addresses);
  BOOST_TEST(!x.mdns.enabled);
  BOOST_TEST(x.mdns.instance == "");
  BOOST_TEST(x.mdns.txt.empty());
  BOOST_TEST(x.gossip.enabled);
  BOOST_TEST(x.gossip.topics.empty());
  BOOST_TEST(!x.gossip.sign);
  BOOST_TEST((x.gossip.signatures == signature_rule::ignore));
  BOOST_TEST(x.gossip.d == 6u);
  BOOST_TEST(x.gossip.d_low == 4u);
  BOOST_TEST(x.gossip.d_high == 12u);
  BOOST_TEST(x.gossip.d_out == 2u);
  BOOST_TEST(x.gossip.d_lazy == 6u);
  BOOST_TEST(x.gossip.fanout == 6u);
  BOOST_TEST(x.gossip.publish_extra == 4u);
  BOOST_TEST((x.gossip.fanout_life == 60s));
  BOOST_TEST((x.gossip.heartbeat == 1s));
  BOOST_TEST((x.gossip.heartbeat_idle == 15s));
  BOOST_TEST(x.gossip.history == 5u);
  BOOST_TEST(x.gossip.history_gossip == 3u);
  BOOST_TEST(x.gossip.cache_size == 64u * 1024 * 1024);
  BOOST_TEST((x.gossip.seen_life == 2min));
  BOOST_TEST((x.gossip.prune_backoff == 60s));
  BOOST_TEST(x.gossip.gossip_threshold == -20);
  BOOST_TEST(x.gossip.publish_threshold == -40);
  BOOST_TEST(x.gossip.graylist_threshold == -80);
  BOOST_TEST(x.gossip.px);
  BOOST_TEST(x.gossip.px_score == 5);
  BOOST_TEST(!x.messages.log_typed);
  BOOST_TEST(!x.messages.log_topics);
  BOOST_TEST(x.messages.echo_channel == "");
  BOOST_TEST((x.log.level == log_level::info));
  BOOST_TEST(x.log.console);
  BOOST_TEST(!x.log.file);
  BOOST_TEST(x.log.file_path == d.log.file_path);
  BOOST_TEST(x.log.colors);
  BOOST_TEST(x.log.timestamps);
  BOOST_TEST(x.log.rotation_size_bytes == 10u * 1024 * 1024);
  BOOST_TEST(x.log.retention_count == 5);
}

BOOST_AUTO_TEST_CASE(every_key_reaches_its_member) {
  const auto x = settings_of(R"([node]
data_dir = /var/lib/rats
protocol = chat/2
security = plaintext
allow_plaintext_remote = true
listen = false
listen_port = 7001
bind_address = 127.0.0.1
port_attempts = 6
max_peers = 7
connect = peer.example.com:7002
connect = [::1]:7003
[runtime]
io_threads = 8
worker_threads = 9
[limits]
establish_timeout = 10 s
send_queue_max = 11 MiB
half_open_max = 12
half_open_per_address_max = 13
dial_timeout = 14 s
[transport]
udp = false
prefer = tcp
fallback_delay = 15 ms
[liveness]
enabled = false
ping_interval = 16 s
silence_max = 17 min
[reconnect]
enabled = false
initial_delay = 20 s
max_delay = 21 s
max_attempts = 22
stable_after = 23 s
book = friends.json
[pex]
enabled = false
target_peers = 24
[discovery]
key = meeting place
target_peers = 25
[dht]
enabled = true
port = 26
ipv4 = false
ipv6 = true
public_bootstrap = false
bootstrap = dht.example.com:27
bootstrap = [::1]:28
stun_server = stun.example.com:29
read_only = true
restrict_addresses = false
[mdns]
enabled = true
instance = my-node
txt = app=chat
txt = flag
[gossip]
enabled = false
topics = news
topics = sport, weather
sign = yes
signatures = require
d = 7
d_low = 5
d_high = 13
d_out = 3
d_lazy = 8
fanout = 9
publish_extra = 10
fanout_life = 30 s
heartbeat = 700 ms
heartbeat_idle = 31 s
history = 32
history_gossip = 33
cache_size = 34 MiB
seen_life = 35 s
prune_backoff = 36 s
gossip_threshold = -37
publish_threshold = -38
graylist_threshold = -39
px = false
px_score = 40
[messages]
log_typed = true
log_topics = true
echo_channel = echo
[log]
level = debug
console = false
file = /var/log/rats.log
colors = false
timestamps = false
rotation_size = 18 MiB
retention = 19
)");
  BOOST_TEST(x.node.data_dir == "/var/lib/rats");
  BOOST_TEST(x.node.protocol == "chat/2");
  BOOST_TEST((x.node.security == security_mode::plaintext));
  BOOST_TEST(x.node.allow_plaintext_remote);
  BOOST_TEST(!x.node.listen);
  BOOST_TEST(x.node.listen_port == 7001);
  BOOST_TEST(x.node.bind_address == "127.0.0.1");
  BOOST_TEST(x.node.port_attempts == 6);
  BOOST_TEST(x.node.max_peers == 7u);
  BOOST_REQUIRE(x.node.connect.size() == 2u);
  BOOST_TEST((x.node.connect[0] == host_port{"peer.example.com", 7002}));
  BOOST_TEST((x.node.connect[1] == host_port{"::1", 7003}));
  BOOST_TEST(x.runtime.io_threads == 8);
  BOOST_TEST(x.runtime.worker_threads == 9);
  BOOST_TEST((x.limits.establish_timeout == 10s));
  BOOST_TEST(x.limits.send_queue_max == 11u * 1024 * 1024);
  BOOST_TEST(x.limits.half_open_max == 12u);
  BOOST_TEST(x.limits.half_open_per_address_max == 13u);
  BOOST_TEST((x.limits.dial_timeout == 14s));
  BOOST_TEST(!x.transport.udp);
  BOOST_TEST(!x.transport.prefer_udp);
  BOOST_TEST((x.transport.fallback_delay == 15ms));
  BOOST_TEST(!x.liveness.enabled);
  BOOST_TEST((x.liveness.ping_interval == 16s));
  BOOST_TEST((x.liveness.silence_max == 17min));
  BOOST_TEST(!x.reconnect.enabled);
  BOOST_TEST((x.reconnect.initial_delay == 20s));
  BOOST_TEST((x.reconnect.max_delay == 21s));
  BOOST_TEST(x.reconnect.max_attempts == 22u);
  BOOST_TEST((x.reconnect.stable_after == 23s));
  BOOST_TEST(x.reconnect.book == "friends.json");
  BOOST_TEST(!x.pex.enabled);
  BOOST_TEST(x.pex.target_peers == 24u);
  BOOST_TEST(x.discovery.key == "meeting place");
  BOOST_TEST(x.discovery.target_peers == 25u);
  BOOST_TEST(x.dht.enabled);
  BOOST_TEST(x.dht.port == 26);
  BOOST_TEST(!x.dht.ipv4);
  BOOST_TEST(x.dht.ipv6);
  BOOST_TEST(!x.dht.public_bootstrap);
  BOOST_REQUIRE(x.dht.bootstrap.size() == 2u);
  BOOST_TEST((x.dht.bootstrap[0] == host_port{"dht.example.com", 27}));
  BOOST_TEST((x.dht.bootstrap[1] == host_port{"::1", 28}));
  BOOST_REQUIRE(x.dht.stun_servers.size() == 1u);
  BOOST_TEST((x.dht.stun_servers[0] == host_port{"stun.example.com", 29}));
  BOOST_TEST(x.dht.read_only);
  BOOST_TEST(!x.dht.restrict_addresses);
  BOOST_TEST(x.mdns.enabled);
  BOOST_TEST(x.mdns.instance == "my-node");
  BOOST_TEST(x.mdns.txt == (std::vector<std::string>{"app=chat", "flag"}), boost::test_tools::per_element());
  BOOST_TEST(!x.gossip.enabled);
  BOOST_TEST(x.gossip.topics == (std::vector<std::string>{"news", "sport, weather"}), boost::test_tools::per_element());
  BOOST_TEST(x.gossip.sign);
  BOOST_TEST((x.gossip.signatures == signature_rule::require));
  BOOST_TEST(x.gossip.d == 7u);
  BOOST_TEST(x.gossip.d_low == 5u);
  BOOST_TEST(x.gossip.d_high == 13u);
  BOOST_TEST(x.gossip.d_out == 3u);
  BOOST_TEST(x.gossip.d_lazy == 8u);
  BOOST_TEST(x.gossip.fanout == 9u);
  BOOST_TEST(x.gossip.publish_extra == 10u);
  BOOST_TEST((x.gossip.fanout_life == 30s));
  BOOST_TEST((x.gossip.heartbeat == 700ms));
  BOOST_TEST((x.gossip.heartbeat_idle == 31s));
  BOOST_TEST(x.gossip.history == 32u);
  BOOST_TEST(x.gossip.history_gossip == 33u);
  BOOST_TEST(x.gossip.cache_size == 34u * 1024 * 1024);
  BOOST_TEST((x.gossip.seen_life == 35s));
  BOOST_TEST((x.gossip.prune_backoff == 36s));
  BOOST_TEST(x.gossip.gossip_threshold == -37);
  BOOST_TEST(x.gossip.publish_threshold == -38);
  BOOST_TEST(x.gossip.graylist_threshold == -39);
  BOOST_TEST(!x.gossip.px);
  BOOST_TEST(x.gossip.px_score == 40);
  BOOST_TEST(x.messages.log_typed);
  BOOST_TEST(x.messages.log_topics);
  BOOST_TEST(x.messages.echo_channel == "echo");
  BOOST_TEST((x.log.level == log_level::debug));
  BOOST_TEST(!x.log.console);
  BOOST_TEST(x.log.file);
  BOOST_TEST(x.log.file_path == "/var/log/rats.log");
  BOOST_TEST(!x.log.colors);
  BOOST_TEST(!x.log.timestamps);
  BOOST_TEST(x.log.rotation_size_bytes == 18u * 1024 * 1024);
  BOOST_TEST(x.log.retention_count == 19);
}

BOOST_AUTO_TEST_CASE(ranges_end_where_they_are_said_to) {
  const auto is_accepted = [](const char* argument) { return load_config(node_schema(), {argument}).ok(); };
  for (const auto* good : {"--node.listen_port=65535", "--node.port_attempts=1", "--node.port_attempts=100",
         "--runtime.io_threads=64", "--runtime.worker_threads=256", "--limits.establish_timeout=1s",
         "--limits.establish_timeout=5min", "--limits.send_queue_max=64KiB", "--limits.send_queue_max=1GiB",
         "--log.rotation_size=4KiB", "--log.retention=0", "--log.level=off", "--dht.port=0", "--dht.port=65535",
         "--dht.bootstrap=[::1]:1", "--discovery.target_peers=0", "--mdns.instance=",
         "--gossip.signatures=check", "--gossip.d_high=32", "--gossip.d_out=1", "--gossip.heartbeat=100ms"})
    BOOST_TEST(is_accepted(good), good);
  for (const auto* bad : {"--node.listen_port=65536", "--node.port_attempts=0", "--node.port_attempts=101",
         "--node.protocol=", "--node.security=none", "--runtime.io_threads=0", "--runtime.io_threads=65",
         "--runtime.worker_threads=0", "--runtime.worker_threads=257", "--limits.establish_timeout=999ms",
         "--limits.establish_timeout=301s", "--limits.send_queue_max=65535", "--limits.send_queue_max=1025MiB",
         "--limits.half_open_max=0", "--log.rotation_size=4095", "--log.retention=1001", "--log.level=loud",
         "--dht.port=65536", "--dht.bootstrap=host", "--dht.stun_server=host:0", "--discovery.target_peers=1000001",
         "--gossip.signatures=maybe", "--gossip.d_high=33", "--gossip.d_out=0", "--gossip.heartbeat=99ms",
         "--gossip.gossip_threshold=1", "--gossip.prune_backoff=11min"})
    BOOST_TEST(!is_accepted(bad), bad);
}

BOOST_AUTO_TEST_CASE(silence_must_outlast_a_ping) {
  const auto errors = [](const std::string& text, const std::vector<std::string>& arguments = {}) {
    return to_string(load_config_text(node_schema(), text, "node.ini", arguments).errors);
  };
  const std::string why = "silence_max must be longer than ping_interval, or every quiet peer is dropped\n";
  BOOST_TEST(errors("[liveness]\nping_interval = 45 s\n") == "node.ini:2: liveness.ping_interval: " + why);
  BOOST_TEST(errors("[liveness]\nsilence_max = 9 s\n") == "node.ini:2: liveness.silence_max: " + why);
  BOOST_TEST(errors("", {"--liveness.silence_max=9s"}) == "command line: liveness.silence_max: " + why);
  BOOST_TEST(errors("[liveness]\nenabled = no\nsilence_max = 9 s\n") == "");
  BOOST_TEST(errors("[liveness]\nping_interval = 44 s\n") == "");
}

BOOST_AUTO_TEST_CASE(the_longest_wait_is_not_shorter_than_the_first) {
  const auto errors = [](const std::string& text, const std::vector<std::string>& arguments = {}) {
    return to_string(load_config_text(node_schema(), text, "node.ini", arguments).errors);
  };
  const std::string why = "max_delay must not be shorter than initial_delay\n";
  BOOST_TEST(errors("[reconnect]\nmax_delay = 900 ms\n") == "node.ini:2: reconnect.max_delay: " + why);
  BOOST_TEST(errors("[reconnect]\ninitial_delay = 2 min\n") == "node.ini:2: reconnect.initial_delay: " + why);
  BOOST_TEST(errors("[reconnect]\ninitial_delay = 2 min\nmax_delay = 2 min\n") == "");
}

BOOST_AUTO_TEST_CASE(the_dht_needs_a_family) {
  const auto errors = [](const std::string& text, const std::vector<std::string>& arguments = {}) {
    return to_string(load_config_text(node_schema(), text, "node.ini", arguments).errors);
  };
  const std::string why = "the DHT needs ipv4 or ipv6, or set enabled to no\n";
  BOOST_TEST(errors("[dht]\nenabled = yes\nipv4 = no\nipv6 = no\n") == "node.ini:4: dht.ipv6: " + why);
  BOOST_TEST(errors("[dht]\nenabled = yes\nipv6 = no\n", {"--dht.ipv4=no"}) == "node.ini:3: dht.ipv6: " + why);
  BOOST_TEST(errors("[dht]\nipv4 = no\nipv6 = no\n") == "");  // It is off.
  BOOST_TEST(!settings_of("[dht]\nipv6 = no\n").dht.ipv6);
  BOOST_TEST(errors("[dht]\nenabled = yes\nipv4 = no\n") == "");
  BOOST_TEST(errors("[dht]\nenabled = yes\nipv6 = no\n") == "");
}

BOOST_AUTO_TEST_CASE(texts_to_advertise_are_keys_with_values) {
  const auto errors = [](const std::string& text, const std::vector<std::string>& arguments = {}) {
    return to_string(load_config_text(node_schema(), text, "node.ini", arguments).errors);
  };
  const std::string why = "expected key=value, with a key of printable ASCII\n";
  BOOST_TEST(errors("[mdns]\ntxt = app=chat\ntxt = flag\ntxt = empty=\ntxt = sum=1+1=2\n") == "");
  BOOST_TEST(errors("[mdns]\ntxt = =chat\n") == "node.ini:2: mdns.txt: " + why);
  BOOST_TEST(errors("[mdns]\ntxt = gr\xc3\xbcn=1\n") == "node.ini:2: mdns.txt: " + why);
  BOOST_TEST(errors("[mdns]\ntxt = app=gr\xc3\xbcn\n") == "");
  BOOST_TEST(errors("", {"--mdns.txt", "=chat"}) == "command line: mdns.txt: " + why);
}

BOOST_AUTO_TEST_CASE(the_degrees_of_a_mesh_are_in_order) {
  const auto errors = [](const std::string& text, const std::vector<std::string>& arguments = {}) {
    return to_string(load_config_text(node_schema(), text, "node.ini", arguments).errors);
  };
  BOOST_TEST(errors("[gossip]\nd_out = 4\n") == "node.ini:2: gossip.d_out: d_out must be below d_low\n");
  BOOST_TEST(errors("[gossip]\nd_low = 2\n") == "node.ini:2: gossip.d_low: d_out must be below d_low\n");
  BOOST_TEST(errors("[gossip]\nd_low = 7\n") == "node.ini:2: gossip.d_low: d_low must not be above d\n");
  BOOST_TEST(errors("[gossip]\nd = 13\n") == "node.ini:2: gossip.d: d must not be above d_high\n");
  BOOST_TEST(errors("", {"--gossip.d_high=5"}) == "command line: gossip.d_high: d must not be above d_high\n");
  BOOST_TEST(errors("[gossip]\nd = 3\nd_high = 2\n")
             == "node.ini:2: gossip.d: d_low must not be above d\n"
                "node.ini:3: gossip.d_high: d must not be above d_high\n");
  BOOST_TEST(errors("[gossip]\nd_out = 31\nd_low = 32\nd = 32\nd_high = 32\n") == "");
  BOOST_TEST(errors("[gossip]\nd_out = 1\nd_low = 2\nd = 2\nd_high = 2\n") == "");
  BOOST_TEST(errors("[gossip]\nenabled = no\nd = 13\n") == "");
}

BOOST_AUTO_TEST_CASE(limits_and_folders_of_files_fit_together) {
  const auto error = [](const std::string& lines) {
    return to_string(load_config_text(node_schema(), "[files]\n" + lines, "node.ini", {}).errors);
  };
  BOOST_TEST(error("window = 524288\nchunk_size = 1048576\n")
             == "node.ini:2: files.window: chunk_size must not be above window\n");
  BOOST_TEST(error("max_transfers = 15\n")
             == "node.ini:2: files.max_transfers: max_per_peer must not be above max_transfers\n");
  BOOST_TEST(error("inbox = in\ntemp_dir = in\n").find("temp_dir must not be the inbox") != std::string::npos);
  BOOST_TEST(error("enabled = no\ninbox = in\ntemp_dir = in\n") == "");
  BOOST_TEST(error("window = 524288\nchunk_size = 524288\nmax_transfers = 16\ninbox = in\ntemp_dir = out\n") == "");
  const auto known = load_config_text(node_schema(), "[files]\ncompress = no\nverify = no\n", "node.ini", {});
  BOOST_TEST(known.errors.empty());
  BOOST_TEST(!to_node_settings(known.values).files.compress);
  BOOST_TEST(!to_node_settings(known.values).files.verify);
}

BOOST_AUTO_TEST_CASE(what_gossip_remembers_and_forgives_is_in_order) {
  const auto error = [](const std::string& line) {
    return to_string(load_config_text(node_schema(), "[gossip]\n" + line + "\n", "node.ini", {}).errors);
  };
  const auto blamed = [](const std::string& key, const std::string& sentence) {
    return "node.ini:2: gossip." + key + ": " + sentence + "\n";
  };
  BOOST_TEST(error("history = 2") == blamed("history", "history_gossip must not be above history"));
  BOOST_TEST(error("heartbeat = 16 s") == blamed("heartbeat", "heartbeat must not be above heartbeat_idle"));
  BOOST_TEST(error("publish_threshold = -10")
             == blamed("publish_threshold", "publish_threshold must not be above gossip_threshold"));
  BOOST_TEST(error("graylist_threshold = -39")
             == blamed("graylist_threshold", "graylist_threshold must not be above publish_threshold"));
  BOOST_TEST(error("gossip_threshold = 0") == "");
  BOOST_TEST(error("history = 3") == "");
}

BOOST_AUTO_TEST_CASE(help_fits_its_columns) {
  std::istringstream lines{help_text(node_schema())};
  for (std::string line; std::getline(lines, line);)
    BOOST_TEST(line.size() <= config_help_columns, line);
}

BOOST_AUTO_TEST_CASE(the_sample_file_is_what_the_declaration_generates) {
  const auto path = std::string{RATS_SOURCE_DIR} + "/config/node.ini";
  std::ifstream in{path, std::ios::binary};
  const std::string found{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
  const auto expected = sample_config(node_schema());
  if (found != expected)
    std::ofstream{"node.ini", std::ios::binary} << expected; // In the working folder of the test.
  BOOST_TEST((found == expected), path << " is out of date; the test has left a new one as node.ini where it ran");
}

BOOST_AUTO_TEST_CASE(the_sample_file_loads) {
  const auto loaded = load_config(node_schema(), {"--config", std::string{RATS_SOURCE_DIR} + "/config/node.ini"});
  BOOST_TEST(to_string(loaded.errors) == "");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::runtime
