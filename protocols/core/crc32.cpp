// SPDX-License-Identifier: MIT
#include "protocols/core/crc32.hpp"

#include <array>
#include <cstddef>

namespace librats {

namespace {

using crc_table = std::array<std::uint32_t, 256>;

/// Table k advances a byte that k more bytes follow, so that four bytes take four look-ups that do not wait for each
/// other (Kounavis and Berry, "A systematic approach to building high performance software-based CRC generators").
constexpr std::array<crc_table, 4> make_tables() {
  std::array<crc_table, 4> out{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    auto x = i;
    for (int bit = 0; bit < 8; ++bit)
      x = (x & 1) != 0 ? x >> 1 ^ 0xEDB88320 : x >> 1;
    out[0][i] = x;
  }
  for (std::size_t k = 1; k < out.size(); ++k)
    for (std::size_t i = 0; i < 256; ++i)
      out[k][i] = out[k - 1][i] >> 8 ^ out[0][out[k - 1][i] & 0xFF];
  return out;
}
constexpr auto tables = make_tables();

} // namespace

crc32& crc32::update(bytes_view in) noexcept {
  auto x = state_;
  std::size_t at = 0;
  for (; at + 4 <= in.size(); at += 4)
    x = tables[3][(x ^ in[at]) & 0xFF] ^ tables[2][(x >> 8 ^ in[at + 1]) & 0xFF]
      ^ tables[1][(x >> 16 ^ in[at + 2]) & 0xFF] ^ tables[0][(x >> 24 ^ in[at + 3]) & 0xFF];
  for (; at < in.size(); ++at)
    x = x >> 8 ^ tables[0][(x ^ in[at]) & 0xFF];
  state_ = x;
  return *this;
}

} // namespace librats
