// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <cstdint>
#include <utility>

namespace librats {

/// Appends big-endian fields to bytes that it owns.
class byte_writer {
public:
  byte_writer() = default;
  explicit byte_writer(std::size_t capacity) { out_.reserve(capacity); }

  byte_writer& u8(std::uint8_t x) { return big_endian(x, 1); }
  byte_writer& u16(std::uint16_t x) { return big_endian(x, 2); }
  byte_writer& u32(std::uint32_t x) { return big_endian(x, 4); }
  byte_writer& u64(std::uint64_t x) { return big_endian(x, 8); }
  byte_writer& raw(bytes_view in) {
    out_.insert(out_.end(), in.begin(), in.end());
    return *this;
  }
  byte_writer& raw(std::string_view text) { return raw(as_bytes(text)); }

  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }
  /// Hands out what was written and leaves the writer empty.
  bytes take() noexcept { return std::exchange(out_, {}); }

private:
  byte_writer& big_endian(std::uint64_t x, int width) {
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8)
      out_.push_back(static_cast<std::uint8_t>(x >> shift));
    return *this;
  }

  bytes out_;
};

} // namespace librats
