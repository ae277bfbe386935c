// SPDX-License-Identifier: MIT
#include "runtime/config/config_value.hpp"

#include "protocols/core/endpoint.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

namespace librats::runtime {
namespace {

constexpr std::size_t host_bytes_max = 253; // RFC 1035 section 2.3.4, without the final dot.
constexpr std::size_t label_bytes_max = 63;

struct unit {
  std::string_view name;
  std::int64_t factor;
};

// Smallest first.
constexpr std::array<unit, 4> size_units = {{{"B", 1}, {"KiB", 1ll << 10}, {"MiB", 1ll << 20}, {"GiB", 1ll << 30}}};
constexpr std::array<unit, 4> span_units = {
  {{"ms", 1'000'000}, {"s", 1'000'000'000}, {"min", 60'000'000'000}, {"h", 3'600'000'000'000}}};

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c) noexcept {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool same_word(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

parsed_value problem(std::string sentence) {
  return {{}, std::move(sentence)};
}

/// The digits at the start of `text`, taken off it. Too many of them give the largest number, which no range accepts.
std::optional<std::int64_t> take_digits(std::string_view& text) noexcept {
  std::int64_t out = 0;
  const auto [end, why] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (end == text.data())
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (why == std::errc::result_out_of_range)
    return std::numeric_limits<std::int64_t>::max();
  return out;
}

parsed_value ranged(const config_rule& rule, std::int64_t x) {
  if (x < rule.min || x > rule.max)
    return problem("is out of range");
  if (rule.kind == config_kind::span)
    return {duration{x}, {}};
  return {x, {}};
}

parsed_value parse_boolean(std::string_view text) {
  for (const auto* word : {"true", "yes", "on", "1"})
    if (same_word(text, word))
      return {true, {}};
  for (const auto* word : {"false", "no", "off", "0"})
    if (same_word(text, word))
      return {false, {}};
  return problem("is neither true nor false");
}

parsed_value parse_integer(const config_rule& rule, std::string_view text) {
  const auto number = take_digits(text);
  if (!number || !text.empty())
    return problem("is not a whole number");
  return ranged(rule, *number);
}

/// A number and a unit, with or without blanks between them.
parsed_value parse_measure(const config_rule& rule, std::string_view text) {
  const bool is_size = rule.kind == config_kind::size;
  const auto number = take_digits(text);
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  if (!number || (!text.empty() && !is_letter(text.front())))
    return problem(is_size ? "is not a size in whole numbers" : "is not a time in whole numbers");
  if (text.empty()) {
    if (is_size || *number == 0)
      return ranged(rule, *number);
    return problem("has no unit");
  }
  for (const auto& x : is_size ? size_units : span_units)
    if (same_word(text, x.name)) {
      constexpr auto most = std::numeric_limits<std::int64_t>::max();
      const bool fits = *number <= most / x.factor && *number >= -(most / x.factor);
      return fits ? ranged(rule, *number * x.factor) : problem("is out of range");
    }
  return problem("has an unknown unit");
}

constexpr std::size_t share_digits_max = 4;  // Behind the point: a millionth is 0.0001 %.

/// A number with or without a fraction, and a percent sign.
parsed_value parse_share(const config_rule& rule, std::string_view text) {
  const auto whole = take_digits(text);
  if (!whole)
    return problem("is not a share in percent");
  std::int64_t fraction = 0;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    const auto before = text.size();
    const auto number = !text.empty() && is_digit(text.front()) ? take_digits(text) : std::nullopt;
    const auto digits = before - text.size();
    if (!number || digits > share_digits_max)
      return problem("has not one to four digits behind its point");
    fraction = *number;
    for (auto i = digits; i < share_digits_max; ++i)
      fraction *= 10;
  }
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  if (text != "%" && (*whole != 0 || fraction != 0 || !text.empty()))
    return problem("has no percent sign");
  constexpr auto per_percent = config_share_whole / 100;
  if (*whole > 1'000'000)
    return problem("is out of range");
  return ranged(rule, *whole * per_percent + fraction);
}

std::string format_share(std::int64_t x) {
  constexpr auto per_percent = config_share_whole / 100;
  auto fraction = std::to_string(per_percent + x % per_percent).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return concat(x / per_percent, fraction.empty() ? "" : ".", fraction, " %");
}

parsed_value parse_word(const config_rule& rule, std::string_view text) {
  for (const auto& word : rule.words)
    if (same_word(text, word))
      return {word, {}};
  return problem("is not one of the accepted words");
}

/// What text of any kind may not hold; empty when it is fine.
std::string find_bad_text(const config_rule& rule, std::string_view text) {
  if (find_malformed_utf8(text) != std::string_view::npos)
    return "is not UTF-8";
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return "has a control character";
  if (static_cast<std::int64_t>(text.size()) > rule.max)
    return "is too long";
  if (static_cast<std::int64_t>(text.size()) < rule.min)
    return "is too short";
  return {};
}

parsed_value parse_text_list(std::string_view text) {
  std::vector<std::string> out;
  if (!text.empty())
    out.emplace_back(text);
  return {std::move(out), {}};
}

parsed_value parse_address(std::string_view text) {
  if (!text.empty() && !ip_address::parse(text))
    return problem("is not an IP address");
  return {std::string{text}, {}};
}

/// A name of letters, digits, `-` and `_` in dot-separated labels. What looks like an IPv4 literal must be one.
bool is_host(std::string_view text) {
  if (text.empty() || text.size() > host_bytes_max)
    return false;
  if (std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; }))
    return ip_address::parse(text).has_value();
  std::size_t label = 0;
  for (const char c : text) {
    if (c == '.' ? label == 0 : !(is_letter(c) || is_digit(c) || c == '-' || c == '_'))
      return false;
    label = c == '.' ? 0 : label + 1;
    if (label > label_bytes_max)
      return false;
  }
  return true;
}

parsed_value parse_endpoint(std::string_view text) {
  if (text.empty())
    return {std::vector<host_port>{}, {}};
  const auto colon = text.rfind(':');
  const auto host_text = text.substr(0, colon);
  const bool bracketed = host_text.size() >= 2 && host_text.front() == '[' && host_text.back() == ']';
  if (colon == std::string_view::npos || text.back() == ']')
    return problem("has no port");
  const auto host = bracketed ? host_text.substr(1, host_text.size() - 2) : host_text;
  if (bracketed) {
    if (const auto address = ip_address::parse(host); !address || host.find(':') == std::string_view::npos)
      return problem("has no IPv6 address between its brackets");
  } else if (host.find(':') != std::string_view::npos) {
    return problem("has several colons; an IPv6 address goes in brackets");
  } else if (!is_host(host)) {
    return problem("has no host name or IPv4 address before the port");
  }
  auto port_text = text.substr(colon + 1);
  const auto port = take_digits(port_text);
  if (!port || !port_text.empty() || *port < 1 || *port > 65535)
    return problem("has no port from 1 to 65535");
  return {std::vector<host_port>{{std::string{host}, static_cast<std::uint16_t>(*port)}}, {}};
}

/// In the largest unit that leaves no fraction; zero in the basic one.
std::string format_measure(std::int64_t x, const std::array<unit, 4>& units, std::string_view basic) {
  if (x == 0)
    return concat("0 ", basic);
  for (auto i = units.size(); i-- > 1;)
    if (x % units[i].factor == 0)
      return concat(x / units[i].factor, " ", units[i].name);
  return concat(x / units[0].factor, " ", units[0].name);
}

std::string format_number(const config_rule& rule, std::int64_t x) {
  switch (rule.kind) {
  case config_kind::size: return format_measure(x, size_units, "B");
  case config_kind::span: return format_measure(x, span_units, "s");
  case config_kind::share: return format_share(x);
  default: return concat(x);
  }
}

std::string join_words(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out += concat(i == 0 ? "" : i + 1 == words.size() ? " or " : ", ", words[i]);
  return out;
}

} // namespace

std::string host_port::to_string() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return is_v6 ? concat("[", host, "]:", port) : concat(host, ":", port);
}

std::optional<host_port> parse_host_port(std::string_view text) {
  const auto parsed = parse_endpoint(text);
  const auto* all = parsed.problem.empty() ? std::get_if<std::vector<host_port>>(&parsed.value) : nullptr;
  return all != nullptr && !all->empty() ? std::optional{all->front()} : std::nullopt;
}

parsed_value parse_value(const config_rule& rule, std::string_view text) {
  switch (rule.kind) {
  case config_kind::boolean: return parse_boolean(text);
  case config_kind::integer: return parse_integer(rule, text);
  case config_kind::size:
  case config_kind::span: return parse_measure(rule, text);
  case config_kind::share: return parse_share(rule, text);
  case config_kind::word: return parse_word(rule, text);
  default: break;
  }
  if (auto bad = find_bad_text(rule, text); !bad.empty())
    return problem(std::move(bad));
  switch (rule.kind) {
  case config_kind::address: return parse_address(text);
  case config_kind::text_list: return parse_text_list(text);
  case config_kind::endpoint_list: return parse_endpoint(text);
  default: return {std::string{text}, {}};
  }
}

std::vector<std::string> format_value(const config_rule& rule, const config_value& value) {
  if (const auto* x = std::get_if<bool>(&value))
    return {*x ? "true" : "false"};
  if (const auto* x = std::get_if<std::int64_t>(&value))
    return {format_number(rule, *x)};
  if (const auto* x = std::get_if<duration>(&value))
    return {format_number(rule, x->count())};
  if (const auto* x = std::get_if<std::string>(&value))
    return {*x};
  if (const auto* x = std::get_if<std::vector<std::string>>(&value))
    return *x;
  std::vector<std::string> out;
  for (const auto& x : std::get<std::vector<host_port>>(value))
    out.push_back(x.to_string());
  return out;
}

std::string describe_accepted(const config_rule& rule) {
  const auto range = [&rule] { return concat(format_number(rule, rule.min), " to ", format_number(rule, rule.max)); };
  switch (rule.kind) {
  case config_kind::boolean: return "true or false";
  case config_kind::integer: return concat("a whole number from ", range());
  case config_kind::size: return concat("a size in B, KiB, MiB or GiB from ", range());
  case config_kind::span: return concat("a time in ms, s, min or h from ", range());
  case config_kind::share: return concat("a share from ", range());
  case config_kind::word: return join_words(rule.words);
  case config_kind::text: return concat("text of ", rule.min, " to ", rule.max, " bytes");
  case config_kind::path: return "a path, or nothing";
  case config_kind::address: return "an IPv4 or IPv6 address, or nothing";
  case config_kind::text_list: return concat("text of at most ", rule.max, " bytes; may be repeated");
  case config_kind::endpoint_list: break;
  }
  return "host:port or [IPv6]:port; may be repeated";
}

} // namespace librats::runtime
