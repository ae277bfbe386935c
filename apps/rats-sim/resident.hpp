// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_messages.hpp"
#include "protocols/core/bytes.hpp"
#include "protocols/core/peer_id.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace librats::apps {

/// What a resident tells whoever runs the simulation. All of a simulated world happens on one thread, so these are
/// calls and not messages.
class resident_listener {
public:
  virtual ~resident_listener() = default;
  virtual void connected(std::size_t member, const peer_id& peer) = 0;
  virtual void disconnected(std::size_t member, const peer_id& peer, const std::string& reason) = 0;
  virtual void topic_message(std::size_t member, bytes_view payload) = 0;
  virtual void typed_message(std::size_t member, std::string_view text) = 0;
};

/// The program that uses a simulated node: it subscribes, sends and listens through the messages that every embedder
/// has. Lives and dies with its node.
class resident final : public runtime::pinned_actor {
public:
  struct habits {
    std::vector<std::string> topics; ///< To subscribe to.
    std::vector<std::string> types;  ///< Of typed messages, to listen to.
  };

  resident(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, std::size_t member,
    habits how, resident_listener& listener);

  [[nodiscard]] const char* kind() const noexcept override { return "resident"; }

  // -- what the simulation makes it do, from outside

  void publish(const std::string& topic, byte_slice payload);
  void send_typed(const peer_id& to, const std::string& type, const std::string& json);
  /// Announces its node in the DHT under `target`.
  void announce(const protocols::info_hash& target);
  /// `found` gets what was found, nothing after an error.
  void look_up(
    const protocols::info_hash& target, duration patience, std::function<void(const std::vector<endpoint>&)> found);
  /// `seen` gets the live tree of the node; it is not called when the node does not answer.
  void look_at_tree(std::function<void(const runtime::tree_node&)> seen);
  void crash(const caf::actor& part);

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override { node_ = nullptr; }

private:
  caf::actor node_;
  std::size_t member_;
  habits how_;
  resident_listener& listener_;
};

} // namespace librats::apps
