// SPDX-License-Identifier: MIT
#include "protocols/transfer/transfer_journal.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"
#include "protocols/crypto/hash.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace librats::protocols {

namespace {

using check_type = std::array<std::uint8_t, 8>;

constexpr std::string_view magic = "RTSJ";
constexpr std::uint8_t version = 1;
constexpr std::uint8_t checkpoint_kind = 1;
constexpr std::uint8_t finished_kind = 2;
constexpr std::size_t checkpoint_size = 1 + 4 + 8 + 32;
constexpr std::size_t finished_size = 1 + 4;

check_type check_of(const check_type& before, bytes_view record) {
  const auto digest = sha256({before, record});
  check_type out;
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

/// Whether a record follows from what came before; then it is taken over.
bool apply(bytes_view body, const std::vector<std::uint64_t>& sizes, resume_point& at) {
  byte_reader in{body};
  const auto kind = in.u8();
  const auto file = in.u32();
  if (file != at.file || file >= sizes.size())
    return false;
  if (kind == finished_kind) {
    at = {file + 1, 0, {}};
    return true;
  }
  // Less than before is possible: the sender's file began differently.
  const auto offset = in.u64();
  if (offset > sizes[file])
    return false;
  at.offset = offset;
  const auto digest = in.take(at.digest.size());
  std::copy(digest.begin(), digest.end(), at.digest.begin());
  return true;
}

} // namespace

result<bytes> journal_writer::header(const peer_id& sender, std::string_view destination, const transfer_offer& offer) {
  const auto raw = encode_offer(offer);
  if (!raw)
    return raw.error();
  if (destination.size() > 65'535)
    return wire_errc::too_large;
  byte_writer out{64 + destination.size() + raw->size()};
  out.raw(magic).u8(version).u8(0).u16(0).raw(sender.view());
  out.u16(static_cast<std::uint16_t>(destination.size())).raw(destination);
  out.u32(static_cast<std::uint32_t>(raw->size())).raw(*raw);
  auto whole = out.take();
  const auto check = check_of({}, whole);
  whole.insert(whole.end(), check.begin(), check.end());
  return whole;
}

bytes journal_writer::checkpoint(const resume_point& at) {
  byte_writer out{checkpoint_size + check_.size()};
  return seal(out.u8(checkpoint_kind).u32(at.file).u64(at.offset).raw(at.digest).take());
}

bytes journal_writer::finished(std::uint32_t file) {
  byte_writer out{finished_size + check_.size()};
  return seal(out.u8(finished_kind).u32(file).take());
}

bytes journal_writer::seal(bytes record) {
  check_ = check_of(check_, record);
  record.insert(record.end(), check_.begin(), check_.end());
  return record;
}

result<journal> read_journal(bytes_view in) {
  byte_reader r{in};
  const auto sign = as_text(r.take(magic.size()));
  const auto number = r.u8();
  r.take(1 + 2); // Reserved.
  const auto sender = peer_id::from_bytes(r.take(peer_id::size));
  const auto destination = as_text(r.take(r.u16()));
  const auto offer = r.take(r.u32());
  if (!r.ok())
    return wire_errc::truncated;
  if (sign != magic)
    return wire_errc::unknown_kind;
  if (number != version)
    return wire_errc::unknown_version;
  journal out;
  out.valid_size = in.size() - r.remaining();
  out.last_check = check_of({}, in.first(out.valid_size));
  const auto check = r.take(out.last_check.size());
  if (!r.ok())
    return wire_errc::truncated;
  if (!equal(check, out.last_check))
    return wire_errc::not_authentic;
  out.valid_size += check.size();
  const auto message = decode_transfer(offer);
  if (!sender || !message)
    return wire_errc::unknown_kind;
  const auto* x = std::get_if<offer_message>(&*message);
  if (x == nullptr || !x->details)
    return wire_errc::unknown_kind;
  out.sender = *sender;
  out.destination = destination;
  out.offer = to_bytes(offer);
  out.files = static_cast<std::uint32_t>(x->files.size());
  std::vector<std::uint64_t> sizes;
  sizes.reserve(x->files.size());
  for (auto files = x->files; const auto one = files.next();)
    sizes.push_back(one->size);
  for (auto rest = in.subspan(out.valid_size); !rest.empty(); rest = in.subspan(out.valid_size)) {
    const auto size = rest[0] == checkpoint_kind ? checkpoint_size : rest[0] == finished_kind ? finished_size : 0;
    const auto whole = size + out.last_check.size();
    if (size != 0 && rest.size() < whole) {
      out.end = journal_end::torn;
      break;
    }
    const auto expected = size != 0 ? check_of(out.last_check, rest.first(size)) : check_type{};
    if (size == 0 || !equal(rest.subspan(size, expected.size()), expected) || !apply(rest.first(size), sizes, out.at)) {
      out.end = journal_end::damaged;
      break;
    }
    out.last_check = expected;
    out.valid_size += whole;
  }
  return out;
}

} // namespace librats::protocols
