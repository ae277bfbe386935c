// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace librats::protocols {

/// How deep arrays and objects may nest, in both directions. Upstream refuses what is deeper (wire/03 section 2), so
/// this is also the deepest document that it can be sent. The walkers below recurse once per level: about 0.3 MB of
/// stack.
constexpr int json_depth_max = 1000;

/// The longest text that is read: twice what upstream can send in one message (wire/00 section 6). A document takes up
/// to some twenty times the memory of its text (`[0,0,...`), so 64 MiB from one peer would be too much.
constexpr std::size_t json_text_max = std::size_t{16} << 20;

/// Reads exactly one JSON document (RFC 8259, scalars included). Members end up sorted by name. Errors: `too_large`,
/// and `bad_text` for anything that is no JSON, including invalid UTF-8. Numbers: what fits into int64 or uint64 is
/// exact, all others become doubles, beyond their range infinite.
result<nlohmann::json> parse_json(std::string_view text);

/// The same with members in the order of the text: for programs that re-emit or hash what they received.
result<nlohmann::ordered_json> parse_ordered_json(std::string_view text);

/// Writes compact text by the rules of wire/03 section 2: strings raw except for what must be escaped, shortest floats
/// that round-trip, `.0` where a float would look like an integer, `null` for what JSON cannot express. Error:
/// `bad_text` for a value nested too deep or holding nlohmann's binary type.
result<std::string> dump_json(const nlohmann::json& value);
result<std::string> dump_json(const nlohmann::ordered_json& value);

/// A whole Typed payload in one pass, without an intermediate string. Errors: `too_large` (type), `bad_text` as above.
result<bytes> encode_typed_json(std::string_view type, const nlohmann::json& value);
result<bytes> encode_typed_json(std::string_view type, const nlohmann::ordered_json& value);

/// The same into memory that the caller uses again and again: what `out` held is gone. The view is all of `out`.
result<bytes_view> write_typed_json(bytes& out, std::string_view type, const nlohmann::json& value);

} // namespace librats::protocols
