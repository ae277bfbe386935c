// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/config/config_schema.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace librats::runtime {

// INI files in which a section may come many times, each time under a name of its own:
//
//     [group servers]
//     count = 3          # a key of the kind itself: declared in its schema's section "group"
//     gossip.d = 8       # a key of another section of that schema

/// A kind of section. Its schema has a section called like the kind; the keys of all others are written with theirs.
struct named_section_kind {
  std::string kind;
  config_schema schema;
};

/// What may stand in such a file: sections that come once, and kinds of sections with names.
struct document_schema {
  config_schema fixed;
  std::vector<named_section_kind> kinds;

  [[nodiscard]] const named_section_kind* find(std::string_view kind) const noexcept;
};

struct named_section {
  std::string kind;
  std::string name; ///< Lowercase letters, digits, `_` and `-`.
  int line = 0;     ///< Of its header.
  config_values values;

  /// `group servers`.
  [[nodiscard]] std::string title() const { return kind + " " + name; }
};

/// More sections with names are a mistake.
constexpr std::size_t named_sections_max = 1000;

/// What one load gave. With `errors` the rest is for a look and not for use.
struct config_document {
  config_values values;
  std::vector<named_section> sections; ///< In the order of the file.
  std::vector<config_error> errors;

  [[nodiscard]] bool ok() const noexcept { return errors.empty(); }
  [[nodiscard]] const named_section* find(std::string_view kind, std::string_view name) const noexcept;
};

/// Reads a text, called `file` in errors and origins, and then `settings`, each `section.key=value` or
/// `kind.name.key=value`, which win and belong to the command line. Never throws and reports all mistakes.
[[nodiscard]] config_document load_document_text(const document_schema& schema, std::string_view text,
  const std::string& file, const std::vector<std::string>& settings = {});

/// The same from a file. Blocks on it.
[[nodiscard]] config_document load_document(
  const document_schema& schema, const std::string& file, const std::vector<std::string>& settings = {});

} // namespace librats::runtime
