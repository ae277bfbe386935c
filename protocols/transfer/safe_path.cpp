// SPDX-License-Identifier: MIT
#include "protocols/transfer/safe_path.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace librats::protocols {

namespace {

/// Takes one code point off the front of `in`. Empty when that is no UTF-8 (RFC 3629 section 4: no surrogates, nothing
/// written longer than it needs to be, nothing above U+10FFFF).
std::optional<char32_t> take_code_point(std::string_view& in) noexcept {
  const auto byte = [&in](std::size_t at) { return static_cast<unsigned char>(in[at]); };
  const auto first = byte(0);
  const std::size_t size = first < 0x80 ? 1
    : first < 0xC2                      ? 0
    : first < 0xE0                      ? 2
    : first < 0xF0                      ? 3
    : first < 0xF5                      ? 4
                                        : 0;
  if (size == 0 || size > in.size())
    return std::nullopt;
  char32_t out = size == 1 ? first : first & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u)
      return std::nullopt;
    out = (out << 6) | (byte(i) & 0x3Fu);
  }
  if ((size == 3 && out < 0x800) || (size == 4 && out < 0x10000) || out > 0x10FFFF || (out >= 0xD800 && out <= 0xDFFF))
    return std::nullopt;
  in.remove_prefix(size);
  return out;
}

void put_code_point(std::string& out, char32_t x) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (x < 0x80) {
    put(x);
  } else if (x < 0x800) {
    put(0xC0 | (x >> 6));
    put(0x80 | (x & 0x3F));
  } else if (x < 0x10000) {
    put(0xE0 | (x >> 12));
    put(0x80 | ((x >> 6) & 0x3F));
    put(0x80 | (x & 0x3F));
  } else {
    put(0xF0 | (x >> 18));
    put(0x80 | ((x >> 12) & 0x3F));
    put(0x80 | ((x >> 6) & 0x3F));
    put(0x80 | (x & 0x3F));
  }
}

/// U+FFFE, U+FFFF and their like in every plane, and U+FDD0 to U+FDEF (Unicode 15 section 23.7).
bool is_noncharacter(char32_t x) noexcept {
  return (x & 0xFFFE) == 0xFFFE || (x >= 0xFDD0 && x <= 0xFDEF);
}

/// Embeddings, overrides and isolates (UAX 9 section 2); the mere marks U+200E and U+200F are harmless.
bool turns_direction(char32_t x) noexcept {
  return (x >= 0x202A && x <= 0x202E) || (x >= 0x2066 && x <= 0x2069);
}

/// Simple lower case where it follows a rule; see `folded_path`.
char32_t lower(char32_t x) noexcept {
  if (x >= 'A' && x <= 'Z')
    return x + 32;
  if (x < 0xC0)
    return x;
  if (x <= 0xDE)
    return x == 0xD7 ? x : x + 32;
  if (x >= 0x100 && x <= 0x17F) { // Pairs; in two stretches the capital is odd.
    if (x == 0x130 || x == 0x131 || x == 0x138 || x == 0x149)
      return x;
    if (x == 0x178)
      return 0xFF;
    if (x == 0x17F)
      return 's';
    const bool odd = (x >= 0x139 && x <= 0x148) || x >= 0x179;
    return (x % 2 == 1) == odd ? x + 1 : x;
  }
  if (x >= 0x391 && x <= 0x3AB)
    return x + 32;
  if (x == 0x3C2)
    return 0x3C3;
  if (x == 0x386)
    return 0x3AC;
  if (x >= 0x388 && x <= 0x38A)
    return x + 37;
  if (x == 0x38C)
    return 0x3CC;
  if (x == 0x38E || x == 0x38F)
    return x + 63;
  if (x >= 0x400 && x <= 0x40F)
    return x + 80;
  if (x >= 0x410 && x <= 0x42F)
    return x + 32;
  if ((x >= 0x460 && x <= 0x481) || (x >= 0x48A && x <= 0x4BF) || (x >= 0x4D0 && x <= 0x52F))
    return x % 2 == 0 ? x + 1 : x;
  if (x >= 0x531 && x <= 0x556)
    return x + 48;
  if (x >= 0xFF21 && x <= 0xFF3A)
    return x + 32;
  return x;
}

/// Names that Windows gives to a device whatever extension follows ("Naming Files, Paths, and Namespaces").
bool is_device(std::string_view component) {
  auto stem = folded_path(component.substr(0, component.find('.')));
  while (!stem.empty() && stem.back() == ' ')
    stem.pop_back();
  static constexpr std::array<std::string_view, 6> plain{"con", "prn", "aux", "nul", "conin$", "conout$"};
  if (std::find(plain.begin(), plain.end(), stem) != plain.end())
    return true;
  if (stem.compare(0, 3, "com") != 0 && stem.compare(0, 3, "lpt") != 0)
    return false;
  const auto number = std::string_view{stem}.substr(3);
  return (number.size() == 1 && number[0] >= '1' && number[0] <= '9') // The superscripts 1, 2 and 3 count as digits.
    || number == "\xC2\xB9" || number == "\xC2\xB2" || number == "\xC2\xB3";
}

std::optional<name_errc> fault_of_text(std::string_view rest, name_rules rules) {
  while (!rest.empty()) {
    const auto x = take_code_point(rest);
    if (!x || is_noncharacter(*x))
      return name_errc::not_utf8;
    if (*x < 0x20 || (*x >= 0x7F && *x <= 0x9F) || *x == 0x2028 || *x == 0x2029)
      return name_errc::control;
    if (turns_direction(*x))
      return name_errc::deceptive;
    if (rules == name_rules::windows && *x < 0x80
      && std::string_view{"<>:\"|?*"}.find(static_cast<char>(*x)) != std::string_view::npos)
      return name_errc::bad_character;
  }
  return std::nullopt;
}

std::optional<name_errc> fault_of_component(std::string_view x, name_rules rules) {
  if (x.empty())
    return name_errc::empty;
  if (x == "." || x == "..")
    return name_errc::dots;
  if (x.size() > safe_component_max)
    return name_errc::component_too_long;
  if (rules == name_rules::posix)
    return std::nullopt;
  if (x.back() == '.' || x.back() == ' ')
    return name_errc::bad_ending;
  return is_device(x) ? std::optional{name_errc::reserved} : std::nullopt;
}

} // namespace

const char* to_string(name_errc code) noexcept {
  switch (code) {
  case name_errc::empty: return "empty name";
  case name_errc::too_long: return "path too long";
  case name_errc::component_too_long: return "name too long";
  case name_errc::too_deep: return "too many directories within each other";
  case name_errc::absolute: return "absolute path";
  case name_errc::drive: return "path with a drive letter";
  case name_errc::dots: return "path through . or ..";
  case name_errc::control: return "control character in a name";
  case name_errc::not_utf8: return "name that is not UTF-8";
  case name_errc::deceptive: return "name that hides what it is";
  case name_errc::reserved: return "name of a device";
  case name_errc::bad_ending: return "name that ends with a dot or a blank";
  case name_errc::bad_character: return "character that no name may have here";
  case name_errc::not_a_name: return "path instead of a name";
  }
  return "unknown error";
}

result<std::string, name_errc> safe_path(std::string_view raw, name_rules rules) {
  if (raw.empty())
    return name_errc::empty;
  if (raw.size() > safe_path_max)
    return name_errc::too_long;
  std::string out{raw};
  std::replace(out.begin(), out.end(), '\\', '/');
  if (out[0] == '/')
    return name_errc::absolute;
  if (out.size() > 1 && out[1] == ':')
    return name_errc::drive;
  if (const auto fault = fault_of_text(out, rules))
    return *fault;
  std::size_t depth = 0;
  for (std::string_view rest{out};;) {
    const auto end = rest.find('/');
    if (const auto fault = fault_of_component(rest.substr(0, end), rules))
      return *fault;
    if (++depth > safe_depth_max)
      return name_errc::too_deep;
    if (end == std::string_view::npos)
      break;
    rest.remove_prefix(end + 1);
  }
  return out;
}

result<std::string, name_errc> safe_name(std::string_view raw, name_rules rules) {
  auto out = safe_path(raw, rules);
  if (out && out->find('/') != std::string::npos)
    return name_errc::not_a_name;
  return out;
}

std::string folded_path(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  while (!path.empty()) {
    if (const auto x = take_code_point(path)) {
      put_code_point(out, lower(*x));
    } else { // Not for us to judge here.
      out.push_back(path.front());
      path.remove_prefix(1);
    }
  }
  return out;
}

} // namespace librats::protocols
