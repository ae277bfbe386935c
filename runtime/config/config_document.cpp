// SPDX-License-Identifier: MIT
#include "runtime/config/config_document.hpp"

#include "runtime/config/command_line.hpp"
#include "runtime/config/config_assign.hpp"
#include "runtime/config/config_load.hpp"
#include "runtime/config/edit_distance.hpp"
#include "runtime/config/ini_scanner.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

namespace librats::runtime {
namespace {

bool is_section_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= compared_name_bytes_max && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// A key of a kind, by the name that stands in the file.
const config_key* find_key(const named_section_kind& kind, std::string_view name) noexcept {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos)
    return kind.schema.find(kind.kind, name);
  return kind.schema.find(name.substr(0, dot), name.substr(dot + 1));
}

std::string unknown_key_of_kind(const named_section_kind& kind, const std::string& title, std::string_view key) {
  auto out = concat("there is no key \"", escaped(key, 60), "\" in [", title, "]");
  if (const auto* nearest = kind.schema.nearest_key(kind.kind, key))
    return out
      + concat("; did you mean \"", nearest->section == kind.kind ? nearest->name : nearest->full_name(), "\"?");
  return out
    + concat("; accepted: ", joined_names(kind.schema, kind.kind),
      kind.schema.sections().size() > 1 ? ", and the keys of other sections as section.key" : "");
}

class document_loader {
public:
  explicit document_loader(const document_schema& schema) : schema_(schema) {
    out_.values = config_values{schema.fixed};
  }

  void read(std::string_view text, const std::string& file) {
    auto scan = scan_ini(text);
    for (auto& x : scan.problems)
      out_.errors.push_back({file, x.line, std::move(x.key), std::move(x.sentence)});
    for (const auto& x : scan.sections)
      take_header(x, file);
    std::map<std::string, std::vector<config_assignment>> named; // By title.
    std::vector<config_assignment> fixed;
    for (auto& x : scan.entries) {
      const auto full_name = concat(x.section, ".", escaped(x.key, 60));
      if (const auto* section = find_section(x.section)) {
        const auto& kind = *schema_.find(section->kind);
        if (const auto* key = find_key(kind, x.key))
          named[section->title()].push_back({key, full_name, std::move(x.value), x.line});
        else
          out_.errors.push_back({file, x.line, full_name, unknown_key_of_kind(kind, section->title(), x.key)});
      } else if (schema_.fixed.has_section(x.section)) {
        if (const auto* key = schema_.fixed.find(x.section, x.key))
          fixed.push_back({key, full_name, std::move(x.value), x.line});
        else
          out_.errors.push_back({file, x.line, full_name, unknown_key(schema_.fixed, x.section, x.key)});
      }
    }
    const config_origin from{config_origin::source::file, file, 0};
    apply_assignments(fixed, from, out_.values, out_.errors);
    for (auto& section : out_.sections)
      apply_assignments(named[section.title()], from, section.values, out_.errors);
    std::stable_sort(out_.errors.begin(), out_.errors.end(),
      [](const config_error& a, const config_error& b) { return a.line < b.line; });
  }

  void set(const std::vector<std::string>& settings) {
    std::vector<config_assignment> fixed;
    std::map<std::string, std::vector<config_assignment>> named;
    for (const auto& one : settings) {
      const auto equals = one.find('=');
      const auto name = one.substr(0, equals);
      const auto dot = name.find('.');
      if (equals == std::string::npos || dot == std::string::npos) {
        fail(concat("\"", escaped(one, 80), "\" sets nothing; write section.key=value or kind.name.key=value"));
        continue;
      }
      const auto section = name.substr(0, dot);
      const auto key = name.substr(dot + 1);
      auto text = one.substr(equals + 1);
      if (const auto* kind = schema_.find(section)) {
        set_named(*kind, key, std::move(text), named);
      } else if (!schema_.fixed.has_section(section)) {
        fail(unknown_section(section));
      } else if (const auto* found = schema_.fixed.find(section, key)) {
        fixed.push_back({found, name, std::move(text), 0});
      } else {
        fail(unknown_key(schema_.fixed, section, key), name);
      }
    }
    const config_origin from{config_origin::source::command_line, {}, 0};
    apply_assignments(fixed, from, out_.values, out_.errors);
    for (auto& section : out_.sections)
      apply_assignments(named[section.title()], from, section.values, out_.errors);
  }

  void check() {
    if (!out_.ok())
      return;
    for (const auto one : schema_.fixed.checks())
      add_all(one(out_.values), {});
    for (const auto& section : out_.sections)
      for (const auto one : schema_.find(section.kind)->schema.checks())
        add_all(one(section.values), section.title() + ".");
  }

  config_document take() {
    cut_config_errors(out_.errors);
    return std::move(out_);
  }

  void fail(std::string sentence, std::string key = {}) {
    out_.errors.push_back({command_line_name, 0, std::move(key), std::move(sentence)});
  }
  std::vector<config_error>& errors() noexcept { return out_.errors; }

private:
  void take_header(const ini_section& x, const std::string& file) {
    const auto complain = [&](std::string sentence) { out_.errors.push_back({file, x.line, {}, std::move(sentence)}); };
    const auto blank = x.name.find_first_of(" \t");
    const auto first = x.name.substr(0, blank);
    const auto* kind = schema_.find(first);
    if (kind == nullptr) {
      if (!schema_.fixed.has_section(x.name))
        complain(unknown_section(x.name));
      return;
    }
    const auto from = blank == std::string::npos ? blank : x.name.find_first_not_of(" \t", blank);
    const auto name = from == std::string::npos ? std::string{} : x.name.substr(from);
    if (!is_section_name(name)) {
      complain(concat("[", escaped(x.name, 60), "] needs a name: [", first,
        " name], with 1 to 64 lowercase letters, digits, _ and -"));
      return;
    }
    if (const auto* known = out_.find(first, name)) {
      complain(concat("[", first, " ", name, "] stands on line ", known->line, " already; keep one"));
      return;
    }
    if (out_.sections.size() == named_sections_max) {
      complain(concat("there are more than ", named_sections_max, " sections with names"));
      return;
    }
    out_.sections.push_back({first, name, x.line, config_values{kind->schema}});
  }

  /// The section that an entry stands in; null when it has no name, or none that was accepted.
  const named_section* find_section(const std::string& header) const noexcept {
    const auto blank = header.find_first_of(" \t");
    const auto from = blank == std::string::npos ? blank : header.find_first_not_of(" \t", blank);
    return from == std::string::npos ? nullptr : out_.find(header.substr(0, blank), header.substr(from));
  }

  void set_named(const named_section_kind& kind, const std::string& rest, std::string text,
    std::map<std::string, std::vector<config_assignment>>& into) {
    const auto dot = rest.find('.');
    const auto name = rest.substr(0, dot);
    const auto* section = dot == std::string::npos ? nullptr : out_.find(kind.kind, name);
    if (section == nullptr) {
      std::string known;
      for (const auto& one : out_.sections)
        if (one.kind == kind.kind)
          known += concat(known.empty() ? "" : ", ", one.name);
      fail(concat("there is no [", kind.kind, " ", escaped(name, 60),
        "] to set a key of; accepted: ", known.empty() ? "none, as the file has no such section" : known));
      return;
    }
    const auto key_name = rest.substr(dot + 1);
    if (const auto* key = find_key(kind, key_name))
      into[section->title()].push_back({key, concat(section->title(), ".", key_name), std::move(text), 0});
    else
      fail(unknown_key_of_kind(kind, section->title(), key_name));
  }

  [[nodiscard]] std::string unknown_section(const std::string& name) const {
    auto out = concat("there is no section [", escaped(name, 60), "]");
    auto nearest = schema_.fixed.nearest_section(name);
    const auto first = name.substr(0, name.find_first_of(" \t"));
    for (const auto& kind : schema_.kinds)
      if (nearest.empty() && is_slip(edit_distance(first, kind.kind), first))
        nearest = kind.kind + " name";
    if (!nearest.empty())
      return out + concat("; did you mean [", nearest, "]?");
    out += concat("; accepted: ", joined_names(schema_.fixed, {}));
    for (const auto& kind : schema_.kinds)
      out += concat(", ", kind.kind, " NAME");
    return out;
  }

  void add_all(std::vector<config_error> found, const std::string& prefix) {
    for (auto& one : found) {
      one.key = prefix + one.key;
      out_.errors.push_back(std::move(one));
    }
  }

  const document_schema& schema_;
  config_document out_;
};

} // namespace

const named_section_kind* document_schema::find(std::string_view kind) const noexcept {
  const auto i = std::find_if(kinds.begin(), kinds.end(), [&](const auto& x) { return x.kind == kind; });
  return i == kinds.end() ? nullptr : &*i;
}

const named_section* config_document::find(std::string_view kind, std::string_view name) const noexcept {
  const auto i =
    std::find_if(sections.begin(), sections.end(), [&](const auto& x) { return x.kind == kind && x.name == name; });
  return i == sections.end() ? nullptr : &*i;
}

config_document load_document_text(const document_schema& schema, std::string_view text, const std::string& file,
  const std::vector<std::string>& settings) {
  document_loader out{schema};
  out.read(text, file);
  out.set(settings);
  out.check();
  return out.take();
}

config_document load_document(
  const document_schema& schema, const std::string& file, const std::vector<std::string>& settings) {
  document_loader out{schema};
  if (const auto text = read_config_file(file, out.errors())) {
    out.read(*text, file);
    out.set(settings);
    out.check();
  }
  return out.take();
}

} // namespace librats::runtime
