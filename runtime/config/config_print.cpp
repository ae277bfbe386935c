// SPDX-License-Identifier: MIT
#include "runtime/config/config_load.hpp"
#include "runtime/config/ini_scanner.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <string_view>

namespace librats::runtime {
namespace {

/// `name = value`, or `name =` for an empty value.
std::string assignment(const std::string& name, std::string_view value) {
  const auto text = ini_quoted(value);
  return concat(name, " =", text.empty() ? "" : " ", text);
}

/// Comment lines that break between words and stay within the columns of the help.
std::string comment(std::string_view text) {
  std::string out;
  std::string line = "#";
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (line.size() + 1 + end > config_help_columns) {
      out += line + '\n';
      line = "#";
    }
    line += concat(" ", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + line + '\n';
}

} // namespace

std::string print_config(const config_schema& schema, const config_values& values) {
  auto out = concat("# Effective configuration of ", schema.program(), ", each value with its origin.\n");
  for (const auto& section : schema.sections()) {
    out += concat("\n[", section.name, "]\n");
    for (const auto& key : schema.keys()) {
      if (key.section != section.name)
        continue;
      const auto entry = std::find_if(values.entries().begin(), values.entries().end(),
        [&key](const config_values::entry& x) { return x.section == key.section && x.name == key.name; });
      if (entry == values.entries().end())
        continue;
      const auto origin = entry->origin.to_string();
      if (key.secret) {
        out += concat("# ", key.name, " = ***  # ", origin, "; secret, to be supplied again\n");
        continue;
      }
      auto texts = format_value(key.rule, entry->value);
      if (texts.empty())
        texts.emplace_back(); // An empty list is shown too, and reads back as one.
      for (const auto& text : texts)
        out += concat(assignment(key.name, text), "  # ", origin, "\n");
    }
  }
  return out;
}

std::string sample_config(const config_schema& schema) {
  auto out = comment(concat(schema.program(), ": ", schema.purpose()));
  out += "#\n";
  out +=
    comment("Every key is shown with its default, switched off by ';'. Remove the ';' to change one. A comment "
            "begins at '#' or ';', in a value only after a blank; a value with such a mark goes in double quotes.");
  for (const auto& section : schema.sections()) {
    out += concat("\n[", section.name, "]\n", comment(section.title + "."));
    for (const auto& key : schema.keys()) {
      if (key.section != section.name)
        continue;
      out += '\n' + comment(key.help + ".") + comment(concat("Accepted: ", describe_accepted(key.rule), "."));
      const auto texts = format_value(key.rule, key.fallback);
      out += concat(";", assignment(key.name, texts.empty() || key.secret ? "" : texts.front()), "\n");
    }
  }
  return out;
}

} // namespace librats::runtime
