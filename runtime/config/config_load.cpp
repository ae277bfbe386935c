// SPDX-License-Identifier: MIT
#include "runtime/config/config_load.hpp"

#include "runtime/config/command_line.hpp"
#include "runtime/config/config_assign.hpp"
#include "runtime/config/ini_scanner.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace librats::runtime {
namespace {

using problems = std::vector<config_error>;

std::string unknown_section(const config_schema& schema, const std::string& name) {
  auto out = concat("there is no section [", escaped(name, 60), "]");
  if (const auto nearest = schema.nearest_section(name); !nearest.empty())
    return out + concat("; did you mean [", nearest, "]?");
  return out + concat("; accepted: ", joined_names(schema, {}));
}

void apply_ini(const config_schema& schema, std::string_view text, const std::string& file, config_values& values,
  problems& errors) {
  problems found; // Of scanner and values, sorted by line before they join the others.
  auto scan = scan_ini(text);
  for (auto& x : scan.problems)
    found.push_back({file, x.line, std::move(x.key), std::move(x.sentence)});
  for (const auto& x : scan.sections)
    if (!schema.has_section(x.name))
      found.push_back({file, x.line, {}, unknown_section(schema, x.name)});
  std::vector<config_assignment> assignments;
  for (auto& x : scan.entries) {
    if (!schema.has_section(x.section))
      continue; // Its header was reported.
    const auto* key = schema.find(x.section, x.key);
    if (key == nullptr)
      found.push_back(
        {file, x.line, concat(x.section, ".", escaped(x.key, 60)), unknown_key(schema, x.section, x.key)});
    else
      assignments.push_back({key, concat(x.section, ".", x.key), std::move(x.value), x.line});
  }
  apply_assignments(assignments, {config_origin::source::file, file, 0}, values, found);
  std::stable_sort(
    found.begin(), found.end(), [](const config_error& a, const config_error& b) { return a.line < b.line; });
  errors.insert(errors.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
}

/// `text` stands for the content of the file, so that tests and simulations need none.
config_load load(const config_schema& schema, const std::vector<std::string>& arguments,
  std::optional<std::string> text, const std::string& text_name) {
  config_load out;
  out.values = config_values{schema};
  auto line = parse_command_line(schema, arguments);
  out.help = line.help;
  out.version = line.version;
  out.print_config = line.print_config;
  if (out.help || out.version)
    return out;
  out.file = text ? text_name : line.config_file;
  if (!text && !out.file.empty())
    text = read_config_file(out.file, out.errors);
  if (text && text->size() > config_file_bytes_max)
    out.errors.push_back(
      {out.file, 0, {}, concat("the text is too long; accepted are at most ", config_file_bytes_max, " bytes")});
  else if (text)
    apply_ini(schema, *text, out.file, out.values, out.errors);
  std::move(line.errors.begin(), line.errors.end(), std::back_inserter(out.errors));
  std::vector<config_assignment> assignments;
  for (auto& x : line.assignments)
    assignments.push_back({x.key, x.key->full_name(), std::move(x.text), 0});
  apply_assignments(assignments, {config_origin::source::command_line, {}, 0}, out.values, out.errors);
  if (out.ok())
    for (const auto check : schema.checks()) {
      auto found = check(out.values);
      std::move(found.begin(), found.end(), std::back_inserter(out.errors));
    }
  cut_config_errors(out.errors);
  return out;
}

} // namespace

config_load load_config(const config_schema& schema, const std::vector<std::string>& arguments) {
  return load(schema, arguments, std::nullopt, {});
}

config_load load_config_text(const config_schema& schema, std::string_view text, const std::string& file,
  const std::vector<std::string>& arguments) {
  return load(schema, arguments, std::string{text}, file);
}

std::string to_string(const std::vector<config_error>& errors) {
  std::string out;
  for (const auto& error : errors)
    out += error.to_string() + '\n';
  return out;
}

} // namespace librats::runtime
