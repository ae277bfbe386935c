// SPDX-License-Identifier: MIT
#include "protocols/core/peer_id.hpp"

#include <algorithm>

namespace librats {

std::optional<peer_id> peer_id::parse(std::string_view hex) {
  if (hex.size() != size * 2)
    return std::nullopt;
  const auto raw = librats::from_hex(hex);
  return raw ? from_bytes(*raw) : std::nullopt;
}

std::optional<peer_id> peer_id::from_bytes(bytes_view in) noexcept {
  if (in.size() != size)
    return std::nullopt;
  peer_id out;
  std::copy(in.begin(), in.end(), out.raw.begin());
  return out;
}

} // namespace librats
