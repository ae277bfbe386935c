// SPDX-License-Identifier: MIT
#include "runtime/config/ini_scanner.hpp"

#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace librats::runtime {
namespace {

constexpr auto npos = std::string_view::npos;

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}
bool is_comment_mark(char c) noexcept {
  return c == '#' || c == ';';
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

/// Where a comment begins, from position `from` on: at a mark that stands first or after a blank. `npos` without one.
std::size_t find_comment(std::string_view text, std::size_t from = 0) noexcept {
  for (auto i = from; i < text.size(); ++i)
    if (is_comment_mark(text[i]) && (i == 0 || is_blank(text[i - 1])))
      return i;
  return npos;
}

std::string_view without_comment(std::string_view text) noexcept {
  return trim(text.substr(0, find_comment(text)));
}

bool is_empty_or_comment(std::string_view text) noexcept {
  const auto rest = trim(text);
  return rest.empty() || is_comment_mark(rest.front());
}

std::string shown(std::string_view text) {
  return concat("\"", escaped(text, 60), "\"");
}

/// What no line may hold, as a sentence; empty when there is nothing of it.
std::string find_bad_bytes(std::string_view line) {
  if (line.size() > config_line_bytes_max)
    return concat("the line has ", line.size(), " bytes; accepted are at most ", config_line_bytes_max);
  if (const auto at = line.find('\0'); at != npos)
    return concat("there is a NUL byte at position ", at + 1, "; a configuration is UTF-8 text");
  if (const auto at = find_malformed_utf8(line); at != npos)
    return concat(
      "the byte ", escaped(line.substr(at, 1)), " at position ", at + 1, " is not UTF-8; save the file as UTF-8 text");
  const auto bad = std::find_if(
    line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
  if (bad != line.end())
    return concat("there is a control character ", escaped({&*bad, 1}), " at position ", bad - line.begin() + 1);
  return {};
}

class scanner {
public:
  ini_scan run(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.substr(0, byte_order_mark.size()) == byte_order_mark)
      text.remove_prefix(byte_order_mark.size());
    while (!text.empty()) {
      const auto end = text.find('\n');
      auto line = text.substr(0, end);
      text.remove_prefix(end == npos ? text.size() : end + 1);
      if (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
      ++line_;
      scan_line(line);
    }
    return std::move(out_);
  }

private:
  /// Where the entries of the current line belong.
  enum class place { before_first_section, in_section, below_bad_header };

  void scan_line(std::string_view line) {
    const auto text = trim(line.substr(0, config_line_bytes_max));
    const bool is_header = !text.empty() && text.front() == '[';
    if (auto bad = find_bad_bytes(line); !bad.empty()) {
      if (is_header)
        place_ = place::below_bad_header;
      return report(std::move(bad));
    }
    if (is_empty_or_comment(text))
      return;
    if (is_header)
      return scan_header(text);
    if (place_ == place::before_first_section) {
      if (!std::exchange(headless_reported_, true))
        report(concat(shown(text), " stands before the first section; begin with a header such as [node]"));
      return;
    }
    scan_entry(text);
  }

  void scan_header(std::string_view text) {
    place_ = place::below_bad_header;
    const auto close = text.find(']');
    const auto name = trim(text.substr(1, close == npos ? npos : close - 1));
    if (close == npos)
      return report(concat(shown(without_comment(text)), " has no closing bracket; write [name]"));
    if (name.empty())
      return report("the section has no name; write [name]");
    if (const auto rest = text.substr(close + 1); !is_empty_or_comment(rest))
      return report(concat("after [", escaped(name, 60), "] stands ", shown(trim(rest)),
        "; accepted is nothing or a comment, and keys go on lines of their own"));
    place_ = place::in_section;
    section_ = std::string{name};
    out_.sections.push_back({line_, section_});
  }

  void scan_entry(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == npos || find_comment(text) < equals)
      return report(concat(shown(without_comment(text)), " has no '='; write key = value"));
    const auto key = trim(text.substr(0, equals));
    if (key.empty())
      return report("there is no key before '='; write key = value");
    if (place_ == place::below_bad_header)
      return;
    const auto rest = text.substr(equals + 1);
    auto value = std::optional<std::string>{trim(rest.substr(0, find_comment(rest, 1)))};
    if (const auto text_after = trim(rest); !text_after.empty() && text_after.front() == '"')
      value = scan_quoted(text_after, key);
    if (value)
      out_.entries.push_back({line_, section_, std::string{key}, std::move(*value)});
  }

  std::optional<std::string> scan_quoted(std::string_view text, std::string_view key) {
    std::string out;
    std::size_t i = 1;
    for (; i < text.size() && text[i] != '"'; ++i) {
      if (text[i] == '\\') {
        const auto next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (next != '"' && next != '\\') {
          report("between quotes a backslash is written \\\\ and a quote \\\"; nothing else follows a backslash", key);
          return std::nullopt;
        }
        ++i;
      }
      out += text[i];
    }
    if (i == text.size()) {
      report("the value has no closing quote", key);
      return std::nullopt;
    }
    if (const auto rest = text.substr(i + 1); !is_empty_or_comment(rest)) {
      report(concat("after the closing quote stands ", shown(trim(rest)), "; accepted is nothing or a comment"), key);
      return std::nullopt;
    }
    return out;
  }

  void report(std::string sentence, std::string_view key = {}) {
    auto full_name = key.empty() ? std::string{} : concat(section_, ".", escaped(key, 60));
    out_.problems.push_back({line_, std::move(full_name), std::move(sentence)});
  }

  ini_scan out_;
  int line_ = 0;
  place place_ = place::before_first_section;
  std::string section_;
  bool headless_reported_ = false;
};

} // namespace

ini_scan scan_ini(std::string_view text) {
  return scanner{}.run(text);
}

std::string ini_quoted(std::string_view value) {
  const bool plain =
    trim(value).size() == value.size() && find_comment(value) == npos && (value.empty() || value.front() != '"');
  if (plain)
    return std::string{value};
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + '"';
}

} // namespace librats::runtime
