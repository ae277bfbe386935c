// SPDX-License-Identifier: MIT
#pragma once

#include "apps/librats/librats_sim.h"
#include "protocols/core/bytes.hpp"
#include "protocols/core/peer_id.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <caf/actor.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>

namespace librats {

/// What a simulated node's program knows, in all of its lives. A world has one thread, so it is shared as it is.
struct simulated_state {
  std::set<peer_id> peers;
  std::map<std::string, SimulatedNode::MessageHandler> types;
  std::map<std::string, SimulatedNode::TopicHandler> topics;
};

/// The program that uses a simulated node through the messages that every embedder has. Dies with its node.
class simulated_program final : public runtime::pinned_actor {
public:
  simulated_program(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node,
    std::shared_ptr<simulated_state> state);

  [[nodiscard]] const char* kind() const noexcept override { return "simulated_program"; }

  // -- what the test makes it do, from outside
  void dial(const std::string& address, std::uint16_t port);
  void listen_to_type(const std::string& type);
  void join(const std::string& topic);
  void send_typed(const peer_id& to, const std::string& type, const std::string& json);
  void publish(const std::string& topic, const std::string& data);

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override { node_ = nullptr; }

private:
  caf::actor node_;
  std::shared_ptr<simulated_state> state_;
};

} // namespace librats
