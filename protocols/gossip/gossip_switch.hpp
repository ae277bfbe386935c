// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/core/token_bucket.hpp"
#include "protocols/gossip/gossip_codec.hpp"
#include "protocols/gossip/mesh_config.hpp"
#include "protocols/gossip/peer_scores.hpp"
#include "protocols/gossip/topic_list.hpp"
#include "protocols/gossip/topic_mesh.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace librats::protocols {

// What the switch tells a topic; each is one call of `topic_mesh`.
struct topic_joined {};         ///< `subscribe`
struct topic_left {};           ///< `unsubscribe`
struct topic_subscriber_added { ///< `add_subscriber`
  peer_id peer;
  double score = 0;
  bool outbound = false;
};
struct topic_subscriber_removed { ///< `remove_subscriber`
  peer_id peer;
};
struct topic_link_replaced { ///< `handle_link_replaced`
  peer_id peer;
};
struct topic_score_changed { ///< `set_score`
  peer_id peer;
  double score = 0;
};
struct topic_message_received { ///< `handle_message`
  peer_id from;
  byte_slice payload;
};
struct topic_iwant_received { ///< `handle_iwant`
  peer_id from;
  std::vector<message_id> ids;
};

using topic_input = std::variant<topic_joined, topic_left, topic_subscriber_added, topic_subscriber_removed,
  topic_link_replaced, topic_score_changed, topic_message_received, topic_iwant_received>;

/// What a node has one of, beside its topics: who is connected and subscribes to what, the scores, and the way of each
/// message to the `topic_mesh` that it is for. Call one input, drain `poll_transmit`, then `poll_input`, then wait for
/// `poll_timeout`. `poll_introduction` is for who dials peers; else it need not be drained.
///
/// A topic is *open* while it has a `topic_mesh`: joined, or published to without joining. The caller makes one before
/// it calls `join` or `open`, drains `poll_input` before it publishes, and lets it go after `close`. What peers
/// announce can be had by `poll_announcement`.
class gossip_switch {
public:
  struct config {
    topic_list::config topics;
    peer_scores::config scores;
    score_thresholds thresholds;
    std::size_t own_topics_max = 4096;
    /// SUBSCRIBE and UNSUBSCRIBE of one peer; the burst is what a peer with all its topics sends at first.
    token_rate announcements{/*rate=*/64, /*burst=*/2048};
    /// Ids that are offered at the moment. They are told apart by topic, because an IWANT does not say its topic.
    std::size_t offers_max = 131072;
    duration offer_life = std::chrono::seconds{6}; ///< As long as a message stays in a `message_cache`.
    duration heartbeat = std::chrono::seconds{1};
    /// Peers that a PRUNE names are believed from this score on (v1.1's AcceptPXThreshold). Work in one topic brings 10
    /// at most, half of it for ten messages that nobody had brought before; who floods or lies falls below at once.
    double accept_peers = 5;
    /// PRUNEs of one peer whose peers are looked at.
    token_rate introductions{/*rate=*/1.0 / 60, /*burst=*/2};
    double score_step = 0.1; ///< Topics hear of a score when it moved so far, or across a threshold.
  };
  struct transmit {
    peer_id to;
    byte_slice payload;
  };
  struct routed {
    std::string topic;
    topic_input input;
  };
  /// What a peer announced and what was new.
  struct announcement {
    peer_id peer;
    std::string topic;
    bool subscribes = true;
  };
  /// Others in a joined topic, said to be found there by a peer that has no place for us in its mesh.
  struct introduction {
    peer_id from;
    std::string topic;
    std::vector<pex_entry> peers;
  };
  /// Introductions that wait for `poll_introduction`; more are dropped.
  static constexpr std::size_t introductions_max = 64;
  /// Introduced peers that are remembered; of more it is forgotten that they were introduced.
  static constexpr std::size_t introduced_max = 4096;

  struct figures {
    std::uint64_t malformed = 0;  ///< Messages that say nothing.
    std::uint64_t graylisted = 0; ///< Dropped unread, for the score of their sender.
    std::uint64_t announcements_refused = 0;
    std::uint64_t unwanted = 0; ///< Of topics that are not open.
    std::uint64_t iwant_unknown = 0;
    std::uint64_t introductions_sent = 0;    ///< PRUNEs that name peers.
    std::uint64_t introductions_taken = 0;   ///< That led to `introduction`.
    std::uint64_t introductions_refused = 0; ///< For the score of the sender, or because there were too many.
  };

  /// `seed` is random and secret.
  gossip_switch(const config& cfg, time_point now, std::uint64_t seed);

  // -- inputs: what we want

  /// False when joined already, for an empty topic, for one above 65,535 bytes, or with too many topics.
  bool join(time_point now, std::string_view topic);
  /// False when not joined. The topic stays open, for what is still to be said.
  bool leave(time_point now, std::string_view topic);
  /// Opens a topic to publish to. False when it is open, or cannot be.
  bool open(time_point now, std::string_view topic);
  /// The topic's `topic_mesh` is gone. Leaves the topic if it is joined.
  void close(time_point now, std::string_view topic);
  /// The topic's `topic_mesh` was lost, and a new one takes its place: tells it what it must know, and peers that they
  /// have no place in a mesh of ours.
  void reopen(time_point now, std::string_view topic);
  /// P5 of the scores.
  void set_application_score(const peer_id& peer, double score) { scores_.set_application_score(peer, score); }

  // -- inputs: peers

  /// The first link of `peer`, or one that replaced it: the remote may have lost its state, so it is told everything
  /// again. `outbound`: we dialed it; `remote` is where we see it. A peer that we dialed because it was introduced
  /// counts as one that dialed us: whom we know from others is not of our choice.
  void peer_connected(time_point now, const peer_id& peer, bool outbound, const std::optional<ip_address>& remote = {});
  void peer_disconnected(time_point now, const peer_id& peer);
  /// Where others can dial a connected peer, the likeliest first: what it is introduced with.
  void set_addresses(const peer_id& peer, std::vector<endpoint> addresses);
  /// A connected peer is known from before this object was made to subscribe to a topic. Not an `announcement`.
  void restore(time_point now, const peer_id& peer, std::string_view topic);
  /// The payload of a Gossip message. Of unknown peers nothing is taken.
  void handle_message(time_point now, const peer_id& from, const byte_slice& payload);
  /// What `topic_mesh::take_notes` returned.
  void handle_notes(time_point now, std::string_view topic, const std::vector<conduct_note>& notes);
  /// What `topic_mesh::poll_offered` returned.
  void handle_offered(time_point now, std::string_view topic, std::vector<message_id> ids);
  /// What `topic_mesh::poll_farewell` returned: sends the PRUNE.
  void handle_farewell(time_point now, std::string_view topic, const topic_mesh::farewell& x);
  /// Early calls do nothing; due calls move the deadline.
  void handle_timeout(time_point now);

  // -- outputs

  std::optional<transmit> poll_transmit();
  std::optional<routed> poll_input();
  std::optional<announcement> poll_announcement();
  std::optional<introduction> poll_introduction();
  /// Empty while nobody is connected.
  [[nodiscard]] std::optional<time_point> poll_timeout() const;

  // -- state

  [[nodiscard]] bool joined(std::string_view topic) const;
  [[nodiscard]] bool is_open(std::string_view topic) const { return open_.find(topic) != open_.end(); }
  /// In order.
  [[nodiscard]] std::vector<std::string> open_topics() const;
  /// In order.
  [[nodiscard]] std::vector<std::string> joined_topics() const;
  [[nodiscard]] std::vector<peer_id> peers_of(std::string_view topic) const { return listed_.peers_of(topic); }
  [[nodiscard]] std::size_t topics_known() const noexcept { return listed_.topics(); }
  [[nodiscard]] double score(time_point now, const peer_id& peer) const { return scores_.score(now, peer); }
  [[nodiscard]] std::vector<std::pair<peer_id, double>> scores(time_point now) const { return scores_.all(now); }
  [[nodiscard]] std::size_t peers() const noexcept { return peers_.size(); }
  /// We dialed it, and not because somebody introduced it.
  [[nodiscard]] bool is_of_our_choice(const peer_id& peer) const;
  [[nodiscard]] const figures& counted() const noexcept { return figures_; }

private:
  struct open_topic {
    std::uint32_t number = 0; ///< Its name in scores and offers.
    bool joined = false;
  };
  struct link {
    bool outbound = false;
    bool introduced = false;
    std::optional<ip_address> remote;
    std::vector<endpoint> addresses; ///< Where others can dial it.
    double told_score = 0;           ///< What the topics were told last.
    token_bucket announcements;
    token_bucket introductions;
  };
  using topic_table = std::map<std::string, open_topic, std::less<>>;

  topic_table::iterator open_place(time_point now, std::string_view topic);
  void tell(std::string_view topic, topic_input x) { inputs_.push_back({std::string{topic}, std::move(x)}); }
  void tell_of_subscriber(std::string_view topic, const peer_id& peer, const link& x);
  void announce(gossip_op op, std::string_view topic);
  void leave_mesh_of(const peer_id& peer, std::string_view topic);
  void handle_announcement(time_point now, const peer_id& from, link& x, std::string_view topic, bool subscribes);
  void route_iwant(const peer_id& from, const id_list_view& ids);
  void tell_score(const peer_id& peer, link& x, double score);
  void forget_offers(time_point now);
  // gossip_switch_exchange.cpp
  void hear_of_peers(time_point now, const peer_id& from, link& x, const gossip_prune& prune);
  [[nodiscard]] bool is_introduced(time_point now, const peer_id& peer) const;
  void remember_introduced(time_point now, const peer_id& peer, bool was_here);

  config cfg_;
  topic_table open_;
  std::map<std::uint32_t, std::string> names_;
  std::size_t joined_count_ = 0;
  std::uint32_t last_number_ = 0;
  topic_list listed_;
  peer_scores scores_;
  std::map<peer_id, link> peers_;
  std::map<peer_id, time_point> introduced_; ///< By others, and until when that is remembered.
  small_random random_;
  std::unordered_map<message_id, std::uint32_t, keyed_id_hash> offers_;
  std::deque<std::pair<time_point, std::vector<message_id>>> offer_ages_;
  time_point heartbeat_at_;
  std::deque<transmit> to_send_;
  std::deque<routed> inputs_;
  std::deque<announcement> announcements_;
  std::deque<introduction> introductions_;
  figures figures_;
};

} // namespace librats::protocols
