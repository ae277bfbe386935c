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
  BOOST_TEST(!x.messages.log_typed);
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
[messages]
log_typed = true
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
  BOOST_TEST(x.messages.log_typed);
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
         "--log.rotation_size=4KiB", "--log.retention=0", "--log.level=off"})
    BOOST_TEST(is_accepted(good), good);
  for (const auto* bad : {"--node.listen_port=65536", "--node.port_attempts=0", "--node.port_attempts=101",
         "--node.protocol=", "--node.security=none", "--runtime.io_threads=0", "--runtime.io_threads=65",
         "--runtime.worker_threads=0", "--runtime.worker_threads=257", "--limits.establish_timeout=999ms",
         "--limits.establish_timeout=301s", "--limits.send_queue_max=65535", "--limits.send_queue_max=1025MiB",
         "--limits.half_open_max=0", "--log.rotation_size=4095", "--log.retention=1001", "--log.level=loud"})
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
