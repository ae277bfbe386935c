// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/small_random.hpp"
#include "protocols/gossip/gossip_switch.hpp"
#include "protocols/gossip/topic_mesh.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace librats::test {

/// A switch and its topics, wired as the actors wire them: what gossip a node has.
class gossip_node {
public:
  using sink = std::function<void(const peer_id& to, const byte_slice& payload)>;
  using listener = std::function<void(const std::string& topic, const protocols::gossip_event&)>;

  gossip_node(const peer_id& self, const protocols::mesh_config& mesh, const protocols::gossip_switch::config& cfg,
    time_point now, std::uint64_t seed);

  bool join(time_point now, const std::string& topic);
  bool leave(time_point now, const std::string& topic);
  /// Opens the topic when it is not.
  result<protocols::message_id> publish(time_point now, const std::string& topic, bytes_view data);
  void handle_timeout(time_point now);
  /// Hands out everything that there is, and passes on what switch and topics have to say to each other.
  void pump(time_point now, const sink& send, const listener& hear);
  [[nodiscard]] std::optional<time_point> poll_timeout() const;

  /// Null when the topic is not open.
  [[nodiscard]] protocols::topic_mesh* mesh(const std::string& topic);
  [[nodiscard]] const peer_id& id() const noexcept { return self_; }

  protocols::gossip_switch router;

private:
  protocols::topic_mesh& open(time_point now, const std::string& topic);

  peer_id self_;
  protocols::mesh_config cfg_;
  small_random random_;
  std::map<std::string, std::unique_ptr<protocols::topic_mesh>> topics_;
};

} // namespace librats::test
