// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/crypto/identity.hpp"
#include "protocols/crypto/xeddsa.hpp"
#include "protocols/gossip/message_id.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

namespace librats::protocols {

// A PUBLISH carries no signature (wire/04). One that is signed has this in front of its data:
//
//     bytes[8]  F5 "RATSIG" 01   which no UTF-8 text, and so no JSON, starts with
//     bytes[32] key              X25519, the author's; its SHA-256 is the origin of the message
//     u64       written_at       milliseconds since 1970 by the author's clock
//     bytes[64] signature        XEdDSA of: "librats gossip publication 1" | origin | seqno | written_at |
//                                u16 topic_len | topic | data
//
// Nodes that know nothing of it pass it on as it is, and hand the envelope with the data to their application. Because
// the key hashes to the origin, and the signature covers id, topic, time and data, nothing can be changed, moved to
// another topic or written in somebody's name.

/// Bytes of the envelope in front of the data.
constexpr std::size_t signed_envelope_size = 8 + 32 + 8 + 64;

/// What an envelope holds. `data` is borrowed.
struct signed_publication {
  std::uint64_t written_at_ms = 0;
  bytes_view data;
};

/// Puts the envelope in front of `data`. `id.origin` must be `key.id()`.
bytes sign_publication(const key_pair& key, const message_id& id, std::string_view topic, bytes_view data,
  std::uint64_t unix_ms, const xeddsa_noise& noise);

/// True when the data starts like an envelope.
bool looks_signed(bytes_view data) noexcept;

/// Checks an envelope against the message that it came in. Errors: `truncated`, `unknown_kind` (no envelope), `bad_key`
/// (the key is not the origin's), `not_authentic`.
result<signed_publication> open_publication(const message_id& id, std::string_view topic, bytes_view data);

/// Refuses signed publications that were let in before, for ever: a recording of them is authentic too, and the cache
/// of seen ids forgets after minutes. Whoever is older than `age_max` is refused, all younger ones are remembered, and
/// where there is no room for that the oldest goes and with it everything that is not younger.
class replay_guard {
public:
  struct config {
    std::uint64_t age_max_ms = 5 * 60 * 1000;
    std::uint64_t ahead_max_ms = 60 * 1000; ///< How far the author's clock may be ahead of ours.
    std::size_t remembered_max = 16384;     ///< About 100 bytes each.
  };
  enum class judgement : std::uint8_t {
    fresh,
    replayed,
    stale,   ///< Too old to know, or older than what had to be forgotten.
    too_new, ///< Its author's clock, or ours, is wrong.
  };

  replay_guard() : replay_guard(config{}) {}
  explicit replay_guard(const config& cfg) : cfg_(cfg) {}

  /// Judges without remembering.
  [[nodiscard]] judgement check(std::uint64_t unix_ms, std::uint64_t written_at_ms, const message_id& id) const;
  /// Remembers what `check` called fresh.
  void remember(std::uint64_t unix_ms, std::uint64_t written_at_ms, const message_id& id);

  [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

private:
  void forget_first();

  config cfg_;
  std::set<std::pair<std::uint64_t, message_id>> known_; ///< By time of writing.
  std::uint64_t floor_ms_ = 0;                           ///< Nothing that is not younger is let in.
};

} // namespace librats::protocols
