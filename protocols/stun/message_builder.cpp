// SPDX-License-Identifier: MIT
#include "protocols/stun/message_builder.hpp"

#include "protocols/core/byte_writer.hpp"
#include "protocols/stun/address_mask.hpp"
#include "protocols/stun/integrity.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace librats::protocols::stun {

message_builder::message_builder(message_class kind, method_type method, const transaction_id& id) {
  byte_writer header{header_size};
  header.u16(message_type(kind, method)).u16(0).u32(magic_cookie).raw(bytes_view{id});
  out_ = header.take();
}

message_builder& message_builder::add(attribute_type type, bytes_view value) {
  assert(out_.size() - header_size + attribute_header_size + padded(value.size()) <= 0xFFFF);
  const auto head = byte_writer{attribute_header_size}.u16(type).u16(static_cast<std::uint16_t>(value.size())).take();
  out_.insert(out_.end(), head.begin(), head.end());
  out_.insert(out_.end(), value.begin(), value.end());
  out_.resize(padded(out_.size())); // The header is a multiple of four, too.
  return *this;
}

message_builder& message_builder::add_u32(attribute_type type, std::uint32_t value) {
  return add(type, byte_writer{}.u32(value).take());
}

message_builder& message_builder::add_u64(attribute_type type, std::uint64_t value) {
  return add(type, byte_writer{}.u64(value).take());
}

message_builder& message_builder::add_address(attribute_type type, const endpoint& x) {
  return add_masked(type, x, nullptr);
}

message_builder& message_builder::add_xor_address(attribute_type type, const endpoint& x) {
  transaction_id id;
  std::copy_n(out_.begin() + 8, id.size(), id.begin());
  return add_masked(type, x, &id);
}

message_builder& message_builder::add_masked(attribute_type type, const endpoint& x, const transaction_id* id) {
  const auto mask = id != nullptr ? mask_for(*id) : no_mask;
  byte_writer value;
  value.u8(0).u8(x.address.is_v4() ? family_v4 : family_v6);
  value.u16(static_cast<std::uint16_t>(x.port ^ port_mask(mask)));
  const auto raw = x.address.raw();
  for (std::size_t i = 0; i < raw.size(); ++i)
    value.u8(static_cast<std::uint8_t>(raw[i] ^ mask[i]));
  return add(type, value.take());
}

message_builder& message_builder::add_error(int code, std::string_view reason) {
  assert(code >= 300 && code <= 699);
  byte_writer value;
  value.u16(0).u8(static_cast<std::uint8_t>(code / 100)).u8(static_cast<std::uint8_t>(code % 100)).raw(reason);
  return add(attribute::error_code, value.take());
}

message_builder& message_builder::add_unknown_attributes(boost::span<const attribute_type> types) {
  byte_writer value;
  for (const auto type : types)
    value.u16(type);
  return add(attribute::unknown_attributes, value.take());
}

message_builder& message_builder::add_change_request(bool address, bool port) {
  return add_u32(attribute::change_request, (address ? 4u : 0u) | (port ? 2u : 0u));
}

message_builder& message_builder::seal(bytes_view key) {
  return add(attribute::message_integrity, integrity_value(out_, key));
}

message_builder& message_builder::seal_sha256(bytes_view key, std::size_t size) {
  assert(size >= 16 && size <= 32 && size % 4 == 0);
  const auto value = integrity_sha256_value(out_, size, key);
  return add(attribute::message_integrity_sha256, bytes_view{value}.first(size));
}

message_builder& message_builder::add_fingerprint() {
  return add_u32(attribute::fingerprint, fingerprint_value(out_));
}

bytes message_builder::take() {
  const auto length = out_.size() - header_size;
  out_[2] = static_cast<std::uint8_t>(length >> 8);
  out_[3] = static_cast<std::uint8_t>(length);
  return std::exchange(out_, {});
}

} // namespace librats::protocols::stun
