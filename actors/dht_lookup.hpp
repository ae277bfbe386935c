// SPDX-License-Identifier: MIT
#pragma once

#include "actors/dht_messages.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace librats::actors {

/// One walk through the DHT: it decides whom to ask (`protocols::lookup`), its `dht_node` sends and receives for it.
/// Ends by itself, and with the node. The answer to whoever wants the walk is its last act.
class dht_lookup final : public runtime::pinned_actor {
public:
  struct args {
    protocols::lookup::config config;
    std::vector<protocols::lookup_seed> seeds;
    run_lookup what;
    std::vector<endpoint> known;  ///< Peers that our own node stores: a lookup does not ask us.
    caf::actor_addr node;
    caf::typed_response_promise<lookup_ended> promise;
  };

  dht_lookup(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, args its);

  [[nodiscard]] const char* kind() const noexcept override { return "dht_lookup"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;

private:
  void pump();
  void finish();

  args args_;
  protocols::lookup lookup_;
};

} // namespace librats::actors
