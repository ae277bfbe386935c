// SPDX-License-Identifier: MIT
#include "runtime/config/config_assign.hpp"

#include "runtime/config/command_line.hpp"
#include "runtime/config/config_load.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <system_error>
#include <utility>

namespace librats::runtime {
namespace {

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

} // namespace

void apply_assignments(const std::vector<config_assignment>& assignments, const config_origin& source,
  config_values& values, std::vector<config_error>& errors) {
  const bool is_file = source.from == config_origin::source::file;
  const auto name = is_file ? source.file : std::string{command_line_name};
  struct collected {
    config_value value;
    int line = 0;
  };
  std::map<const config_key*, collected> seen; // Only looked up, never walked: its order means nothing.
  for (const auto& x : assignments) {
    const auto known = seen.find(x.key);
    if (known != seen.end() && !x.key->rule.repeatable()) {
      errors.push_back({name, x.line, x.name,
        is_file ? concat("is set twice, on line ", known->second.line, " and on line ", x.line, "; keep one")
                : std::string{"is given twice; keep one"}});
      continue;
    }
    auto parsed = parse_value(x.key->rule, x.text);
    if (!parsed.problem.empty()) {
      errors.push_back({name, x.line, x.name, bad_value(*x.key, x.text, parsed.problem)});
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

std::string joined_names(const config_schema& schema, std::string_view section) {
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

std::string unknown_key(const config_schema& schema, const std::string& section, const std::string& key) {
  auto out = concat("there is no key \"", escaped(key, 60), "\" in [", section, "]");
  const auto* nearest = schema.nearest_key(section, key);
  if (nearest != nullptr && nearest->section == section)
    return out + concat("; did you mean \"", nearest->name, "\"?");
  if (nearest != nullptr)
    return out + concat("; did you mean \"", nearest->name, "\" in [", nearest->section, "]?");
  return out + concat("; accepted: ", joined_names(schema, section));
}

std::optional<std::string> read_config_file(const std::string& path, std::vector<config_error>& errors) {
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

void cut_config_errors(std::vector<config_error>& errors) {
  if (errors.size() <= config_errors_max)
    return;
  const auto left_out = errors.size() - config_errors_max;
  const auto file = errors[config_errors_max].file;
  errors.resize(config_errors_max);
  errors.push_back({file, 0, {}, concat("has ", left_out, " more mistakes")});
}

} // namespace librats::runtime
