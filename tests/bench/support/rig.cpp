// SPDX-License-Identifier: MIT
#include "tests/bench/support/rig.hpp"

#include "protocols/crypto/identity.hpp"

#include <caf/exit_reason.hpp>

#include <cstdio>
#include <utility>

namespace librats::bench {

namespace {

constexpr auto patience = std::chrono::seconds{30};

} // namespace

actors::node_options bench_options(bool listen, transport over) {
  auto session = std::make_shared<protocols::session_config>();
  session->static_key = protocols::key_pair::generate(runtime::system_random().key());
  actors::node_options out;
  out.session = std::move(session);
  out.listen = listen;
  out.listener = *actors::parse_bind_address("127.0.0.1", 0);
  out.transports.udp = over == transport::udp;
  out.transports.preferred = over;
  out.transports.fallback_delay = {};
  return out;
}

bench_node::bench_node(caf::actor_system& sys, bool listen, transport over)
  : bench_node(sys, bench_options(listen, over)) {}

bench_node::bench_node(caf::actor_system& sys, actors::node_options options)
  : host(sys),
    system(sys),
    id(options.session->static_key.id()),
    node(actors::spawn_node(host, std::move(options))) {}

bench_node::~bench_node() { stop_actor(node, system); }

void stop_actor(const caf::actor& who, caf::actor_system& system) {
  caf::scoped_actor self{system};
  caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
  self->wait_for(who);
}

std::uint16_t bench_node::port() {
  caf::scoped_actor self{system};
  std::uint16_t out = 0;
  self->request(node, patience, actors::await_listening{})
    .receive([&](const actors::listening_on& x) { out = x.local.port; },
      [](caf::error& why) { std::fprintf(stderr, "%s\n", runtime::describe_error(why).c_str()); });
  return out;
}

bool bench_node::connect(std::uint16_t to) {
  caf::scoped_actor self{system};
  bool out = false;
  self->request(node, patience, actors::connect_to{"127.0.0.1", to})
    .receive([&](const actors::connected_to&) { out = true; },
      [](caf::error& why) { std::fprintf(stderr, "%s\n", runtime::describe_error(why).c_str()); });
  return out;
}

bench_pair::bench_pair(caf::actor_system& system, transport over)
  : server(system, true, over), client(system, false, over) {
  if (!client.connect(server.port()))
    return;
  caf::scoped_actor self{system};
  self->request(client.node, patience, actors::get_peers{})
    .receive(
      [&](const actors::peer_list& x) { client_link = x.peers.front().link.link; },
      [](caf::error&) {});
}

} // namespace librats::bench
