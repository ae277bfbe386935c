// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/datagram/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace librats::protocols {

/// Packets `first` to `first + count - 1` arrived.
struct ack_range {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

inline constexpr std::size_t ack_ranges_max = 64;

/// Reads the payload of an Ack of our extension: per range `u16 gap | u16 count`, big-endian. A position starts at the
/// first packet behind `ack`; each range skips `gap` packets, of which nothing is said, and `count` behind them
/// arrived.
class ack_range_reader {
public:
  ack_range_reader(bytes_view payload, std::uint32_t ack) noexcept : rest_(payload), position_(ack + 1) {}

  /// The next range; empty when there is none. `count` may be 0.
  std::optional<ack_range> next() noexcept;

private:
  bytes_view rest_;
  std::uint32_t position_;
};

/// Writes what `ack_range_reader` reads, into memory of at least `packet_ranges_size_max` bytes.
class ack_range_writer {
public:
  ack_range_writer(mutable_bytes_view out, std::uint32_t ack) noexcept : out_(out), position_(ack + 1) {}

  /// Appends a range that lies behind all before it. False, and nothing is written, when the list is full or the range
  /// lies too far ahead.
  bool add(const ack_range& x) noexcept;
  /// Bytes written so far.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  mutable_bytes_view out_;
  std::size_t size_ = 0;
  std::uint32_t position_;
};

} // namespace librats::protocols
