// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "protocols/core/transport.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace librats::protocols {

/// What is known about the transports of dialed addresses, so that the next dial begins with the right one (wire/07
/// section 12): what a peer said in its identify, and what worked. At most 1024 addresses, each for 10 minutes; the
/// oldest one gives way.
class transport_memory {
public:
  /// A host (name or literal) and port, as dialed.
  using target = std::pair<std::string, std::uint16_t>;

  /// The peer at `where` said that it accepts these transports (`transport_bit_…` of identify). Zero says nothing.
  void said(const target& where, std::uint8_t transports, time_point now);
  /// A dial of `where` was won by `over`.
  void worked(const target& where, transport over, time_point now);

  /// The transports of `allowed`, the ones that are known to work first and otherwise in the given order.
  [[nodiscard]] std::vector<transport> order(const target& where, std::vector<transport> allowed,
    time_point now) const;

  [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

private:
  struct entry {
    std::uint8_t said = 0;
    std::optional<transport> winner;  ///< Counts for more: the peer cannot know what the path between lets through.
    time_point at{};
  };
  entry& refresh(const target& where, time_point now);

  std::map<target, entry> known_;
};

} // namespace librats::protocols
