// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_messages.hpp"
#include "actors/transfer_messages.hpp"
#include "protocols/core/bytes.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/storage/storage_entry.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
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
  /// A transfer came to another phase, or moved.
  virtual void transfer_changed(std::size_t member, const actors::transfer_report& how) = 0;
};

/// The program that uses a simulated node: it subscribes, sends and listens through the messages that every embedder
/// has. Lives and dies with its node.
class resident final : public runtime::pinned_actor {
public:
  struct habits {
    std::vector<std::string> topics; ///< To subscribe to.
    std::vector<std::string> types;  ///< Of typed messages, to listen to.
    bool files = false;              ///< To send, and to take whatever is offered into `arrivals`.
  };
  /// The folder, which must be there, into which offered files go.
  static constexpr auto arrivals = "/arrivals";

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
  /// `then` gets the stamp of the write, or nothing after an error.
  void put(const std::string& key, bytes_view value, std::function<void(std::optional<std::uint64_t>)> then);
  void remove(const std::string& key, std::function<void(bool)> then);
  /// `seen` gets all live records of the store; it is not called when one of them cannot be had.
  void look_at_store(std::function<void(std::map<std::string, protocols::storage_record>)> seen);
  /// Asks that STUN server how it sees the node's own port; `told` is not called when there is no answer.
  void ask_address(const endpoint& server, duration patience, std::function<void(const endpoint&)> told);
  /// `taken_on` gets whether the node will send it, or whether it said no.
  void offer(const peer_id& to, const std::string& path, const std::string& name, std::function<void(bool)> taken_on);
  /// `seen` gets the live tree of the node; it is not called when the node does not answer.
  void look_at_tree(std::function<void(const runtime::tree_node&)> seen);
  void crash(const caf::actor& part);

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override { node_ = nullptr; }

private:
  void take(const actors::transfer_offered& what);
  struct store_look;
  void look_on(const std::shared_ptr<store_look>& look);

  caf::actor node_;
  std::size_t member_;
  habits how_;
  resident_listener& listener_;
};

} // namespace librats::apps
