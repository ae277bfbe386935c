// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/dht/krpc.hpp"
#include "protocols/dht/node_id.hpp"
#include "protocols/dht/source_quota.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <vector>

namespace librats::protocols {

/// The peers that others announced to us (BEP 5), of one address family. An entry takes about 140 bytes, and 130 more
/// when it is alone in its swarm. Upstream keeps any number of info-hashes and takes port 0; here everything is
/// bounded, per source too:
///
/// - a swarm that is full drops whom it heard from longest ago, and of one source at most a handful;
/// - a store that is full drops the swarm nobody announced to for longest, or the peer it heard from longest ago;
/// - a source that holds its share gets no more.
class peer_store {
public:
  struct config {
    std::size_t hashes_max = 2000;
    std::size_t peers_max = 20000;             ///< In all swarms together.
    std::size_t peers_per_hash_max = 128;      ///< wire/08 section 1
    std::size_t peers_per_source_max = 64;     ///< Of one subscriber, in all swarms: nodes near each hash are few.
    std::size_t swarm_per_source_max = 8;      ///< Of one subscriber, in one swarm: peers that share a NAT.
    bool loopback_exempt = false;              ///< The limits per source do not hold for 127.0.0.1.
    duration ttl = std::chrono::minutes{30};   ///< Announcements come every 10 to 15 minutes.
    std::chrono::seconds sample_interval{600}; ///< How long one choice of samples is handed out (BEP 51).
  };

  /// `seed` decides which peers and samples are handed out.
  peer_store(const config& cfg, std::uint64_t seed) : cfg_(cfg), random_(seed), quota_(quota_of(cfg)) {}
  peer_store(peer_store&&) = default; // No copies: its parts point at each other.
  peer_store& operator=(peer_store&&) = default;

  /// Stores or refreshes a peer whose token was valid. False when it is refused: port or address zero, or its source
  /// holds too many. `now` never steps back here or below. O(log n).
  bool announce(const info_hash& hash, const endpoint& peer, time_point now);

  /// A random choice of at most `count` peers. O(log n).
  [[nodiscard]] std::vector<endpoint> sample(const info_hash& hash, std::size_t count, time_point now);

  /// Some of the info-hashes that are stored, the same ones for a whole interval, so that asking often brings nothing
  /// new (BEP 51). Where all of them fit into a reply it is all, and the interval is zero. O(log n), but O(n) once per
  /// interval.
  [[nodiscard]] krpc::sample_report sample_hashes(time_point now);

  /// Forgets what was not refreshed in time; the calls above do that first, too.
  void expire(time_point now);
  /// When there will be something to forget; empty when nothing is stored.
  [[nodiscard]] std::optional<time_point> next_expiry() const noexcept;

  [[nodiscard]] std::size_t hash_count() const noexcept { return swarms_.size(); }
  [[nodiscard]] std::size_t peer_count() const noexcept { return records_.size(); }

private:
  struct record {
    info_hash hash;
    endpoint at;
    time_point announced;
  };
  using record_list = std::list<record>;
  struct swarm {
    std::vector<record_list::iterator> peers;
    std::list<info_hash>::iterator recency;
  };

  static source_quota quota_of(const config& cfg) noexcept { return {cfg.peers_per_source_max, cfg.loopback_exempt}; }
  void erase(record_list::iterator x);
  void displace_kin(const info_hash& hash, const ip_address& from);
  void make_room(const info_hash& hash);
  void draw_samples(time_point now);

  config cfg_;
  small_random random_;
  source_quota quota_;
  record_list records_;          ///< Announced longest ago first.
  std::list<info_hash> recency_; ///< Of swarms, in the same order.
  std::map<info_hash, swarm> swarms_;
  std::vector<info_hash> drawn_; ///< What sample_hashes hands out.
  std::optional<time_point> drawn_at_;
};

} // namespace librats::protocols
