// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/result.hpp"
#include "protocols/core/time.hpp"
#include "protocols/dht/compact.hpp"
#include "protocols/dht/node_id.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace librats::protocols {

struct saved_node {
  node_contact contact;
  duration rtt{}; ///< Zero: not measured.
};

/// What a DHT node knows across restarts, and the files `dht_routing.json` and `dht_routing_v6.json` in which upstream
/// keeps it (wire/08 section 1): `version` 1, `node_id`, and `nodes` with `id`, `ip`, `port` and, where measured, `rtt`
/// in milliseconds.
struct saved_nodes {
  /// Nodes beyond these are not read: about twice what a table in a network of ten million nodes holds.
  static constexpr std::size_t nodes_max = 1024;

  std::optional<node_id> own_id;
  std::vector<saved_node> nodes;

  /// Reads the file's text. Malformed nodes are skipped, further members ignored. Error: `bad_text` for anything but an
  /// object with `version` and an array `nodes`, as upstream has it, or another version than 1.
  static result<saved_nodes> parse(std::string_view text);
  /// The file's text, indented by two blanks.
  [[nodiscard]] std::string to_text() const;
};

} // namespace librats::protocols
