// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace librats::protocols {

/// Seconds since 1970 in UTC, as files have them. Comes as an argument: nothing here reads a clock.
using unix_seconds = std::int64_t;

/// One address at which a peer was met, or may be. Zero means never.
struct address_entry {
  endpoint where;
  std::optional<peer_id> id;  ///< Who answered there the last time.
  unix_seconds first_seen = 0;
  unix_seconds last_seen = 0;  ///< Connected, or heard of. A failed dial does not touch it.
  unix_seconds last_connected = 0;
  std::uint64_t connect_count = 0;
  std::uint64_t fail_streak = 0;  ///< Failed dials since the last connection.
  /// What somebody else wrote into the entry, as the text of a JSON object; empty: nothing. It is written back.
  std::string foreign;
};

/// The addresses that a node remembers across restarts, and the file `peers.json` in which upstream keeps them (wire/08
/// section 3): a JSON array, indented by two blanks, one object per address. Ranked as there: whoever was ever
/// connected first, then by the later connection, the higher count, the lower fail streak and the later sight.
class address_book {
public:
  static constexpr std::size_t entries_max = 4096;
  static constexpr unix_seconds forgotten_after = 30 * 24 * 3600;
  /// A longer `foreign` part of one entry is dropped.
  static constexpr std::size_t foreign_bytes_max = 1024;

  struct loaded;
  /// Reads the file's text. Entries without a numeric `ip` and a `port` above zero are skipped, other members are
  /// optional, members that we do not know survive. Entries unseen for 30 days are dropped, then the best 4096 kept.
  /// Error: `bad_text` for anything but a JSON array.
  static result<loaded> load(std::string_view text, unix_seconds now);
  /// The file's text, in the order of the addresses. An empty book is `[]`.
  [[nodiscard]] std::string to_text() const;

  /// A dial to `where` ended at `id`. In a full book the worst entry gives way.
  void note_connected(unix_seconds now, const endpoint& where, const peer_id& id);
  /// The peer there is still, or was until now, connected. Unknown addresses are ignored here and below.
  void note_seen(unix_seconds now, const endpoint& where);
  void note_failed(const endpoint& where);
  void forget(const endpoint& where);
  /// Takes over what another book knows about addresses that this one does not have.
  void merge(const address_book& other);

  /// The `count` best entries, the best first.
  [[nodiscard]] std::vector<address_entry> best(std::size_t count) const;
  [[nodiscard]] const std::map<endpoint, address_entry>& entries() const noexcept { return entries_; }
  /// Grows with every change.
  [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }

private:
  void keep_best(std::size_t count);

  std::map<endpoint, address_entry> entries_;
  std::uint64_t revision_ = 0;
};

struct address_book::loaded {
  address_book book;
  std::size_t skipped = 0;  ///< Array elements that are no entries.
};

} // namespace librats::protocols
