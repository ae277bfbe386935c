// SPDX-License-Identifier: MIT
#pragma once

#include "tests/protocols/support/calendar_queue.hpp"
#include "tests/protocols/support/gossip_node.hpp"
#include "tests/protocols/support/gossip_sybil.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace librats::test {

/// How a network treats what its nodes say, and who lives in it.
struct gossip_world_options {
  std::size_t nodes = 50;                              ///< Honest ones.
  std::size_t links_per_node = 10;                     ///< That it dials; it has about twice as many.
  double loss = 0;                                     ///< Of every message between two nodes, of whatever kind.
  duration latency_min = std::chrono::milliseconds{5}; ///< Each way; each link draws its own, uniformly.
  duration latency_max = std::chrono::milliseconds{80};
  double jitter = 0; ///< Of each message: its link's latency, up to this share more or less. A link keeps its order.
  /// What an honest node can send, in bytes on the wire per second, to all its peers together, one message after the
  /// other; 0: no limit. A publication that would wait for longer than `uplink_patience` is dropped, as a link that is
  /// behind drops it.
  double uplink = 0;
  double slow_share = 0;  ///< So many nodes...
  double slow_uplink = 0; ///< ...have this instead.
  duration uplink_patience = std::chrono::seconds{1};

  /// So many of the first nodes are all that the others know and dial; 0: everybody dials anybody.
  std::size_t hubs = 0;
  /// Nodes know where their neighbours can be dialed, and dial whom they are told of (`mesh_config::introduce` makes
  /// them tell), while they have fewer links than these.
  std::size_t links_wanted = 0;

  // -- attackers
  std::size_t sybils = 0;
  sybil_kind attack = sybil_kind::mute;
  std::size_t sybil_links = 20;   ///< Honest nodes that each dials...
  std::size_t sybil_targets = 0;  ///< ...of so many first ones; 0: of all.
  std::size_t victims = 0;        ///< First nodes that those who censor do not like.
  bool honest_dial_sybils = true; ///< Nobody knows who they are; false: honest nodes dial each other alone.
  duration sybils_come{0};        ///< So long after `join_all`; 0: they are there before.
  duration honest_late{0};        ///< For so long attackers are there alone; needs `sybils_come` to be 0.
  duration sybils_turn{0};        ///< Covert ones and those that lure, after `join_all`.

  // -- churn
  double churn_per_minute = 0; ///< Share of the honest nodes that leave without a word; as many new ones come.
  std::size_t permanent = 1;   ///< The first nodes never leave.
  duration leave_noticed_max = std::chrono::seconds{10}; ///< When the others' links break: uniformly, at most.

  // -- who is counted
  duration settled = std::chrono::seconds{10};  ///< A message is owed to nodes that were there so long before it...
  duration patience = std::chrono::seconds{10}; ///< ...and so long after it.
  std::size_t watched = 0;                      ///< First nodes whose deliveries are also counted by themselves.

  protocols::mesh_config mesh;
  protocols::gossip_switch::config router;
  std::uint64_t seed = 1;
};

/// How long, or over how many hops, deliveries took.
class delivery_histogram {
public:
  void add(std::size_t value);
  /// What a share of all is not above; 0 when there are none.
  [[nodiscard]] std::size_t quantile(double share) const;
  [[nodiscard]] std::size_t max() const noexcept { return counts_.empty() ? 0 : counts_.size() - 1; }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
};

/// Many nodes on virtual time, in one topic. Equal options give equal runs.
class gossip_world {
public:
  static constexpr const char* topic = "news";

  struct traffic {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;      ///< Payloads of Gossip messages.
    std::uint64_t wire_bytes = 0; ///< With frame, AEAD tag, and a TCP/IPv4 header of 40 bytes per 1,448 bytes.
  };
  /// What honest nodes think, and whom they send to.
  struct opinions {
    double honest_median = 0;      ///< Of honest neighbours.
    double honest_low = 0;         ///< One of a hundred is below.
    double honest_mesh_median = 0; ///< Of those in the mesh.
    double sybil_median = 0;
    double sybil_mesh_median = 0;
    double sybils_graylisted = 0; ///< Share.
    std::size_t mesh_places = 0;
    std::size_t mesh_places_of_sybils = 0;
    std::size_t nodes_without_honest_mesh = 0; ///< Honest nodes all of whose mesh are attackers, or nobody.
    std::size_t links = 0;
    std::size_t links_to_sybils = 0;
    std::size_t sybils_dialed = 0; ///< Of these, how many count as dialed by us.
  };

  explicit gossip_world(const gossip_world_options& options);

  void join_all();
  void run_for(duration x);
  /// Publishes and notes who shall get it. `node` must be there.
  void publish(std::size_t node, std::string_view text);
  /// What was published before counts no more.
  void count_from_now();

  /// Honest and there. Numbers of those that left are not used again.
  [[nodiscard]] bool is_here(std::size_t node) const { return members_[node].node != nullptr; }
  /// Must be here.
  [[nodiscard]] gossip_node& node(std::size_t i) { return *members_[i].node; }
  /// Honest ones at first, attackers, and whoever came later.
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] time_point now() const { return now_; }

  /// Of what honest nodes published: the share of honest others that got it, of those that it was owed to (see
  /// `gossip_world_options::settled`). Messages younger than `patience` do not count.
  [[nodiscard]] double delivered() const;
  [[nodiscard]] std::uint64_t deliveries_owed() const;
  /// The share of what watched nodes were owed, and of what they published.
  [[nodiscard]] double delivered_to_watched() const;
  [[nodiscard]] double delivered_from_watched() const;
  /// Deliveries of a message to a node that had it already.
  [[nodiscard]] std::size_t delivered_twice() const { return twice_; }
  [[nodiscard]] const delivery_histogram& latencies_ms() const { return latencies_ms_; }
  [[nodiscard]] const delivery_histogram& latencies_to_watched_ms() const { return latencies_to_watched_ms_; }
  [[nodiscard]] const delivery_histogram& latencies_from_watched_ms() const { return latencies_from_watched_ms_; }
  [[nodiscard]] const delivery_histogram& hops() const { return hops_; }
  /// Publications that waited too long for their sender's uplink.
  [[nodiscard]] std::uint64_t dropped_at_uplinks() const { return dropped_at_uplinks_; }
  /// Of honest nodes that are here, added up.
  [[nodiscard]] protocols::topic_mesh::figures counted() const;
  [[nodiscard]] const traffic& sent_by_honest() const { return sent_; }
  [[nodiscard]] std::uint64_t sent_by_sybils() const { return sybil_messages_; }
  [[nodiscard]] opinions ask_honest() const;
  [[nodiscard]] std::uint64_t events() const { return events_; }
  /// Changes with everything that is said, in what order, and when.
  [[nodiscard]] std::uint64_t trace_hash() const { return trace_; }

private:
  static constexpr time_point never = time_point::max();

  struct link {
    std::uint32_t to = 0;
    bool dialed = false;
    duration latency{0};
    time_point last_arrival{}; ///< Of what we sent: a link keeps its order.
  };
  /// One of `node` and `sybil`, or neither when it left.
  struct member {
    peer_id id;
    std::unique_ptr<gossip_node> node;
    std::unique_ptr<gossip_sybil> sybil;
    std::vector<link> links; ///< In order of `to`.
    time_point armed = never;
    time_point since{};
    time_point left = never;
    double uplink = 0;
    time_point uplink_free{};
  };
  enum class what : std::uint8_t { message, timer, link_broken, churn, sybils_come, introduced };
  struct event {
    time_point at;
    std::uint32_t to = 0;
    std::uint32_t from = 0;
    what kind = what::message;
    byte_slice payload;
  };
  struct publication {
    time_point at;
    std::uint32_t author = 0;
    std::vector<std::uint8_t> hops; ///< By node; 0: not there, 1: at its author.
  };

  std::uint32_t add_member();
  void add_honest();
  void dial(std::uint32_t who, std::uint32_t whom);
  void dial_somebody(std::uint32_t who);
  void hear_of_others(std::uint32_t who);
  void break_link(std::uint32_t who, std::uint32_t to);
  void somebody_leaves();
  void churn();
  void sybils_dial();
  [[nodiscard]] link* find_link(std::uint32_t from, std::uint32_t to);
  void happen(const event& x);
  void pump(std::uint32_t i);
  void wake(std::uint32_t i, time_point due);
  void hear(std::uint32_t i, const protocols::gossip_delivery& x);
  void say(std::uint32_t from, std::uint32_t to, const byte_slice& payload);
  template <class Function>
  void for_each_owed(Function f) const;
  template <class Predicate>
  [[nodiscard]] double delivered_where(Predicate counts) const;

  gossip_world_options options_;
  small_random random_;
  time_point now_{std::chrono::hours{1}};
  std::vector<member> members_;
  std::vector<std::uint32_t> here_; ///< Honest ones.
  std::vector<std::uint32_t> dialable_;
  calendar_queue<event> coming_{now_};
  std::vector<publication> publications_;
  std::unordered_map<protocols::message_id, std::size_t, protocols::keyed_id_hash> index_;
  std::vector<std::pair<std::uint64_t, bool>> verdicts_; ///< Tickets, and whether the message is valid.
  delivery_histogram latencies_ms_;
  delivery_histogram latencies_to_watched_ms_;
  delivery_histogram latencies_from_watched_ms_;
  delivery_histogram hops_;
  traffic sent_;
  std::uint64_t sybil_messages_ = 0;
  std::uint64_t dropped_at_uplinks_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t trace_ = 0;
  std::size_t twice_ = 0;
  bool joined_ = false;
};

} // namespace librats::test
