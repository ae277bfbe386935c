// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/secret_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/dht/compact.hpp"
#include "protocols/dht/krpc.hpp"
#include "protocols/dht/node_id.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

namespace librats::protocols {

/// Walks the key space and learns which info-hashes others store (BEP 51, "spider mode"). It sends nothing and knows no
/// routing table: whoever drives it sends what `poll_request` gives and says what became of it. Call one input, drain
/// `poll_request`, drain `poll_event`, then wait for `poll_timeout`.
///
/// It goes in legs: towards a random place, the closest known node first, as a lookup does; each answer names nodes
/// that are closer, and after a dozen queries the next leg begins. So every part of the key space gets its share of the
/// queries, however many ids somebody puts into one of them.
///
/// A node rests between two queries for as long as it asks for, and so does its whole public address. Everything that
/// strangers can fill is bounded:
/// - of a full queue a random node gives way; two of a /24 or /64 wait in it at most;
/// - when as many nodes rest as can be remembered, nobody is asked until one of them may be asked again;
/// - of the info-hashes the latest ones are remembered; an older one is fresh again.
class sampler {
public:
  struct config {
    node_id self; ///< Never asked.
    address_family family = address_family::v4;
    duration spacing = std::chrono::seconds{1}; ///< Between two queries.
    std::size_t queue_max = 512;
    /// Nodes that rest; some 100 bytes each. More than one a second in the longest interval, so it holds nothing up.
    std::size_t resting_max = 24'576;
    std::size_t recent_max = 16'384; ///< Info-hashes that are told from fresh ones; some 90 bytes each.
    /// Holds public addresses to the limits per network; off in laboratories.
    bool restrict_addresses = true;
  };

  static constexpr std::size_t in_flight_max = 32; ///< Unanswered queries.
  /// Some four hops to the closest nodes, and the eight that keep what is there.
  static constexpr unsigned queries_per_leg = 12;
  static constexpr std::size_t per_network_max = 2;
  static constexpr std::size_t nodes_per_answer_max = 8;
  /// More do not fit beside eight nodes into a datagram that is not fragmented.
  static constexpr std::size_t hashes_per_answer_max = 64;
  /// Nodes that hand out all they have ask for no rest; a small network would be asked in circles.
  static constexpr duration rest_min = std::chrono::minutes{1};
  /// Of who answers but knows nothing of BEP 51: the longest interval.
  static constexpr duration rest_without_samples = std::chrono::seconds{krpc::sample_interval_max};
  /// Of who does not answer: a lost datagram is no reason for more.
  static constexpr duration rest_after_silence = std::chrono::hours{1};
  /// When nobody is left to ask, other nodes are wanted after `spacing`, and then after pauses that double up to this.
  static constexpr duration dry_pause_max = std::chrono::seconds{10};

  /// A query to send. `handle` names it in the inputs.
  struct request {
    std::uint32_t handle = 0;
    endpoint to;
    node_id id; ///< Who is expected to answer.
    krpc::query what;
  };

  /// Info-hashes that were not seen lately.
  struct hashes_found {
    std::vector<info_hash> hashes;
    endpoint from;
  };
  /// A leg begins: known nodes near its end are welcome, by `add_nodes`.
  struct nodes_wanted {
    node_id target;
  };
  using event = std::variant<hashes_found, nodes_wanted>;

  struct figures {
    std::uint64_t asked = 0;
    std::uint64_t answered = 0;        ///< With samples, even if there are none.
    std::uint64_t without_samples = 0; ///< Answered, but knows nothing of BEP 51.
    std::uint64_t failed = 0;          ///< No answer, an error, or an answer of somebody else.
    std::uint64_t refused = 0;         ///< Named nodes that were no use: bogons, too many of a network.
    std::uint64_t hashes_seen = 0;
    std::uint64_t hashes_fresh = 0; ///< Of these not seen lately.
    std::uint64_t legs = 0;
    std::size_t queued = 0;  ///< Nodes that wait to be asked.
    std::size_t resting = 0; ///< Nodes that are remembered, so that they are left alone.
  };

  /// `key` decides where the legs lead: 16 random bytes.
  sampler(const config& cfg, const secret_random::key_type& key) : cfg_(cfg), random_(key) {}

  // -- inputs

  /// Our id has changed.
  void set_self(const node_id& id) noexcept { cfg_.self = id; }
  /// Nodes that the routing table knows.
  void add_nodes(const std::vector<node_contact>& nodes, time_point now);
  /// A node answered.
  void answered(std::uint32_t handle, const krpc::response& x, time_point now);
  /// No answer will come, or an error came.
  void failed(std::uint32_t handle, time_point now);

  // -- outputs

  /// One each `spacing`. O(nodes in the queue); O(nodes that rest) while as many do as can be remembered.
  std::optional<request> poll_request(time_point now);
  std::optional<event> poll_event();
  /// When `poll_request` may have something; empty while too many answers are missing.
  [[nodiscard]] std::optional<time_point> poll_timeout() const noexcept;

  [[nodiscard]] figures counted() const noexcept;

private:
  [[nodiscard]] bool limited(const ip_address& x) const noexcept;
  [[nodiscard]] endpoint resting_place(const endpoint& x) const noexcept;
  [[nodiscard]] bool rests(const endpoint& x, time_point now) const;
  void add(const node_contact& x, time_point now);
  void take_nodes(const endpoint& from, const krpc::response& x, time_point now);
  void take_hashes(const endpoint& from, const std::vector<info_hash>& hashes);
  void begin_leg();
  [[nodiscard]] std::size_t closest_in_queue() const;
  void remove_from_queue(std::size_t index);
  void let_rest(const endpoint& x, time_point until);
  [[nodiscard]] bool can_remember(time_point now);

  config cfg_;
  secret_random random_;
  node_id target_;
  unsigned left_in_leg_ = 0;
  std::vector<node_contact> queue_;            ///< In no order.
  std::map<endpoint, time_point> resting_;     ///< By resting place: until when.
  std::map<std::uint32_t, node_contact> open_; ///< By handle: whose answer is missing.
  std::uint32_t last_handle_ = 0;
  std::set<info_hash> recent_;
  std::deque<info_hash> recent_order_; ///< The oldest first.
  time_point next_at_{};               ///< By `spacing`.
  time_point full_until_{};            ///< By `resting_max`.
  time_point dry_until_{};
  duration dry_pause_{};
  std::deque<event> events_;
  figures figures_;
};

} // namespace librats::protocols
