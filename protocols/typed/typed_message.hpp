// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"

#include <cstddef>
#include <string_view>

namespace librats::protocols {

/// The longest message type: its length travels as u16.
constexpr std::size_t typed_type_max = 65535;

/// A Typed payload, borrowed: `u16 type_len | type | JSON text` (wire/03 section 2).
struct typed_message_view {
  std::string_view type;      ///< Opaque bytes, normally UTF-8; may be empty.
  std::string_view json_text; ///< Everything behind the type. Not looked at: see typed_json.hpp.
};

/// Error: `too_large` when the type is longer than 65 535 bytes.
result<bytes> encode_typed(std::string_view type, std::string_view json_text);

/// Splits a payload without copying. Errors: `truncated` (also for an empty JSON text, which is never valid).
result<typed_message_view> decode_typed(bytes_view in) noexcept;

} // namespace librats::protocols
