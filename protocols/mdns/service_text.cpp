// SPDX-License-Identifier: MIT
#include "protocols/mdns/service_text.hpp"

#include "protocols/dns/dns_name.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace librats::protocols {

namespace {

constexpr std::size_t txt_string_max = 255;

bool is_key(std::string_view key) {
  const auto fits = [](char c) { return c >= 0x20 && c <= 0x7e && c != '='; };
  return !key.empty() && std::all_of(key.begin(), key.end(), fits);
}

bool is_plain(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

} // namespace

std::optional<std::vector<std::string>> encode_txt(const txt_map& x) {
  std::vector<std::string> out;
  std::size_t size = 0;
  for (const auto& [key, value] : x) {
    auto entry = value.empty() ? key : key + '=' + value;
    size += 1 + entry.size();
    if (!is_key(key) || entry.size() > txt_string_max || size > txt_size_max)
      return std::nullopt;
    out.push_back(std::move(entry));
  }
  return out;
}

txt_map decode_txt(const std::vector<std::string>& strings) {
  txt_map out;
  std::set<std::string> seen;
  std::size_t size = 0;
  for (const auto& entry : strings) {
    size += 1 + entry.size();
    if (size > txt_size_max)
      break;
    const auto equals = entry.find('=');
    auto key = entry.substr(0, equals);
    if (!is_key(key) || !seen.insert(ascii_lower(key)).second)
      continue;
    out.emplace(std::move(key), equals == std::string::npos ? std::string{} : entry.substr(equals + 1));
  }
  return out;
}

const std::string* find_txt(const txt_map& x, std::string_view key) {
  const auto wanted = ascii_lower(key);
  const auto found = std::find_if(x.begin(), x.end(), [&](const auto& y) { return ascii_lower(y.first) == wanted; });
  return found == x.end() ? nullptr : &found->second;
}

std::string clean_label(std::string_view text, std::string_view fallback) {
  std::string out{text.empty() ? fallback : text};
  std::replace_if(
    out.begin(), out.end(), [](char c) { return !is_plain(c); }, '-');
  return out.substr(0, dns_name::label_max);
}

std::string numbered_label(std::string_view label, unsigned number) {
  if (number <= 1)
    return std::string{label.substr(0, dns_name::label_max)};
  const auto suffix = '-' + std::to_string(number);
  return std::string{label.substr(0, dns_name::label_max - suffix.size())} + suffix;
}

std::string instance_label(const peer_id& id) {
  return "rats-" + id.short_string();
}

txt_map node_txt(const peer_id& id, std::string_view protocol, const txt_map& more) {
  txt_map out{{"id", id.to_string()}, {"proto", std::string{protocol}}};
  for (const auto& [key, value] : more)
    if (find_txt(out, key) == nullptr)
      out.emplace(key, value);
  return out;
}

} // namespace librats::protocols
