// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "runtime/net/stream.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace librats::runtime {

/// Names a stream that waits in its loop's table. A plain value, fit for a message; good for one claim.
struct stream_ref {
  std::uint32_t loop = 0;
  std::uint64_t id = 0;  ///< Zero names nothing.
};

/// A stream that no connection claimed by then is closed: its supervisor died between the two.
constexpr auto claim_timeout = std::chrono::seconds{5};

/// Streams between the broker that opened them and the connection actor that will own them. Loop-confined.
class stream_table {
public:
  /// Keeps `owned` until it is claimed or has waited since a `drop_older` limit.
  std::uint64_t put(std::unique_ptr<stream> owned, time_point now) {
    waiting_.emplace(++last_id_, entry{std::move(owned), now});
    return last_id_;
  }

  /// Hands the stream out; null when it is unknown, was claimed before or was dropped.
  std::unique_ptr<stream> claim(std::uint64_t id) {
    const auto found = waiting_.find(id);
    if (found == waiting_.end())
      return nullptr;
    auto out = std::move(found->second.owned);
    waiting_.erase(found);
    return out;
  }

  /// Closes what waits since `limit` or longer; returns how many were closed.
  std::size_t drop_older(time_point limit) {
    std::size_t dropped = 0;
    while (!waiting_.empty() && waiting_.begin()->second.since <= limit) {
      waiting_.erase(waiting_.begin());
      ++dropped;
    }
    return dropped;
  }

  /// Since when the oldest one waits; empty when none does.
  [[nodiscard]] std::optional<time_point> oldest() const {
    return waiting_.empty() ? std::nullopt : std::optional{waiting_.begin()->second.since};
  }
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }
  void clear() { waiting_.clear(); }

private:
  struct entry {
    std::unique_ptr<stream> owned;
    time_point since;
  };
  std::map<std::uint64_t, entry> waiting_;  // Ids grow, so the map is in order of age.
  std::uint64_t last_id_ = 0;
};

} // namespace librats::runtime
