// SPDX-License-Identifier: MIT
#include "runtime/config/config_schema.hpp"

#include "runtime/config/edit_distance.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace librats::runtime {
namespace {

[[maybe_unused]] bool is_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= compared_name_bytes_max && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// True when every text of the default reads back.
[[maybe_unused]] bool follows_rule(const config_rule& rule, const config_value& value) {
  const auto texts = format_value(rule, value);
  return std::all_of(texts.begin(), texts.end(), [&](const std::string& text) {
    const auto parsed = parse_value(rule, text);
    return parsed.problem.empty() && (rule.repeatable() || parsed.value == value);
  });
}

/// Finds a key or an entry.
auto names(std::string_view section, std::string_view name) noexcept {
  return [=](const auto& x) { return x.section == section && x.name == name; };
}

template <class T>
const T& held(const config_values::entry* entry) {
  static const T nothing{};
  const auto* out = entry == nullptr ? nullptr : std::get_if<T>(&entry->value);
  assert(out != nullptr && "an undeclared key, or one of another type");
  return out == nullptr ? nothing : *out;
}

} // namespace

std::string config_error::to_string() const {
  auto out = escaped(file);
  if (line > 0)
    out += concat(":", line);
  return concat(out, ": ", key, key.empty() ? "" : ": ", sentence);
}

std::string config_origin::to_string() const {
  switch (from) {
  case source::file: return concat(escaped(file, 200), ":", line);
  case source::command_line: return "command line";
  case source::builtin: break;
  }
  return "default";
}

// -- config_schema ----------------------------------------------------------------------------------------------------

config_schema::config_schema(std::string program, std::string purpose)
  : program_(std::move(program)), purpose_(std::move(purpose)) {}

config_schema& config_schema::section(std::string name, std::string title) {
  assert(is_name(name) && !has_section(name));
  sections_.push_back({std::move(name), std::move(title)});
  return *this;
}

config_schema& config_schema::boolean(std::string name, bool fallback, std::string help) {
  return add(std::move(name), {config_kind::boolean, 0, 0, {}}, fallback, std::move(help));
}

config_schema& config_schema::integer(
  std::string name, std::int64_t fallback, std::int64_t min, std::int64_t max, std::string help) {
  return add(std::move(name), {config_kind::integer, min, max, {}}, fallback, std::move(help));
}

config_schema& config_schema::size(
  std::string name, std::int64_t fallback, std::int64_t min, std::int64_t max, std::string help) {
  return add(std::move(name), {config_kind::size, min, max, {}}, fallback, std::move(help));
}

config_schema& config_schema::span(std::string name, duration fallback, duration min, duration max, std::string help) {
  return add(std::move(name), {config_kind::span, min.count(), max.count(), {}}, fallback, std::move(help));
}

config_schema& config_schema::share(
  std::string name, std::int64_t fallback, std::int64_t min, std::int64_t max, std::string help) {
  return add(std::move(name), {config_kind::share, min, max, {}}, fallback, std::move(help));
}

config_schema& config_schema::word(
  std::string name, std::string fallback, std::vector<std::string> words, std::string help) {
  return add(std::move(name), {config_kind::word, 0, 0, std::move(words)}, std::move(fallback), std::move(help));
}

config_schema& config_schema::text(
  std::string name, std::string fallback, std::size_t bytes_min, std::size_t bytes_max, std::string help) {
  assert(bytes_max <= config_value_bytes_max);
  const auto min = static_cast<std::int64_t>(bytes_min);
  const auto max = static_cast<std::int64_t>(bytes_max);
  return add(std::move(name), {config_kind::text, min, max, {}}, std::move(fallback), std::move(help));
}

config_schema& config_schema::path(std::string name, std::string fallback, std::string help) {
  return add(std::move(name), {config_kind::path, 0, config_value_bytes_max, {}}, std::move(fallback), std::move(help));
}

config_schema& config_schema::address(std::string name, std::string fallback, std::string help) {
  return add(
    std::move(name), {config_kind::address, 0, config_value_bytes_max, {}}, std::move(fallback), std::move(help));
}

config_schema& config_schema::text_list(std::string name, std::size_t bytes_max, std::string help) {
  assert(bytes_max <= config_value_bytes_max);
  const auto max = static_cast<std::int64_t>(bytes_max);
  return add(std::move(name), {config_kind::text_list, 0, max, {}}, std::vector<std::string>{}, std::move(help));
}

config_schema& config_schema::endpoint_list(std::string name, std::string help) {
  return add(std::move(name), {config_kind::endpoint_list, 0, config_value_bytes_max, {}}, std::vector<host_port>{},
    std::move(help));
}

config_schema& config_schema::secret() {
  assert(!keys_.empty());
  keys_.back().secret = true;
  return *this;
}

config_schema& config_schema::add_check(check f) {
  checks_.push_back(f);
  return *this;
}

config_schema& config_schema::add(std::string name, config_rule rule, config_value fallback, std::string help) {
  assert(is_name(name) && !sections_.empty() && find(sections_.back().name, name) == nullptr);
  assert(follows_rule(rule, fallback));
  keys_.push_back(
    {sections_.back().name, std::move(name), std::move(rule), std::move(fallback), std::move(help), false});
  return *this;
}

bool config_schema::has_section(std::string_view name) const noexcept {
  return std::any_of(sections_.begin(), sections_.end(), [&](const section_info& x) { return x.name == name; });
}

const config_key* config_schema::find(std::string_view section, std::string_view name) const noexcept {
  const auto i = std::find_if(keys_.begin(), keys_.end(), names(section, name));
  return i == keys_.end() ? nullptr : &*i;
}

std::string config_schema::nearest_section(std::string_view name) const {
  std::string out;
  auto least = std::numeric_limits<std::size_t>::max();
  for (const auto& x : sections_)
    if (const auto distance = edit_distance(name, x.name); distance < least && is_slip(distance, name)) {
      least = distance;
      out = x.name;
    }
  return out;
}

const config_key* config_schema::nearest_key(std::string_view section, std::string_view name) const {
  const config_key* out = nullptr;
  auto least = std::numeric_limits<std::size_t>::max();
  const auto consider = [&](const config_key& key, std::size_t distance) {
    if (distance < least && is_slip(distance, name)) {
      least = distance;
      out = &key;
    }
  };
  for (const auto& key : keys_)
    if (key.section == section)
      consider(key, edit_distance(name, key.name));
  for (const auto& key : keys_) {
    if (key.section != section)
      consider(key, edit_distance(name, key.name));
    consider(key, edit_distance(name, key.full_name())); // `node.listen` is how the command line names it.
  }
  return out;
}

// -- config_values ----------------------------------------------------------------------------------------------------

config_values::config_values(const config_schema& schema) {
  for (const auto& key : schema.keys())
    entries_.push_back({key.section, key.name, key.fallback, {}});
}

bool config_values::boolean(std::string_view section, std::string_view name) const {
  return held<bool>(find(section, name));
}

std::int64_t config_values::integer(std::string_view section, std::string_view name) const {
  return held<std::int64_t>(find(section, name));
}

duration config_values::span(std::string_view section, std::string_view name) const {
  return held<duration>(find(section, name));
}

const std::string& config_values::text(std::string_view section, std::string_view name) const {
  return held<std::string>(find(section, name));
}

const std::vector<std::string>& config_values::text_list(std::string_view section, std::string_view name) const {
  return held<std::vector<std::string>>(find(section, name));
}

const std::vector<host_port>& config_values::endpoint_list(std::string_view section, std::string_view name) const {
  return held<std::vector<host_port>>(find(section, name));
}

const config_origin& config_values::origin(std::string_view section, std::string_view name) const {
  static const config_origin nowhere;
  const auto* found = find(section, name);
  assert(found != nullptr && "an undeclared key");
  return found == nullptr ? nowhere : found->origin;
}

void config_values::set(std::string_view section, std::string_view name, config_value value, config_origin origin) {
  const auto i = std::find_if(entries_.begin(), entries_.end(), names(section, name));
  assert(i != entries_.end() && i->value.index() == value.index());
  if (i == entries_.end() || i->value.index() != value.index())
    return;
  i->value = std::move(value);
  i->origin = std::move(origin);
}

const config_values::entry* config_values::find(std::string_view section, std::string_view name) const noexcept {
  const auto i = std::find_if(entries_.begin(), entries_.end(), names(section, name));
  return i == entries_.end() ? nullptr : &*i;
}

} // namespace librats::runtime
