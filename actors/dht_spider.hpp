// SPDX-License-Identifier: MIT
#pragma once

#include "actors/dht_messages.hpp"
#include "protocols/core/secret_random.hpp"
#include "protocols/dht/sampler.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <cstdint>
#include <memory>

namespace librats::actors {

/// Learns which info-hashes others store (BEP 51): decides whom to ask (`protocols::sampler`), its `dht_node` sends and
/// receives for it and tells the watchers what it finds. There when `dht_options::spider` is on. A crash costs what it
/// remembers: some hashes are told again, some nodes are asked before their time.
class dht_spider final : public runtime::pinned_actor {
public:
  struct args {
    protocols::sampler::config config;
    secret_random::key_type key{};
    caf::actor_addr node;
  };

  dht_spider(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, const args& its);

  [[nodiscard]] const char* kind() const noexcept override { return "dht_spider"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void timer_fired(std::uint32_t slot) override;

private:
  void pump();
  void want_nodes(const caf::actor& node, const protocols::node_id& target);
  void arm_wakeup();

  args args_;
  protocols::sampler sampler_;
};

} // namespace librats::actors
