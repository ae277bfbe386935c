// SPDX-License-Identifier: MIT
#include "protocols/stun/message.hpp"

#include "protocols/core/byte_reader.hpp"

#include <algorithm>

namespace librats::protocols::stun {

namespace {

constexpr message_class class_of(std::uint16_t type) noexcept {
  return static_cast<message_class>((type >> 7 & 2) | (type >> 4 & 1));
}

constexpr method_type method_of(std::uint16_t type) noexcept {
  return static_cast<method_type>((type >> 2 & 0xF80) | (type >> 1 & 0x070) | (type & 0x00F));
}

/// Whether an attribute counts behind the integrity attribute `seal` (0: none was seen).
constexpr bool counts_behind(attribute_type seal, attribute_type x) noexcept {
  return seal == 0 || x == attribute::fingerprint
    || (seal == attribute::message_integrity && x == attribute::message_integrity_sha256);
}

} // namespace

bool looks_like_stun(bytes_view datagram) noexcept {
  byte_reader r{datagram};
  const auto type = r.u16();
  const auto length = r.u16();
  const auto cookie = r.u32();
  return r.ok() && type < 0x4000 && cookie == magic_cookie && length % 4 == 0
    && datagram.size() == header_size + length;
}

std::optional<attribute_view> attribute_cursor::next() noexcept {
  while (at_ < message_.size()) {
    const auto offset = at_;
    byte_reader r{message_.subspan(offset)};
    const auto type = r.u16();
    const auto length = r.u16();
    const auto value = r.take(length);
    at_ += attribute_header_size + padded(length);
    if (!counts_behind(seal_, type))
      continue;
    if (type == attribute::message_integrity || type == attribute::message_integrity_sha256)
      seal_ = type;
    return attribute_view{type, value, offset};
  }
  return std::nullopt;
}

result<message_view> message_view::decode(bytes_view in) noexcept {
  if (!looks_like_stun(in))
    return wire_errc::unknown_kind;
  byte_reader r{in};
  message_view out;
  out.raw_ = in;
  const auto type = r.u16();
  out.kind_ = class_of(type);
  out.method_ = method_of(type);
  r.u16(); // The length was checked,
  r.u32(); // and so was the cookie.
  const auto id = r.take(out.id_.size());
  std::copy(id.begin(), id.end(), out.id_.begin());
  while (r.ok() && !r.exhausted()) {
    const auto attribute_is = r.u16();
    r.take(padded(r.u16()));
    if (r.ok() && !r.exhausted() && attribute_is == attribute::fingerprint)
      return wire_errc::trailing_bytes;
  }
  if (!r.ok())
    return wire_errc::truncated;
  return out;
}

std::optional<attribute_view> message_view::find(attribute_type type) const noexcept {
  auto cursor = attributes();
  while (const auto one = cursor.next())
    if (one->type == type)
      return one;
  return std::nullopt;
}

} // namespace librats::protocols::stun
