// SPDX-License-Identifier: MIT
#include "runtime/config/config_load.hpp"

#include "runtime/config/command_line.hpp"
#include "runtime/config/ini_scanner.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace librats::runtime {
namespace {

/// One text for one key, from wherever.
struct assignment {
  const config_key* key = nullptr;
  std::string text;
  int line = 0; ///< 0 on the command line.
};

using problems = std::vector<config_error>;

/// Adds the elements of `more` when both are lists of the same kind.
template <class List>
void append(config_value& to, const config_value& more) {
  auto* list = std::get_if<List>(&to);
  const auto* elements = std::get_if<List>(&more);
  if (list != nullptr && elements != nullptr)
    list->insert(list->end(), elements->begin(), elements->end());
}

std::string bad_value(const config_key& key, const std::string& text, const std::string& problem) {
  const auto shown = key.secret ? std::string{"the value"} : concat("\"", escaped(text, 80), "\"");
  return concat(shown, " ", problem, "; accepted: ", describe_accepted(key.rule));
}

/// Puts the texts of one source into force. A single-valued key must come once; a list replaces what was there before.
void apply(
  const std::vector<assignment>& assignments, const config_origin& source, config_values& values, problems& errors) {
  const bool is_file = source.from == config_origin::source::file;
  const auto name = is_file ? source.file : std::string{command_line_name};
  struct collected {
    config_value value;
    int line = 0;
  };
  std::map<const config_key*, collected> seen; // Only looked up, never walked: its order means nothing.
  for (const auto& x : assignments) {
    const auto full_name = x.key->full_name();
    const auto known = seen.find(x.key);
    if (known != seen.end() && !x.key->rule.repeatable()) {
      errors.push_back({name, x.line, full_name,
        is_file ? concat("is set twice, on line ", known->second.line, " and on line ", x.line, "; keep one")
                : std::string{"is given twice; keep one"}});
      continue;
    }
    auto parsed = parse_value(x.key->rule, x.text);
    if (!parsed.problem.empty()) {
      errors.push_back({name, x.line, full_name, bad_value(*x.key, x.text, parsed.problem)});
      parsed.value = x.key->rule.repeatable() ? config_value{} : x.key->fallback;
    }
    auto& now = seen.try_emplace(x.key, collected{x.key->fallback, x.line}).first->second;
    if (x.key->rule.repeatable()) {
      append<std::vector<std::string>>(now.value, parsed.value);
      append<std::vector<host_port>>(now.value, parsed.value);
    } else {
      now.value = std::move(parsed.value);
    }
    values.set(x.key->section, x.key->name, now.value, {source.from, source.file, now.line});
  }
}

std::string join_names(const config_schema& schema, std::string_view section) {
  std::string out;
  const auto add = [&out](const std::string& name) { out += concat(out.empty() ? "" : ", ", name); };
  if (section.empty())
    for (const auto& x : schema.sections())
      add(x.name);
  for (const auto& key : schema.keys())
    if (key.section == section)
      add(key.name);
  return out;
}

std::string unknown_section(const config_schema& schema, const std::string& name) {
  auto out = concat("there is no section [", escaped(name, 60), "]");
  if (const auto nearest = schema.nearest_section(name); !nearest.empty())
    return out + concat("; did you mean [", nearest, "]?");
  return out + concat("; accepted: ", join_names(schema, {}));
}

std::string unknown_key(const config_schema& schema, const ini_entry& entry) {
  auto out = concat("there is no key \"", escaped(entry.key, 60), "\" in [", entry.section, "]");
  const auto* nearest = schema.nearest_key(entry.section, entry.key);
  if (nearest != nullptr && nearest->section == entry.section)
    return out + concat("; did you mean \"", nearest->name, "\"?");
  if (nearest != nullptr)
    return out + concat("; did you mean \"", nearest->name, "\" in [", nearest->section, "]?");
  return out + concat("; accepted: ", join_names(schema, entry.section));
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
  std::vector<assignment> assignments;
  for (auto& x : scan.entries) {
    if (!schema.has_section(x.section))
      continue; // Its header was reported.
    const auto* key = schema.find(x.section, x.key);
    if (key == nullptr)
      found.push_back({file, x.line, concat(x.section, ".", escaped(x.key, 60)), unknown_key(schema, x)});
    else
      assignments.push_back({key, std::move(x.value), x.line});
  }
  apply(assignments, {config_origin::source::file, file, 0}, values, found);
  std::stable_sort(
    found.begin(), found.end(), [](const config_error& a, const config_error& b) { return a.line < b.line; });
  errors.insert(errors.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
}

/// The whole file, or nothing and one more error.
std::optional<std::string> read_file(const std::string& path, problems& errors) {
  const auto fail = [&](std::string_view why) {
    errors.push_back({path, 0, {}, concat("cannot be read: ", why, "; name a readable INI file with --config FILE")});
    return std::nullopt;
  };
  std::error_code ignored; // If it matters, opening fails too.
  if (std::filesystem::is_directory(path, ignored))
    return fail("it is a directory");
  errno = 0;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in{std::fopen(path.c_str(), "rb"), &std::fclose};
  if (!in)
    return fail(std::generic_category().message(errno));
  std::string out(config_file_bytes_max + 1, '\0'); // One byte more than accepted shows that there is more.
  out.resize(std::fread(out.data(), 1, out.size(), in.get()));
  if (std::ferror(in.get()) != 0)
    return fail(std::generic_category().message(errno));
  if (out.size() > config_file_bytes_max) {
    errors.push_back(
      {path, 0, {}, concat("the file is too long; accepted are at most ", config_file_bytes_max, " bytes")});
    return std::nullopt;
  }
  return out;
}

void cut_errors(problems& errors) {
  if (errors.size() <= config_errors_max)
    return;
  const auto left_out = errors.size() - config_errors_max;
  const auto file = errors[config_errors_max].file;
  errors.resize(config_errors_max);
  errors.push_back({file, 0, {}, concat("has ", left_out, " more mistakes")});
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
    text = read_file(out.file, out.errors);
  if (text && text->size() > config_file_bytes_max)
    out.errors.push_back(
      {out.file, 0, {}, concat("the text is too long; accepted are at most ", config_file_bytes_max, " bytes")});
  else if (text)
    apply_ini(schema, *text, out.file, out.values, out.errors);
  std::move(line.errors.begin(), line.errors.end(), std::back_inserter(out.errors));
  std::vector<assignment> assignments;
  for (auto& x : line.assignments)
    assignments.push_back({x.key, std::move(x.text), 0});
  apply(assignments, {config_origin::source::command_line, {}, 0}, out.values, out.errors);
  if (out.ok())
    for (const auto check : schema.checks()) {
      auto found = check(out.values);
      std::move(found.begin(), found.end(), std::back_inserter(out.errors));
    }
  cut_errors(out.errors);
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
