// SPDX-License-Identifier: MIT
#include "apps/support/numbers.hpp"

#include <charconv>

namespace librats::apps {

std::optional<std::uint64_t> parse_whole_number(std::string_view text, std::uint64_t most) {
  std::uint64_t out = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc{} || stopped != end || out > most)
    return std::nullopt;
  return out;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (const auto number = parse_whole_number(text, UINT16_MAX))
    return static_cast<std::uint16_t>(*number);
  return std::nullopt;
}

} // namespace librats::apps
