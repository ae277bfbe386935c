// SPDX-License-Identifier: MIT
#pragma once

#include "actors/mesh_messages.hpp"
#include "actors/node_messages.hpp"
#include "actors/topic_messages.hpp"
#include "protocols/pex/pex_policy.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <map>
#include <memory>
#include <vector>

namespace librats::actors {

/// Asks peers for peers, answers those who ask, and dials what it learns (wire/02 section 3, `pex_policy`), also from
/// gossip (`peers_introduced`). Learns from the node's events who is connected, and dials through the node.
class peer_exchange final : public runtime::pinned_actor {
public:
  /// `dial_patience`: the node keeps the deadlines of a dial; this one is for a node that does not answer at all.
  peer_exchange(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop,
    const protocols::pex_policy::config& how, const peer_id& self, std::uint64_t seed, duration dial_patience,
    caf::actor_addr node);

  [[nodiscard]] const char* kind() const noexcept override { return "peer_exchange"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  void connected(const peer_connected& x);
  void identified(const peer_identified& x);
  void set_addresses(const peer_connected& link, std::vector<endpoint> claimed);
  void pump();
  void dial(const protocols::pex_policy::dial& what);

  protocols::pex_policy::config how_;
  protocols::pex_policy policy_;
  duration dial_patience_;
  caf::actor_addr node_;
  std::map<peer_id, peer_connected> peers_;
};

} // namespace librats::actors
