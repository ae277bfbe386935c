// SPDX-License-Identifier: MIT
#pragma once

#include "apps/librats/client_view.hpp"
#include "protocols/core/result.hpp"
#include "runtime/disk/disk.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace librats::apps {

// config.json and peers.rats of a data directory. All functions block. Errors are sentences.

/// What stands in a config.json; everything is optional. Port and peer limit stand there too, for people to read.
struct stored_settings {
  std::optional<std::string> protocol_name;
  std::optional<std::string> protocol_version;
  std::optional<std::string> peer_id;
  std::optional<bool> encryption;
  std::shared_ptr<const protocols::key_pair> key;
};

/// Reads the text of a config.json. Unknown members are ignored.
result<stored_settings, std::string> parse_settings(std::string_view text);

/// 64 hex digits of either case, not all zero; else null.
std::shared_ptr<const protocols::key_pair> parse_key(std::string_view hex);

struct loaded_settings {
  std::optional<stored_settings> content;  ///< Empty: there is no file.
  std::string warning;                     ///< A sentence for the log, or empty.
};

/// Reads config.json. One that others can read is made private, with a warning.
result<loaded_settings, std::string> load_settings(runtime::disk& files, const std::string& directory);

/// Writes config.json, readable by its owner alone; members that we do not know stay. Without `insist`, a file that
/// makes no sense is left alone, and so is one with another key, unless the program chose its key or read this file;
/// that is an error. With it, one that is no JSON is first copied to config.json.bad: it may hold the only copy of a
/// key.
std::optional<std::string> save_settings(runtime::disk& files, const client_settings& settings, bool insist);

/// Reads peers.rats; a missing file is an empty list, and entries that cannot be dialed or were not seen for a week are
/// skipped.
result<std::vector<protocols::known_peer>, std::string> load_peers(runtime::disk& files, const std::string& directory,
  protocols::unix_seconds now);

/// Writes the peers that can be dialed. Without any, a file that is there stays as it is.
std::optional<std::string> save_peers(runtime::disk& files, const client_view& view);

/// Reads peers_ever.rats; a missing file is an empty list.
result<std::vector<protocols::known_peer>, std::string> load_history(runtime::disk& files,
  const std::string& directory);

/// Writes peers_ever.rats, with whom it names already; one that makes no sense is first copied to peers_ever.rats.bad.
std::optional<std::string> save_history(runtime::disk& files, const std::string& directory,
  const std::vector<protocols::known_peer>& peers);

/// Empties peers_ever.rats, if there is one.
std::optional<std::string> clear_history_file(runtime::disk& files, const std::string& directory);

} // namespace librats::apps
