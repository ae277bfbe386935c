// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/small_random.hpp"
#include "protocols/gossip/gossip_switch.hpp"
#include "protocols/gossip/topic_mesh.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

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

/// How a network treats what its nodes say.
struct gossip_world_options {
  std::size_t nodes = 50;
  std::size_t links_per_node = 10; ///< That it dials; it has about twice as many.
  double loss = 0;                 ///< Of every message between two nodes, of whatever kind.
  duration latency_min = std::chrono::milliseconds{5};
  duration latency_max = std::chrono::milliseconds{80};
  /// Nodes, from the first on, that take part in everything but never pass on a publication.
  std::size_t mutes = 0;
  protocols::mesh_config mesh;
  protocols::gossip_switch::config router;
  std::uint64_t seed = 1;
};

/// Many nodes on virtual time, in one topic. Equal options give equal runs.
class gossip_world {
public:
  static constexpr const char* topic = "news";

  explicit gossip_world(const gossip_world_options& options);

  void join_all();
  void run_for(duration x);
  /// Publishes and notes who shall get it.
  void publish(std::size_t node, std::string_view text);

  [[nodiscard]] bool is_mute(std::size_t node) const { return node < options_.mutes; }
  [[nodiscard]] gossip_node& node(std::size_t i) { return *nodes_[i]; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] time_point now() const { return now_; }
  /// Of what honest nodes published: the share of honest others that got it.
  [[nodiscard]] double delivered() const;
  /// Deliveries of a message to a node that had it already.
  [[nodiscard]] std::size_t delivered_twice() const { return twice_; }
  [[nodiscard]] std::uint64_t bytes_sent() const { return bytes_sent_; }
  /// Changes with everything that is said, in what order, and when.
  [[nodiscard]] std::uint64_t trace_hash() const { return trace_; }

private:
  struct arrival {
    time_point at;
    std::uint64_t order = 0;
    std::size_t to = 0;
    std::size_t from = 0; ///< `to` itself: its timer.
    byte_slice payload;
    friend bool operator>(const arrival& a, const arrival& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }
  };

  void pump(std::size_t i);
  void say(std::size_t from, const peer_id& to, const byte_slice& payload);

  gossip_world_options options_;
  small_random random_;
  time_point now_{std::chrono::hours{1}};
  std::vector<std::unique_ptr<gossip_node>> nodes_;
  std::map<peer_id, std::size_t> index_;
  std::map<std::pair<std::size_t, std::size_t>, duration> latency_;
  std::map<std::pair<std::size_t, std::size_t>, time_point> last_arrival_; ///< A link keeps its order.
  std::vector<std::set<time_point>> timers_;
  std::priority_queue<arrival, std::vector<arrival>, std::greater<>> coming_;
  std::map<protocols::message_id, std::set<std::size_t>> got_;
  std::uint64_t order_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t trace_ = 0;
  std::size_t twice_ = 0;
};

} // namespace librats::test
