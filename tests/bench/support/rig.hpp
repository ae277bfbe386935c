// SPDX-License-Identifier: MIT
#pragma once

#include "actors/node.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/caf/system_config.hpp"
#include "runtime/host/real_host.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <cstdint>
#include <cstdio>
#include <future>
#include <memory>

namespace librats::bench {

/// A node with a loop of its own.
struct bench_node {
  bench_node(caf::actor_system& system, bool listen, transport over);
  bench_node(caf::actor_system& system, actors::node_options options);
  ~bench_node();

  /// Blocks until it listens; the port, or 0.
  std::uint16_t port();
  /// Blocks until connected; false when that failed.
  bool connect(std::uint16_t to);

  runtime::real_host host;
  caf::actor_system& system;
  peer_id id;
  caf::actor node;
};

/// Two connected nodes in one process, each with its own loop, and the link of the first to the second.
struct bench_pair {
  bench_pair(caf::actor_system& system, transport over);

  bench_node server;
  bench_node client;
  caf::actor client_link;  ///< The client's link to the server.
};

/// Asks and blocks until the answer is there; prints why when it is an error, and returns an empty one.
template <class Reply, class Message>
Reply ask(caf::actor_system& system, const caf::actor& whom, Message what) {
  caf::scoped_actor self{system};
  Reply out{};
  self->request(whom, std::chrono::minutes{5}, std::move(what))
    .receive([&](const Reply& x) { out = x; },
      [](caf::error& why) { std::fprintf(stderr, "a request failed: %s\n", runtime::describe_error(why).c_str()); });
  return out;
}

/// Tells an actor to end and blocks until it has.
void stop_actor(const caf::actor& who, caf::actor_system& system);

/// Options of a node with a fresh key that keeps nothing on disk and dials over `over` alone.
actors::node_options bench_options(bool listen, transport over);

} // namespace librats::bench
