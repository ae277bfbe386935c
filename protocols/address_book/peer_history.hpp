// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/address_book/address_book.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace librats::protocols {

/// A peer as `peers.rats` and `peers_ever.rats` of the client API list it: a JSON array of objects with `ip`, `port`,
/// `peer_id`, `normalized_address`, `is_outgoing`, `version` and `last_seen` (Unix seconds).
struct known_peer {
  endpoint where;  ///< Where it can be dialed, as far as is known.
  std::string peer_id;  ///< As it calls itself in the file; ours write 64 hex digits.
  bool outgoing = false;
  std::string version;
  unix_seconds last_seen = 0;  ///< 0: the file does not say.
};

/// Reads such a file. Entries without a numeric `ip` and a `port` above zero are skipped. Error: `bad_text` for
/// anything but a JSON array.
result<std::vector<known_peer>> parse_known_peers(std::string_view text);

/// The text of such a file, with a final line break.
std::string dump_known_peers(const std::vector<known_peer>& peers);

/// Every peer that was ever met, by its id; of two sights the later one is kept. At most 4096: whoever was not seen for
/// the longest time gives way.
class peer_history {
public:
  static constexpr std::size_t entries_max = 4096;

  void note(known_peer x);
  void clear() noexcept { peers_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return peers_.size(); }
  /// The last seen first.
  [[nodiscard]] std::vector<known_peer> all() const;

private:
  std::map<std::string, known_peer> peers_;
};

} // namespace librats::protocols
