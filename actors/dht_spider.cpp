// SPDX-License-Identifier: MIT
#include "actors/dht_spider.hpp"

#include <caf/actor_cast.hpp>

#include <chrono>
#include <utility>
#include <variant>

namespace librats::actors {

namespace {

constexpr std::uint32_t wakeup_slot = 0;

/// Its node lives on the same loop.
constexpr auto answer_timeout = std::chrono::seconds{5};

} // namespace

dht_spider::dht_spider(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, const args& its)
  : pinned_actor(config, std::move(loop)), args_(its), sampler_(its.config, its.key) {}

void dht_spider::started() { pump(); }

caf::behavior dht_spider::handlers() {
  return {
    [this](const dht_answer& x) {
      sampler_.answered(x.handle, *x.what, now());
      pump();
    },
    [](const dht_delay&) {},  // There is no hurry.
    [this](const dht_failure& x) {
      sampler_.failed(x.handle, now());
      pump();
    },
  };
}

void dht_spider::timer_fired(std::uint32_t) { pump(); }

void dht_spider::pump() {
  const auto node = caf::actor_cast<caf::actor>(args_.node);
  while (auto next = sampler_.poll_request(now()))
    tell(node, dht_request{next->handle, next->to, next->id,
                 std::make_shared<const protocols::krpc::query>(std::move(next->what))});
  hashes_sampled found;
  while (const auto event = sampler_.poll_event()) {
    if (const auto* wanted = std::get_if<protocols::sampler::nodes_wanted>(&*event)) {
      want_nodes(node, wanted->target);
    } else {
      const auto& fresh = std::get<protocols::sampler::hashes_found>(*event).hashes;
      found.hashes.insert(found.hashes.end(), fresh.begin(), fresh.end());
    }
  }
  tell(node, spider_report{std::move(found), sampler_.counted()});
  arm_wakeup();
}

void dht_spider::want_nodes(const caf::actor& node, const protocols::node_id& target) {
  if (!node)
    return;
  ask(
    node, answer_timeout, get_known_nodes{target},
    [this](const known_nodes& x) {
      sampler_.set_self(x.self);
      sampler_.add_nodes(x.nodes, now());
      pump();
    },
    [](caf::error&) {});  // The sampler wants others soon.
}

void dht_spider::arm_wakeup() {
  if (const auto due = sampler_.poll_timeout())
    arm_timer(wakeup_slot, *due);
  else
    cancel_timer(wakeup_slot);
}

} // namespace librats::actors
