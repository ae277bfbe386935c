// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace librats::protocols {

/// Bytes in order, in chunks of 16 KiB that are freed as soon as they are used up. Every byte has an offset, counted
/// from the first one ever appended. An empty queue holds no memory, and one with a few bytes holds a few.
class byte_queue {
public:
  static constexpr std::size_t chunk_size = 16 * 1024;

  void append(bytes_view in);

  [[nodiscard]] std::uint64_t begin() const noexcept { return begin_; }
  [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - begin_); }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

  /// Copies the bytes from `offset` on; all of them must be there.
  void copy(std::uint64_t offset, mutable_bytes_view out) const noexcept;
  /// As many of the first bytes as lie in one piece; valid until the next call that changes the queue.
  [[nodiscard]] mutable_bytes_view front() noexcept;
  /// Forgets the first `count` bytes, which must be there.
  void pop(std::size_t count) noexcept;
  void clear() noexcept { pop(size()); }

private:
  using chunk = std::unique_ptr<std::uint8_t[]>;

  void make_room(std::size_t wanted);

  std::vector<chunk> chunks_; ///< The first `first_` are gone.
  chunk spare_;               ///< The last one that was used up: a busy queue need not ask for memory.
  std::size_t first_ = 0;
  std::size_t last_capacity_ = 0; ///< Of the last chunk; `chunk_size` for all others.
  std::uint64_t base_ = 0;        ///< The offset at which the first chunk starts.
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
};

} // namespace librats::protocols
