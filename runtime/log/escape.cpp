// SPDX-License-Identifier: MIT
#include "runtime/log/escape.hpp"

#include <cstdint>
#include <cstdio>

namespace librats::runtime {
namespace {

constexpr std::string_view ellipsis = "...";

std::uint8_t byte_at(std::string_view text, std::size_t i) noexcept {
  return static_cast<std::uint8_t>(text[i]);
}

/// The code point of a well-formed character of `length` bytes.
std::uint32_t code_point(std::string_view text, std::size_t length) noexcept {
  constexpr std::uint32_t lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  auto out = byte_at(text, 0) & lead_mask[length];
  for (std::size_t i = 1; i < length; ++i)
    out = out << 6 | (byte_at(text, i) & 0x3fu);
  return out;
}

/// Control characters, and what moves the cursor, ends the line or reorders it without being one.
bool is_harmful(std::uint32_t x) noexcept {
  return x < 0x20 || (x >= 0x7f && x <= 0x9f)    // C0, DEL, C1
    || x == 0x061c || x == 0x200e || x == 0x200f // Arabic letter mark, left-to-right and right-to-left marks
    || (x >= 0x2028 && x <= 0x202e)              // line and paragraph separator, embeddings and overrides
    || (x >= 0x2066 && x <= 0x2069)              // isolates
    || x == 0xfeff;                              // byte order mark
}

std::string escape_of(std::uint32_t x, bool is_character) {
  switch (x) {
  case '\n': return "\\n";
  case '\r': return "\\r";
  case '\t': return "\\t";
  default: break;
  }
  char out[16];
  std::snprintf(out, sizeof(out), is_character && x > 0x7f ? "\\u{%x}" : "\\x%02x", static_cast<unsigned>(x));
  return out;
}

bool is_plain_ascii(std::string_view text) noexcept {
  for (const char c : text)
    if (c < 0x20 || c > 0x7e)
      return false;
  return true;
}

} // namespace

std::string escaped(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max && is_plain_ascii(text))
    return std::string{text};
  std::string out;
  std::size_t cut = 0; // The longest prefix of `out` that leaves room for the ellipsis.
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0) {
      out += escape_of(byte_at(text, 0), false);
      text.remove_prefix(1);
    } else {
      if (const auto x = code_point(text, length); is_harmful(x))
        out += escape_of(x, true);
      else
        out += text.substr(0, length);
      text.remove_prefix(length);
    }
    if (out.size() > bytes_max) {
      out.resize(cut);
      return out.append(ellipsis.substr(0, bytes_max));
    }
    if (bytes_max >= ellipsis.size() && out.size() <= bytes_max - ellipsis.size())
      cut = out.size();
  }
  return out;
}

std::size_t utf8_length(std::string_view text) noexcept {
  if (text.empty())
    return 0;
  const auto lead = byte_at(text, 0);
  if (lead < 0x80)
    return 1;
  // The second byte's range keeps out overlong forms, surrogates and what lies above U+10FFFF (RFC 3629 section 4).
  const std::size_t length = lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length)
    return 0;
  const auto second = byte_at(text, 1);
  const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high)
    return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte_at(text, i) & 0xc0) != 0x80)
      return 0;
  return length;
}

std::size_t find_malformed_utf8(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto length = utf8_length(text.substr(at));
    if (length == 0)
      return at;
    at += length;
  }
  return std::string_view::npos;
}

} // namespace librats::runtime
