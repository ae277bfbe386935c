// SPDX-License-Identifier: MIT
#include "protocols/wire/frame.hpp"

namespace librats::protocols {

channel_id channel_of(std::string_view name) noexcept {
  constexpr std::uint32_t fnv_offset_basis = 2166136261;
  constexpr std::uint32_t fnv_prime = 16777619;
  auto hash = fnv_offset_basis;
  for (auto byte : as_bytes(name))
    hash = (hash ^ byte) * fnv_prime;
  const auto folded = static_cast<channel_id>(hash >> 16 ^ hash);
  return folded == 0 ? channel_id{1} : folded; // 0 stands for "no channel" in every type but App.
}

} // namespace librats::protocols
