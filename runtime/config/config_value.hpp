// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace librats::runtime {

/// A host name or an IP literal (IPv6 without its brackets) and a port from 1 to 65535.
struct host_port {
  std::string host;
  std::uint16_t port = 0;

  /// `host:port`, an IPv6 literal in brackets.
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const host_port& a, const host_port& b) noexcept {
    return a.port == b.port && a.host == b.host;
  }
};

/// What a key holds once its text was understood. Integers, sizes (bytes) and shares (millionths) have one type, as do
/// all kinds of text.
using config_value =
  std::variant<bool, std::int64_t, duration, std::string, std::vector<std::string>, std::vector<host_port>>;

/// How the text of a key is read.
enum class config_kind : std::uint8_t {
  boolean,       ///< true/false, yes/no, on/off, 1/0
  integer,       ///< decimal, within a range
  size,          ///< bytes: `65536`, `64 KiB`, `8 MiB`, `1 GiB`
  span,          ///< time: `250 ms`, `15 s`, `5 min`, `2 h`; only zero goes without a unit
  share,         ///< `99.9 %`, with at most four digits behind the point; held as millionths
  word,          ///< one of a list, in any case
  text,          ///< UTF-8 without control characters, `min` to `max` bytes
  path,          ///< like text; whether it exists is checked by who opens it
  address,       ///< an IPv4 or IPv6 literal, or nothing
  text_list,     ///< the key may be repeated; an empty value adds nothing
  endpoint_list, ///< `host:port`, repeatable like text_list
};

/// A share of one whole, in millionths.
constexpr std::int64_t config_share_whole = 1'000'000;

/// No value is longer: bytes of the longest path on Linux.
constexpr std::size_t config_value_bytes_max = 4095;

/// The rule for one key: its kind and what the kind needs to know.
struct config_rule {
  config_kind kind = config_kind::text;
  std::int64_t min = 0;           ///< integer, size (bytes), span (nanoseconds), share (millionths), text (bytes)
  std::int64_t max = 0;           ///< the same; text, path and lists: bytes of one value
  std::vector<std::string> words; ///< word

  [[nodiscard]] bool repeatable() const noexcept {
    return kind == config_kind::text_list || kind == config_kind::endpoint_list;
  }
};

/// A value, or what to say of the text instead: `is not a number`.
struct parsed_value {
  config_value value;
  std::string problem; ///< Empty when `value` is good.
};

/// Reads `text`, already trimmed and unquoted, by `rule`. A list gives a list of one element, or of none for empty
/// text.
[[nodiscard]] parsed_value parse_value(const config_rule& rule, std::string_view text);

/// Reads one `host:port`, an IPv6 address in brackets. Empty for any other text.
[[nodiscard]] std::optional<host_port> parse_host_port(std::string_view text);

/// The texts that read back as `value`, before any quoting: one, or for a list one per element.
[[nodiscard]] std::vector<std::string> format_value(const config_rule& rule, const config_value& value);

/// What is accepted, to follow the word "accepted" or to stand in a help text: `an integer from 1 to 64`.
[[nodiscard]] std::string describe_accepted(const config_rule& rule);

} // namespace librats::runtime
