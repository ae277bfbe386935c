// SPDX-License-Identifier: MIT
#include "apps/rats-sim/scenario_text.hpp"

#include "apps/rats-sim/scenario.hpp"
#include "runtime/config/ini_scanner.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <utility>

namespace librats::apps {

namespace {

using runtime::concat;

/// Headers may have any blanks between kind and name.
std::string plain_name(const std::string& header) {
  const auto blank = header.find_first_of(" \t");
  const auto name = blank == std::string::npos ? blank : header.find_first_not_of(" \t", blank);
  return name == std::string::npos ? header : concat(header.substr(0, blank), " ", header.substr(name));
}

struct setting {
  std::string section;
  std::string key;
  std::string value;
};

/// `kind.name.key=value` of a kind that has names, else `section.key=value`.
setting split(const std::string& text) {
  const auto equals = text.find('=');
  const auto name = text.substr(0, equals);
  setting out{
    name.substr(0, name.find('.')), {}, equals == std::string::npos ? std::string{} : text.substr(equals + 1)};
  out.key = name.substr(std::min(name.size(), out.section.size() + 1));
  const auto schema = scenario_schema();
  if (schema.find(out.section) == nullptr)
    return out;
  const auto dot = out.key.find('.');
  out.section += " " + out.key.substr(0, dot);
  out.key = dot == std::string::npos ? std::string{} : out.key.substr(dot + 1);
  return out;
}

} // namespace

scenario_text::scenario_text(std::string_view text, const std::vector<std::string>& settings) {
  auto scan = runtime::scan_ini(text);
  for (const auto& one : scan.sections)
    static_cast<void>(at(plain_name(one.name)));
  for (auto& one : scan.entries)
    at(plain_name(one.section)).entries.push_back({std::move(one.key), std::move(one.value)});
  std::vector<setting> parts;
  for (const auto& one : settings)
    parts.push_back(split(one));
  for (const auto& one : parts)
    drop(one.section, one.key);
  // Of a key that may be given once, the last one counts on a command line.
  for (const auto& one : parts)
    at(one.section).entries.push_back({one.key, one.value});
}

scenario_text::section& scenario_text::at(const std::string& name) {
  const auto found = std::find_if(sections_.begin(), sections_.end(), [&](const auto& x) { return x.name == name; });
  return found != sections_.end() ? *found : sections_.emplace_back(section{name, {}});
}

void scenario_text::drop(const std::string& where, const std::string& key) {
  auto& entries = at(where).entries;
  entries.erase(
    std::remove_if(entries.begin(), entries.end(), [&](const auto& x) { return x.key == key; }), entries.end());
}

void scenario_text::set(const std::string& where, const std::string& key, const std::string& value) {
  drop(where, key);
  at(where).entries.push_back({key, value});
}

void scenario_text::remove(const std::string& where) {
  sections_.erase(std::remove_if(sections_.begin(), sections_.end(), [&](const auto& x) { return x.name == where; }),
    sections_.end());
}

void scenario_text::remove(const std::string& where, std::size_t number) {
  auto& entries = at(where).entries;
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(number));
}

std::string scenario_text::to_string() const {
  std::string out;
  for (const auto& one : sections_) {
    out += concat("[", one.name, "]\n");
    for (const auto& x : one.entries)
      out += concat(x.key, " = ", runtime::ini_quoted(x.value), "\n");
  }
  return out;
}

} // namespace librats::apps
