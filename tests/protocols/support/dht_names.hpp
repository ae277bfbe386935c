// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/small_random.hpp"
#include "protocols/dht/node_id.hpp"

#include <cstdint>

namespace librats::test {

/// Ids and addresses for nodes that a test makes up, the same ones in every run.
struct dht_names {
  protocols::node_id random_id() {
    protocols::node_id out;
    for (auto& x : out.raw)
      x = static_cast<std::uint8_t>(random.next());
    return out;
  }
  /// A /16 of its own.
  endpoint new_address() {
    ++networks;
    return {
      ip_address::v4(static_cast<std::uint8_t>(20 + networks / 256), static_cast<std::uint8_t>(networks), 7, 1), 6881};
  }

  small_random random{7};
  unsigned networks = 0;
};

} // namespace librats::test
