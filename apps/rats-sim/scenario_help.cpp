// SPDX-License-Identifier: MIT
#include "apps/rats-sim/scenario_help.hpp"

#include "apps/rats-sim/scenario.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <string_view>

namespace librats::apps {

namespace {

using runtime::concat;

constexpr std::size_t columns_max = 100;
constexpr std::size_t name_columns = 20;

/// Appends words, broken into lines that begin below each other.
void append_wrapped(std::string& out, std::string_view words) {
  auto column = name_columns;
  while (!words.empty()) {
    const auto word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    if (column + 1 + word.size() > columns_max) {
      out += '\n' + std::string(name_columns, ' ');
      column = name_columns;
    }
    out += concat(column == name_columns ? "" : " ", word);
    column += word.size() + 1;
  }
  out += '\n';
}

void describe(
  std::string& out, const runtime::config_schema& schema, const std::string& section, const std::string& header) {
  for (const auto& one : schema.sections())
    if (one.name == section)
      out += concat("\n[", header, "] ", one.title, "\n");
  for (const auto& key : schema.keys()) {
    if (key.section != section)
      continue;
    const auto name = "  " + key.name;
    out += name + std::string(name.size() < name_columns ? name_columns - name.size() : 1, ' ');
    append_wrapped(out, concat(key.help, ". Accepted: ", runtime::describe_accepted(key.rule), "."));
  }
}

} // namespace

std::string scenario_help() {
  const auto schema = scenario_schema();
  std::string out = "\nKeys of a scenario:\n";
  for (const auto& one : schema.fixed.sections())
    describe(out, schema.fixed, one.name, one.name);
  for (const auto& one : schema.kinds)
    describe(out, one.schema, one.kind, one.kind + " NAME");
  return out
    + "\nIn a group every key of a node's INI file may stand too, as section.key; ratsd --help and config/node.ini "
      "list them.\n";
}

} // namespace librats::apps
