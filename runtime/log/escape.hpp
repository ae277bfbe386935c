// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace librats::runtime {

/// Makes foreign text fit for one line of a log or of a terminal. Control characters, malformed UTF-8 and the
/// characters that break or reorder a line (U+2028, bidirectional overrides) become `\n`, `\x1b` or `\u{202e}`; all
/// else stays. The result has at most `bytes_max` bytes; when it is cut, it ends in `...`, never inside a character.
[[nodiscard]] std::string escaped(std::string_view text, std::size_t bytes_max = std::string::npos);

/// Bytes of the well-formed UTF-8 character (RFC 3629) that `text` begins with: 1 to 4, or 0 when there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

/// The position of the first byte that is not part of well-formed UTF-8, or `npos`.
[[nodiscard]] std::size_t find_malformed_utf8(std::string_view text) noexcept;

} // namespace librats::runtime
