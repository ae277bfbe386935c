// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/peer_id.hpp"
#include "protocols/core/source_budget.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace librats::protocols {

/// The name of a publication (wire/04 section 1): who it claims to be from, and a number that this author uses once.
struct message_id {
  /// Bytes on the wire: `origin | seqno (u64 big-endian)`.
  static constexpr std::size_t size = peer_id::size + 8;

  peer_id origin;
  std::uint64_t seqno = 0;

  friend bool operator==(const message_id& a, const message_id& b) noexcept {
    return a.seqno == b.seqno && a.origin == b.origin;
  }
  friend bool operator!=(const message_id& a, const message_id& b) noexcept { return !(a == b); }
  friend bool operator<(const message_id& a, const message_id& b) noexcept {
    return a.origin != b.origin ? a.origin < b.origin : a.seqno < b.seqno;
  }
};

/// Strangers choose every bit of an id, so tables hash them with a seed that strangers do not know. Such a table is
/// never iterated: its order would differ from seed to seed.
struct keyed_id_hash {
  std::uint64_t seed = 0;

  // Not noexcept: libstdc++ then keeps the hash beside the id, instead of computing it again for every neighbour that a
  // look-up passes.
  std::size_t operator()(const message_id& id) const {
    auto out = mix_bits(seed ^ id.seqno);
    for (std::size_t at = 0; at < peer_id::size; at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, id.origin.raw.data() + at, sizeof(word));
      out = mix_bits((out ^ word) + seed);
    }
    return static_cast<std::size_t>(out);
  }
};

} // namespace librats::protocols
