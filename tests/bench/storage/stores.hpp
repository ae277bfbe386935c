// SPDX-License-Identifier: MIT
#pragma once

#include "actors/storage_messages.hpp"
#include "runtime/caf/system_config.hpp"
#include "runtime/database/key_value_database.hpp"
#include "runtime/host/real_host.hpp"

#include <caf/actor_system.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace librats::bench {

/// Spread over the key space, 24 bytes long.
std::string bench_key(std::size_t i);

/// A node with a store and a loop of its own. All calls block.
class store_node {
public:
  /// An empty folder: in memory.
  store_node(
    caf::actor_system& system, const std::string& folder, runtime::database_durability durability, bool listen);
  ~store_node();

  std::uint16_t port();
  void connect(std::uint16_t to);
  void disconnect(store_node& peer);

  /// Puts keys `first` to `first + count`, `window` of them at once, and returns how many seconds it took.
  double put(std::size_t first, std::size_t count, std::size_t size, std::size_t window);
  double get(std::size_t count, std::size_t window);

  actors::storage_status status();
  /// Until the store has so many and all of them are on disk.
  void await_entries(std::size_t count);
  std::uint64_t bytes_said() { return status().bytes_sent; }

private:
  caf::actor_system& system_;
  runtime::real_host host_;
  caf::actor node_;
  peer_id id_;
};

} // namespace librats::bench
