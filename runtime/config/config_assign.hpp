// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/config/config_schema.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace librats::runtime {

// What every way of loading a configuration has in common; for the sources of this folder.

/// One text for one key, from wherever.
struct config_assignment {
  const config_key* key = nullptr; ///< Owned by the schema.
  std::string name;                ///< As the writer called it, for errors.
  std::string text;
  int line = 0; ///< 0 on the command line.
};

/// Puts the texts of one source into force. A single-valued key must come once; a list replaces what was there before.
void apply_assignments(const std::vector<config_assignment>& assignments, const config_origin& source,
  config_values& values, std::vector<config_error>& errors);

/// The keys of a section, or with an empty one the sections, for the end of a sentence.
[[nodiscard]] std::string joined_names(const config_schema& schema, std::string_view section);
/// What to say of a key that a section does not have.
[[nodiscard]] std::string unknown_key(const config_schema& schema, const std::string& section, const std::string& key);

/// The whole file, or nothing and one more error.
[[nodiscard]] std::optional<std::string> read_config_file(const std::string& path, std::vector<config_error>& errors);

/// Leaves `config_errors_max` of them and one that counts the rest.
void cut_config_errors(std::vector<config_error>& errors);

} // namespace librats::runtime
