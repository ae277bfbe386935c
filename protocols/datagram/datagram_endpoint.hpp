// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/source_budget.hpp"
#include "protocols/core/time.hpp"
#include "protocols/core/token_bucket.hpp"
#include "protocols/datagram/cookie_jar.hpp"
#include "protocols/datagram/packet.hpp"
#include "protocols/wire/role.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace librats::protocols {

/// Who gets in, and how much strangers may make us do.
struct datagram_endpoint_options {
  std::size_t streams_max = 8192;
  /// With so many streams open a Syn needs a cookie; 0: always.
  std::size_t cookie_above = 1024;
  /// New streams without a cookie. Who exceeds these is asked for one, which costs him a round trip.
  token_rate accepts{/*rate=*/256, /*burst=*/1024};
  token_rate accepts_per_source{/*rate=*/64, /*burst=*/256};  ///< Loopback is exempt.
  /// New streams with a valid cookie, from an address that is therefore no forgery. Who exceeds this is not answered;
  /// loopback is exempt.
  token_rate proven_per_source{/*rate=*/128, /*burst=*/1024};
  std::size_t sources = source_budget::sources_default;
};

/// The two names of a stream (wire/07 section 2).
struct connection_ids {
  std::uint32_t receive_id = 0;
  std::uint32_t send_id = 0;
};

/// What one socket knows of its streams: which datagram belongs to which, who may open one, and what strangers are
/// answered (wire/07 sections 2, 4 and 5). Owns no stream: it maps (connection id, address) to whatever the caller gave
/// it. Deterministic but for the secrets it is given.
class datagram_endpoint {
public:
  enum class verdict : std::uint8_t {
    stream,   ///< For the stream of `owner`: give it `packet`.
    accepted, ///< A new stream: make a responder with `ids`, `add` it, give it `packet`. Or `refuse`.
    reply,    ///< Send `reply` back to where it came from; nothing is kept.
    dropped,  ///< Ours, and nothing is to be done.
    foreign,  ///< Not of this transport: STUN, say, or garbage.
  };

  struct arrival {
    verdict what = verdict::dropped;
    void* owner = nullptr;
    packet_view packet;
    connection_ids ids;
    bytes_view reply; ///< Until the next call.
  };

  struct counters {
    std::uint64_t accepted = 0;
    std::uint64_t cookies_demanded = 0;
    std::uint64_t refused = 0;            ///< Syns, because the table is full.
    std::uint64_t over_budget = 0;        ///< Syns with a valid cookie that were dropped.
    std::uint64_t resets = 0;             ///< Answers to packets of unknown streams.
    std::uint64_t replies_suppressed = 0; ///< Beyond 3,200 a second.
  };

  /// `seed` is random; it protects tables from strangers that choose their keys.
  datagram_endpoint(
    const datagram_endpoint_options& options, const cookie_secret& secret, std::uint64_t seed, time_point now);

  /// Looks at one datagram. Longer ones than `datagram_max` are foreign, whatever they begin with.
  arrival classify(mutable_bytes_view datagram, const endpoint& from, time_point now);

  /// Ids for a dial to `to`, from a draw of a cryptographic generator; empty when the draw will not do: draw again.
  [[nodiscard]] std::optional<connection_ids> ids_for(std::uint32_t drawn) const;
  /// Enters a stream. `owner` is handed back by `classify` and never touched. False when that stream is there already.
  bool add(const connection_ids& ids, const endpoint& remote, role side, void* owner);
  void remove(const connection_ids& ids, const endpoint& remote) noexcept;

  /// The answer to an accepted Syn that is not wanted after all (the peer limit). Not counted as a reply to a stranger.
  static std::size_t refuse(const packet_view& syn, mutable_bytes_view out) noexcept;

  [[nodiscard]] time_point rotation_due() const noexcept { return cookies_.rotation_due(); }
  void rotate(const cookie_secret& secret, time_point now) noexcept { cookies_.rotate(secret, now); }

  [[nodiscard]] std::size_t streams() const noexcept { return streams_.size(); }
  [[nodiscard]] const counters& count() const noexcept { return count_; }

private:
  struct key {
    std::uint32_t receive_id = 0;
    endpoint remote;
    friend bool operator==(const key& a, const key& b) noexcept {
      return a.receive_id == b.receive_id && a.remote == b.remote;
    }
  };
  struct hash_key {
    std::uint64_t seed = 0;
    std::size_t operator()(const key& x) const noexcept;
    std::size_t operator()(std::uint32_t id) const noexcept;
  };
  struct entry {
    void* owner = nullptr;
    role side = role::initiator;
  };

  [[nodiscard]] const entry* find(std::uint32_t receive_id, const endpoint& from) const;
  [[nodiscard]] const entry* find_by_send_id(std::uint32_t send_id, const endpoint& from) const;
  arrival judge_syn(arrival out, const endpoint& from, time_point now);
  arrival reply(arrival out, packet_type type, std::uint32_t conn_id, mutable_bytes_view payload, time_point now);
  bool may_reply(time_point now) noexcept;

  datagram_endpoint_options options_;
  cookie_jar cookies_;
  std::unordered_map<key, entry, hash_key> streams_;
  std::unordered_map<std::uint32_t, std::size_t, hash_key> ids_; ///< How many streams have that receive id.
  token_bucket accepts_;
  source_budget accepts_per_source_;
  source_budget proven_per_source_;
  token_bucket replies_;
  std::array<std::uint8_t, packet_header_size + packet_cookie_size> reply_{};
  counters count_;
};

} // namespace librats::protocols
