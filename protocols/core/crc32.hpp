// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <cstdint>

namespace librats {

/// CRC-32 of IEEE 802.3 and ITU-T V.42, the one of zlib: polynomial 0xEDB88320 with its bits reversed, all ones before
/// and after. Finds accidents, proves nothing. Takes what it covers piece by piece, about 1 ns per byte.
class crc32 {
public:
  crc32& update(bytes_view in) noexcept;
  /// Of everything so far.
  [[nodiscard]] std::uint32_t value() const noexcept { return ~state_; }

private:
  std::uint32_t state_ = 0xFFFFFFFF;
};

} // namespace librats
