// SPDX-License-Identifier: MIT
#pragma once

#include "actors/frames.hpp"
#include "actors/node_messages.hpp"
#include "actors/topic_messages.hpp"
#include "protocols/gossip/topic_mesh.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/host/host.hpp"

#include <caf/typed_response_promise.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace librats::actors {

/// One topic of a node: drives a `topic_mesh`. Its router tells it who subscribes and what arrived; it sends to the
/// links itself, hands publications to the node, and asks the validator. Remembers nothing beyond its end: the node
/// knows what was delivered, the router who subscribes.
class gossip_topic final : public runtime::pinned_actor {
public:
  struct args {
    protocols::mesh_config mesh;
    std::string topic;
    peer_id self;
    topic_validator validator;
    caf::actor_addr node;
    caf::actor_addr router;
  };

  gossip_topic(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host, args its);

  [[nodiscard]] const char* kind() const noexcept override { return "gossip_topic"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  void handle(const topic_inputs& x);
  void apply(const protocols::topic_input& x, const caf::actor& link);
  caf::result<published> publish(const publish_to_topic& x);
  void read_clock();
  void judge(const protocols::gossip_validate& x);
  void pump();
  void send_out();
  void hand_out();
  void report();
  void send_to(const peer_id& to, std::vector<frame> frames);
  [[nodiscard]] bool congested() const;
  void answer_waiters();
  [[nodiscard]] topic_status status() const;

  runtime::host& host_;
  args args_;
  protocols::topic_mesh mesh_;
  std::map<peer_id, caf::actor> links_;           ///< Of the subscribers.
  std::map<peer_id, caf::actor> passing_links_;   ///< Of others who sent something in this turn.
  std::set<peer_id> congested_;                   ///< Subscribers.
  std::vector<caf::typed_response_promise<topic_has_room>> waiters_;
  std::vector<protocols::gossip_delivery> deliveries_;
  std::vector<protocols::gossip_validate> to_validate_;
  bool finished_ = false;                         ///< The router was told.
};

} // namespace librats::actors
