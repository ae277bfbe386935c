// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/storage/digest_tree.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

namespace librats::protocols {

// What two nodes of ours say to each other to find out in what their stores differ. These are Storage messages whose
// operation upstream does not know and therefore ignores (wire/06 section 2); HELLO is the first thing on a link, and
// nothing else is sent to who has not said it.
//
//     0x80 HELLO      bytes[8] "ratssync" | u8 version 1 | u64 session | u64 heard
//     0x81 RANGES     u16 count | count * ( u8 depth | u64 prefix | u8 kind | body )
//     0x82 WANT       u16 count | count * u64 key hash
//     0x83 FINISH                 0x84 FINISHED              0x85 PLEASE
//
//     kind 0 same                 1 digest    bytes[16]      2 parts     16 * bytes[16]
//          3 items    u8 count | count * ( u64 key hash | u64 timestamp_ms | u64 tag )
//          4 taken    u8 count | count * u64 key hash
//
// The entries themselves travel in SYNC_RESPONSE messages.

/// The most ranges of one RANGES message.
constexpr std::size_t sync_ranges_max = 256;
/// The most items of a range, and hashes of `taken`. A leaf has at most `digest_tree::leaf_max` unless somebody found
/// keys whose hashes agree in 64 bits.
constexpr std::size_t sync_items_max = 64;
/// The most hashes of one WANT.
constexpr std::size_t sync_wanted_max = 4096;

struct range_same {};
struct range_digested {
  range_digest digest{};
};
struct range_parts {
  std::array<range_digest, 16> digests{};
};
struct range_items {
  std::vector<range_item> items;
};
/// Answers `range_items`: what was newer here came before; of these keys, send yours.
struct range_taken {
  std::vector<std::uint64_t> wanted;
};
using range_body = std::variant<range_same, range_digested, range_parts, range_items, range_taken>;

struct range_statement {
  hash_range range;
  range_body body;
};

/// Says which end speaks, and which one of the other side it has heard of (0: none). An end that was restarted has
/// another number; then the other side begins anew, and says HELLO until it is heard.
struct sync_hello {
  std::uint64_t session = 0;
  std::uint64_t heard = 0;
};
struct sync_ranges {
  std::vector<range_statement> statements;
};
struct sync_want {
  std::vector<std::uint64_t> hashes;
};
struct sync_finish {};
struct sync_finished {};
/// Asks who leads to compare once more.
struct sync_please {};
using sync_message = std::variant<sync_hello, sync_ranges, sync_want, sync_finish, sync_finished, sync_please>;

/// Errors: `truncated`, `unknown_kind` (operation, or kind of a range), `unknown_version`, `bad_text` (another magic,
/// an impossible range), `too_large` (a count above its limit). Bytes behind a message are ignored.
result<sync_message> decode_sync(bytes_view in);
/// No list may be longer than its limit.
bytes encode_sync(const sync_message& x);

} // namespace librats::protocols
