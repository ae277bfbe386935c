// SPDX-License-Identifier: MIT
#pragma once

#include "actors/frames.hpp"
#include "actors/gossip_options.hpp"
#include "actors/node_messages.hpp"
#include "actors/topic_messages.hpp"
#include "protocols/gossip/gossip_switch.hpp"
#include "runtime/host/host.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <caf/typed_response_promise.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace librats::actors {

/// Publish and subscribe of one node: drives a `gossip_switch` and supervises a `gossip_topic` for each topic that the
/// node has joined or publishes to. What must outlive it the node remembers and tells the next router at its start.
class gossip_router final : public runtime::supervisor {
public:
  struct args {
    gossip_options options;
    peer_id self;
    gossip_state state;
    caf::actor_addr node;
  };

  gossip_router(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host, args its);

  [[nodiscard]] const char* kind() const noexcept override { return "gossip_router"; }

protected:
  caf::behavior handlers() override;
  void start_children() override;
  void child_started(const std::string& name, const caf::actor& child) override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  /// What waits for a topic that is being restarted.
  struct backlog {
    struct publication {
      publish_to_topic what;
      caf::typed_response_promise<published> promise;
    };
    std::vector<topic_inputs::one> inputs;
    std::vector<publication> publications;
  };

  // -- topics
  void want(const want_topic& x);
  void start_topic(const std::string& topic);
  void finish_topic(const std::string& topic);
  [[nodiscard]] topic_validator validator_of(const std::string& topic) const;
  void change_validators(const validators_changed& x);
  caf::result<published> publish(const publish_to_topic& x);
  caf::result<topic_has_room> await_room(const await_topic_room& x);

  // -- peers
  void connected(const peer_connected& x);
  void identified(const peer_identified& x);
  void set_addresses(const peer_connected& link, std::vector<endpoint> believed);
  void disconnected(const peer_disconnected& x);
  void received(const frames_received& x);

  void pump();
  [[nodiscard]] caf::actor link_of(const protocols::topic_input& x) const;
  void hold(const std::string& topic, std::vector<topic_inputs::one> inputs);
  caf::result<topic_status> report_topic(const get_topic_status& x);
  caf::result<gossip_status> report_all();

  runtime::host& host_;
  args args_;
  protocols::gossip_switch switch_;
  std::map<peer_id, peer_connected> links_;
  std::map<std::string, backlog> backlogs_;
};

} // namespace librats::actors
