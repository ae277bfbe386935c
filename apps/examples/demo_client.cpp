// SPDX-License-Identifier: MIT
// demo_client CHANNEL FILE [NAME=]PORT... - the program behind apps/demo.sh.
//
// Connects an embedded node to a `ratsd` on each port of this machine, sends FILE to all of them in pieces and compares
// what they send back. Then it prints `demo_client ready` and reads lines: `lost PEERID` waits until that peer is gone
// and runs another round with the others. Exit code 0: everything came back each time.
#include "actors/node.hpp"
#include "apps/examples/demo_exchange.hpp"
#include "apps/ratsd/status_text.hpp"
#include "runtime/caf/system_config.hpp"
#include "runtime/host/real_host.hpp"
#include "runtime/log/log_setup.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace librats;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t file_max = std::size_t{1} << 30;
constexpr auto round_deadline = 25s;
constexpr auto patience = 30s;

struct target {
  std::string name;
  std::uint16_t port = 0;
};

using name_map = std::map<peer_id, std::string>;

std::vector<peer_id> ids_of(const name_map& peers) {
  std::vector<peer_id> out;
  for (const auto& [id, name] : peers)
    out.push_back(id);
  return out;
}

bool show(const examples::round_result& round, const name_map& names) {
  std::vector<std::vector<std::string>> rows{{"who", "peer", "address", "way", "transport", "security", "handshake",
    "messages", "bytes", "round trip", "took", "result"}};
  bool fine = !round.peers.empty();
  for (const auto& x : round.peers) {
    const auto name = names.count(x.id) != 0 ? names.at(x.id) : std::string{};
    rows.push_back({name, x.id.short_string(), x.link.remote.to_string(), apps::direction(x.link.role),
      apps::transport_name(x.link.transport), apps::security_name(x.link.security), apps::short_span(x.link.handshake),
      std::to_string(x.messages), apps::short_size(x.bytes), apps::short_span(x.round_trip), apps::short_span(x.took),
      x.failure.empty() ? "same SHA-256" : "FAILED: " + x.failure});
    fine = fine && x.failure.empty();
  }
  std::cout << apps::columns(rows) << std::flush;
  return fine;
}

bool run_round(caf::scoped_actor& self, const caf::actor& exchange, const name_map& peers) {
  bool fine = false;
  self->request(exchange, patience, examples::run_round{ids_of(peers)})
    .receive([&](const examples::round_result& x) { fine = show(x, peers); },
      [](caf::error& why) { std::cerr << "demo_client: " << runtime::describe_error(why) << '\n'; });
  return fine;
}

name_map connect(caf::scoped_actor& self, const caf::actor& node, const std::vector<target>& targets) {
  name_map out;
  for (const auto& [name, port] : targets)
    self->request(node, patience, actors::connect_to{"127.0.0.1", port})
      .receive([&, name = name](const actors::connected_to& x) { out[x.id] = name; },
        [&, port = port](caf::error& why) {
          std::cerr << "demo_client: port " << port << ": " << runtime::describe_error(why) << '\n';
        });
  return out;
}

/// Obeys lines until there are no more.
bool obey(caf::scoped_actor& self, const caf::actor& exchange, name_map peers) {
  bool fine = true;
  std::cout << "demo_client ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words{line};
    std::string what;
    std::string whom;
    words >> what >> whom;
    const auto id = peer_id::parse(whom);
    if (what != "lost" || !id) {
      std::cerr << "demo_client: not understood: " << line << '\n';
      fine = false;
      continue;
    }
    self->request(exchange, patience, examples::await_loss{*id})
      .receive(
        [&](const examples::peer_lost& x) { std::cout << id->short_string() << " is gone: " << x.reason << std::endl; },
        [&](caf::error& why) {
          std::cerr << "demo_client: still connected to it: " << runtime::describe_error(why) << '\n';
          fine = false;
        });
    peers.erase(*id);
    fine = run_round(self, exchange, peers) && fine;
    std::cout << "demo_client ready" << std::endl;
  }
  return fine;
}

bool run(const std::string& channel, const std::string& path, bytes data, const std::vector<target>& targets) {
  runtime::system_config config;
  caf::actor_system system{config};
  runtime::real_host host{system};
  auto session = std::make_shared<protocols::session_config>();
  session->static_key = protocols::key_pair::generate(host.random().key());
  actors::node_options options;
  options.session = std::move(session);
  options.listener = *actors::parse_bind_address("127.0.0.1", 0);
  caf::scoped_actor self{system};
  const auto node = actors::spawn_node(host, options);
  const auto exchange = runtime::spawn_pooled<examples::demo_exchange>(system, node,
    examples::demo_exchange::options{channel, path, byte_slice{std::move(data)}, round_deadline});
  const auto peers = connect(self, node, targets);
  bool fine = peers.size() == targets.size();
  fine = run_round(self, exchange, peers) && fine;
  fine = obey(self, exchange, peers) && fine;
  for (const auto& one : {exchange, node}) {
    self->send_exit(one, caf::exit_reason::user_shutdown);
    self->wait_for(one);
  }
  return fine;
}

} // namespace

int main(int argc, char** argv) {
  std::vector<target> targets;
  for (int i = 3; i < argc; ++i) {
    const std::string text = argv[i];
    const auto equals = text.find('=');
    const auto port = std::strtoul(text.c_str() + (equals == std::string::npos ? 0 : equals + 1), nullptr, 10);
    targets.push_back({equals == std::string::npos ? "" : text.substr(0, equals), static_cast<std::uint16_t>(port)});
  }
  if (targets.empty()) {
    std::cerr << "usage: demo_client CHANNEL FILE [NAME=]PORT...\n";
    return 2;
  }
  auto data = runtime::system_disk().read_file(argv[2], file_max);
  if (!data) {
    std::cerr << "demo_client: cannot read " << argv[2] << ": " << data.error().message() << '\n';
    return 1;
  }
  runtime::set_log_level(runtime::log_level::warn);
  return run(argv[1], argv[2], std::move(*data), targets) ? 0 : 1;
}
