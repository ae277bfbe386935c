// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/peer_id.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace librats::protocols {

/// What the bytes of a value mean. Any other number may come over the wire and is kept as it is.
enum class storage_type : std::uint8_t { binary = 1, string = 2, int64 = 3, number = 4, json = 5 };

/// The largest value that may be written, in bytes (wire/06 section 4). An ENTRY must get through as well, see
/// `storage_entry_max`.
constexpr std::size_t storage_value_max = std::size_t{16} << 20;
/// The longest key, in bytes. Upstream knows no limit; ours keeps an index small that strangers fill.
constexpr std::size_t storage_key_max = 65'536;
/// The largest ENTRY message, in bytes: a larger one ends the link that an upstream node forwards it on (wire/00
/// section 6), so a larger entry could never reach everybody. Hence a value has at most 8 MiB less some 1.1 KiB, the
/// key and the origin.
constexpr std::size_t storage_entry_max = 8'387'558;
/// The last moment of the year 9999, in Unix milliseconds. A later timestamp is no mistake of a clock but an attempt to
/// own a key for ever: nobody could write above 2^64 - 1.
constexpr std::uint64_t storage_timestamp_max = 253'402'300'799'999;

/// The rule of wire/06 section 3, on which all nodes agree: later wins; at the same time, the origin that is greater
/// byte by byte. Equal versions: neither wins, even if the data differ. `Origin` is ordered so.
template <class Origin>
[[nodiscard]] bool lww_wins(std::uint64_t time, const Origin& origin, std::uint64_t other_time, const Origin& other) {
  return time > other_time || (time == other_time && other < origin);
}

/// Which of two entries of the same key is the later one. The origin is who wrote it; empty when a node wrote before it
/// had a name. Comparing ids compares their lowercase hex digits as well, and "no origin" is the least in both.
struct storage_version {
  std::uint64_t timestamp_ms = 0; ///< Unix milliseconds, as the writer's hybrid clock saw them.
  std::optional<peer_id> origin;

  [[nodiscard]] bool wins_over(const storage_version& other) const {
    return lww_wins(timestamp_ms, origin, other.timestamp_ms, other.origin);
  }
  friend bool operator==(const storage_version& a, const storage_version& b) noexcept {
    return a.timestamp_ms == b.timestamp_ms && a.origin == b.origin;
  }
  friend bool operator!=(const storage_version& a, const storage_version& b) noexcept { return !(a == b); }
};

/// What a store holds for a key. A tombstone is `deleted`, has no data, and keeps the type of what it removed.
struct storage_record {
  std::uint8_t type = static_cast<std::uint8_t>(storage_type::binary);
  bool deleted = false;
  storage_version version;
  byte_slice data;
};

struct storage_entry {
  std::string key;
  storage_record record;
};

} // namespace librats::protocols
