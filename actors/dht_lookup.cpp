// SPDX-License-Identifier: MIT
#include "actors/dht_lookup.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

dht_lookup::dht_lookup(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, args its)
  : pinned_actor(config, std::move(loop)), args_(std::move(its)), lookup_(args_.config, args_.seeds, now()) {}

void dht_lookup::started() {
  if (args_.what.announce)
    lookup_.store(*args_.what.announce, now());
  else if (args_.what.store)
    lookup_.store(*args_.what.store, now());
  pump();
}

void dht_lookup::stopped() {
  if (args_.promise.pending())
    args_.promise.deliver(runtime::failure("the DHT ended before the lookup did"));
  args_.what.receiver = nullptr;
}

caf::behavior dht_lookup::handlers() {
  return {
    [this](const dht_answer& x) {
      lookup_.answered(x.handle, *x.what, now());
      pump();
    },
    [this](const dht_delay& x) {
      lookup_.slow(x.handle, now());
      pump();
    },
    [this](const dht_failure& x) {
      lookup_.failed(x.handle, now());
      pump();
    },
  };
}

void dht_lookup::pump() {
  const auto node = caf::actor_cast<caf::actor>(args_.node);
  while (auto next = lookup_.poll_request())
    tell(node, dht_request{next->handle, next->to, next->id,
                 std::make_shared<const protocols::krpc::query>(std::move(next->what))});
  while (const auto event = lookup_.poll_event())
    if (const auto* peers = std::get_if<protocols::lookup::peers_found>(&*event))
      tell(args_.what.receiver, peers_seen{args_.config.target, peers->peers});
  if (lookup_.done())
    finish();
}

void dht_lookup::finish() {
  lookup_ended out;
  out.peers.assign(lookup_.peers().begin(), lookup_.peers().end());
  for (const auto& one : args_.known)
    if (std::find(out.peers.begin(), out.peers.end(), one) == out.peers.end())
      out.peers.push_back(one);
  out.item = lookup_.item();
  out.counted = lookup_.counted();
  args_.promise.deliver(std::move(out));
  quit(caf::exit_reason::normal);
}

} // namespace librats::actors
