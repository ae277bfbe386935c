// SPDX-License-Identifier: MIT
#include "protocols/dns/dns_name.hpp"

#include <algorithm>

namespace librats::protocols {

namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Reads what a backslash at `text[at]` quotes and moves `at` to its last character; false when that is nothing.
bool unquote(std::string_view text, std::size_t& at, char& out) {
  if (at + 1 >= text.size())
    return false;
  if (!is_digit(text[at + 1])) {
    out = text[++at];
    return true;
  }
  if (at + 3 >= text.size() || !is_digit(text[at + 2]) || !is_digit(text[at + 3]))
    return false;
  const int value = (text[at + 1] - '0') * 100 + (text[at + 2] - '0') * 10 + (text[at + 3] - '0');
  if (value > 255)
    return false;
  out = static_cast<char>(value);
  at += 3;
  return true;
}

void escape(std::string_view label, std::string& out) {
  for (const char c : label) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '.' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x21 && byte <= 0x7e) {
      out += c;
    } else {
      out += '\\';
      out += static_cast<char>('0' + byte / 100);
      out += static_cast<char>('0' + byte / 10 % 10);
      out += static_cast<char>('0' + byte % 10);
    }
  }
}

} // namespace

std::optional<dns_name> dns_name::parse(std::string_view text) {
  dns_name out;
  if (text.empty() || text == ".")
    return out;
  std::string label;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.') {
      if (!out.append(label))
        return std::nullopt;
      label.clear();
      continue;
    }
    char c = text[i];
    if (c == '\\' && !unquote(text, i, c))
      return std::nullopt;
    label += c;
  }
  if (!label.empty() && !out.append(label))
    return std::nullopt;
  return out;
}

std::optional<dns_name> dns_name::of(std::initializer_list<std::string_view> labels) {
  dns_name out;
  for (const auto label : labels)
    if (!out.append(label))
      return std::nullopt;
  return out;
}

bool dns_name::append(std::string_view label) {
  if (label.empty() || label.size() > label_max || wire_size() + 1 + label.size() > wire_max)
    return false;
  labels_ += static_cast<char>(label.size());
  labels_ += label;
  return true;
}

std::optional<dns_name> dns_name::below(std::string_view label) const {
  dns_name out;
  if (!out.append(label) || out.labels_.size() + wire_size() > wire_max)
    return std::nullopt;
  out.labels_ += labels_;
  return out;
}

std::string_view dns_name::first_label() const noexcept {
  if (labels_.empty())
    return {};
  return std::string_view{labels_}.substr(1, static_cast<std::size_t>(labels_[0]));
}

dns_name dns_name::parent() const {
  dns_name out;
  if (!labels_.empty())
    out.labels_ = labels_.substr(1 + static_cast<std::size_t>(labels_[0]));
  return out;
}

std::vector<std::string_view> dns_name::labels() const {
  std::vector<std::string_view> out;
  const std::string_view all{labels_};
  for (std::size_t at = 0; at < all.size(); at += 1 + static_cast<std::size_t>(all[at]))
    out.push_back(all.substr(at + 1, static_cast<std::size_t>(all[at])));
  return out;
}

std::string dns_name::to_string() const {
  if (labels_.empty())
    return ".";
  std::string out;
  for (const auto label : labels()) {
    escape(label, out);
    out += '.';
  }
  return out;
}

int dns_name::compare(const dns_name& other) const noexcept {
  const auto common = std::min(labels_.size(), other.labels_.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto a = static_cast<unsigned char>(lower(labels_[i]));
    const auto b = static_cast<unsigned char>(lower(other.labels_[i]));
    if (a != b)
      return a < b ? -1 : 1;
  }
  return labels_.size() == other.labels_.size() ? 0 : labels_.size() < other.labels_.size() ? -1 : 1;
}

std::string escape_label(std::string_view label) {
  std::string out;
  escape(label, out);
  return out;
}

std::string ascii_lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

} // namespace librats::protocols
