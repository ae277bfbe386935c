// SPDX-License-Identifier: MIT
#include "protocols/transfer/transfer_codec.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"

#include <algorithm>
#include <cassert>

namespace librats::protocols {

namespace {

/// Stands in front of what only our nodes say.
constexpr std::string_view ours = "RTX1";
constexpr std::size_t text_max = 65'535;
constexpr std::size_t file_details_size = 8 + 2;

std::string_view read_text(byte_reader& in) noexcept {
  const auto size = in.u16();
  return as_text(in.take(size));
}

void write_text(byte_writer& out, std::string_view text) {
  assert(text.size() <= text_max);
  out.u16(static_cast<std::uint16_t>(text.size())).raw(text);
}

sha256_digest read_digest(byte_reader& in) noexcept {
  sha256_digest out{};
  const auto raw = in.take(out.size());
  std::copy(raw.begin(), raw.end(), out.begin());
  return out;
}

bool read_sign(byte_reader& in) noexcept {
  return as_text(in.take(ours.size())) == ours;
}

std::optional<resume_point> read_resume_point(byte_reader& in) noexcept {
  if (!read_sign(in))
    return std::nullopt;
  resume_point out;
  out.file = in.u32();
  out.offset = in.u64();
  out.digest = read_digest(in);
  return in.ok() ? std::optional{out} : std::nullopt;
}

std::string_view read_reason(byte_reader& in) noexcept {
  if (!read_sign(in))
    return {};
  const auto text = read_text(in);
  return in.ok() && text.size() <= transfer_reason_max ? text : std::string_view{};
}

void write_reason(byte_writer& out, std::string_view reason) {
  if (reason.empty())
    return;
  out.raw(ours);
  write_text(out, reason.substr(0, transfer_reason_max));
}

/// What is borrowed from `whole` up to where `in` stands now.
bytes_view taken_of(bytes_view whole, const byte_reader& in) noexcept {
  return whole.first(whole.size() - in.remaining());
}

std::optional<details_view> read_details(byte_reader& in, std::size_t files) noexcept {
  if (!read_sign(in))
    return std::nullopt;
  details_view out;
  out.fingerprint = in.take(sha256_digest{}.size());
  out.directory_count = in.u32();
  if (!in.ok() || out.directory_count > in.remaining() / 2)
    return std::nullopt;
  const auto whole = in.rest();
  byte_reader rest{whole};
  for (std::size_t i = 0; i < out.directory_count && rest.ok(); ++i)
    read_text(rest);
  out.raw_directories = taken_of(whole, rest);
  out.raw_files = rest.take(files * file_details_size);
  return rest.ok() ? std::optional{out} : std::nullopt;
}

result<transfer_message> read_offer(byte_reader& in, std::uint64_t id) noexcept {
  offer_message out;
  out.id = id;
  out.directory = in.u8() != 0;
  out.total = in.u64();
  out.name = read_text(in);
  const std::size_t count = in.u32();
  if (!in.ok() || count > in.remaining() / manifest_entry_overhead)
    return wire_errc::truncated;
  const auto whole = in.rest();
  byte_reader rest{whole};
  for (std::size_t i = 0; i < count && rest.ok(); ++i) {
    read_text(rest);
    rest.u64();
  }
  if (!rest.ok())
    return wire_errc::truncated;
  out.files = manifest_view{taken_of(whole, rest), count};
  out.details = read_details(rest, count);
  return transfer_message{out};
}

byte_writer start(transfer_op op, std::uint64_t id, std::size_t more) {
  byte_writer out{1 + 8 + more};
  out.u8(static_cast<std::uint8_t>(op)).u64(id);
  return out;
}

} // namespace

std::optional<manifest_view::entry> manifest_view::next() noexcept {
  if (count_ == 0)
    return std::nullopt;
  --count_;
  byte_reader in{rest_};
  entry out;
  out.path = read_text(in);
  out.size = in.u64();
  rest_ = in.rest();
  return out;
}

result<transfer_message> decode_transfer(bytes_view in) noexcept {
  byte_reader r{in};
  const auto op = r.u8();
  const auto id = r.u64();
  if (!r.ok())
    return wire_errc::truncated;
  const auto done = [&r](const auto& x) -> result<transfer_message> {
    if (!r.ok())
      return wire_errc::truncated;
    return transfer_message{x};
  };
  switch (static_cast<transfer_op>(op)) {
  case transfer_op::offer: return read_offer(r, id);
  case transfer_op::response: {
    response_message x{id, r.u8() != 0, {}, 0, {}};
    if (!r.ok())
      return wire_errc::truncated;
    byte_reader rest{r.rest()};
    if (x.accept) {
      x.resume = read_resume_point(rest);
      x.features = x.resume && rest.remaining() != 0 ? rest.u8() : std::uint8_t{0};
    } else {
      x.reason = read_reason(rest);
    }
    return transfer_message{x};
  }
  case transfer_op::chunk: {
    chunk_message x{id, r.u32(), r.u64(), {}};
    if (!r.ok())
      return wire_errc::truncated;
    x.data = r.rest();
    return transfer_message{x};
  }
  case transfer_op::file_end: {
    const auto file = r.u32();
    return done(file_end_message{id, file, read_digest(r)});
  }
  case transfer_op::progress: return done(progress_message{id, r.u64()});
  case transfer_op::complete: {
    complete_message x{id, r.u8() != 0, {}};
    if (!r.ok())
      return wire_errc::truncated;
    byte_reader rest{r.rest()};
    if (!x.ok)
      x.reason = read_reason(rest);
    return transfer_message{x};
  }
  case transfer_op::cancel: return transfer_message{cancel_message{id}};
  case transfer_op::pause: return transfer_message{pause_message{id}};
  case transfer_op::resume: return transfer_message{resume_message{id}};
  case transfer_op::checked_chunk: {
    checked_chunk_message x{id, r.u32(), r.u64(), {}, 0, {}};
    const auto check = r.take(x.check.size());
    std::copy(check.begin(), check.end(), x.check.begin());
    x.unpacked_size = r.u32();
    if (!r.ok())
      return wire_errc::truncated;
    x.data = r.rest();
    return transfer_message{x};
  }
  }
  return wire_errc::unknown_kind;
}

std::optional<std::uint64_t> transfer_id_of(bytes_view in) noexcept {
  byte_reader r{in};
  const auto op = r.u8();
  const auto id = r.u64();
  if (!r.ok() || op < static_cast<std::uint8_t>(transfer_op::offer)
    || op > static_cast<std::uint8_t>(transfer_op::checked_chunk))
    return std::nullopt;
  return id;
}

chunk_check check_of(const sha256_digest& x) noexcept {
  chunk_check out{};
  std::copy_n(x.begin(), out.size(), out.begin());
  return out;
}

std::size_t chunk_size_of(bytes_view payload) noexcept {
  const auto x = decode_transfer(payload);
  if (!x)
    return 0;
  if (const auto* plain = std::get_if<chunk_message>(&*x))
    return plain->data.size();
  if (const auto* checked = std::get_if<checked_chunk_message>(&*x))
    return checked->unpacked_size != 0 ? checked->unpacked_size : checked->data.size();
  return 0;
}

transfer_offer copy_offer(const offer_message& x) {
  transfer_offer out;
  out.id = x.id;
  out.directory = x.directory;
  out.total = x.total;
  out.name = x.name;
  out.files.reserve(x.files.size());
  for (auto files = x.files; const auto one = files.next();)
    out.files.push_back({std::string{one->path}, one->size});
  if (!x.details)
    return out;
  auto& details = out.details.emplace();
  std::copy(x.details->fingerprint.begin(), x.details->fingerprint.end(), details.fingerprint.begin());
  byte_reader directories{x.details->raw_directories};
  details.directories.reserve(x.details->directory_count);
  for (std::size_t i = 0; i < x.details->directory_count; ++i)
    details.directories.emplace_back(read_text(directories));
  byte_reader files{x.details->raw_files};
  details.files.reserve(out.files.size());
  for (std::size_t i = 0; i < out.files.size(); ++i) {
    const auto modified = files.u64();
    details.files.push_back({modified, files.u16()});
  }
  return out;
}

result<bytes> encode_offer(const transfer_offer& x) {
  std::size_t size = 1 + 8 + 1 + 8 + 2 + x.name.size() + 4;
  auto longest = x.name.size();
  for (const auto& one : x.files) {
    size += manifest_entry_overhead + one.path.size();
    longest = std::max(longest, one.path.size());
  }
  if (x.details) {
    assert(x.details->files.size() == x.files.size());
    size += ours.size() + x.details->fingerprint.size() + 4 + x.details->files.size() * file_details_size;
    for (const auto& one : x.details->directories) {
      size += 2 + one.size();
      longest = std::max(longest, one.size());
    }
  }
  if (longest > text_max || size > transfer_offer_max)
    return wire_errc::too_large;
  auto out = start(transfer_op::offer, x.id, size);
  out.u8(x.directory ? 1 : 0).u64(x.total);
  write_text(out, x.name);
  out.u32(static_cast<std::uint32_t>(x.files.size()));
  for (const auto& one : x.files) {
    write_text(out, one.path);
    out.u64(one.size);
  }
  if (x.details) {
    out.raw(ours).raw(x.details->fingerprint);
    out.u32(static_cast<std::uint32_t>(x.details->directories.size()));
    for (const auto& one : x.details->directories)
      write_text(out, one);
    for (const auto& one : x.details->files)
      out.u64(one.modified_ms).u16(one.mode);
  }
  return out.take();
}

bytes encode_accept(std::uint64_t id, const std::optional<resume_point>& at, std::uint8_t features) {
  auto out = start(transfer_op::response, id, 64);
  out.u8(1);
  if (at)
    out.raw(ours).u32(at->file).u64(at->offset).raw(at->digest).u8(features);
  return out.take();
}

bytes encode_reject(std::uint64_t id, std::string_view reason) {
  auto out = start(transfer_op::response, id, 16 + reason.size());
  out.u8(0);
  write_reason(out, reason);
  return out.take();
}

bytes encode_chunk(std::uint64_t id, std::uint32_t file, std::uint64_t offset, bytes_view data) {
  auto out = start(transfer_op::chunk, id, 4 + 8 + data.size());
  return out.u32(file).u64(offset).raw(data).take();
}

bytes encode_checked_chunk(const checked_chunk_message& x) {
  auto out = start(transfer_op::checked_chunk, x.id, transfer_checked_overhead + x.data.size());
  return out.u32(x.file).u64(x.offset).raw(x.check).u32(x.unpacked_size).raw(x.data).take();
}

bytes encode_file_end(std::uint64_t id, std::uint32_t file, const sha256_digest& digest) {
  auto out = start(transfer_op::file_end, id, 4 + digest.size());
  return out.u32(file).raw(digest).take();
}

bytes encode_progress(std::uint64_t id, std::uint64_t received) {
  auto out = start(transfer_op::progress, id, 8);
  return out.u64(received).take();
}

bytes encode_complete(std::uint64_t id, bool ok, std::string_view reason) {
  auto out = start(transfer_op::complete, id, 16 + reason.size());
  out.u8(ok ? 1 : 0);
  if (!ok)
    write_reason(out, reason);
  return out.take();
}

bytes encode_transfer_op(transfer_op op, std::uint64_t id) {
  assert(op == transfer_op::cancel || op == transfer_op::pause || op == transfer_op::resume);
  return start(op, id, 0).take();
}

} // namespace librats::protocols
