// SPDX-License-Identifier: MIT
#pragma once

#include "actors/frames.hpp"
#include "actors/link_messages.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace librats::actors {

/// Who receives what: the node's memory of its subscribers, which outlives the actors that deliver.
class registrations {
public:
  /// A sentence when the channel's id is held under another name; nothing changes then. Adding twice changes nothing.
  std::optional<std::string> add_channel(const std::string& name, const caf::actor& handler);
  void remove_channel(const std::string& name, const caf::actor_addr& handler);

  void add_messages(protocols::message_type type, const caf::actor& handler);

  void add_typed(const std::string& type, const caf::actor& handler);
  void remove_typed(const std::string& type, const caf::actor_addr& handler);

  /// In place of the responder that the type had.
  void set_responder(const std::string& type, const caf::actor& responder);
  /// Nothing happens when the type has another one by now.
  void remove_responder(const std::string& type, const caf::actor_addr& responder);

  /// Removes an actor that ended from everywhere.
  void forget(const caf::actor_addr& who);
  void clear();

  [[nodiscard]] routes make_routes() const;
  [[nodiscard]] typed_registrations make_typed() const;

private:
  struct channel_entry {
    std::string name;
    std::vector<caf::actor> handlers;
  };

  std::map<protocols::channel_id, channel_entry> channels_;
  std::map<protocols::message_type, std::vector<caf::actor>> types_;
  std::vector<register_typed> typed_;
  std::map<std::string, caf::actor> responders_;
};

} // namespace librats::actors
