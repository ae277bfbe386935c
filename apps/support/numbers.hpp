// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace librats::apps {

/// A whole number of at most `most`; empty when the text is anything else, a sign or a blank included.
[[nodiscard]] std::optional<std::uint64_t> parse_whole_number(std::string_view text, std::uint64_t most);

/// A port, 0 included; empty when the text is none.
[[nodiscard]] std::optional<std::uint16_t> parse_port(std::string_view text);

} // namespace librats::apps
