// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace librats::protocols {

/// What a topic has to say about a peer. A topic tells its router, which keeps the scores.
enum class peer_conduct : std::uint8_t {
  grafted,         ///< It is in the mesh now.
  pruned,          ///< It left the mesh.
  first_delivery,  ///< It brought a valid message before all others.
  mesh_delivery,   ///< It brought, as a mesh member, a valid message at about the same time as the first one.
  invalid_message, ///< It brought what is refused.
  misbehaved,      ///< It broke a promise or a rule; nothing of the topic's content.
};

struct conduct_note {
  peer_id peer;
  peer_conduct what = peer_conduct::misbehaved;
  double count = 1;
};

/// Weights of one topic (GossipSub v1.1, "Topic parameter calculation and decay"). Counters decay so that 1 % is left
/// after the time that stands beside them.
struct topic_score_config {
  double weight = 1;
  // P1: for every `quantum` in the mesh, up to `cap` of them. All of it stays below `mesh_config::opportunistic_below`:
  // a mesh of mutes shall not look good for being old.
  double time_in_mesh = 0.01;
  duration time_in_mesh_quantum = std::chrono::seconds{1};
  double time_in_mesh_cap = 50;
  // P2: for every first delivery, up to `cap`.
  double first_deliveries = 0.5;
  double first_deliveries_cap = 20;
  duration first_deliveries_decay = std::chrono::minutes{5};
  // P3: for the square of what a mesh member lacks to `threshold` deliveries, once it is in for `activation`. Off,
  // because only who knows the rate of a topic can say what is too little.
  double mesh_deficit = 0;
  double mesh_threshold = 10;
  double mesh_cap = 100;
  duration mesh_activation = std::chrono::seconds{30};
  duration mesh_decay = std::chrono::minutes{2};
  // P3b: for the squares of deficits with which the peer was pruned. Off, with P3.
  double mesh_failure = 0;
  duration mesh_failure_decay = std::chrono::minutes{10};
  // P4: for the square of the invalid messages.
  double invalid_messages = -1;
  duration invalid_messages_decay = std::chrono::minutes{10};
};

/// How well each peer of a node behaves, in the terms of GossipSub v1.1 ("Peer Scoring"): seven figures, P1 to P7, with
/// a weight each. Scores are our own opinion: they are never sent. One object per node, because a peer that lies in one
/// topic is not trusted in another.
class peer_scores {
public:
  struct config {
    topic_score_config topic; ///< For every topic that has no `set_topic`.
    double topics_cap = 100;  ///< The most that good work in topics can bring.
    double application = 1;   ///< P5: weight of what the application says.
    double colocation = -5;   ///< P6: for the square of what is above `colocation_max` peers of one source, which is
    std::size_t colocation_max = 10; ///< an IPv4 address or a /64 of IPv6; loopback does not count.
    double misbehaviour = -1;        ///< P7: for the square of what is above `misbehaviour_tolerated`.
    double misbehaviour_tolerated = 6;
    duration misbehaviour_decay = std::chrono::minutes{10};
    duration decay_interval = std::chrono::seconds{1};
    /// A peer that leaves with a bad score finds it again when it returns within.
    duration remembered = std::chrono::hours{1};
    std::size_t remembered_max = 4096; ///< Above this the one that left first is forgotten.
  };
  /// Counters below this count as zero.
  static constexpr double counter_zero = 0.01;

  peer_scores(const config& cfg, time_point now);

  // -- inputs

  /// `topic` is any number that stands for a topic.
  void set_topic(std::uint32_t topic, const topic_score_config& weights) { topics_[topic] = weights; }
  /// Forgets what peers did in it.
  void drop_topic(std::uint32_t topic);
  /// `remote` is where we see the peer; empty when that says nothing.
  void peer_connected(time_point now, const peer_id& peer, const std::optional<ip_address>& remote);
  void peer_disconnected(time_point now, const peer_id& peer);
  /// Unknown peers are not scored.
  void note(time_point now, std::uint32_t topic, const conduct_note& x);
  /// P5. Any finite number.
  void set_application_score(const peer_id& peer, double score);
  /// Decays, and forgets who is away for long. Early calls do nothing; due calls move the deadline.
  void handle_timeout(time_point now);

  // -- outputs

  /// 0 for unknown peers. Costs O(topics in which the peer has done something).
  [[nodiscard]] double score(time_point now, const peer_id& peer) const;
  /// Every connected peer, in order of ids.
  [[nodiscard]] std::vector<std::pair<peer_id, double>> all(time_point now) const;
  /// Peers that left with a bad score.
  [[nodiscard]] std::size_t remembered() const noexcept { return departures_.size(); }

private:
  struct topic_record {
    std::optional<time_point> in_mesh_since;
    double first_deliveries = 0;
    double mesh_deliveries = 0;
    double mesh_failures = 0;
    double invalid_messages = 0;
  };
  struct record {
    std::map<std::uint32_t, topic_record> topics;
    double application = 0;
    double misbehaviour = 0;
    std::optional<ip_address> source;
    std::optional<time_point> left_at;
  };

  [[nodiscard]] const topic_score_config& weights_of(std::uint32_t topic) const;
  [[nodiscard]] double deficit(time_point now, const topic_score_config& w, const topic_record& x) const;
  [[nodiscard]] double topic_score(time_point now, const topic_score_config& w, const topic_record& x) const;
  [[nodiscard]] double score_of(time_point now, const record& x) const;
  [[nodiscard]] double kept_after(duration to_one_percent) const;
  void decay(record& x);
  void leave_source(record& x);
  void forget_departed(time_point now);

  config cfg_;
  std::map<std::uint32_t, topic_score_config> topics_;
  std::map<peer_id, record> peers_;
  std::map<ip_address, std::size_t> sources_;           ///< Connected peers of each.
  std::set<std::pair<time_point, peer_id>> departures_; ///< Who left with a bad score, and when.
  time_point decayed_at_;
};

} // namespace librats::protocols
