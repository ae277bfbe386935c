// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <cstdint>

namespace librats {

/// Reads big-endian fields from borrowed bytes. The first short read latches failure; every later read yields zero or
/// an empty view, so a decoder reads all fields in wire order and asks `ok()` once. All foreign bytes pass through
/// here.
class byte_reader {
public:
  explicit byte_reader(bytes_view in) noexcept : rest_(in) {}

  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(big_endian(1)); }
  std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(big_endian(2)); }
  std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(big_endian(4)); }
  std::uint64_t u64() noexcept { return big_endian(8); }

  /// The next `n` bytes; empty and failed if fewer remain.
  bytes_view take(std::size_t n) noexcept;
  /// Everything that remains; never fails.
  bytes_view rest() noexcept;

  [[nodiscard]] std::size_t remaining() const noexcept { return rest_.size(); }
  [[nodiscard]] bool ok() const noexcept { return !failed_; }
  [[nodiscard]] bool exhausted() const noexcept { return rest_.empty(); }

private:
  std::uint64_t big_endian(std::size_t width) noexcept;

  bytes_view rest_;
  bool failed_ = false;
};

} // namespace librats
