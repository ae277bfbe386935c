// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/config/config_value.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace librats::runtime {

/// A mistake in a configuration, for the person who made it.
struct config_error {
  std::string file;     ///< As named on the command line; `command line` for a mistake there.
  int line = 0;         ///< From 1; 0 when no line is to blame.
  std::string key;      ///< `section.key`, or empty.
  std::string sentence; ///< What is wrong and what is accepted. Foreign text in it is escaped.

  /// `node.ini:7: node.listen_port: "x" is not a number; accepted: ...`
  [[nodiscard]] std::string to_string() const;
};

/// Where an effective value came from.
struct config_origin {
  enum class source : std::uint8_t { builtin, file, command_line };
  source from = source::builtin;
  std::string file; ///< Only for `file`.
  int line = 0;     ///< Only for `file`; of a repeated key the first line.

  /// `default`, `node.ini:7` or `command line`.
  [[nodiscard]] std::string to_string() const;
};

/// The declaration of one key: INI, command line, `--help`, `--print-config` and error texts all come from it.
struct config_key {
  std::string section;
  std::string name;
  config_rule rule;
  config_value fallback; ///< The default.
  std::string help;      ///< One sentence without a full stop; unit and range are added by themselves.
  bool secret = false;   ///< Never printed: not by `--print-config`, not in an error.

  /// `section.name`, which is also the name on the command line.
  [[nodiscard]] std::string full_name() const { return section + "." + name; }
};

class config_values;

/// The keys that a program understands, in the order of declaration. Build it once, then only read it: reading is safe
/// from any thread. Names are lowercase letters, digits and `_`. Declaring a name twice, or a default that breaks its
/// own rule, is a bug and asserts.
class config_schema {
public:
  /// `purpose` is the sentence at the top of `--help`.
  config_schema(std::string program, std::string purpose);

  /// Begins a section; the declarations below go into it. `title` is its one-line description.
  config_schema& section(std::string name, std::string title);

  config_schema& boolean(std::string name, bool fallback, std::string help);
  config_schema& integer(std::string name, std::int64_t fallback, std::int64_t min, std::int64_t max, std::string help);
  /// Bytes.
  config_schema& size(std::string name, std::int64_t fallback, std::int64_t min, std::int64_t max, std::string help);
  config_schema& span(std::string name, duration fallback, duration min, duration max, std::string help);
  /// Millionths.
  config_schema& share(std::string name, std::int64_t fallback, std::int64_t min, std::int64_t max, std::string help);
  config_schema& word(std::string name, std::string fallback, std::vector<std::string> words, std::string help);
  /// `bytes_min` 0 allows the empty text.
  config_schema& text(
    std::string name, std::string fallback, std::size_t bytes_min, std::size_t bytes_max, std::string help);
  config_schema& path(std::string name, std::string fallback, std::string help);
  config_schema& address(std::string name, std::string fallback, std::string help);
  config_schema& text_list(std::string name, std::size_t bytes_max, std::string help);
  config_schema& endpoint_list(std::string name, std::string help);
  /// Marks the key declared last as secret.
  config_schema& secret();

  /// A check across keys. Runs when every key by itself is fine; returns the mistakes it finds.
  using check = std::vector<config_error> (*)(const config_values&);
  config_schema& add_check(check f);

  struct section_info {
    std::string name;
    std::string title;
  };
  [[nodiscard]] const std::string& program() const noexcept { return program_; }
  [[nodiscard]] const std::string& purpose() const noexcept { return purpose_; }
  [[nodiscard]] const std::vector<section_info>& sections() const noexcept { return sections_; }
  [[nodiscard]] const std::vector<config_key>& keys() const noexcept { return keys_; }
  [[nodiscard]] const std::vector<check>& checks() const noexcept { return checks_; }
  [[nodiscard]] bool has_section(std::string_view name) const noexcept;
  /// Null when there is no such key. Linear in the number of keys.
  [[nodiscard]] const config_key* find(std::string_view section, std::string_view name) const noexcept;

  /// What a wrong name was probably meant to be, by edit distance; empty or null when nothing is close. A key is looked
  /// for in its section first, then in the others.
  [[nodiscard]] std::string nearest_section(std::string_view name) const;
  [[nodiscard]] const config_key* nearest_key(std::string_view section, std::string_view name) const;

private:
  config_schema& add(std::string name, config_rule rule, config_value fallback, std::string help);

  std::string program_;
  std::string purpose_;
  std::vector<section_info> sections_;
  std::vector<config_key> keys_;
  std::vector<check> checks_;
};

/// The effective value of every key of a schema, with its origin. A plain value; asking for a key that was never
/// declared, or as another type, is a bug: it asserts, and without asserts yields an empty value.
class config_values {
public:
  config_values() = default;
  /// All defaults.
  explicit config_values(const config_schema& schema);

  struct entry {
    std::string section;
    std::string name;
    config_value value;
    config_origin origin;
  };

  [[nodiscard]] bool boolean(std::string_view section, std::string_view name) const;
  /// Integers, sizes and shares.
  [[nodiscard]] std::int64_t integer(std::string_view section, std::string_view name) const;
  [[nodiscard]] duration span(std::string_view section, std::string_view name) const;
  /// Words, texts, paths and addresses.
  [[nodiscard]] const std::string& text(std::string_view section, std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& text_list(std::string_view section, std::string_view name) const;
  [[nodiscard]] const std::vector<host_port>& endpoint_list(std::string_view section, std::string_view name) const;
  [[nodiscard]] const config_origin& origin(std::string_view section, std::string_view name) const;

  /// In the order of declaration.
  [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }
  /// Replaces a value. No check against the rule.
  void set(std::string_view section, std::string_view name, config_value value, config_origin origin);

private:
  [[nodiscard]] const entry* find(std::string_view section, std::string_view name) const noexcept;

  std::vector<entry> entries_;
};

} // namespace librats::runtime
