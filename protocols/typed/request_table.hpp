// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/peer_id.hpp"
#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace librats::protocols {

/// Requests that wait for their answer, by peer and number: each leaves the table exactly once, answered, overdue or
/// with its peer. A full table admits no more until one has left. All calls are O(log n) in what waits.
class request_table {
public:
  struct limits {
    std::size_t per_peer = 0;
    std::size_t in_all = 0;
    std::size_t bytes_per_peer = 0; ///< Of the `size`s together; one request that is alone may be larger.
  };

  struct key {
    peer_id peer;
    std::uint64_t id = 0;

    friend bool operator<(const key& a, const key& b) noexcept {
      return a.peer != b.peer ? a.peer < b.peer : a.id < b.id;
    }
    friend bool operator==(const key& a, const key& b) noexcept { return a.peer == b.peer && a.id == b.id; }
  };

  enum class admission : std::uint8_t {
    admitted = 1,
    known, ///< One with this number waits already.
    peer_full,
    full,
  };

  explicit request_table(const limits& at_most) noexcept : limits_(at_most) {}

  /// `size`: the bytes that the request holds while it waits.
  admission add(const key& which, time_point due, std::size_t size);
  /// Removes one. False when it does not wait, or not any more.
  bool take(const key& which);
  /// Removes all of a peer, lowest number first.
  std::vector<key> take_peer(const peer_id& peer);
  /// Removes all that are due, the earliest first.
  std::vector<key> take_due(time_point now);
  [[nodiscard]] std::optional<time_point> poll_timeout() const noexcept;

  [[nodiscard]] bool waits(const key& which) const { return entries_.count(which) != 0; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
  struct entry {
    time_point due;
    std::size_t size;
  };
  struct load {
    std::size_t count = 0;
    std::size_t bytes = 0;
  };

  void erase(std::map<key, entry>::iterator which);

  limits limits_;
  std::map<key, entry> entries_;
  std::set<std::pair<time_point, key>> due_;
  std::map<peer_id, load> loads_;
};

} // namespace librats::protocols
