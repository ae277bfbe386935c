// SPDX-License-Identifier: MIT
#include "protocols/storage/storage_codec.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/crc32.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <utility>

namespace librats::protocols {

namespace {

constexpr std::string_view file_magic = "RATS";
constexpr std::uint32_t file_version = 1;

std::uint32_t checksum_of(const storage_entry_view& x) noexcept {
  std::array<std::uint8_t, 8> time{};
  for (std::size_t i = 0; i < time.size(); ++i)
    time[i] = static_cast<std::uint8_t>(x.timestamp_ms >> (8 * (time.size() - 1 - i)));
  const std::uint8_t deleted = x.deleted ? 1 : 0;
  return crc32{}
    .update(as_bytes(x.key))
    .update({&x.type, 1})
    .update(x.data)
    .update(time)
    .update(as_bytes(x.origin))
    .update({&deleted, 1})
    .value();
}

bytes_view read_sized(byte_reader& in) noexcept {
  const auto size = in.u32();
  return in.take(size);
}

/// The next entry begins where the fields of this one end, whatever its size says, as in upstream; but the size must be
/// there.
std::optional<storage_entry_view> read_entry(byte_reader& in) noexcept {
  storage_entry_view out;
  if (in.u32() > in.remaining())
    return std::nullopt;
  out.key = as_text(read_sized(in));
  out.type = in.u8();
  out.deleted = in.u8() != 0;
  out.timestamp_ms = in.u64();
  out.origin = as_text(read_sized(in));
  out.data = read_sized(in);
  out.checksum = in.u32();
  if (!in.ok())
    return std::nullopt;
  return out;
}

bool is_lowercase_hex(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

void write_sized(byte_writer& out, bytes_view x) {
  out.u32(static_cast<std::uint32_t>(x.size())).raw(x);
}

std::size_t origin_size(const storage_record& x) noexcept {
  return x.version.origin ? 2 * peer_id::size : 0;
}

} // namespace

bool storage_entry_view::intact() const noexcept {
  return checksum == checksum_of(*this);
}

std::optional<storage_entry_view> storage_entries_view::next() noexcept {
  if (left_ == 0)
    return std::nullopt;
  byte_reader in{raw_};
  const auto out = read_entry(in);
  if (!out) {
    raw_ = {};
    return std::nullopt;
  }
  --left_;
  raw_ = in.rest();
  return out;
}

result<storage_message> decode_storage(bytes_view in) noexcept {
  byte_reader r{in};
  const auto op = r.u8();
  if (!r.ok())
    return wire_errc::truncated;
  switch (static_cast<storage_op>(op)) {
  case storage_op::entry: {
    const auto entry = read_entry(r);
    if (!entry)
      return wire_errc::truncated;
    return storage_message{storage_entry_received{*entry}};
  }
  case storage_op::sync_request: return storage_message{storage_sync_request{}};
  case storage_op::sync_response: {
    const auto count = r.u32();
    if (!r.ok())
      return wire_errc::truncated;
    return storage_message{storage_sync_response{storage_entries_view{count, r.rest()}}};
  }
  }
  return wire_errc::unknown_kind;
}

result<storage_entry> admit(const storage_entry_view& x) {
  if (x.key.empty())
    return wire_errc::bad_text;
  const auto size = storage_entry_overhead + x.key.size() + x.origin.size() + x.data.size();
  if (x.key.size() > storage_key_max || 1 + size > storage_entry_max || x.timestamp_ms > storage_timestamp_max)
    return wire_errc::too_large;
  storage_entry out;
  if (!x.origin.empty()) {
    if (!is_lowercase_hex(x.origin))
      return wire_errc::bad_text;
    out.record.version.origin = peer_id::parse(x.origin);
    if (!out.record.version.origin)
      return wire_errc::bad_text;
  }
  if (!x.intact())
    return wire_errc::not_authentic;
  out.key = std::string{x.key};
  out.record.type = x.type;
  out.record.deleted = x.deleted;
  out.record.version.timestamp_ms = x.timestamp_ms;
  out.record.data = byte_slice::copy_of(x.data);
  return out;
}

std::size_t encoded_size(std::string_view key, const storage_record& x) noexcept {
  return storage_entry_overhead + key.size() + origin_size(x) + x.data.size();
}

void write_entry(byte_writer& out, std::string_view key, const storage_record& x) {
  const auto origin = x.version.origin ? x.version.origin->to_string() : std::string{};
  storage_entry_view view;
  view.key = key;
  view.type = x.type;
  view.deleted = x.deleted;
  view.timestamp_ms = x.version.timestamp_ms;
  view.origin = origin;
  view.data = x.data.view();
  out.u32(static_cast<std::uint32_t>(encoded_size(key, x) - 4));
  write_sized(out, as_bytes(key));
  out.u8(x.type).u8(x.deleted ? 1 : 0).u64(x.version.timestamp_ms);
  write_sized(out, as_bytes(origin));
  write_sized(out, x.data.view());
  out.u32(checksum_of(view));
}

bytes encode_entry_message(std::string_view key, const storage_record& x) {
  byte_writer out{1 + encoded_size(key, x)};
  out.u8(static_cast<std::uint8_t>(storage_op::entry));
  write_entry(out, key, x);
  return out.take();
}

bytes encode_sync_request() {
  return {static_cast<std::uint8_t>(storage_op::sync_request)};
}

void sync_response_builder::add(std::string_view key, const storage_record& x) {
  write_entry(entries_, key, x);
  ++count_;
}

bytes sync_response_builder::take() {
  const auto entries = entries_.take();
  byte_writer out{5 + entries.size()};
  out.u8(static_cast<std::uint8_t>(storage_op::sync_response)).u32(std::exchange(count_, 0)).raw(entries);
  return out.take();
}

result<storage_import> import_storage_file(bytes_view in) {
  byte_reader r{in};
  const auto magic = r.take(file_magic.size());
  const auto version = r.u32();
  const auto count = r.u32();
  if (!r.ok())
    return wire_errc::truncated;
  if (as_text(magic) != file_magic)
    return wire_errc::bad_text;
  if (version != file_version)
    return wire_errc::unknown_version;
  storage_import out;
  storage_entries_view entries{count, r.rest()};
  while (const auto x = entries.next()) {
    if (auto entry = admit(*x))
      out.entries.push_back(std::move(*entry));
    else
      ++out.refused;
  }
  out.missing = entries.left();
  return out;
}

void storage_export::add(std::string_view key, const storage_record& x) {
  write_entry(entries_, key, x);
  ++count_;
}

bytes storage_export::take() {
  const auto entries = entries_.take();
  byte_writer out{12 + entries.size()};
  return out.raw(file_magic).u32(file_version).u32(std::exchange(count_, 0)).raw(entries).take();
}

} // namespace librats::protocols
