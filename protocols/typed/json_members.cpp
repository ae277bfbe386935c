// SPDX-License-Identifier: MIT
#include "protocols/typed/json_members.hpp"

namespace librats::protocols {

namespace {

constexpr std::string_view blanks = " \t\n\r";
/// Where a number or a literal ends.
constexpr std::string_view delimiters = " \t\n\r,:]}[{\"";

std::size_t blanks_before(std::string_view text) noexcept {
  const auto found = text.find_first_not_of(blanks);
  return found == text.npos ? text.size() : found;
}

/// The size of the string at the front of `text`, quotes included; 0 when it does not end. `text` begins with a quote.
std::size_t string_size(std::string_view text) noexcept {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"')
      return i + 1;
    if (text[i] == '\\')
      ++i;
  }
  return 0;
}

/// The size of the array or object at the front of `text`; 0 when it does not end.
std::size_t container_size(std::string_view text) noexcept {
  std::size_t open = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const auto size = string_size(text.substr(i));
      if (size == 0)
        return 0;
      i += size - 1;
    } else if (c == '[' || c == '{') {
      ++open;
    } else if ((c == ']' || c == '}') && --open == 0) {
      return i + 1;
    }
  }
  return 0;
}

} // namespace

std::size_t json_value_size(std::string_view text) noexcept {
  const auto before = blanks_before(text);
  text.remove_prefix(before);
  if (text.empty())
    return 0;
  std::size_t size = 0;
  if (text.front() == '"')
    size = string_size(text);
  else if (text.front() == '[' || text.front() == '{')
    size = container_size(text);
  else
    size = text.substr(0, text.find_first_of(delimiters)).size();
  return size == 0 ? 0 : before + size;
}

bool is_one_json_value(std::string_view text) noexcept {
  const auto size = json_value_size(text);
  return size != 0 && blanks_before(text.substr(size)) == text.size() - size;
}

json_members::json_members(std::string_view text) noexcept : rest_(text.substr(blanks_before(text))) {
  if (rest_.empty() || rest_.front() != '{')
    failed_ = true;
  else
    rest_.remove_prefix(1);
}

std::optional<json_members::member> json_members::stop(bool failed) noexcept {
  ended_ = true;
  failed_ = failed;
  return std::nullopt;
}

std::optional<json_members::member> json_members::next() noexcept {
  const auto skip = [this] { rest_.remove_prefix(blanks_before(rest_)); };
  const auto accept = [&](char c) {
    skip();
    if (rest_.empty() || rest_.front() != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  };
  if (failed_ || ended_)
    return std::nullopt;
  if (accept('}')) {
    skip();
    return stop(!rest_.empty());
  }
  if (!first_ && !accept(','))
    return stop(true);
  first_ = false;
  skip();
  const auto name_size = !rest_.empty() && rest_.front() == '"' ? string_size(rest_) : 0;
  if (name_size == 0)
    return stop(true);
  member out;
  out.name = rest_.substr(1, name_size - 2);
  rest_.remove_prefix(name_size);
  if (!accept(':'))
    return stop(true);
  const auto value_size = json_value_size(rest_);
  if (value_size == 0)
    return stop(true);
  out.value = rest_.substr(0, value_size);
  rest_.remove_prefix(value_size);
  return out;
}

} // namespace librats::protocols
