// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/peer_id.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace librats::protocols {

/// What a TXT record says: keys, as they were written, and values, which may be any bytes. A key alone and a key with
/// an empty value are the same here, as they are to upstream.
using txt_map = std::map<std::string, std::string>;

/// Bytes of all strings of one TXT record with their length bytes. So much fits into one packet beside the longest
/// names and eight addresses; of strangers more is not kept either.
constexpr std::size_t txt_size_max = 900;

/// The strings of a TXT record, `key=value` or `key` (RFC 6763 section 6.3). Empty optional when a key is empty, holds
/// a `=` or anything but printable ASCII, when one entry has more than 255 bytes or all have more than `txt_size_max`.
std::optional<std::vector<std::string>> encode_txt(const txt_map& x);

/// Reads strings of strangers: entries without a key are left out, of keys that differ in case alone the first one
/// counts (RFC 6763 section 6.4), and nothing beyond `txt_size_max` is read.
txt_map decode_txt(const std::vector<std::string>& strings);

/// The value of a key in whatever case; null when there is none.
const std::string* find_txt(const txt_map& x, std::string_view key);

/// Letters, digits and `-` as they are, every other byte becomes `-`, as upstream has it; cut to 63 bytes. `fallback`
/// when `text` is empty.
std::string clean_label(std::string_view text, std::string_view fallback);

/// The name to try after `number - 1` others were taken: `label-2`, `label-3`, ... cut so that the result has at most
/// 63 bytes; `label` itself for number 1.
std::string numbered_label(std::string_view label, unsigned number);

/// `rats-` and the first eight hex digits (wire/08 section 2).
std::string instance_label(const peer_id& id);

/// The TXT entries of a node: `id`, 64 hex digits; `proto`, which application it is part of; and what the application
/// adds, which cannot replace these two.
txt_map node_txt(const peer_id& id, std::string_view protocol, const txt_map& more);

} // namespace librats::protocols
