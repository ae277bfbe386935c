// SPDX-License-Identifier: MIT
#include "tests/bench/storage/stores.hpp"

#include "protocols/core/small_random.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/bench/support/rig.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <cstdio>
#include <future>
#include <memory>

#include <unistd.h>

namespace librats::bench {

namespace {

constexpr auto patience = std::chrono::minutes{5};

/// Requests without end, `window` of them at once.
struct flood {
  caf::actor node;
  std::size_t next = 0;
  std::size_t end = 0;
  std::size_t open = 0;
  bytes value; ///< Empty: gets instead of puts.
  std::promise<void> done;
};
using flood_ptr = std::shared_ptr<flood>;

void go_on(caf::event_based_actor* self, const flood_ptr& x) {
  if (x->next == x->end) {
    if (x->open == 0) {
      x->done.set_value();
      self->quit();
    }
    return;
  }
  ++x->open;
  const auto key = bench_key(x->next++);
  const auto answered = [self, x] {
    --x->open;
    go_on(self, x);
  };
  const auto failed = [answered](const caf::error& why) {
    std::fprintf(stderr, "a request failed: %s\n", runtime::describe_error(why).c_str());
    answered();
  };
  if (x->value.empty())
    self->request(x->node, patience, actors::get_value{key})
      .then([answered](const actors::value_got&) { answered(); }, failed);
  else
    self->request(x->node, patience, actors::put_value{key, protocols::storage_binary(x->value)})
      .then([answered](const actors::value_put&) { answered(); }, failed);
}

double run(caf::actor_system& system, flood_ptr x, std::size_t window) {
  auto done = x->done.get_future();
  const auto start = seconds();
  system.spawn([x, window](caf::event_based_actor* self) -> caf::behavior {
    for (std::size_t i = 0; i < window; ++i)
      go_on(self, x);
    return {[](int) {}};
  });
  done.wait();
  return seconds() - start;
}

} // namespace

std::string bench_key(std::size_t i) {
  char out[32];
  std::snprintf(
    out, sizeof(out), "bench/key/%014llx", static_cast<unsigned long long>((i * 0x9e3779b97f4a7c15ull) >> 8));
  return out;
}

store_node::store_node(
  caf::actor_system& system, const std::string& folder, runtime::database_durability durability, bool listen)
  : system_(system), host_(system) {
  auto options = bench_options(listen, transport::tcp);
  options.storage.enabled = true;
  options.storage.directory = folder;
  options.storage.durability = durability;
  id_ = options.session->static_key.id();
  node_ = actors::spawn_node(host_, std::move(options));
  ask<actors::storage_ready>(system_, node_, actors::await_storage_ready{});
}

store_node::~store_node() {
  stop_actor(node_, system_);
}

std::uint16_t store_node::port() {
  return ask<actors::listening_on>(system_, node_, actors::await_listening{}).local.port;
}

void store_node::connect(std::uint16_t to) {
  ask<actors::connected_to>(system_, node_, actors::connect_to{"127.0.0.1", to});
}

void store_node::disconnect(store_node& peer) {
  caf::anon_send(node_, actors::disconnect_peer{peer.id_});
  while (status().peers + peer.status().peers > 0)
    ::usleep(1000);
}

double store_node::put(std::size_t first, std::size_t count, std::size_t size, std::size_t window) {
  auto x = std::make_shared<flood>();
  x->node = node_;
  x->next = first;
  x->end = first + count;
  x->value.assign(size, 'v');
  return run(system_, std::move(x), window);
}

double store_node::get(std::size_t count, std::size_t window) {
  auto x = std::make_shared<flood>();
  x->node = node_;
  x->end = count;
  return run(system_, std::move(x), window);
}

actors::storage_status store_node::status() {
  return ask<actors::storage_status>(system_, node_, actors::get_storage_status{});
}

void store_node::await_entries(std::size_t count) {
  for (auto x = status(); x.store.entries < count || x.uncommitted > 0; x = status())
    ::usleep(2000);
}

} // namespace librats::bench
