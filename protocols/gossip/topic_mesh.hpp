// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/core/secret_random.hpp"
#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/gossip/gossip_codec.hpp"
#include "protocols/gossip/gossip_event.hpp"
#include "protocols/gossip/mesh_config.hpp"
#include "protocols/gossip/peer_scores.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace librats::protocols {

/// One topic of one node: its mesh, its fan-out, its gossip, its caches (wire/04 section 4, with the defences of
/// GossipSub v1.1; README.md lists what differs from either). Call one input, drain `poll_transmit`, `poll_farewell`,
/// `poll_event` and `poll_offered`, then wait for `poll_timeout`; `take_notes` may wait for the next heartbeat.
///
/// It knows the peers that it is told of, and no others. Announcing subscriptions is up to `gossip_switch`.
class topic_mesh {
public:
  using config = mesh_config;

  struct transmit {
    peer_id to;
    byte_slice payload; ///< Of a Gossip message; the same memory for everybody who gets the same.
  };
  /// A PRUNE that may name others in the topic: `gossip_switch` knows where they can be dialed, and sends it.
  struct farewell {
    peer_id to;
    std::chrono::seconds backoff{0};
  };
  struct figures {
    std::uint64_t published = 0;
    std::uint64_t received = 0; ///< PUBLISH of others, each time.
    std::uint64_t delivered = 0;
    std::uint64_t forwarded = 0; ///< Each time, to each peer.
    std::uint64_t duplicates = 0;
    std::uint64_t forged = 0;     ///< Refused for their signature, or for the lack of one.
    std::uint64_t stale = 0;      ///< Signed, and too old, from the future, or a recording.
    std::uint64_t rejected = 0;   ///< By the application.
    std::uint64_t ignored = 0;    ///< By the application, or for want of a verdict in time.
    std::uint64_t overloaded = 0; ///< Dropped because too much waits for verdicts. They may come back by gossip.
    std::uint64_t unwanted = 0;   ///< Of a topic that we do not subscribe to.
    std::uint64_t grafts_refused = 0;
    std::uint64_t ihave_refused = 0; ///< Whole messages, above a limit or of a bad peer.
    std::uint64_t ids_asked = 0;
    std::uint64_t promises_broken = 0;
    std::uint64_t iwant_answered = 0;
    std::uint64_t iwant_refused = 0; ///< Ids: unknown, answered often enough, or above the budget.
  };

  /// `seed` is random and secret: sequence numbers and the choice of peers are drawn from it.
  topic_mesh(
    const config& cfg, time_point now, std::string topic, const peer_id& self, const secret_random::key_type& seed);

  // -- inputs: what we want

  /// Joins. False when joined already.
  bool subscribe(time_point now);
  /// Leaves. False when not joined.
  bool unsubscribe(time_point now);
  /// Publishes, also without having joined. Errors: `too_large`; `out_of_order` when it shall be signed and nobody said
  /// what time it is.
  result<message_id> publish(time_point now, bytes_view data);
  /// The application's answer to `gossip_validate`. False when it comes too late.
  bool handle_verdict(time_point now, std::uint64_t ticket, verdict x);
  /// Whether the application is asked about every publication of others. It is still asked about those that wait.
  void set_validate(bool on) noexcept { cfg_.validate = on; }
  /// What the clock on the wall shows, in milliseconds since 1970; needed for signatures, now and then.
  void set_unix_time(time_point now, std::uint64_t ms) noexcept;

  // -- inputs: peers

  /// `peer` is connected and subscribes. `outbound`: we dialed it. Known peers are updated.
  void add_subscriber(time_point now, const peer_id& peer, double score, bool outbound);
  /// It left the topic, or is gone.
  void remove_subscriber(time_point now, const peer_id& peer);
  /// A new link to a peer replaces the old one: it may have restarted and lost its mesh.
  void handle_link_replaced(time_point now, const peer_id& peer);
  void set_score(time_point now, const peer_id& peer, double score);
  /// GRAFT, PRUNE, IHAVE or PUBLISH of this topic. Others do nothing. A PUBLISH is kept for seconds: the slice should
  /// not hold on to much more memory than it shows.
  void handle_message(time_point now, const peer_id& from, const byte_slice& payload);
  /// The ids of an IWANT that may be of this topic.
  void handle_iwant(time_point now, const peer_id& from, const std::vector<message_id>& ids);
  /// Early calls do nothing; due calls move the deadline.
  void handle_timeout(time_point now);

  // -- outputs

  std::optional<transmit> poll_transmit();
  std::optional<farewell> poll_farewell();
  std::optional<gossip_event> poll_event();
  /// Ids that were just offered to others, so that their IWANT finds this topic.
  std::optional<std::vector<message_id>> poll_offered();
  /// What peers did since the last call, like things added up.
  std::vector<conduct_note> take_notes();
  /// Empty when `finished`.
  [[nodiscard]] std::optional<time_point> poll_timeout() const;

  // -- state

  [[nodiscard]] const std::string& topic() const noexcept { return topic_; }
  [[nodiscard]] bool subscribed() const noexcept { return subscribed_; }
  /// Not joined, not published to for a while, nothing left to offer: nobody would notice if this object was gone.
  [[nodiscard]] bool finished() const;
  /// In the order in which they came.
  [[nodiscard]] std::vector<peer_id> mesh() const;
  [[nodiscard]] std::vector<peer_id> fanout() const { return fanout_; }
  [[nodiscard]] std::size_t subscribers() const noexcept { return places_.size(); }
  [[nodiscard]] const figures& counted() const noexcept { return figures_; }
  [[nodiscard]] const message_cache& cache() const noexcept { return cache_; }
  /// Publications that wait for a verdict.
  [[nodiscard]] std::size_t waiting() const noexcept { return queue_.size(); }

private:
  struct subscriber {
    std::size_t place = 0; ///< In `places_`.
    double score = 0;
    bool outbound = false;
  };
  struct member {
    peer_id id;
    std::uint8_t slot = 0; ///< Its bit in `seen_cache::sighting::carriers`.
  };
  struct backoff {
    time_point until;
    bool ours = false; ///< We pruned: its GRAFT is refused too. Else only we hold back.
  };
  /// What a peer did since the last heartbeat.
  struct account {
    std::size_t ihaves = 0;
    std::size_t ids_asked = 0;
    std::size_t bytes_answered = 0;
    std::size_t grafts = 0;
  };
  struct asked_id {
    peer_id peer; ///< Who was asked last.
    time_point at;
    std::size_t times = 0;
  };

  // topic_mesh.cpp: what comes and goes
  void handle_publish(time_point now, const peer_id& from, const byte_slice& payload, const gossip_publish& x);
  void handle_graft(time_point now, const peer_id& from);
  void handle_prune(time_point now, const peer_id& from, const gossip_prune& x);
  void handle_ihave(time_point now, const peer_id& from, const id_list_view& ids);
  void handle_duplicate(time_point now, const peer_id& from, const message_id& id, seen_cache::sighting& x);
  [[nodiscard]] bool open(time_point now, const byte_slice& payload, const gossip_publish& x, gossip_delivery& out);
  void accept(
    time_point now, const gossip_delivery& x, const byte_slice& payload, const std::vector<peer_id>& carriers);
  void judge(time_point now, const validation_queue::pending& x, verdict what);
  [[nodiscard]] bool may_ask(time_point now, const peer_id& from, const message_id& id) const;
  [[nodiscard]] bool doubted(time_point now, const peer_id& peer) const;
  [[nodiscard]] std::vector<peer_id> own_targets(time_point now);
  void send(const peer_id& to, byte_slice payload) { to_send_.push_back({to, std::move(payload)}); }
  void send_prune(const peer_id& to, duration pause);
  void turn_away(const peer_id& to);
  void note(const peer_id& peer, peer_conduct what);
  [[nodiscard]] std::optional<std::uint64_t> unix_time(time_point now) const noexcept;

  // topic_mesh_upkeep.cpp: the mesh and the heartbeat
  [[nodiscard]] std::vector<member>::iterator find_member(const peer_id& peer);
  [[nodiscard]] bool in_mesh(const peer_id& peer) const;
  [[nodiscard]] double score_of(const peer_id& peer) const;
  [[nodiscard]] bool is_outbound(const peer_id& peer) const;
  [[nodiscard]] bool may_graft(time_point now, const peer_id& peer) const;
  void add_to_mesh(const peer_id& peer);
  void remove_from_mesh(std::vector<member>::iterator at);
  void graft(const peer_id& peer);
  void prune(time_point now, const peer_id& peer);
  void hold_back(const peer_id& peer, time_point until, bool ours);
  void fill_mesh(time_point now);
  [[nodiscard]] bool make_room(time_point now, double bar = std::numeric_limits<double>::infinity());
  [[nodiscard]] bool make_room_for(time_point now, const peer_id& peer);
  void balance_outbound(time_point now);
  void graft_better(time_point now);
  void tend_mesh(time_point now);
  void break_promises(time_point now);
  void gossip();
  [[nodiscard]] bool busy() const;
  void wake(time_point now) noexcept;
  template <class Predicate>
  std::vector<peer_id> pick(std::size_t count, Predicate fits);

  config cfg_;
  std::string topic_;
  peer_id self_;
  secret_random secret_;
  small_random random_;
  bool subscribed_ = false;
  std::map<peer_id, subscriber> subscribers_;
  std::vector<peer_id> places_; ///< The keys of `subscribers_`, to draw from.
  std::vector<member> mesh_;
  std::vector<peer_id> fanout_;
  time_point published_at_{};
  std::map<peer_id, backoff> backoffs_;
  std::map<peer_id, account> accounts_;
  std::map<message_id, asked_id> asked_;
  std::map<peer_id, time_point> doubts_; ///< Who did not keep a promise, and until when we wait for no other.
  seen_cache seen_;
  message_cache cache_;
  validation_queue queue_;
  replay_guard replays_;
  time_point heartbeat_at_;
  time_point opportunity_at_;
  time_point unix_known_at_{};
  std::optional<std::uint64_t> unix_ms_;
  std::deque<transmit> to_send_;
  std::deque<farewell> farewells_;
  std::deque<gossip_event> events_;
  std::deque<std::vector<message_id>> offered_;
  std::vector<conduct_note> notes_;
  figures figures_;
};

template <class Predicate>
std::vector<peer_id> topic_mesh::pick(std::size_t count, Predicate fits) {
  // With few peers all are looked at; with many, chance finds enough of them without looking at all.
  const auto tries_max = 16 * count;
  std::vector<peer_id> out;
  if (places_.size() <= tries_max) {
    auto all = places_;
    random_.shuffle_front(all, all.size());
    for (auto at = all.begin(); at != all.end() && out.size() < count; ++at)
      if (fits(*at))
        out.push_back(*at);
    return out;
  }
  for (std::size_t i = 0; i < tries_max && out.size() < count; ++i) {
    const auto& one = places_[static_cast<std::size_t>(random_.below(places_.size()))];
    if (fits(one) && std::find(out.begin(), out.end(), one) == out.end())
      out.push_back(one);
  }
  return out;
}

} // namespace librats::protocols
