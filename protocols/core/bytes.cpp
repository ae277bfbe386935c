// SPDX-License-Identifier: MIT
#include "protocols/core/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace librats {

bool equal(bytes_view a, bytes_view b) noexcept {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

std::string to_hex(bytes_view in) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(in.size() * 2);
  for (auto byte : in) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 0x0F]);
  }
  return out;
}

namespace {

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

} // namespace

std::optional<bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0)
    return std::nullopt;
  bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0)
      return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

byte_slice::byte_slice(bytes data) {
  auto owner = std::make_shared<const bytes>(std::move(data));
  data_ = owner->data();
  size_ = owner->size();
  owner_ = std::move(owner);
}

namespace {

/// Memory of a fixed size has its reference count in the same allocation. What threads hand to each other is freed by
/// the other one, which is what costs.
template <std::size_t Size>
byte_slice small_copy(bytes_view data) {
  auto owner = std::make_shared<std::array<std::uint8_t, Size>>();
  std::memcpy(owner->data(), data.data(), data.size());
  const bytes_view view{owner->data(), data.size()};
  return {std::move(owner), view};
}

} // namespace

byte_slice byte_slice::copy_of(bytes_view data) {
  if (data.empty())
    return {};
  if (data.size() <= 48)
    return small_copy<48>(data);
  if (data.size() <= 112)
    return small_copy<112>(data);
  if (data.size() <= 304)
    return small_copy<304>(data);
  std::shared_ptr<std::uint8_t[]> owner{new std::uint8_t[data.size()]};
  std::memcpy(owner.get(), data.data(), data.size());
  const bytes_view view{owner.get(), data.size()};
  return {std::move(owner), view};
}

byte_slice byte_slice::sub(std::size_t offset, std::size_t count) const {
  const auto from = std::min(offset, size_);
  return {owner_, view().subspan(from, std::min(count, size_ - from))};
}

} // namespace librats
