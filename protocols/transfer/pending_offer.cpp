// SPDX-License-Identifier: MIT
#include "protocols/transfer/pending_offer.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"
#include "protocols/crypto/hash.hpp"

#include <algorithm>
#include <string_view>

namespace librats::protocols {

namespace {

constexpr std::string_view magic = "RTSO";
constexpr std::uint8_t version = 1;
constexpr std::size_t text_max = 65'535;
constexpr std::size_t check_size = 32;

} // namespace

result<bytes> encode(const pending_offer& x) {
  byte_writer out{160 + x.root.size() + x.path.size() + x.name.size()};
  const auto flags = (x.recursive ? 1 : 0) | (x.below_root ? 2 : 0) | (x.folder_wanted ? 4 : 0);
  out.raw(magic).u8(version).u8(static_cast<std::uint8_t>(flags)).u64(x.number).raw(x.peer.view()).raw(x.secret);
  out.u64(static_cast<std::uint64_t>(x.since_s));
  for (const auto* one : {&x.root, &x.path, &x.name}) {
    if (one->size() > text_max)
      return wire_errc::too_large;
    out.u16(static_cast<std::uint16_t>(one->size())).raw(*one);
  }
  auto whole = out.take();
  const auto check = sha256(whole);
  whole.insert(whole.end(), check.begin(), check.end());
  return whole;
}

result<pending_offer> decode_pending_offer(bytes_view in) {
  if (in.size() < magic.size() + 1 + check_size)
    return wire_errc::truncated;
  if (as_text(in.first(magic.size())) != magic)
    return wire_errc::unknown_kind;
  if (in[magic.size()] != version)
    return wire_errc::unknown_version;
  const auto body = in.first(in.size() - check_size);
  if (!equal(sha256(body), in.last(check_size)))
    return wire_errc::not_authentic;
  byte_reader r{body.subspan(magic.size() + 1)};
  pending_offer out;
  const auto flags = r.u8();
  out.recursive = (flags & 1) != 0;
  out.below_root = (flags & 2) != 0;
  out.folder_wanted = (flags & 4) != 0;
  out.number = r.u64();
  const auto peer = r.take(peer_id::size);
  const auto secret = r.take(out.secret.size());
  out.since_s = static_cast<std::int64_t>(r.u64());
  for (auto* one : {&out.root, &out.path, &out.name})
    *one = as_text(r.take(r.u16()));
  if (!r.ok())
    return wire_errc::truncated;
  if (!r.exhausted())
    return wire_errc::trailing_bytes;
  out.peer = *peer_id::from_bytes(peer);
  std::copy(secret.begin(), secret.end(), out.secret.begin());
  return out;
}

} // namespace librats::protocols
