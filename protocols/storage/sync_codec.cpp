// SPDX-License-Identifier: MIT
#include "protocols/storage/sync_codec.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"

#include <algorithm>
#include <cassert>
#include <string_view>

namespace librats::protocols {

namespace {

constexpr std::string_view magic = "ratssync";
constexpr std::uint8_t version = 1;

enum class sync_op : std::uint8_t { hello = 0x80, ranges, want, finish, finished, please };
enum class range_kind : std::uint8_t { same, digest, parts, items, taken };

range_digest read_digest(byte_reader& in) noexcept {
  range_digest out{};
  const auto raw = in.take(out.size());
  std::copy(raw.begin(), raw.end(), out.begin());
  return out;
}

void read_hashes(byte_reader& in, std::size_t count, std::vector<std::uint64_t>& out) {
  if (in.remaining() < 8 * count) {
    in.take(8 * count); // Latches the failure.
    return;
  }
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(in.u64());
}

result<range_body> read_body(byte_reader& in) {
  switch (static_cast<range_kind>(in.u8())) {
  case range_kind::same: return range_body{range_same{}};
  case range_kind::digest: return range_body{range_digested{read_digest(in)}};
  case range_kind::parts: {
    range_parts out;
    for (auto& x : out.digests)
      x = read_digest(in);
    return range_body{out};
  }
  case range_kind::items: {
    range_items out;
    const std::size_t count = in.u8();
    if (count > sync_items_max)
      return wire_errc::too_large;
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
      range_item x;
      x.hash = in.u64();
      x.timestamp_ms = in.u64();
      x.tag = in.u64();
      out.items.push_back(x);
    }
    return range_body{std::move(out)};
  }
  case range_kind::taken: {
    range_taken out;
    const std::size_t count = in.u8();
    if (count > sync_items_max)
      return wire_errc::too_large;
    read_hashes(in, count, out.wanted);
    return range_body{std::move(out)};
  }
  }
  return wire_errc::unknown_kind;
}

result<sync_message> read_ranges(byte_reader& in) {
  const auto count = in.u16();
  if (count > sync_ranges_max)
    return wire_errc::too_large;
  sync_ranges out;
  for (std::size_t i = 0; i < count; ++i) {
    range_statement x;
    x.range.depth = in.u8();
    x.range.prefix = in.u64();
    if (!in.ok())
      return wire_errc::truncated;
    if (!x.range.valid())
      return wire_errc::bad_text;
    auto body = read_body(in);
    if (!in.ok())
      return wire_errc::truncated;
    if (!body)
      return body.error();
    x.body = std::move(*body);
    out.statements.push_back(std::move(x));
  }
  if (!in.ok())
    return wire_errc::truncated;
  return sync_message{std::move(out)};
}

void write_hashes(byte_writer& out, const std::vector<std::uint64_t>& hashes) {
  for (const auto x : hashes)
    out.u64(x);
}

struct body_writer {
  byte_writer& out;

  void operator()(const range_same&) const {}
  void operator()(const range_digested& x) const { out.raw(bytes_view{x.digest}); }
  void operator()(const range_parts& x) const {
    for (const auto& digest : x.digests)
      out.raw(bytes_view{digest});
  }
  void operator()(const range_items& x) const {
    assert(x.items.size() <= sync_items_max);
    out.u8(static_cast<std::uint8_t>(x.items.size()));
    for (const auto& item : x.items)
      out.u64(item.hash).u64(item.timestamp_ms).u64(item.tag);
  }
  void operator()(const range_taken& x) const {
    assert(x.wanted.size() <= sync_items_max);
    out.u8(static_cast<std::uint8_t>(x.wanted.size()));
    write_hashes(out, x.wanted);
  }
};

struct message_writer {
  byte_writer& out;

  void operator()(const sync_hello& x) const { out.raw(magic).u8(version).u64(x.session).u64(x.heard); }
  void operator()(const sync_ranges& x) const {
    assert(x.statements.size() <= sync_ranges_max);
    out.u16(static_cast<std::uint16_t>(x.statements.size()));
    for (const auto& statement : x.statements) {
      out.u8(statement.range.depth).u64(statement.range.prefix);
      out.u8(static_cast<std::uint8_t>(statement.body.index()));
      std::visit(body_writer{out}, statement.body);
    }
  }
  void operator()(const sync_want& x) const {
    assert(x.hashes.size() <= sync_wanted_max);
    out.u16(static_cast<std::uint16_t>(x.hashes.size()));
    write_hashes(out, x.hashes);
  }
  void operator()(const sync_finish&) const {}
  void operator()(const sync_finished&) const {}
  void operator()(const sync_please&) const {}
};

} // namespace

result<sync_message> decode_sync(bytes_view in) {
  byte_reader r{in};
  const auto op = r.u8();
  if (!r.ok())
    return wire_errc::truncated;
  switch (static_cast<sync_op>(op)) {
  case sync_op::hello: {
    const auto name = r.take(magic.size());
    const auto spoken = r.u8();
    if (!r.ok())
      return wire_errc::truncated;
    if (as_text(name) != magic)
      return wire_errc::bad_text;
    if (spoken != version)
      return wire_errc::unknown_version;
    sync_hello out;
    out.session = r.u64();
    out.heard = r.u64();
    if (!r.ok())
      return wire_errc::truncated;
    return sync_message{out};
  }
  case sync_op::ranges: return read_ranges(r);
  case sync_op::want: {
    const auto count = r.u16();
    if (count > sync_wanted_max)
      return wire_errc::too_large;
    sync_want out;
    read_hashes(r, count, out.hashes);
    if (!r.ok())
      return wire_errc::truncated;
    return sync_message{std::move(out)};
  }
  case sync_op::finish: return sync_message{sync_finish{}};
  case sync_op::finished: return sync_message{sync_finished{}};
  case sync_op::please: return sync_message{sync_please{}};
  }
  return wire_errc::unknown_kind;
}

bytes encode_sync(const sync_message& x) {
  byte_writer out;
  out.u8(static_cast<std::uint8_t>(static_cast<std::size_t>(sync_op::hello) + x.index()));
  std::visit(message_writer{out}, x);
  return out.take();
}

} // namespace librats::protocols
