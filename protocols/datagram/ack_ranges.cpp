// SPDX-License-Identifier: MIT
#include "protocols/datagram/ack_ranges.hpp"

namespace librats::protocols {

namespace {

constexpr std::size_t range_size = 4;
constexpr std::uint32_t field_max = 0xffff;

} // namespace

std::optional<ack_range> ack_range_reader::next() noexcept {
  if (rest_.size() < range_size)
    return std::nullopt;
  const auto gap = static_cast<std::uint32_t>(rest_[0] << 8 | rest_[1]);
  const auto count = static_cast<std::uint32_t>(rest_[2] << 8 | rest_[3]);
  rest_ = rest_.subspan(range_size);
  const ack_range out{position_ + gap, count};
  position_ = out.first + count;
  return out;
}

bool ack_range_writer::add(const ack_range& x) noexcept {
  const auto gap = x.first - position_;
  if (gap > field_max || x.count > field_max || size_ + range_size > out_.size()
    || size_ + range_size > packet_ranges_size_max)
    return false;
  auto* at = out_.data() + size_;
  at[0] = static_cast<std::uint8_t>(gap >> 8);
  at[1] = static_cast<std::uint8_t>(gap);
  at[2] = static_cast<std::uint8_t>(x.count >> 8);
  at[3] = static_cast<std::uint8_t>(x.count);
  size_ += range_size;
  position_ = x.first + x.count;
  return true;
}

} // namespace librats::protocols
