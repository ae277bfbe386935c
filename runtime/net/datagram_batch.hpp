// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace librats::runtime {

/// Datagrams that wait to leave together, one behind the other in one piece of memory. Grows with its use from nothing
/// to `batch_bytes_max`.
class datagram_batch {
public:
  /// More than a burst between two looks at the socket needs, and no more than a level-2 cache holds.
  static constexpr std::size_t batch_bytes_max = 256 * 1024;
  /// Empty datagrams take no memory, but not for ever.
  static constexpr std::size_t batch_count_max = 4'096;

  /// Neighbours that go to the same place and can leave as one: all have `segment` bytes, the last one perhaps fewer.
  struct run {
    const endpoint* to;
    bytes_view content;
    std::size_t segment;
    std::size_t count;
  };

  /// Room for `size` bytes; empty when it is full. Zero bytes get one, so that an empty view always means "full".
  mutable_bytes_view prepare(std::size_t size);
  /// Keeps the first `size` bytes of what `prepare` gave.
  void commit(const endpoint& to, std::size_t size);

  [[nodiscard]] bool empty() const noexcept { return first_ == entries_.size(); }
  /// How many datagrams wait.
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size() - first_; }

  /// The run that begins `skip` datagrams after the oldest, which must exist: at most `count_max` datagrams and, unless
  /// it is a single one, `bytes_max` bytes.
  [[nodiscard]] run run_at(std::size_t skip, std::size_t count_max, std::size_t bytes_max) const;
  /// Forgets the oldest `count` datagrams.
  void pop(std::size_t count);

private:
  struct entry {
    endpoint to;
    std::size_t begin;
    std::size_t size;
  };

  std::unique_ptr<std::uint8_t[]> memory_;  // Uninitialised: a page that was never used is no memory.
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
  std::vector<entry> entries_;
  std::size_t first_ = 0;  // The oldest one that still waits.
};

} // namespace librats::runtime
